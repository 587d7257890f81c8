use super::*;

fn only(incidents: Vec<Incident>) -> Incident {
    let [incident] = <[Incident; 1]>::try_from(incidents).unwrap();
    incident
}

const JOB: &str = r#"{"CopyJob": {"AccountId": "111122223333", "CopyJobId": "J1",
    "SourceBackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod",
    "SourceRecoveryPointArn": "arn:aws:ec2:eu-west-1::snapshot/snap-1",
    "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:444455556666:backup-vault:central",
    "State": "FAILED", "StatusMessage": "Given key ID is not accessible", "ResourceType": "EBS",
    "IamRoleArn": "arn:aws:iam::111122223333:role/service-role/Copy", "CompletionDate": 1784000000.5}}"#;

#[test]
fn a_job_and_its_copy() {
    let incident = only(read_one(JOB));
    assert_eq!(incident.message.as_deref(), Some("Given key ID is not accessible"));
    assert_eq!(incident.job.kind, Some(JobKind::Copy));
    let request = incident.job.request().unwrap().unwrap();
    assert_eq!(request.source.name, "prod");
    assert_eq!(request.destinations[0].name, "central");
    assert_eq!(request.role.unwrap().name, "Copy");
    assert_eq!(request.recovery_point.as_deref(), Some("arn:aws:ec2:eu-west-1::snapshot/snap-1"));
    assert!(incident.support.contains(&("copy job id", "J1".to_owned())));
    assert_eq!(incident.job.moment().unwrap().as_second(), 1_784_000_000);
}

#[test]
fn of_a_list_only_what_failed() {
    let job = |id: &str, state: &str| {
        format!(r#"{{"CopyJobId": "{id}", "State": "{state}", "StatusMessage": "m {id}"}}"#)
    };
    let list = |states: &[&str]| {
        let jobs: Vec<String> =
            states.iter().enumerate().map(|(at, state)| job(&at.to_string(), state)).collect();
        format!(r#"{{"CopyJobs": [{}]}}"#, jobs.join(","))
    };
    let failed = read_one(&list(&["COMPLETED", "FAILED", "RUNNING", "FAILED"]));
    let messages: Vec<_> = failed.iter().map(|one| one.message.as_deref().unwrap()).collect();
    assert_eq!(messages, ["m 1", "m 3"]);
    for states in [&["COMPLETED"][..], &[], &["COMPLETED", "CREATED"]] {
        let incident = only(read_one(&list(states)));
        assert!(matches!(incident.condition, Condition::Fine(_)), "{states:?}");
    }
}

#[test]
fn an_event_with_holes() {
    let event = r#"{"id": "e1", "detail-type": "Copy Job State Change", "source": "aws.backup",
        "account": "1112233445566", "time": "2020-07-15T20:37:34Z", "region": "us-west-2",
        "resources": ["arn:aws:ec2:us-west-2::image/ami-1"],
        "detail": {"copyJobId": "J2", "resourceType": "EC2", "status": "FAILED",
        "statusMessage": "\"Access denied exception while trying to list tags\"",
        "sourceBackupVaultArn": "arn:aws:backup:us-west-2:1112233445566:backup-vault:a",
        "destinationBackupVaultArn": "arn:aws:backup:us-west-2:1112233445566:backup-vault:b",
        "destinationRecoveryPointArn": {}}}"#;
    let incident = only(read_one(event));
    assert_eq!(incident.job.recovery_point.as_deref(), Some("arn:aws:ec2:us-west-2::image/ami-1"));
    assert_eq!(incident.job.state.as_deref(), Some("FAILED"));
    // The documentation has account ids of thirteen digits.
    assert!(incident.job.request().unwrap().is_err());
    assert!(incident.message.unwrap().starts_with('"'));
    assert_eq!(incident.id, None);
    let fine = event.replace("FAILED", "COMPLETED");
    assert!(matches!(only(read_one(&fine)).condition, Condition::Fine(_)));
}

#[test]
fn documents_inside_strings() {
    let quoted = |text: &str| {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("\"{escaped}\"")
    };
    let event = format!(
        r#"{{"detail-type": "Copy Job State Change", "detail": {}}}"#,
        r#"{"copyJobId": "J3", "state": "FAILED", "statusMessage": "m"}"#
    );
    let notice = format!(r#"{{"Type": "Notification", "Message": {}}}"#, quoted(&event));
    let queue = format!(r#"{{"Messages": [{{"Body": {}}}]}}"#, quoted(&notice));
    let lambda = format!(r#"{{"Records": [{{"EventSource": "aws:sns", "Sns": {notice}}}]}}"#);
    for text in [&event, &notice, &queue, &lambda, &quoted(&queue), &format!("[{queue}]")] {
        let incidents = read_all(text, &|_| false);
        assert_eq!(only(incidents).job.id.as_deref(), Some("J3"), "{text}");
    }
    let log = format!("2026-11-25T09:00:00Z INFO {event} done");
    assert_eq!(only(read_one(&log)).job.id.as_deref(), Some("J3"));
}

#[test]
fn a_notification_names_the_job() {
    let text = "An AWS Copy job was completed but was failed or was aborted. Copy Job Id : 2c34-ee";
    let incident = only(read_one(text));
    assert_eq!(incident.next.last().unwrap(), "aws backup describe-copy-job --copy-job-id 2c34-ee");
    let sns = format!(
        r#"{{"Records": [{{"Sns": {{"Message": "{text}", "MessageAttributes": {{
        "State": {{"Type": "String", "Value": "FAILED"}},
        "AccountId": {{"Type": "String", "Value": "111122223333"}}}}}}}}]}}"#
    );
    let incident = only(read_one(&sns));
    assert_eq!(incident.job.account.as_deref(), Some("111122223333"));
    assert!(incident.next.last().unwrap().contains("2c34-ee"));
}

