//! `snapshot`: what is saved, and what is said of it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use copy_preflight::Exit;
use copy_preflight::documents::{Documents, Keep, Stop};
use copy_preflight::snapshot::Snapshot;
use copy_preflight::snapshot::write::{Resuming, Writer};
use copy_preflight_rules::check::{Settings, check};
use copy_preflight_rules::copy::{Lifecycle, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, CallRecord, Entry, ErrorAnswer, Fetched, Inputs};
use copy_preflight_rules::plan::{Request, plan};
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::journeys::{DESTINATION, EBS, SOURCE, ebs, journey, names, pair};
use copy_preflight_tests::running::{Ran, tool};
use serde_json::{Value, json};

/// `snapshot COMMAND FOLDERS… FLAGS… --format json`.
fn snapshot(command: &str, folders: &[&Path], flags: &[String]) -> Ran {
    let mut arguments: Vec<OsString> = vec!["snapshot".into(), command.into()];
    arguments.extend(folders.iter().map(|folder| OsString::from(*folder)));
    arguments.extend(flags.iter().map(OsString::from));
    arguments.extend(["--format".into(), "json".into()]);
    tool(arguments)
}

fn report(folder: &Path, flags: &[String]) -> (Exit, Value) {
    let mut arguments: Vec<OsString> = vec!["check".into(), "--snapshot".into(), folder.into()];
    arguments.extend(flags.iter().map(OsString::from));
    arguments.extend(["--format".into(), "json".into()]);
    let ran = tool(arguments);
    (ran.exit, ran.json())
}

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

