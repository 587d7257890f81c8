//! From a failed job to the cause that holds.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::running::Ran;
use serde_json::{Value, json};

use super::{explain_with, incident, root};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole";

/// A snapshot of the base in which one thing is wrong, and the jobs that failed.
pub(crate) fn failed_jobs(edit: impl Fn(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&root().join("fixtures/journeys/clear-ebs"), folder.path());
    let jobs = folder.path().join("accounts/111122223333/eu-west-1/copy-jobs");
    fs::create_dir_all(&jobs).unwrap();
    for (file, name) in [
        ("47C8EF56-74D8-059D-1301-C5BE1D5C926E.json", "copy-job.json"),
        ("5AD90B3C-0000-4000-8000-000000000009.json", "copy-job-completed.json"),
    ] {
        fs::copy(incident(name), jobs.join(file)).unwrap();
    }
    edit(folder.path());
    folder
}

fn in_snapshot(folder: &Path, more: &[&str]) -> Ran {
    let mut arguments: Vec<OsString> = vec!["--snapshot".into(), folder.into()];
    arguments.extend(["--now", "2026-11-22"].map(OsString::from));
    arguments.extend(more.iter().map(OsString::from));
    explain_with(&arguments, b"")
}

/// Of the seven causes of one message exactly the one that holds is confirmed.
#[test]
fn the_cause_that_holds_is_confirmed_and_the_others_are_refuted() {
    let vault = "accounts/444455556666/eu-west-1/vaults/central.policy.json";
    let source = "accounts/111122223333/eu-west-1/vaults/prod.policy.json";
    let policy = |folder: &Path, path: &str, statement: Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": statement});
        fs::write(folder.join(path), json!({"Policy": policy.to_string()}).to_string()).unwrap();
    };
    let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*"});
    let with = |key: &str, value: Value| {
        let mut statement = allow.clone();
        statement[key] = value;
        statement
    };
    type Edit<'a> = (&'a str, Box<dyn Fn(&Path) + 'a>, usize, &'a str);
    let cases: [Edit<'_>; 4] = [
        (
            "admits another account",
            Box::new(|folder| {
                policy(
                    folder,
                    vault,
                    with("Principal", json!({"AWS": "arn:aws:iam::777788889999:root"})),
                )
            }),
            1,
            "arn:aws:iam::777788889999:root",
        ),
        (
            "admits another organization",
            Box::new(|folder| {
                policy(
                    folder,
                    vault,
                    with(
                        "Condition",
                        json!({"StringEquals": {"aws:PrincipalOrgID": "o-zzzz999999"}}),
                    ),
                );
            }),
            3,
            "o-zzzz999999",
        ),
        (
            "denies",
            Box::new(|folder| {
                let mut deny = allow.clone();
                deny["Effect"] = json!("Deny");
                policy(folder, vault, json!([allow, deny]));
            }),
            6,
            "",
        ),
        (
            "the source vault denies",
            Box::new(|folder| {
                policy(
                    folder,
                    source,
                    json!({"Effect": "Deny", "Principal": "*", "Action": "backup:CopyFromBackupVault", "Resource": "*"}),
                );
            }),
            7,
            "",
        ),
    ];
    for (name, edit, holds, underlined) in cases {
        let folder = failed_jobs(edit);
        let ran = in_snapshot(
            folder.path(),
            &["--copy-job", "47c8ef56-74d8-059d-1301-c5be1d5c926e", "--format", "json"],
        );
        let line = ran.line();
        assert_eq!(ran.exit, Exit::Fine, "{name}");
        for cause in line["causes"].as_array().unwrap() {
            let expected = if cause["rank"] == holds { "yes" } else { "no" };
            assert_eq!(cause["confirmed"], expected, "{name}: {cause:#}");
        }
        let labels = &line["causes"][holds - 1]["labels"];
        assert!(labels[0]["in_file"]["path"].is_string(), "{name}: {labels:#}");
        assert!(labels.to_string().contains(underlined), "{name}: {labels:#}");
    }
}

#[test]
fn a_document_that_is_missing_leaves_a_cause_undecided() {
    let path = "accounts/444455556666/eu-west-1/vaults/central.policy.json";
    let folder = failed_jobs(|folder| fs::remove_file(folder.join(path)).unwrap());
    let line = in_snapshot(
        folder.path(),
        &["--copy-job", "47C8EF56-74D8-059D-1301-C5BE1D5C926E", "--format", "json"],
    )
    .line();
    assert_eq!(line["causes"][0]["confirmed"], "undecided");
    assert!(
        line.to_string()
            .contains("aws backup get-backup-vault-access-policy --backup-vault-name central")
    );
}

#[test]
fn what_the_text_does_not_name_is_not_checked() {
    let folder = failed_jobs(|_| {});
    let line =
        in_snapshot(folder.path(), &["Given key ID is not accessible", "--format", "json"]).line();
    assert!(
        line["causes"].as_array().unwrap().iter().all(|cause| cause["confirmed"] == "not-checked")
    );
    assert!(line["next"].to_string().contains("describe-copy-job"));
    // A notification names the job, and the snapshot has it.
    let line = in_snapshot(
        folder.path(),
        &["--file", incident("sns.json").to_str().unwrap(), "--format", "json"],
    )
    .line();
    assert_eq!(line["message"], "Access Denied trying to call AWS Backup service");
    assert_eq!(line["job"]["role_arn"], ROLE);
    assert!(line["causes"].as_array().unwrap().iter().all(|cause| cause["confirmed"] == "no"));
}

#[test]
fn the_failed_jobs_of_a_snapshot() {
    let folder = failed_jobs(|folder| {
        let jobs = folder.join("accounts/111122223333/eu-west-1/copy-jobs");
        let text = fs::read_to_string(incident("copy-job-key.json")).unwrap();
        fs::write(jobs.join("A1.json"), text.replace("47C8EF56-74D8-059D-1301-C5BE1D5C926E", "A1"))
            .unwrap();
        let old = text
            .replace("47C8EF56-74D8-059D-1301-C5BE1D5C926E", "A0")
            .replace("2026-11-21", "2026-10-01");
        fs::write(jobs.join("A0.json"), old).unwrap();
        fs::write(jobs.join("A2.json"), "{").unwrap();
    });
    let ids = |more: &[&str]| -> Vec<String> {
        let mut flags = vec!["--failed", "--format", "json"];
        flags.extend(more);
        let lines = in_snapshot(folder.path(), &flags).lines();
        lines.iter().map(|line| line["job"]["id"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(ids(&[]), ["47C8EF56-74D8-059D-1301-C5BE1D5C926E", "A0", "A1", "-"]);
    assert_eq!(ids(&["--since", "7d"]), ["47C8EF56-74D8-059D-1301-C5BE1D5C926E", "A1", "-"]);
    assert_eq!(ids(&["--since", "2026-11-21T12:00:00Z"]), ["-"]);
    let human = in_snapshot(folder.path(), &["--failed"]);
    assert!(human.output.starts_with("4 failed copy jobs, 3 causes\n"), "{}", human.output);
    assert_eq!(in_snapshot(folder.path(), &["--failed", "--since", "soon"]).exit, Exit::Unable);
    let absent = in_snapshot(folder.path(), &["--copy-job", "B7"]);
    assert!(
        absent.output.contains("aws backup describe-copy-job --copy-job-id B7"),
        "{}",
        absent.output
    );
    assert_eq!(absent.exit, Exit::Unable);
}