#[test]
fn records_of_cloudtrail() {
    let record = r#"{"eventVersion": "1.08", "eventSource": "kms.amazonaws.com",
        "eventName": "CreateGrant", "awsRegion": "eu-west-1", "requestID": "r-1",
        "errorCode": "AccessDenied", "errorMessage": "denied", "eventTime": "2026-11-22T08:00:00Z",
        "userIdentity": {"arn": "arn:aws:sts::444455556666:assumed-role/AWSServiceRoleForBackup/b"},
        "requestParameters": {"keyId": "arn:aws:kms:eu-west-1:111122223333:key/k"},
        "recipientAccountId": "444455556666"}"#;
    let incident = only(read_one(record));
    let denial = incident.denial.unwrap();
    assert_eq!(denial.action.as_deref(), Some("kms:CreateGrant"));
    assert_eq!(denial.resource.as_deref(), Some("arn:aws:kms:eu-west-1:111122223333:key/k"));
    assert!(denial.principal.unwrap().contains("AWSServiceRoleForBackup"));
    assert!(incident.support.contains(&("request id", "r-1".to_owned())));
    let fine = r#"{"eventSource": "backup.amazonaws.com", "eventName": "ListCopyJobs"}"#;
    let records = format!(r#"{{"Records": [{fine}, {record}, {fine}]}}"#);
    assert_eq!(only(read_one(&records)).message.as_deref(), Some("denied"));
    let invalid = r#"{"eventSource": "backup.amazonaws.com",
        "eventName": "InvalidOrganizationBackupPlan", "serviceEventDetails": {"policyType": "B"}}"#;
    assert!(only(read_one(invalid)).invalid_plan);
}

