//! `snapshot redact`: no id is left, and everything is judged as before.

use std::fs;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::journeys::{EBS, ebs, journey, names, pair};
use copy_preflight_tests::running::{outcomes, report, snapshot};
use serde_json::Value;

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
            let changed: Vec<String> = flags.iter().map(|flag| renamed(flag, &redacted)).collect();
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
        format!("arn:aws:iam::{}*:root\", \"units\": \"{}*/", &account[..4], &organization[..6]),
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
