//! What to bring where nothing is known.

use super::Explanation;
use crate::incident::{Incident, Refusal, is_refusal};

/// Says of a text that is not known what would help.
pub(super) fn unknown(explanation: &mut Explanation, incident: &Incident, message: &str) {
    let lower = message.to_ascii_lowercase();
    let next = &mut explanation.next;
    if let Some(denial) = &explanation.denial {
        let action = denial.action.as_deref().unwrap_or("the action");
        next.push(format!("{action} is no step of a copy, as far as the facts know"));
        match denial.refused_by {
            Some(kind) if denial.refusal == Some(Refusal::Implicit) => {
                next.push(format!("no {} allows it: look there", kind.words()));
            }
            Some(kind) => next.push(format!("look into the {} that refused it", kind.words())),
            None => next.push(
                "the text does not say which policy refused: ask the policies of the caller, the \
                 policy of the resource, and the SCPs of the caller's account in turn"
                    .to_owned(),
            ),
        }
        return;
    } else if is_network(&lower) {
        next.push(
            "this is the network, no permission: the caller did not reach AWS; look at its route, \
             proxy, DNS and VPC endpoints"
                .to_owned(),
        );
    } else if is_throttled(&lower, incident) {
        next.push(
            "a call was throttled: wait and try again; if it lasts, compare the quota in Service \
             Quotas with the jobs that run at the same time"
                .to_owned(),
        );
    } else if is_refused(&lower, incident) {
        next.push(
            "AWS does not say who refused: a policy of the caller, of the resource or of the \
             organization, or the resource does not exist"
                .to_owned(),
        );
        next.push("bring the CloudTrail record of the refused call; this finds it:".to_owned());
        next.push(
            "aws cloudtrail lookup-events --lookup-attributes \
             AttributeKey=EventSource,AttributeValue=backup.amazonaws.com"
                .to_owned(),
        );
        return;
    } else if next.is_empty() {
        next.push("this is no message that AWS is known to give for a copy".to_owned());
    } else {
        return;
    }
    match &incident.job.id {
        Some(_) => {}
        None => {
            next.push("bring the whole job, with its state, vaults and role:".to_owned());
            next.push("aws backup describe-copy-job --copy-job-id ID --region REGION".to_owned());
        }
    }
    if let Some(command) = check(incident) {
        next.push("or ask what stands in the way of the same copy:".to_owned());
        next.push(command);
    }
}

/// The command that judges the copy of the job.
fn check(incident: &Incident) -> Option<String> {
    let job = &incident.job;
    let request = job.request()?.ok()?;
    let destination = request.destinations.first()?;
    let mut command = format!(
        "copy-preflight check --source-vault {} --destination-vault {destination}",
        request.source
    );
    let flags = [
        ("--recovery-point", job.recovery_point.as_ref()),
        ("--resource-type", job.resource_type.as_ref()),
        ("--role", job.role.as_ref()),
    ];
    for (flag, value) in flags {
        if let Some(value) = value {
            let quote = if value.contains(' ') { "'" } else { "" };
            command.push_str(&format!(" {flag} {quote}{value}{quote}"));
        }
    }
    command.push_str(" --snapshot DIR");
    Some(command)
}

fn is_network(lower: &str) -> bool {
    [
        "could not connect to the endpoint",
        "connect timeout",
        "connection timed out",
        "connection refused",
        "connection reset",
        "could not resolve",
        "name or service not known",
        "no such host",
        "unable to execute http request",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

fn is_throttled(lower: &str, incident: &Incident) -> bool {
    let code = incident.code.as_deref().unwrap_or_default().to_ascii_lowercase();
    ["throttling", "rate exceeded", "toomanyrequests", "requestlimitexceeded", "limitexceeded"]
        .iter()
        .any(|word| lower.contains(word) || code.contains(word))
}

fn is_refused(lower: &str, incident: &Incident) -> bool {
    incident.code.as_deref().is_some_and(is_refusal)
        || ["access denied", "accessdenied", "not authorized", "unauthorizedoperation"]
            .iter()
            .any(|words| lower.contains(words))
}
