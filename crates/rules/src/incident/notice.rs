//! Notifications of SNS. Those of AWS Backup name the job and say no more.

use copy_preflight_policy::tree::Node;

use super::shape::{self, text};
use super::{Condition, Incident, Job, JobKind, job};
use crate::arn::Arn;

/// Reads a notification, as Lambda, SQS and HTTP endpoints get it.
pub(super) fn read(node: &Node, depth: usize) -> Vec<Incident> {
    let attributes = node.member("MessageAttributes");
    let attribute = |name: &str| {
        let value = attributes?.member(name)?;
        text(value, "Value")
            .or_else(|| text(value, "StringValue"))
            .or_else(|| value.as_str().map(str::to_owned))
    };
    let said = text(node, "Message").unwrap_or_default();
    // A topic gets the notifications of the vaults of its own Region.
    let topic = text(node, "TopicArn");
    let region = topic.as_deref().and_then(Arn::parse).map(|arn| arn.region.to_owned());
    let mut incidents = match of_text(&said, region) {
        Some(mut incident) => {
            incident.job.account = incident.job.account.take().or_else(|| attribute("AccountId"));
            if let Some(state) = attribute("State").filter(|state| is_fine(state)) {
                incident.condition =
                    Condition::Fine(format!("the job is {state} and did not fail"));
                incident.next.clear();
            }
            incident.support("account", attribute("AccountId"));
            incident.support("time", attribute("StartTime"));
            vec![incident]
        }
        None => shape::embedded(&said, depth),
    };
    for incident in &mut incidents {
        incident.support("event time", text(node, "Timestamp"));
    }
    incidents
}

fn is_fine(state: &str) -> bool {
    !["FAILED", "ABORTED", "EXPIRED", "PARTIAL"].iter().any(|bad| state.eq_ignore_ascii_case(bad))
}

/// Reads the text of a notification of AWS Backup: it names the job and not why it failed.
pub(super) fn of_text(text: &str, region: Option<String>) -> Option<Incident> {
    let lower = text.to_ascii_lowercase();
    let copy = lower.contains("aws copy job") || lower.contains("copy job id :");
    let backup = lower.contains("an aws backup job") && lower.contains("job id :");
    if !copy && !backup {
        return None;
    }
    let kind = if copy { JobKind::Copy } else { JobKind::Backup };
    let id = after(text, &lower, "job id :");
    let resource = after(text, &lower, "resource arn :");
    let failed =
        ["failed", "aborted", "expired", "in time"].iter().any(|word| lower.contains(word));
    let state = if failed { "FAILED" } else { "COMPLETED" };
    let of_resource = resource.as_deref().and_then(Arn::parse).map(|arn| arn.region.to_owned());
    let region = of_resource.or(region).filter(|region| !region.is_empty());
    let job = Job {
        kind: Some(kind),
        id,
        region,
        state: Some(state.to_owned()),
        resource,
        ..Job::default()
    };
    let mut incident = job::of(job, None, false);
    incident.message = Some(text.to_owned());
    if failed {
        let command = incident.next.pop();
        incident.next = vec![
            "a notification names the job and not why it failed; this command prints the reason:"
                .to_owned(),
        ];
        incident.next.extend(command);
    }
    Some(incident)
}

/// The word behind a name.
fn after(text: &str, lower: &str, name: &str) -> Option<String> {
    let at = lower.find(name)? + name.len();
    let word = text.get(at..)?.split_whitespace().next()?;
    let word = word.trim_end_matches(['.', ',', '"', '\'', ';']);
    (!word.is_empty()).then(|| word.to_owned())
}
