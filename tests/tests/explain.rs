//! `explain`: the shapes that an incident comes in, batches, broken input, and the journey from a
//! failed job to the cause that holds.

use std::ffi::OsString;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use copy_preflight::output::human::Style;
use copy_preflight::{Exit, Streams, run};
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::places::fixture;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn incident(name: &str) -> PathBuf {
    root().join("fixtures/incidents").join(name)
}

struct Ran {
    exit: Exit,
    output: String,
    error: String,
}

impl Ran {
    fn lines(&self) -> Vec<Value> {
        let line = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"))
        };
        self.output.lines().map(line).collect()
    }

    fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{}{}", self.output, self.error);
        lines[0].clone()
    }
}

fn explain_with<S: Into<OsString> + Clone>(arguments: &[S], input: &[u8]) -> Ran {
    let all = ["copy-preflight", "explain"].map(OsString::from);
    let all = all.into_iter().chain(arguments.iter().cloned().map(Into::into));
    let (mut output, mut error) = (Vec::new(), Vec::new());
    let streams = Streams {
        input: &mut Cursor::new(input),
        output: &mut output,
        error: &mut error,
        style: Style::PLAIN,
        error_is_terminal: false,
    };
    let exit = run(all, streams);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { exit, output: text(output), error: text(error) }
}

fn explain(arguments: &[&str]) -> Ran {
    explain_with(arguments, b"")
}

fn explain_file(path: &Path, more: &[&str]) -> Ran {
    let mut arguments: Vec<OsString> =
        vec!["--format".into(), "json".into(), "--file".into(), path.into()];
    arguments.extend(more.iter().map(OsString::from));
    explain_with(&arguments, b"")
}

