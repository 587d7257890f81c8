//! `snapshot show`, `check` and `diff`: what is said of what was saved.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use copy_preflight::Exit;
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::journeys::{DESTINATION, EBS, SOURCE, ebs, journey};
use copy_preflight_tests::running::{outcomes, report, snapshot, tool};
use serde_json::{Value, json};

mod shows {
    use super::*;

    #[test]
    fn what_is_in_it() {
        let shown = snapshot("show", &[&journey("denied-document")], &[]);
        assert_eq!(shown.exit, Exit::Fine, "{}", shown.error);
        let shown = shown.json();
        assert_eq!(shown["taken_at"], "2026-11-22T09:00:00Z");
        assert_eq!(shown["credentials"][0]["role"], "arn:aws:iam::111122223333:role/audit");
        assert_eq!(shown["accounts"][0]["account"], "111122223333");
        assert_eq!(shown["accounts"][0]["regions"][0]["vaults"], json!(["prod"]));
        assert_eq!(shown["accounts"][0]["regions"][0]["recovery_points"][0], EBS);
        assert_eq!(shown["accounts"][1]["regions"][0]["vaults"], json!(["central", "isolated"]));
        let gaps: Vec<_> =
            shown["gaps"].as_array().unwrap().iter().map(|gap| &gap["why"]).collect();
        assert_eq!(gaps, ["not-found", "denied"]);
    }

    #[test]
    fn what_is_no_snapshot() {
        let folder = tempfile::tempdir().unwrap();
        let missing = snapshot("show", &[&folder.path().join("none")], &[]);
        assert_eq!(missing.exit, Exit::Unable);
        assert!(missing.error.contains("none`: No such file"), "{}", missing.error);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(snapshot("show", &[&file], &[]).exit, Exit::Unable);
        // What is there and is no document is told.
        fs::write(folder.path().join("stray.json"), "{}").unwrap();
        fs::write(folder.path().join("manifest.json"), "[").unwrap();
        fs::create_dir_all(folder.path().join("organization")).unwrap();
        fs::write(folder.path().join("organization/roots.json"), b"\xff\xfe\0").unwrap();
        let shown = snapshot("show", &[folder.path()], &[]).json();
        let problems: Vec<_> =
            shown["problems"].as_array().unwrap().iter().map(|one| &one["path"]).collect();
        assert_eq!(problems, ["file", "manifest.json", "organization/roots.json", "stray.json"]);
    }
}

mod checks {
    use super::*;

    #[test]
    fn nothing_is_missing() {
        for name in ["clear-ebs", "handmade", "vault-without-policy"] {
            let checked = snapshot("check", &[&journey(name)], &ebs());
            assert_eq!(checked.exit, Exit::Fine, "{name}: {}", checked.output);
            assert_eq!(checked.json()["gaps"], json!([]), "{name}");
        }
    }

    #[test]
    fn what_was_denied_is_missing() {
        let checked = snapshot("check", &[&journey("denied-document")], &ebs());
        assert_eq!(checked.exit, Exit::Undecided);
        let checked = checked.json();
        let gap = &checked["gaps"][0];
        assert_eq!(gap["why"], "denied");
        assert_eq!(gap["slots"], json!(["source-key-policy[0]"]));
        assert_eq!(gap["permission"], "kms:GetKeyPolicy");
        assert!(gap["command"].as_str().unwrap().starts_with("aws kms get-key-policy --key-id"));
    }

    /// The printed script, run by a shell whose `aws` reads a journey, gives a snapshot that is
    /// judged as the journey is.
    #[test]
    #[cfg(unix)]
    fn the_commands_fetch_what_is_missing() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join("aws");
        fs::write(&aws, AWS).unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o700)).unwrap();
        for (name, verdict) in
            [("clear-ebs", "clear"), ("vault-without-policy", "blocked"), ("handmade", "clear")]
        {
            let target = folder.path().join(format!("a snapshot of {name}"));
            let mut rounds = 0;
            loop {
                let mut arguments: Vec<OsString> =
                    vec!["snapshot".into(), "check".into(), target.clone().into()];
                arguments.extend(ebs().iter().map(OsString::from));
                let ran = tool(arguments);
                if ran.exit == Exit::Fine {
                    break;
                }
                assert_eq!(ran.exit, Exit::Undecided, "{}", ran.error);
                rounds += 1;
                assert!(rounds < 8, "{}", ran.output);
                let path =
                    format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
                let status = Command::new("sh")
                    .args(["-ec", &ran.output])
                    .env("PATH", path)
                    .env("JOURNEY", journey(name))
                    .status()
                    .unwrap();
                assert!(status.success(), "{}", ran.output);
            }
            assert!(rounds > 1, "{name}");
            let (_, found) = report(&target, &ebs());
            let open: Vec<String> = outcomes(&found)
                .into_iter()
                .filter(|one| one.contains("\" \"undecided\" \""))
                .collect();
            assert_eq!(found["verdict"], verdict, "{name}: {open:#?}");
            assert_eq!(outcomes(&found), outcomes(&report(&journey(name), &ebs()).1), "{name}");
        }
    }

    /// Finds the answer of a call in a journey by what the call names.
    #[cfg(unix)]
    const AWS: &str = r#"#!/bin/sh
