//! `explain` against a server that stands in for AWS: jobs are fetched, messages decoded, causes
//! confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use copy_preflight_tests::asking::{from_source, keys, said, text, tool, without_origin};
use copy_preflight_tests::server::{Fault, Manner, Proxy, server};
use serde_json::Value;

const ACCESS_DENIED: &str = "Access Denied trying to call AWS Backup service";

/// The set-ups whose failed job has this message for a reason that the documents show.
const BROKEN: [(&str, &str); 5] = [
    ("vault-without-policy", "vault-policy-refuses-source"),
    ("foreign-organization", "vault-policy-refuses-source"),
    ("scp-denies", "guardrail-denies-copy"),
    ("role-cannot-copy", "source-role-cannot-copy"),
    ("source-vault-denies", "source-vault-policy-denies-copy"),
];

fn explain(command: &mut Command, flags: &[&str]) -> Output {
    command.arg("explain").args(flags).args(["--now", "2026-11-25"]).output().unwrap()
}

/// The lines of JSON.
fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The rules of the causes that are confirmed.
fn confirmed(line: &Value) -> BTreeSet<&str> {
    let causes = line["causes"].as_array().unwrap().iter();
    causes
        .filter(|cause| cause["confirmed"] == "yes")
        .filter_map(|cause| cause["rule"].as_str())
        .collect()
}

#[test]
fn a_job_is_fetched_and_its_cause_confirmed() {
    let Some(server) = server() else { return };
    for (name, rule) in BROKEN {
        let set_up = &server.set_ups[name];
        let proxy = Proxy::new(server);
        // SCPs are read by the management account, and this one may assume its role.
        let flags = ["--copy-job", text(set_up, "/job"), "--assume-role-name", "Reader"];
        let mut command = from_source(&proxy.endpoint, set_up);
        let output = explain(&mut command, &[&flags[..], &["--format", "json"]].concat());
        let told = lines(&output);
        assert_eq!(told.len(), 1, "{name}: {}", said(&output));
        assert_eq!(told[0]["message"], ACCESS_DENIED, "{name}");
        assert_eq!(confirmed(&told[0]), BTreeSet::from([rule]), "{name}: {:#}", told[0]);
        assert_eq!(output.status.code(), Some(0), "{name}");
        // Nothing is asked twice, and whose the credentials are is asked first.
        let seen = proxy.seen();
        let distinct: BTreeSet<&str> = seen.iter().map(|request| request.whole.as_str()).collect();
        assert_eq!(distinct.len(), seen.len(), "{name}: {seen:#?}");
        let first: Vec<&str> =
            seen.iter().take(2).map(|request| request.permission.as_str()).collect();
        assert_eq!(first, ["sts:GetCallerIdentity", "backup:DescribeCopyJob"], "{name}");
    }
    // Where nothing is broken, the documents refute every cause.
    let set_up = &server.set_ups["clear"];
    let mut command = from_source(&Proxy::new(server).endpoint, set_up);
    let flags = ["--copy-job", text(set_up, "/job"), "--assume-role-name", "Reader"];
    let output = explain(&mut command, &[&flags[..], &["--format", "json"]].concat());
    let told = lines(&output);
    let causes = told[0]["causes"].as_array().unwrap();
    assert!(causes.len() > 4 && causes.iter().all(|cause| cause["confirmed"] == "no"), "{told:#?}");
}

/// The live answer and the one of a snapshot of the same copy are equal.
#[test]
fn a_snapshot_of_the_job_says_the_same() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in BROKEN {
        let set_up = &server.set_ups[name];
        let proxy = Proxy::new(server);
        let job = ["--copy-job", text(set_up, "/job"), "--now", "2026-11-25"];
        let live = ["--assume-role-name", "Reader"];
        let saved = folder.path().join(name);
        let mut take = from_source(&proxy.endpoint, set_up);
        take.args(["snapshot", "take"]).arg(&saved).args(job).args(live);
        assert!(take.output().unwrap().status.success(), "{name}");
        let json = ["--format", "json"];
        let mut asked = from_source(&proxy.endpoint, set_up);
        let asked = lines(&asked.arg("explain").args(job).args(live).args(json).output().unwrap());
        let mut offline = tool("http://127.0.0.1:9");
        offline.arg("explain").args(job).args(json).arg("--snapshot").arg(&saved);
        let offline = lines(&offline.output().unwrap());
        let told = |lines: Vec<Value>| lines.into_iter().map(without_origin).collect::<Vec<_>>();
        assert_eq!(told(asked), told(offline), "{name}");
    }
}