/// Rule, outcome and reason of each copy.
fn outcomes(report: &Value) -> Vec<String> {
    let copies = report["copies"].as_array().unwrap();
    copies
        .iter()
        .flat_map(|copy| {
            let name = format!("{} {}", copy["resource_type"], copy["verdict"]);
            copy["outcomes"].as_array().unwrap().iter().map(move |one| {
                format!(
                    "{name} {} {} {} {}",
                    one["rule"], one["outcome"], one["reason"], one["certainty"]
                )
            })
        })
        .collect()
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

mod redacts {
    use super::*;

    /// Ids, addresses and names that stand in the journeys.
    const ORIGINALS: [&str; 17] = [
        "111122223333",
        "444455556666",
        "999988887777",
        "o-a1b2c3d4e5",
        "o-zzzz999999",
        "r-ab12",
        "ou-ab12",
        "11111111",
        "22222222",
        "p-sc4h8w1z6b",
        "p-tg7k2m9q4x",
        "management@",
        "workload-prod",
        "backup-central",
        "AROAEXAMPLE",
        "\"Name\": \"management\"",
        "aaaa@bbbb.example",
    ];

    fn flags() -> Vec<Vec<String>> {
        let with = |more: &[&str]| {
            let mut flags = pair();
            flags.extend(more.iter().map(|&flag| flag.to_owned()));
            flags
        };
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let caller = "arn:aws:iam::111122223333:role/ops/CopyStarter";
        let rds = "arn:aws:rds:eu-west-1:111122223333:snapshot:\
                   awsbackup:job-7c9d2b40-1f6e-4a83-9b57-2e0d5f8c6a11";
        let table =
            "arn:aws:dynamodb:eu-west-1:111122223333:table/sessions/backup/01795145400000-1a2b3c4d";
        let mut other_region = with(&["--recovery-point", EBS]);
        other_region[3] = "arn:aws:backup:eu-central-1:111122223333:backup-vault:dr".to_owned();
        vec![
            ebs(),
            with(&["--recovery-point", rds]),
            with(&["--recovery-point", table]),
            with(&["--source-key", key, "--caller", caller]),
            other_region,
        ]
    }

    #[test]
    fn every_journey_is_judged_as_before_and_no_id_is_left() {
        let names = names();
        assert!(names.len() >= 17, "{names:?}");
        for name in names {
            let folder = tempfile::tempdir().unwrap();
            let copy = folder.path().join("copy");
            let redacted = snapshot("redact", &[&journey(&name), &copy], &[]);
            assert_eq!(redacted.exit, Exit::Fine, "{name}: {}{}", redacted.output, redacted.error);
            let redacted = redacted.json();
            assert_none_left(&copy, &copy);
            for flags in flags() {
                let changed: Vec<String> =
                    flags.iter().map(|flag| renamed(flag, &redacted)).collect();
                let (exit, before) = report(&journey(&name), &flags);
                let (exit_of_copy, after) = report(&copy, &changed);
                assert_eq!(outcomes(&before), outcomes(&after), "{name}: {flags:?}");
                assert_eq!(before["verdict"], after["verdict"], "{name}: {flags:?}");
                assert_eq!(before["certainty"], after["certainty"], "{name}: {flags:?}");
                assert_eq!(exit, exit_of_copy, "{name}: {flags:?}");
            }
        }
    }

    /// A flag with the ids of the copy.
    fn renamed(flag: &str, redacted: &Value) -> String {
        let replaced = redacted["replaced"].as_array().unwrap().iter();
        replaced.fold(flag.to_owned(), |flag, one| {
            flag.replace(one["from"].as_str().unwrap(), one["to"].as_str().unwrap())
        })
    }

    fn assert_none_left(folder: &Path, root: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let text = match path.is_dir() {
                true => {
                    assert_none_left(&path, root);
                    String::new()
                }
                false => fs::read_to_string(&path).unwrap(),
            };
            for original in ORIGINALS {
                assert!(!name.contains(original), "{name}: {original}");
                assert!(!text.contains(original), "{name}: {original}\n{text}");
            }
        }
    }

    /// Ids in every place where text can hide them, and what only looks like one.
    #[test]
    fn ids_are_found_however_they_are_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let (from, copy) = (folder.path().join("from"), folder.path().join("copy"));
        fs::create_dir_all(from.join("accounts/111122223333/roles")).unwrap();
        let text = r#"{
  "id": "111122223333", "number": 111122223333, "bytes": 107374182400,
  "inside": "{\n\"AWS\":\"arn:aws:iam::111122223333:root\",\n\"x\":\"o-a1b2c3d4e5\"}",
  "line": "\n111122223333\t444455556666", "escape": "\u0022111122223333\u0022",
  "path": "accounts%2F111122223333%2Fx", "space": "a%20111122223333",
  "bucket": "logs-111122223333-eu-west-1", "glued": "acct111122223333x",
  "uuid": "1234abcd-12ab-34cd-56ef-123456789012", "long": "1111222233334",
  "shown": "account 1111-2222-3333, not 9999-2222-3333", "aws:SourceAccount": [555566667777],
  "pattern": "arn:aws:iam::1111*:root", "units": "o-a1b2*/r-ab12/ou-ab12-*",
  "ou": "ou-ab12-11111111", "word": "pro-o-abcdefghij", "vault": "r-prod",
  "mail": "write \njane.doe@corp.example.org.", "session": "AROAEXAMPLEDEFAULT001:jane",
  "kept": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
}"#;
        fs::write(from.join("accounts/111122223333/roles/a%40b.json"), text).unwrap();
        let redacted = snapshot("redact", &[&from, &copy], &[]);
        assert_eq!(redacted.exit, Exit::Fine, "{}", redacted.error);
        let redacted = redacted.json();
        let account = renamed("111122223333", &redacted);
        let other = renamed("444455556666", &redacted);
        let organization = renamed("o-a1b2c3d4e5", &redacted);
        let path = format!("accounts/{account}/roles/a%40b.json");
        let text = fs::read_to_string(copy.join(path)).unwrap();
        for original in [
            "111122223333",
            "444455556666",
            "555566667777",
            "1111-2222",
            "a1b2",
            "ab12-",
            "jane.doe",
            "corp.",
        ] {
            // `1111222233334` is no account, and `34cd` none of the organization.
            let text = text.replace("1111222233334", "").replace("12ab-34cd", "");
            let text = text.replace("1234abcd-", "");
            assert!(!text.contains(original), "{original}\n{text}");
        }
        for part in [
            format!("\"id\": \"{account}\", \"number\": {account}, \"bytes\": 107374182400"),
            format!("\\\"arn:aws:iam::{account}:root\\\",\\n\\\"x\\\":\\\"{organization}\\\""),
            format!("\"\\n{account}\\t{other}\", \"escape\": \"\\u0022{account}\\u0022\""),
            format!("%2F{account}%2Fx\", \"space\": \"a%20{account}\""),
            format!("logs-{account}-eu-west-1\", \"glued\": \"acct{account}x\""),
            "1234abcd-12ab-34cd-56ef-123456789012\", \"long\": \"1111222233334\"".to_owned(),
            format!(
                "arn:aws:iam::{}*:root\", \"units\": \"{}*/",
                &account[..4],
                &organization[..6]
            ),
            "not 9999-2222-3333\"".to_owned(),
            "\"pro-o-abcdefghij\", \"vault\": \"r-prod\"".to_owned(),
            "\"write \\nredacted-1@example.com.\"".to_owned(),
            "service_control_policy/p-FullAWSAccess".to_owned(),
        ] {
            assert!(text.contains(&part), "{part}\n{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (from, copy) = (folder.path().join("from"), folder.path().join("copy"));
        copy_folder(&journey("handmade"), &from);
        fs::write(from.join("organization/roots.json"), b"\xff\xfe1\x001\x00").unwrap();
        fs::write(from.join("notes.txt"), "account 111122223333").unwrap();
        let redacted = snapshot("redact", &[&from, &copy], &[]);
        assert_eq!(redacted.exit, Exit::Undecided);
        let redacted = redacted.json();
        let left_out: Vec<_> =
            redacted["left_out"].as_array().unwrap().iter().map(|one| &one["path"]).collect();
        assert_eq!(left_out, ["notes.txt", "organization/roots.json"]);
        assert!(!copy.join("notes.txt").exists());
        // What is there is never written over.
        let again = snapshot("redact", &[&from, &copy], &[]);
        assert_eq!(again.exit, Exit::Unable);
        assert!(again.error.contains("it exists"), "{}", again.error);
    }
}