call="$1 $2"; all=" $* "
flag() { printf '%s' "$all" | sed -n "s/.* --$1 \([^ ]*\) .*/\1/p"; }
at() { find "$JOURNEY" -path "*/$1" | sort | head -1; }
answer() {
  found=$(at "$1.json")
  if [ -n "$found" ]; then cat "$found"; exit 0; fi
  found=$(at "$1.error.json")
  code=${2:-AccessDeniedException}
  if [ -n "$found" ]; then code=$(sed -n 's/.*"code": "\([^"]*\)".*/\1/p' "$found"); fi
  printf '\nAn error occurred (%s) when calling the X operation: a "quoted" \\ message\n' "$code" >&2
  exit 254
}
encoded() { printf '%s' "$1" | sed -e 's/:/%3A/g' -e 's,/,%2F,g'; }
vault=$(flag backup-vault-name); key=$(flag key-id); role=$(flag role-name)
case $call in
  "organizations describe-organization") answer 444455556666/organization ;;
  "organizations list-accounts") answer organization/accounts ;;
  "organizations list-roots") answer organization/roots ;;
  "organizations list-policies")
    case $all in *SERVICE_CONTROL*)
      [ -d "$JOURNEY/organization/policies" ] && ls "$JOURNEY/organization/policies" |
        sed 's/.json//' ;;
    esac; exit 0 ;;
  "organizations describe-policy") answer "organization/policies/$(flag policy-id)" ;;
  "organizations list-targets-for-policy") answer "organization/attachments/$(flag policy-id)" ;;
  "organizations list-parents")
    sed -n "s/.*\"$(flag child-id)\": \"\(.*\)\".*/\1/p" "$JOURNEY/organization/tree.json" ;;
  "organizations describe-effective-policy") answer 444455556666/effective-policies/TAG_POLICY ;;
  "account list-regions") answer 111122223333/regions ;;
  "backup describe-global-settings") answer organization/global-settings ;;
  "backup list-backup-vaults") answer 444455556666/eu-west-1/vaults ;;
  "backup describe-backup-vault") answer "vaults/$vault" ;;
  "backup get-backup-vault-access-policy")
    answer "vaults/$vault.policy" ResourceNotFoundException ;;
  "backup list-tags") answer vaults/central.tags ;;
  "backup describe-recovery-point")
    answer "recovery-points/$(encoded "$(flag recovery-point-arn)")" ;;
  "ec2 describe-tags")
    answer "recovery-points/$(encoded arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718).tags" ;;
  "kms describe-key") answer "keys/$key" ;;
  "kms get-key-policy") answer "keys/$key.policy" ;;
  "kms list-grants") answer "keys/$key.grants" ;;
  "kms list-resource-tags") answer "keys/$key.tags" ;;
  "kms list-aliases") answer "keys/$key.aliases" ;;
  "iam get-role")
    case $role in AWSServiceRoleForBackup) answer "444455556666/roles/$role" ;; esac
    answer "roles/$role" ;;
  "iam list-attached-role-policies") answer "roles/$role.attached" ;;
  "iam list-role-policies") answer "roles/$role.inline" ;;
  "iam get-role-policy") answer "roles/$role.policies/inline%3A$(flag policy-name)" ;;
  "iam get-policy") echo v1 ;;
  "iam get-policy-version") answer "*.policies/$(encoded "$(flag policy-arn)")" ;;
  *) echo "not known: $all" >&2; exit 1 ;;
esac
"#;
}