#[test]
fn failed_jobs_are_read_page_by_page_and_grouped() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["many"];
    let proxy = Proxy::new(server);
    let run = |flags: &[&str]| {
        proxy.behave(Manner::default());
        let mut command = from_source(&proxy.endpoint, set_up);
        let flags = [&["--failed", "--assume-role-name", "Reader"], flags].concat();
        explain(&mut command, &flags)
    };
    let count = |permission: &str| {
        let seen = proxy.seen();
        seen.iter().filter(|request| request.permission == permission).count()
    };
    let told = lines(&run(&["--format", "json"]));
    // Seven jobs in pages of four, and what their copies need is read once.
    assert_eq!(told.len(), 7);
    assert_eq!(count("backup:ListCopyJobs"), 2);
    assert_eq!(count("backup:DescribeRecoveryPoint"), 1);
    let by_message = |message: &str| {
        let found = told.iter().filter(|line| line["message"] == message);
        found.map(confirmed).collect::<Vec<_>>()
    };
    // The SCP that denies stands on the last page of its list.
    let guard = BTreeSet::from(["guardrail-denies-copy"]);
    assert_eq!(by_message(ACCESS_DENIED), vec![guard; 5]);

    // The server leaves out what ended before, and so does the tool where a server does not.
    let since = run(&["--since", "2026-11-10", "--format", "json"]);
    assert_eq!(lines(&since).len(), 6);
    let asked = proxy.seen().into_iter().find(|one| one.permission == "backup:ListCopyJobs");
    let asked = asked.unwrap().whole;
    assert!(
        asked.contains("state=FAILED") && asked.contains("completeAfter=2026-11-10T"),
        "{asked}"
    );

    let output = run(&["--since", "2026-11-10"]);
    let text_of = String::from_utf8(output.stdout).unwrap();
    let account = text(set_up, "/source/account");
    let head =
        format!("6 failed copy jobs in {account}, eu-west-1, since 2026-11-10T00:00:00Z, 3\n");
    assert!(text_of.starts_with(&head), "{text_of}");
    assert!(text_of.contains("\n4 jobs\n"), "{text_of}");

    // Another Region has none, and that is said of the Region.
    let output = run(&["--region", "eu-west-2"]);
    let text_of = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text_of, format!("0 failed copy jobs in {account}, eu-west-2\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_refused_call_is_named() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["clear"];
    let proxy = Proxy::new(server);
    for (permission, flags) in [
        ("backup:DescribeCopyJob", &["--copy-job", text(set_up, "/job")][..]),
        ("backup:ListCopyJobs", &["--failed"]),
    ] {
        let faults = BTreeMap::from([(permission.to_owned(), Fault::AccessDenied)]);
        proxy.behave(Manner { faults, ..Manner::default() });
        let output = explain(&mut from_source(&proxy.endpoint, set_up), flags);
        let text_of = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text_of.contains(&format!("it needs {permission}")), "{text_of}");
        assert_eq!(output.status.code(), Some(2), "{text_of}");
    }
    // A job that is not there.
    proxy.behave(Manner::default());
    let output = explain(&mut from_source(&proxy.endpoint, set_up), &["--copy-job", "none"]);
    let text_of = String::from_utf8_lossy(&output.stdout).into_owned();
    let account = text(set_up, "/source/account");
    assert!(text_of.contains(&format!("copy job `none` in {account}, eu-west-1")), "{text_of}");
    // Neither Region nor account.
    let mut command = tool(&proxy.endpoint);
    keys(&mut command, &set_up["source"]);
    let output = explain(&mut command, &["--failed"]);
    assert!(said(&output).contains("no Region for the failed copy jobs"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(2));
    let output = explain(tool(&proxy.endpoint).env("AWS_REGION", "eu-west-1"), &["--failed"]);
    assert!(said(&output).contains("no account for the failed copy jobs"), "{}", said(&output));
}

