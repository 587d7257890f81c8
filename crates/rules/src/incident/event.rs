//! Events of EventBridge, and the state of EBS snapshots.

use copy_preflight_policy::tree::Node;

use super::shape::{self, text};
use super::{Condition, Incident, JobKind, job};

/// Reads an event: a job of AWS Backup, a snapshot of EBS, or a call that CloudTrail recorded.
pub(super) fn read(event: &Node, detail: &Node, depth: usize) -> Vec<Incident> {
    let kind = text(event, "detail-type").unwrap_or_default();
    let mut incidents = match kind.as_str() {
        "Copy Job State Change" | "Backup Job State Change" => vec![of_job(event, detail, &kind)],
        "EBS Snapshot Notification" => vec![of_snapshot(detail)],
        _ if detail.member("eventName").is_some() => shape::read(detail, depth),
        _ if text(event, "source").as_deref() == Some("aws.backup") => {
            vec![of_job(event, detail, &kind)]
        }
        _ => {
            let mut incident = Incident::default();
            incident.next.push(format!("an event of type `{kind}` says nothing about a copy"));
            vec![incident]
        }
    };
    for incident in &mut incidents {
        incident.support("event id", text(event, "id"));
        incident.support("account", text(event, "account"));
        incident.support("event time", text(event, "time"));
    }
    incidents
}

fn of_job(event: &Node, detail: &Node, kind: &str) -> Incident {
    let mut incident = job::read(detail);
    let first = event.member("resources").and_then(|list| list.elements().first());
    let first = first.and_then(Node::as_str).map(str::to_owned);
    let job = &mut incident.job;
    match kind {
        // The source recovery point stands nowhere else.
        "Copy Job State Change" => {
            job.kind = Some(JobKind::Copy);
            job.recovery_point = job.recovery_point.take().or(first);
        }
        "Backup Job State Change" => job.kind = Some(JobKind::Backup),
        _ => {}
    }
    job.account = job.account.take().or_else(|| text(event, "account"));
    job.region = job.region.take().or_else(|| text(event, "region"));
    incident
}

/// `detail` of an EBS Snapshot Notification.
fn of_snapshot(detail: &Node) -> Incident {
    let mut incident = Incident { message: text(detail, "cause"), ..Incident::default() };
    let result = text(detail, "result").unwrap_or_default();
    let what = text(detail, "event").unwrap_or_else(|| "the call".to_owned());
    if result.eq_ignore_ascii_case("failed") {
        if incident.message.is_none() {
            let id = text(detail, "snapshot_id").unwrap_or_default();
            let id = id.rsplit('/').next().unwrap_or_default();
            incident.next.push("the event names no cause; the snapshot may:".to_owned());
            incident.next.push(format!("aws ec2 describe-snapshots --snapshot-ids {id}"));
        }
    } else {
        incident.condition = Condition::Fine(format!("{what} is `{result}` and did not fail"));
    }
    incident.job.recovery_point = text(detail, "source");
    incident.job.resource_type = Some("EBS".to_owned());
    incident.support("snapshot", text(detail, "snapshot_id"));
    incident.support("time", text(detail, "endTime").or_else(|| text(detail, "startTime")));
    incident
}

/// A snapshot as `aws ec2 describe-snapshots` answers it.
pub(super) fn snapshot(node: &Node) -> Incident {
    let mut incident = Incident { message: text(node, "StateMessage"), ..Incident::default() };
    let id = text(node, "SnapshotId").unwrap_or_default();
    match text(node, "State") {
        Some(state) if !state.eq_ignore_ascii_case("error") => {
            incident.condition = Condition::Fine(format!("snapshot {id} is `{state}`"));
        }
        _ if incident.message.is_none() => {
            incident.next.push(format!("snapshot {id} carries no StateMessage"));
        }
        _ => {}
    }
    incident.job.resource_type = Some("EBS".to_owned());
    incident.support("snapshot", Some(id).filter(|id| !id.is_empty()));
    incident.support("time", text(node, "StartTime"));
    incident
}
