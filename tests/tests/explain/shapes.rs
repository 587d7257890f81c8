//! The shapes that an incident comes in.

use std::fs;

use copy_preflight::Exit;
use serde_json::json;

use super::{classes, explain, explain_file, explain_with, incident};

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
