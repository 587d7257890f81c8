//! Batches, broken and large input, and what carries a message.

use std::ffi::OsString;
use std::fs;
use std::time::{Duration, Instant};

use copy_preflight::Exit;
use copy_preflight_tests::places::fixture;
use serde_json::{Value, json};

use super::{classes, explain, explain_with, incident};

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