fn classes(line: &Value) -> Vec<&str> {
    line["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| cause["class"].as_str().unwrap())
        .collect()
}

/// Each shape: what is said, the first class, and a part of what is next.
#[test]
fn every_shape_is_read() {
    let denied = "Access Denied trying to call AWS Backup service";
    let key = "Given key ID is not accessible";
    for (name, message, class, next) in [
        ("copy-job.json", Some(denied), Some("vault-policy-denies"), None),
        ("copy-job-key.json", Some(key), Some("source-key-policy"), None),
        ("copy-job-completed.json", None, None, Some("COMPLETED and did not fail")),
        (
            "backup-job.json",
            Some(
                "IAM Role arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole cannot be assumed by AWS Backup.",
            ),
            Some("role-not-assumable"),
            None,
        ),
        ("event-copy.json", Some(denied), Some("vault-policy-denies"), None),
        (
            "event-backup.json",
            Some("\"Backup job failed because there was a running job for the same resource.\""),
            Some("concurrent-job"),
            None,
        ),
        ("event-ebs.json", Some("Source snapshot ID is not valid"), Some("resource-missing"), None),
        ("snapshots.json", Some(key), Some("source-key-policy"), None),
        ("sqs.json", Some(denied), Some("vault-policy-denies"), None),
        (
            "cloudtrail-selection.json",
            Some(
                "The provided role arn:aws:iam::111122223333:role/Backup-Role cannot be assumed by AWS Backup.",
            ),
            Some("role-not-assumable"),
            None,
        ),
        ("cloudtrail-invalid-plan.json", None, Some("authoring-error"), None),
    ] {
        let ran = explain_file(&incident(name), &[]);
        let line = ran.line();
        assert_eq!(line["message"].as_str(), message, "{name}");
        assert_eq!(classes(&line).first().copied(), class, "{name}: {line:#}");
        assert_eq!(line["recognised"], class.is_some(), "{name}");
        assert_eq!(ran.exit, if class.is_some() { Exit::Fine } else { Exit::Undecided }, "{name}");
        if let Some(next) = next {
            assert!(line["next"].to_string().contains(next), "{name}: {line:#}");
        }
        // The same as an argument and through a pipe.
        let text = fs::read_to_string(incident(name)).unwrap();
        let again = explain(&["--format", "json", &text]);
        assert_eq!(again.output, ran.output, "{name}");
        assert_eq!(
            explain_with(&["--format", "json"], text.as_bytes()).output,
            ran.output,
            "{name}"
        );
    }
}

#[test]
fn of_a_list_each_failed_job_has_a_line() {
    let ran = explain_file(&incident("copy-jobs.json"), &[]);
    let lines = ran.lines();
    assert_eq!(ran.exit, Exit::Undecided);
    let known: Vec<bool> = lines.iter().map(|line| line["recognised"].as_bool().unwrap()).collect();
    assert_eq!(known, [true, true, false]);
    assert_eq!(lines[2]["causes"], json!([]));
    assert!(lines[2]["next"].to_string().contains("copy-preflight check --source-vault"));
    assert_eq!(explain_file(&incident("copy-jobs.json"), &["--exit-zero"]).exit, Exit::Fine);
}

#[test]
fn a_notification_says_what_to_fetch() {
    let line = explain_file(&incident("sns.json"), &[]).line();
    let command = "aws backup describe-copy-job --copy-job-id 47C8EF56-74D8-059D-1301-C5BE1D5C926E --region eu-west-1";
    assert!(line["next"].as_array().unwrap().contains(&command.into()), "{line:#}");
    assert!(line["support"].to_string().contains("111122223333"));
}

#[test]
fn a_record_of_cloudtrail_is_a_denial() {
    let line = explain_file(&incident("cloudtrail.json"), &[]).line();
    assert_eq!(line["denial"]["action"], "kms:CreateGrant");
    assert_eq!(line["denial"]["refused_by"], "resource-based policy");
    assert_eq!(line["causes"][0]["rule"], "source-key-refuses-destination");
    assert!(line["support"].to_string().contains("2f3e4d5c-aaaa-4bbb-8ccc-0123456789ab"));
}

/// Who refused what: class, rule and side of the first cause.
#[test]
fn denials_are_told_apart() {
    let slr = "arn:aws:sts::444455556666:assumed-role/AWSServiceRoleForBackup/AWSBackup";
    let role = "arn:aws:sts::111122223333:assumed-role/AWSBackupDefaultServiceRole/b";
    let source_key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let destination_key =
        "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let vault = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
    let point = "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718";
    let no = |kind: &str, action: &str| format!("because no {kind} allows the {action} action");
    let deny = |kind: &str| format!("with an explicit deny in a {kind}");
    let into = "backup:CopyIntoBackupVault";
    let from = "backup:CopyFromBackupVault";
    let grant = "kms:CreateGrant";
    let share = "ec2:ModifySnapshotAttribute";
    for (principal, action, resource, tail, class, rule, side) in [
        (
            slr,
            grant,
            source_key,
            no("resource-based policy", grant),
            "source-key-policy",
            Some("source-key-refuses-destination"),
            "source",
        ),
        (
            slr,
            grant,
            destination_key,
            no("resource-based policy", grant),
            "destination-key-policy",
            Some("destination-key-refuses-copy"),
            "destination",
        ),
        (
            role,
            grant,
            source_key,
            deny("resource-based policy"),
            "source-key-policy",
            Some("source-key-refuses-copy-role"),
            "source",
        ),
        (
            role,
            into,
            vault,
            no("resource-based policy", into),
            "vault-policy-denies",
            Some("vault-policy-refuses-source"),
            "destination",
        ),
        (
            role,
            into,
            vault,
            deny("resource-based policy"),
            "vault-policy-denies",
            Some("vault-policy-refuses-source"),
            "destination",
        ),
        (
            role,
            into,
            vault,
            deny("service control policy"),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
        (
            role,
            into,
            vault,
            no("service control policy", into),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
        (
            role,
            into,
            vault,
            no("identity-based policy", into),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (
            role,
            into,
            vault,
            no("permissions boundary", into),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (role, into, vault, no("session policy", into), "role-missing-permission", None, "unknown"),
        (
            role,
            into,
            vault,
            deny("VPC endpoint policy"),
            "role-missing-permission",
            None,
            "unknown",
        ),
        (
            role,
            from,
            point,
            deny("resource-based policy"),
            "vault-policy-denies",
            Some("source-vault-policy-denies-copy"),
            "source",
        ),
        (
            role,
            share,
            point,
            no("identity-based policy", share),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (
            role,
            grant,
            source_key,
            deny("resource control policy"),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
    ] {
        let plain = format!(
            "User: {principal} is not authorized to perform: {action} on resource: {resource} {tail}"
        );
        for text in [
            plain.clone(),
            format!(
                "An error occurred (AccessDeniedException) when calling the X operation: {plain}"
            ),
            format!(
                "{plain} (Service: Kms, Status Code: 400, Request ID: 0a1b2c3d-1111-4222-8333-0123456789ab)"
            ),
        ] {
            let line = explain(&["--format", "json", &text]).line();
            let first = &line["causes"][0];
            assert_eq!(line["denial"]["action"], action, "{text}");
            assert_eq!(line["denial"]["resource"], resource, "{text}");
            assert_eq!(line["denial"]["principal"], principal, "{text}");
            assert!(tail.contains(line["denial"]["refused_by"].as_str().unwrap()), "{text}");
            let found = (first["class"].as_str(), first["rule"].as_str(), first["side"].as_str());
            assert_eq!(found, (Some(class), rule, Some(side)), "{text}");
        }
    }
}

#[test]
fn a_denial_that_is_no_step_of_a_copy_has_no_cause() {
    for action in [
        "s3:GetObject",
        "ec2:DescribeInstances",
        "dynamodb:Query",
        "sts:AssumeRole",
        "backup:DeleteBackupVault",
    ] {
        let text = format!(
            "User: arn:aws:iam::111122223333:user/dev is not authorized to perform: {action} on resource: \
             arn:aws:x:::y because no identity-based policy allows the {action} action"
        );
        let ran = explain(&["--format", "json", &text]);
        let line = ran.line();
        assert_eq!(line["denial"]["action"], action);
        assert_eq!((&line["recognised"], &line["causes"]), (&json!(false), &json!([])), "{line:#}");
        assert_eq!(ran.exit, Exit::Undecided);
    }
}

#[test]
fn a_batch_keeps_its_order_and_goes_on_behind_mistakes() {
    let path = incident("batch.jsonl");
    let arguments = [OsString::from("--batch"), path.into()];
    let ran = explain_with(&arguments, b"");
    let lines = ran.lines();
    assert_eq!(ran.exit, Exit::Undecided);
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(
        ids,
        [&json!("a"), &json!("b"), &json!(3), &Value::Null, &Value::Null, &json!("e"), &json!("e")]
    );
    let errors: Vec<bool> = lines.iter().map(|line| line["error"].is_string()).collect();
    assert_eq!(errors, [false, true, false, false, true, false, false]);
    assert_eq!(
        lines[2]["job"]["recovery_point_arn"],
        "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718"
    );
    // Through a pipe, and with a line that is not UTF-8.
    let mut bytes = b"{\"id\": \"x\", \"message\": \"\xff\"}\n".to_vec();
    bytes.extend(br#"{"id": "y", "message": "Given key ID is not accessible"}"#);
    let ran = explain_with(&["--batch", "-"], &bytes);
    let lines = ran.lines();
    assert!(lines[0]["error"].as_str().unwrap().contains("UTF-8"));
    assert_eq!((&lines[1]["id"], &lines[1]["recognised"]), (&json!("y"), &json!(true)));
}

#[test]
fn nothing_that_can_be_read_is_exit_two() {
    for input in
        [&b""[..], b"  \n\n", b"\xff\xfea\0", b"Given key \xff", b"{\"CopyJob\": {", b"[{\"a\"}]"]
    {
        let ran = explain_with(&["--format", "json"], input);
        assert_eq!(ran.exit, Exit::Unable, "{input:?}: {}", ran.output);
        assert!(!ran.error.is_empty() || ran.output.contains("\"error\":\""), "{input:?}");
    }
    assert_eq!(explain(&["--file", "fixtures/incidents/nowhere.json"]).exit, Exit::Unable);
    assert_eq!(explain(&["message", "--file", "x"]).exit, Exit::Unable);
    assert_eq!(explain(&["--failed"]).exit, Exit::Unable);
    // A mistyped flag is no message.
    assert_eq!(explain(&["--failde"]).exit, Exit::Unable);
    assert_eq!(explain_with(&["-"], b"Given key ID is not accessible").exit, Exit::Fine);
}

#[test]
fn large_and_deep_input_is_answered() {
    let started = Instant::now();
    let job = fs::read_to_string(incident("copy-job.json")).unwrap();
    let one: Value = serde_json::from_str(&job).unwrap();
    let jobs = vec![one["CopyJob"].clone(); 10_000];
    let list = json!({ "CopyJobs": jobs }).to_string();
    assert!(list.len() > 8_000_000, "{}", list.len());
    assert_eq!(explain_with(&["--format", "json"], list.as_bytes()).lines().len(), 10_000);
    let word = "word ".repeat(2_000_000);
    assert_eq!(explain_with(&["--format", "json"], word.as_bytes()).exit, Exit::Undecided);
    let lines = "2026-11-25 INFO nothing to see in this line\n".repeat(40_000);
    assert_eq!(explain_with(&["--format", "json"], lines.as_bytes()).exit, Exit::Undecided);
    let levels = 100_000;
    let deep = format!("{{\"CopyJob\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    assert_ne!(explain_with(&["--format", "json"], deep.as_bytes()).exit, Exit::Fine);
    let open = "{\"a\":".repeat(levels);
    assert_eq!(explain_with(&["--format", "json"], open.as_bytes()).exit, Exit::Unable);
    // A guard against what grows with the square, not a measurement.
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let text = "\u{1b}[31mGiven key ID is not accessible\u{7}\u{202e}";
    for message in [
        text.to_owned(),
        json!({"CopyJob": {"State": "FAILED", "CopyJobId": text, "StatusMessage": text}})
            .to_string(),
    ] {
        let ran = explain(&[&message]);
        assert!(!ran.output.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", ran.output);
    }
}

/// The lines of a fixture of messages.
fn texts(name: &str) -> Vec<String> {
    let lines = fixture(&format!("messages/{name}"));
    lines
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whatever carries a message, the causes are those of the message.
#[test]
fn a_message_means_the_same_wherever_it_stands() {
    let texts = texts("messages.txt");
    let texts: Vec<&str> = texts.iter().map(|line| line.split_once(" | ").unwrap().1).collect();
    assert!(texts.len() > 100, "{} texts", texts.len());
    let carriers: [fn(&str) -> Value; 9] = [
        |text| json!({"id": 0, "message": text}),
        |text| json!({"id": 1, "message": format!("  {text}  \n")}),
        |text| json!({"id": 2, "message": text.replacen(' ', "\n", 1)}),
        |text| json!({"id": 3, "message": format!("\"{text}\"")}),
        |text| json!({"id": 4, "event": {"CopyJob": {"State": "FAILED", "StatusMessage": text}}}),
        |text| json!({"id": 5, "event": {"detail-type": "Copy Job State Change", "detail": {"state": "FAILED", "statusMessage": format!("\"{text}\""), "destinationRecoveryPointArn": {}}}}),
        |text| json!({"id": 6, "message": json!({"CopyJobs": [{"State": "FAILED", "StatusMessage": text}]}).to_string()}),
        |text| json!({"id": 7, "event": {"Records": [{"Sns": {"TopicArn": "t", "Message": json!({"detail-type": "Copy Job State Change", "detail": {"state": "FAILED", "statusMessage": text}}).to_string()}}]}}),
        |text| json!({"id": 8, "event": {"Snapshots": [{"SnapshotId": "snap-1", "State": "error", "StateMessage": text}]}}),
    ];
    let mut batch = String::new();
    for text in &texts {
        for carrier in carriers {
            batch.push_str(&carrier(text).to_string());
            batch.push('\n');
        }
    }
    let lines = explain_with(&["--batch", "-"], batch.as_bytes()).lines();
    assert_eq!(lines.len(), texts.len() * carriers.len());
    for (text, lines) in texts.iter().zip(lines.chunks(carriers.len())) {
        for line in lines {
            let id = &line["id"];
            assert_eq!(classes(line), classes(&lines[0]), "carrier {id}: {text}");
            assert_eq!(line["recognised"], lines[0]["recognised"], "carrier {id}: {text}");
        }
    }
}

#[test]
fn what_is_no_failure_of_a_copy_is_not_recognised() {
    let texts = texts("negatives.txt");
    assert!(texts.len() >= 70, "{} texts", texts.len());
    for text in &texts {
        let ran = explain(&["--format", "json", text]);
        let line = ran.line();
        assert_eq!((&line["recognised"], &line["causes"]), (&json!(false), &json!([])), "{text}");
        assert_ne!(line["next"], json!([]), "{text}");
        assert_eq!(ran.exit, Exit::Undecided, "{text}");
    }
}

/// A snapshot of the base in which one thing is wrong, and the jobs that failed.
fn journey(edit: impl Fn(&Path)) -> tempfile::TempDir {
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
        let folder = journey(edit);
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
    let folder = journey(|folder| fs::remove_file(folder.join(path)).unwrap());
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
    let folder = journey(|_| {});
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
    let folder = journey(|folder| {
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

#[test]
fn every_line_is_what_the_schema_says() {
    let path = root().join("crates/cli/schemas/explanation-v1.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = journey(|folder| {
        fs::remove_file(folder.join("accounts/444455556666/eu-west-1/vaults/central.policy.json"))
            .unwrap();
    });
    let mut lines =
        explain_with(&[OsString::from("--batch"), incident("batch.jsonl").into()], b"").lines();
    for entry in fs::read_dir(incident("")).unwrap() {
        let path = entry.unwrap().path();
        let flags = ["--now", "2026-11-22", "--snapshot", folder.path().to_str().unwrap()];
        lines.extend(explain_file(&path, &[]).lines());
        lines.extend(explain_file(&path, &flags).lines());
    }
    assert!(lines.len() > 40, "{} lines", lines.len());
    assert!(lines.iter().any(|line| line["causes"][0]["confirmed"] == "undecided"));
    for line in &lines {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}: {line:#}");
    }
    let right = explain(&["--format", "json", "Given key ID is not accessible"]).line();
    for (pointer, wrong) in [
        ("/schema", json!("copy-preflight/explanation/v2")),
        ("/recognised", json!(false)),
        ("/causes", json!([])),
        ("/causes/0/confirmed", json!("maybe")),
        ("/causes/0/side", json!("nobody")),
        ("/denial", json!({})),
    ] {
        let mut line = right.clone();
        *line.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&line), "{pointer}");
    }
}