mod diffs {
    use super::*;

    #[test]
    fn a_policy_that_changed_and_the_verdict_that_turned() {
        let diff =
            snapshot("diff", &[&journey("clear-ebs"), &journey("foreign-organization")], &ebs());
        assert_eq!(diff.exit, Exit::Failed, "{}", diff.error);
        let diff = diff.json();
        assert_eq!(diff["documents"].as_array().unwrap().len(), 1);
        let document = &diff["documents"][0];
        assert_eq!(document["document"], "accounts/444455556666/eu-west-1/vaults/central.policy");
        assert_eq!(document["change"], "changed");
        assert_eq!(
            document["members"],
            json!([{
                "path": "Policy.Statement.Condition.StringEquals.aws:PrincipalOrgID",
                "before": "o-a1b2c3d4e5",
                "after": "o-zzzz999999",
            }])
        );
        assert_eq!(diff["verdict"], json!({"before": "clear", "after": "blocked"}));
        let rules = diff["copies"][0]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["rule"], "vault-policy-refuses-source");
        assert_eq!(rules[0]["after"], "broken");
    }

    #[test]
    fn documents_come_go_and_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&journey("clear-ebs"), folder.path());
        let at = |path: &str| folder.path().join("accounts/444455556666").join(path);
        fs::remove_file(at("regions.json")).unwrap();
        fs::write(at("eu-west-1/vaults/new.json"), "{}").unwrap();
        let policy = at("eu-west-1/vaults/central.policy");
        fs::remove_file(policy.with_extension("policy.json")).unwrap();
        let error = r#"{"code": "AccessDeniedException", "message": "no"}"#;
        fs::write(policy.with_extension("policy.error.json"), error).unwrap();
        let diff = snapshot("diff", &[&journey("clear-ebs"), folder.path()], &[]);
        assert_eq!(diff.exit, Exit::Failed);
        let diff = diff.json();
        assert_eq!(diff["verdict"], Value::Null);
        let changes: Vec<String> = diff["documents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{} {}", one["change"], one["document"]))
            .collect();
        assert_eq!(
            changes,
            [
                r#""changed" "accounts/444455556666/eu-west-1/vaults/central.policy""#,
                r#""added" "accounts/444455556666/eu-west-1/vaults/new""#,
                r#""removed" "accounts/444455556666/regions""#,
            ]
        );
    }

    /// Every file written anew, with sorted keys, other white space, and policies as objects.
    #[test]
    fn the_way_it_is_written_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&journey("clear-ebs"), folder.path());
        rewrite(folder.path());
        let diff = snapshot("diff", &[&journey("clear-ebs"), folder.path()], &ebs());
        assert_eq!(diff.exit, Exit::Fine, "{}", diff.output);
        // By hand or not, the documents are judged alike.
        let (_, found) = report(folder.path(), &ebs());
        assert_eq!(outcomes(&found), outcomes(&report(&journey("clear-ebs"), &ebs()).1));
    }

    fn rewrite(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rewrite(&path);
                continue;
            }
            let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            fs::write(&path, other_way(value).to_string()).unwrap();
        }
    }

    fn other_way(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.into_iter().collect();
                members.sort_by(|one, other| other.0.cmp(&one.0));
                let way = |(key, value): (String, Value)| {
                    let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
                    let policy = matches!(key.as_str(), "Policy" | "Content" | "PolicyContent");
                    match parsed.filter(|_: &Value| policy) {
                        Some(parsed) => (key, other_way(parsed)),
                        None => (key, other_way(value)),
                    }
                };
                members.into_iter().map(way).collect()
            }
            Value::Array(list) => list.into_iter().map(other_way).collect(),
            other => other,
        }
    }

    #[test]
    fn a_pair_has_two_vaults() {
        let folder = journey("clear-ebs");
        let half = ["--source-vault".to_owned(), SOURCE.to_owned()];
        let diff = snapshot("diff", &[&folder, &folder], &half);
        assert_eq!(diff.exit, Exit::Unable);
        assert!(diff.error.contains("--destination-vault"), "{}", diff.error);
        let half = ["--destination-vault".to_owned(), DESTINATION.to_owned()];
        let diff = snapshot("diff", &[&folder, &folder], &half);
        assert_eq!(diff.exit, Exit::Unable);
        assert!(diff.error.contains("--source-vault"), "{}", diff.error);
    }
}
