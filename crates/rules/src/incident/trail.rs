//! Records of CloudTrail.

use copy_preflight_policy::tree::Node;

use super::denial::{self, Denial, Refusal, RefusedBy};
use super::shape::text;
use super::{Condition, Incident, encoded, job, request_id};

/// Reads a record.
pub(super) fn read(record: &Node) -> Incident {
    let name = text(record, "eventName").unwrap_or_default();
    let source = text(record, "eventSource").unwrap_or_default();
    let code = text(record, "errorCode");
    let message = text(record, "errorMessage");
    let detail = record.member("serviceEventDetails");
    // The jobs of AWS Backup are events of the service.
    let mut incident = match detail.filter(|_| source == "backup.amazonaws.com") {
        Some(detail) => job::read(detail),
        None => Incident::default(),
    };
    if detail.is_some() && incident.job.id.is_none() {
        // A selection or a policy: no job.
        incident = Incident::default();
    }
    if name == "InvalidOrganizationBackupPlan" {
        incident.condition = Condition::Failed;
        incident.next.clear();
        incident.invalid_plan = true;
    } else if code.is_none() && message.is_none() && incident.job.id.is_none() {
        incident.condition = Condition::Fine(format!("the call `{name}` has no error"));
    }
    if let Some(message) = message {
        incident.next.clear();
        incident.message = Some(message);
        encoded::find(&mut incident);
    }
    if let Some(code) = code {
        let words = incident.message.clone().unwrap_or_default();
        if is_refusal(&code) {
            incident.denial = Some(denial_of(record, &code, &words, &source, &name));
        }
        if incident.message.is_none() {
            incident.message = Some(code.clone());
            incident.next.clear();
        }
        incident.code = Some(code);
    }
    let account = text(record, "recipientAccountId");
    incident.job.account = incident.job.account.take().or_else(|| account.clone());
    incident.job.region = incident.job.region.take().or_else(|| text(record, "awsRegion"));
    incident.support("request id", text(record, "requestID"));
    incident.support("event id", text(record, "eventID"));
    incident.support("account", account);
    incident.support("time", text(record, "eventTime"));
    if let Some(message) = &incident.message {
        let id = request_id(message);
        incident.support("request id", id);
    }
    incident
}

/// Whether an error code says that a policy refused.
#[must_use]
pub fn is_refusal(code: &str) -> bool {
    let code = code.rsplit('.').next().unwrap_or(code);
    let code = code.strip_suffix("Exception").unwrap_or(code);
    matches!(
        code,
        "AccessDenied"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "VpceAccessDenied"
            | "Forbidden"
    )
}

fn denial_of(record: &Node, code: &str, words: &str, source: &str, name: &str) -> Denial {
    let mut denial = denial::read(words).unwrap_or_default();
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    if denial.action.is_none() {
        denial.action = Some(format!("{}:{name}", prefix_of(service)));
    }
    let identity = record.member("userIdentity");
    let principal =
        identity.and_then(|identity| text(identity, "arn").or_else(|| text(identity, "invokedBy")));
    denial.principal = denial.principal.or(principal);
    let resource = record.member("resources").and_then(|list| list.elements().first());
    let resource = resource.and_then(|resource| text(resource, "ARN")).or_else(|| {
        let parameters = record.member("requestParameters")?;
        ["keyId", "sourceSnapshotId", "backupVaultName", "sourceBackupVaultName"]
            .into_iter()
            .find_map(|name| text(parameters, name))
    });
    denial.resource = denial.resource.or(resource);
    let endpoint = code.ends_with("VpceAccessDenied");
    if denial.refused_by.is_none() && endpoint {
        denial.refused_by = Some(RefusedBy::VpcEndpoint);
        denial.refusal = Some(Refusal::Unknown);
    }
    denial.endpoint = text(record, "vpcEndpointId");
    denial
}

/// The prefix of a service's actions, where it is not the name of its endpoint.
fn prefix_of(service: &str) -> &str {
    match service {
        "tagging" => "tag",
        "monitoring" => "cloudwatch",
        other => other,
    }
}