#[test]
fn a_decoded_message_takes_the_place_of_the_encoded_one() {
    let encoded = "y".repeat(60);
    let job = format!(
        r#"{{"CopyJob":{{"CopyJobId":"J","State":"FAILED","CompletionDate":1795000100.5,
        "StatusMessage":"You are not authorized to perform this operation. Encoded authorization failure message: {encoded}"}}}}"#
    );
    let incident = read_one(&job).pop().unwrap();
    assert_eq!(incident.job.time.as_deref(), Some("2026-11-18T11:08:20Z"));
    assert_eq!(incident.encoded.as_deref(), Some(encoded.as_str()));
    assert_eq!(incident.next.len(), 2);
    // What is no decoded message changes nothing.
    assert_eq!(incident.clone().decoded("gone"), incident);
    let decoded = incident.decoded(
        r#"{"allowed":false,"explicitDeny":true,"context":{"principal":{"arn":"arn:aws:sts::111122223333:assumed-role/Copier/x"},"action":"kms:CreateGrant","resource":"arn:aws:kms:eu-west-1:111122223333:key/k"}}"#,
    );
    assert!(decoded.next.is_empty() && decoded.encoded.is_none());
    assert_eq!(decoded.job.id.as_deref(), Some("J"));
    let denial = decoded.denial.unwrap();
    assert_eq!(denial.action.as_deref(), Some("kms:CreateGrant"));
    assert_eq!(denial.refusal, Some(Refusal::Explicit));
    assert!(decoded.message.unwrap().contains("kms:CreateGrant"));
}

#[test]
fn encoded_and_decoded() {
    let encoded = "x".repeat(60);
    let text = format!(
        "You are not authorized to perform this operation. Encoded authorization failure message: {encoded} (Request ID: 1234abcd-12)"
    );
    let incident = only(read_one(&text));
    assert!(incident.next.last().unwrap().ends_with(&format!("--encoded-message {encoded}")));
    assert_eq!(incident.support, [("request id", "1234abcd-12".to_owned())]);
    let decoded = r#"{"allowed": false, "explicitDeny": true, "matchedStatements": {"items": []},
        "failures": {"items": []}, "context": {"principal": {"id": "A:b", "arn": "arn:aws:sts::1:assumed-role/R/s"},
        "action": "ec2:CopySnapshot", "resource": "arn:aws:ec2:eu-west-1::snapshot/*", "conditions": {"items": []}}}"#;
    let outer =
        format!(r#"{{"DecodedMessage": "{}"}}"#, decoded.replace('\n', "").replace('"', "\\\""));
    for text in [decoded, &outer] {
        let denial = only(read_one(text)).denial.unwrap();
        assert_eq!(denial.action.as_deref(), Some("ec2:CopySnapshot"));
        assert_eq!(denial.refusal, Some(Refusal::Explicit));
    }
}

#[test]
fn lines_that_belong_together() {
    let known = |line: &str| line.starts_with("known");
    for (text, messages) in [
        ("known one\nknown two\n", &["known one", "known two"][..]),
        ("known one\nwrapped\n", &["known one\nwrapped"]),
        ("known one\n\nother\n", &["known one", "other"]),
        ("known one\nother\nknown two", &["known one", "other", "known two"]),
    ] {
        let incidents = read_all(text, &known);
        let found: Vec<_> = incidents.iter().map(|one| one.message.as_deref().unwrap()).collect();
        assert_eq!(found, messages, "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    for text in [
        "{\"CopyJob\": {",
        "{\"id\": \"a\", \"message\": \"cut",
        "{\"id\": \"a\" \"message\": \"no comma\"}",
    ] {
        let incident = only(read_line(text));
        assert!(matches!(incident.condition, Condition::Unreadable(_)), "{text}: {incident:?}");
    }
    let stream = "{\"id\": 1, \"message\": \"a\"}\n{\"id\": 2, \"message\": \"cut\n{\"id\": 3, \"message\": \"c\"}";
    let incidents = read_all(stream, &|_| false);
    let messages: Vec<_> = incidents.iter().map(|one| one.message.as_deref()).collect();
    assert_eq!(messages, [Some("a"), None, Some("c")]);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read_all(&deep, &|_| false).len(), 1);
}