/// A message as the stand-in encodes it.
fn encoded(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |index: usize| u32::from(*chunk.get(index).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * index) & 63) as usize];
            encoded.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    encoded
}

fn encoded_refusal(set_up: &Value) -> String {
    let account = text(set_up, "/source/account");
    let decoded = serde_json::json!({
        "allowed": false,
        "explicitDeny": true,
        "matchedStatements": {"items": []},
        "context": {
            "principal": {"arn": format!("arn:aws:sts::{account}:assumed-role/Copier/AWSBackup")},
            "action": "kms:CreateGrant",
            "resource": format!("arn:aws:kms:eu-west-1:{account}:key/k"),
        },
    });
    let encoded = encoded(&decoded.to_string());
    format!(
        "You are not authorized to perform this operation. Encoded authorization failure message: \
         {encoded}"
    )
}

#[test]
fn an_encoded_message_is_decoded_where_accounts_are_read() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["clear"];
    let proxy = Proxy::new(server);
    let message = encoded_refusal(set_up);
    let run = |flags: &[&str]| {
        let mut command = from_source(&proxy.endpoint, set_up);
        explain(&mut command, &[&[message.as_str(), "--format", "json"], flags].concat())
    };
    // Nothing is sent where nothing asks for it: the command is printed.
    let told = lines(&run(&[]));
    assert_eq!(proxy.seen().len(), 0);
    assert!(told[0]["next"].to_string().contains("aws sts decode-authorization-message"));
    assert_eq!(told[0]["denial"], Value::Null);

    let told = lines(&run(&["--live"]));
    let sent: Vec<String> = proxy.seen().into_iter().map(|one| one.permission).collect();
    assert_eq!(sent, ["sts:GetCallerIdentity", "sts:DecodeAuthorizationMessage"]);
    assert_eq!(told[0]["denial"]["action"], "kms:CreateGrant", "{told:#?}");
    assert!(!told[0]["next"].to_string().contains("decode-authorization-message"), "{told:#?}");

    // Refused, it is as if nobody had asked, and the permission is named.
    let what = "sts:DecodeAuthorizationMessage";
    let faults = BTreeMap::from([(what.to_owned(), Fault::AccessDenied)]);
    proxy.behave(Manner { faults, ..Manner::default() });
    let told = lines(&run(&["--live"]));
    let next = told[0]["next"].to_string();
    assert!(next.contains("aws sts decode-authorization-message") && next.contains(what), "{next}");
}

/// What a notification only names is fetched, and a text that names nothing asks for nothing.
#[test]
fn a_notification_leads_to_its_job() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["vault-without-policy"];
    let proxy = Proxy::new(server);
    let notice = format!(
        "An AWS Copy job failed. Copy Job ID : {}. Resource ARN : \
         arn:aws:elasticfilesystem:eu-west-1:{}:file-system/fs-1.",
        text(set_up, "/job"),
        text(set_up, "/source/account")
    );
    let mut command = from_source(&proxy.endpoint, set_up);
    command.args(["explain", "--live", "--assume-role-name", "Reader", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(notice.as_bytes()).unwrap();
    let told = lines(&child.wait_with_output().unwrap());
    assert_eq!(told[0]["message"], ACCESS_DENIED, "{told:#?}");
    assert_eq!(confirmed(&told[0]), BTreeSet::from(["vault-policy-refuses-source"]));

    proxy.behave(Manner::default());
    let output = explain(
        &mut from_source(&proxy.endpoint, set_up),
        &[ACCESS_DENIED, "--live", "--format", "json"],
    );
    assert!(lines(&output)[0]["next"].to_string().contains("bring the whole job"));
    assert_eq!(proxy.seen().len(), 0);
}