mod writer {
    use super::*;

    /// A source of documents that answers from a journey, and keeps what it answers.
    struct Journey<'a> {
        root: &'a Path,
        keep: &'a mut dyn Keep,
        asked: Vec<Address>,
        /// How many answers come before ctrl-C.
        patience: usize,
    }

    impl Documents for Journey<'_> {
        fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
            for address in wanted {
                if self.asked.len() == self.patience {
                    return Err(Stop::Interrupted);
                }
                self.asked.push(address.clone());
                let fetched = fetched(self.root, address);
                let kept = self.keep.keep(&fetched);
                kept.map_err(|fault| Stop::Keep("snapshot".to_owned(), fault))?;
                inputs.insert_fetched(&fetched);
            }
            Ok(())
        }
    }

    fn fetched(root: &Path, address: &Address) -> Fetched {
        let path = address.path();
        let refused = || ErrorAnswer {
            code: "AccessDeniedException".to_owned(),
            message: "User: arn:aws:sts::111122223333:assumed-role/audit/jane \"is\" not"
                .to_owned(),
        };
        let text = if address.is_folder() {
            let mut inputs = Inputs::new();
            Snapshot::open(root).unwrap().load(address, &mut inputs);
            match inputs.get(address) {
                Some(Entry::Present(answer)) => {
                    Ok(inputs.sources.get(answer.source).unwrap().text.to_string())
                }
                _ => Err(refused()),
            }
        } else if let Ok(text) = fs::read_to_string(root.join(format!("{path}.json"))) {
            Ok(text)
        } else if let Ok(text) = fs::read_to_string(root.join(format!("{path}.error.json"))) {
            let error: Value = serde_json::from_str(&text).unwrap();
            let member = |key: &str| error[key].as_str().unwrap().to_owned();
            Err(ErrorAnswer { code: member("code"), message: member("message") })
        } else {
            Err(refused())
        };
        let api = address.call().api;
        let outcome = text.as_ref().map_or_else(|error| error.code.clone(), |_| "ok".to_owned());
        let call = CallRecord {
            service: api.service.to_owned(),
            operation: api.operation.to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            role: Some("arn:aws:sts::111122223333:assumed-role/audit/jane".to_owned()),
            request_id: None,
            started: now(),
            milliseconds: 3,
            attempts: 1,
            outcome,
        };
        Fetched { address: address.clone(), text, calls: vec![call] }
    }

    fn now() -> jiff::Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    /// Asks for the pair until nothing is wanted.
    fn ask(documents: &mut dyn Documents) -> Result<(), Stop> {
        let facts = Facts::embedded().unwrap();
        let request = Request {
            source: SOURCE.parse().unwrap(),
            destinations: vec![DESTINATION.parse().unwrap()],
            resource_types: Vec::new(),
            variant: None,
            source_keys: SourceKeys::NotGiven,
            role: Some(pair()[5].parse().unwrap()),
            caller: None,
            recovery_point: Some(EBS.to_owned()),
            lifecycle: Lifecycle::default(),
            backup_plan: None,
            backup_plan_id: None,
            copy_job: None,
        };
        let mut inputs = Inputs::new();
        loop {
            let plan = plan(&request, &inputs, &facts);
            let report = check(&plan, &inputs, &facts, &Settings::default());
            if report.wanted.is_empty() {
                return Ok(());
            }
            documents.load(&report.wanted, &mut inputs)?;
        }
    }

    fn take(root: &Path, folder: &Path, patience: usize) -> (Writer, Vec<Address>, bool) {
        let (mut writer, resumed) = Writer::begin(folder, now()).unwrap();
        let mut journey = Journey { root, keep: &mut writer, asked: Vec::new(), patience };
        let done = match resumed {
            Some(resumed) => ask(&mut Resuming { resumed, rest: &mut journey }),
            None => ask(&mut journey),
        };
        let asked = journey.asked;
        (writer, asked, done.is_ok())
    }

    #[test]
    fn what_is_written_is_judged_as_what_was_read() {
        for name in ["clear-ebs", "foreign-organization", "denied-document", "vault-without-policy"]
        {
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join("snapshots").join(name);
            let (writer, asked, done) = take(&journey(name), &target, usize::MAX);
            assert!(done && !target.exists() && writer.partial().is_dir());
            let manifest = writer.finish().unwrap();
            assert!(!target.with_file_name(format!("{name}.partial")).exists());
            assert_eq!(manifest.calls.len(), asked.len());
            let (_, found) = report(&target, &ebs());
            assert_eq!(outcomes(&found), outcomes(&report(&journey(name), &ebs()).1), "{name}");
            // The text is what came.
            let policy = "accounts/111122223333/eu-west-1/vaults/prod.policy.json";
            assert_eq!(
                fs::read(target.join(policy)).unwrap(),
                fs::read(journey(name).join(policy)).unwrap()
            );
            assert!(!target.join("calls.jsonl").exists());
            let manifest = fs::read_to_string(target.join("manifest.json")).unwrap();
            assert!(manifest.contains("arn:aws:sts::111122223333:assumed-role/audit\""));
            assert!(!manifest.contains("jane"), "{manifest}");
            let shown = snapshot("show", &[&target], &[]).json();
            assert_eq!(shown["taken_at"], "2026-11-22T09:00:00Z");
            assert_eq!(shown["problems"], json!([]));
        }
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        fn assert_private(path: &Path) {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            if path.is_dir() {
                assert_eq!(mode, 0o700, "{}", path.display());
                fs::read_dir(path)
                    .unwrap()
                    .for_each(|entry| assert_private(&entry.unwrap().path()));
            } else {
                assert_eq!(mode, 0o600, "{}", path.display());
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("saved");
        // A folder that somebody made for all to read.
        fs::create_dir(folder.path().join("saved.partial")).unwrap();
        let (writer, _, _) = take(&journey("clear-ebs"), &target, 5);
        assert_private(writer.partial());
        let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
        writer.finish().unwrap();
        assert_private(&target);
        let copy = folder.path().join("copy");
        assert_eq!(snapshot("redact", &[&target, &copy], &[]).exit, Exit::Fine);
        assert_private(&copy);
    }

    #[test]
    fn a_run_that_was_cut_short_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("saved");
        let (writer, first, done) = take(&journey("denied-document"), &target, 12);
        assert!(!done && first.len() == 12 && !target.exists());
        let partial = writer.partial().to_owned();
        drop(writer);
        // The line that was being written when the run ended.
        let journal = partial.join("calls.jsonl");
        let mut torn = fs::read_to_string(&journal).unwrap();
        torn.push_str("{\"service\":\"kms\",\"oper");
        fs::write(&journal, torn).unwrap();
        let (writer, second, done) = take(&journey("denied-document"), &target, usize::MAX);
        assert!(done);
        for address in &second {
            let answered = first.contains(address)
                && !address.is_folder()
                && partial.join(format!("{}.json", address.path())).exists();
            assert!(!answered, "asked twice: {address:?}");
        }
        assert!(!second.is_empty());
        let manifest = writer.finish().unwrap();
        assert_eq!(manifest.calls.len(), first.len() + second.len());
        let (_, found) = report(&target, &ebs());
        assert_eq!(outcomes(&found), outcomes(&report(&journey("denied-document"), &ebs()).1));
    }

    /// A refusal of the first run is no answer to the second, and leaves nothing behind.
    #[test]
    fn what_was_refused_is_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("saved");
        let nothing = tempfile::tempdir().unwrap();
        let (writer, _, _) = take(nothing.path(), &target, 4);
        drop(writer);
        let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
        writer.finish().unwrap();
        let (exit, _) = report(&target, &ebs());
        assert_eq!(exit, Exit::Fine);
        assert!(!target.join("organization/global-settings.error.json").exists());
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let begin = |path: &Path| Writer::begin(path, now()).map(|_| ()).unwrap_err();
        let taken = folder.path().join("taken");
        fs::write(&taken, "").unwrap();
        assert_eq!(begin(&taken).kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(begin(folder.path()).kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(begin(&taken.join("below")).kind(), io::ErrorKind::NotADirectory);
        assert_eq!(begin(Path::new("..")).kind(), io::ErrorKind::AlreadyExists);
        // The partial folder is a file.
        fs::write(folder.path().join("new.partial"), "").unwrap();
        begin(&folder.path().join("new"));
        // An empty folder is as good as none.
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let (writer, _) = Writer::begin(&empty, now()).unwrap();
        writer.finish().unwrap();
        assert!(empty.join("manifest.json").exists());
    }

    #[test]
    fn what_cannot_be_kept_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("saved");
        let (mut writer, _) = Writer::begin(&target, now()).unwrap();
        let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}").parse().unwrap();
        let mut keep = |address: Address, text: &str| {
            let mut fetched = fetched(folder.path(), &address);
            fetched.text = Ok(text.to_owned());
            writer.keep(&fetched).unwrap();
        };
        keep(Address::RoleAttached(role("Copy")), "the list");
        // The same name on every file system, and on one without case.
        keep(Address::Role(role("Copy.attached")), "a role");
        keep(Address::RoleAttached(role("COPY")), "another list");
        keep(Address::Role(role(&"x".repeat(300))), "a name that is too long");
        keep(Address::Role(role("Keys")), r#"{"Credentials": {"SecretAccessKey": "x"}}"#);
        let unkept = writer.unkept();
        for (part, unkept) in
            ["same name", "same name", "too long", "credential"].iter().zip(unkept)
        {
            assert!(unkept.contains(part), "{unkept}");
        }
        assert_eq!(unkept.len(), 4, "{unkept:?}");
        let manifest = writer.finish().unwrap();
        assert_eq!(manifest.calls.len(), 5);
        assert!(!target.join("accounts/111122223333/roles/Keys.json").exists());
        let path = target.join("accounts/111122223333/roles/Copy.attached.json");
        assert_eq!(fs::read_to_string(path).unwrap(), "the list");
    }

    #[test]
    fn a_redacted_one_leaves_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("saved");
        let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
        let (_, redacted) = writer.finish_redacted().unwrap();
        assert!(redacted.files > 20);
        let entries: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap()).collect();
        assert_eq!(entries.len(), 1, "{entries:?}");
        let manifest = fs::read_to_string(target.join("manifest.json")).unwrap();
        assert!(!manifest.contains("111122223333") && manifest.contains("\"redacted\": true"));
    }
}
