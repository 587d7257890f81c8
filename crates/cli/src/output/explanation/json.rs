//! The JSON form of an explanation: `copy-preflight/explanation/v1`, one line each.

use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_rules::explanation::Cause;
use copy_preflight_rules::incident::{Condition, Denial, Job, Refusal};
use serde::Serialize;

use super::super::json::{LabelJson, label};
use super::{Explained, Run};

/// One explanation.
#[derive(Debug, Serialize)]
pub struct ExplanationJson<'a> {
    schema: &'static str,
    id: serde_json::Value,
    message: Option<&'a str>,
    recognised: bool,
    denial: Option<DenialJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    next: &'a [String],
    job: Option<JobJson<'a>>,
    /// What AWS Support asks for.
    support: Vec<SupportJson<'a>>,
    /// Why the input could not be read.
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct DenialJson<'a> {
    action: Option<&'a str>,
    resource: Option<&'a str>,
    principal: Option<&'a str>,
    refused_by: Option<&'static str>,
    /// `explicit` or `implicit`, where the text says it.
    kind: Option<&'static str>,
    policy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct CauseJson<'a> {
    class: &'a str,
    rule: Option<&'a str>,
    reason: Option<&'a str>,
    side: &'a str,
    rank: usize,
    basis: &'a str,
    why: &'a str,
    tell_apart: Option<&'a str>,
    confirm: &'a [String],
    fix: Option<&'a str>,
    facts: &'a [String],
    quota: Option<QuotaJson<'a>>,
    confirmed: &'static str,
    /// What the rule says of the copy.
    finding: Option<&'a str>,
    labels: Vec<LabelJson>,
}

#[derive(Debug, Serialize)]
struct QuotaJson<'a> {
    /// Null where AWS does not say.
    can_be_raised: Option<bool>,
    at: &'a str,
}

#[derive(Debug, Serialize)]
struct JobJson<'a> {
    kind: &'static str,
    id: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    state: Option<&'a str>,
    source_vault_arn: Option<&'a str>,
    destination_vault_arn: Option<&'a str>,
    recovery_point_arn: Option<&'a str>,
    role_arn: Option<&'a str>,
    resource_arn: Option<&'a str>,
    resource_type: Option<&'a str>,
    category: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct SupportJson<'a> {
    name: &'static str,
    value: &'a str,
}

/// The JSON form of an explanation.
#[must_use]
pub fn explanation<'a>(one: &'a Explained, run: Run<'a>) -> ExplanationJson<'a> {
    let (incident, explanation) = (&one.incident, &one.explanation);
    ExplanationJson {
        schema: "copy-preflight/explanation/v1",
        id: incident.id.as_ref().map_or(serde_json::Value::Null, plain),
        message: incident.message.as_deref(),
        recognised: explanation.recognised,
        denial: explanation.denial.as_ref().map(denial),
        causes: explanation.causes.iter().map(|cause| of_cause(one, cause, run)).collect(),
        next: &explanation.next,
        job: job(&incident.job),
        support: incident.support.iter().map(|(name, value)| SupportJson { name, value }).collect(),
        error: match &incident.condition {
            Condition::Unreadable(why) => Some(why),
            _ => None,
        },
    }
}

fn of_cause<'a>(one: &'a Explained, cause: &'a Cause, run: Run<'a>) -> CauseJson<'a> {
    let labels = one
        .subject(run)
        .map(|subject| cause.labels.iter().map(|one| label(subject, one)).collect());
    CauseJson {
        class: &cause.class,
        rule: cause.rule.as_deref(),
        reason: cause.reason.as_deref(),
        side: &cause.side,
        rank: cause.rank,
        basis: &cause.basis,
        why: &cause.why,
        tell_apart: cause.tell_apart.as_deref(),
        confirm: &cause.confirm,
        fix: cause.fix.as_deref(),
        facts: &cause.facts,
        quota: cause
            .quota
            .as_ref()
            .map(|quota| QuotaJson { can_be_raised: quota.raised, at: &quota.at }),
        confirmed: cause.confirmed.word(),
        finding: cause.finding.as_deref(),
        labels: labels.unwrap_or_default(),
    }
}

fn denial(denial: &Denial) -> DenialJson<'_> {
    DenialJson {
        action: denial.action.as_deref(),
        resource: denial.resource.as_deref(),
        principal: denial.principal.as_deref(),
        refused_by: denial.refused_by.map(|kind| kind.words()),
        kind: match denial.refusal {
            Some(Refusal::Explicit) => Some("explicit"),
            Some(Refusal::Implicit) => Some("implicit"),
            Some(Refusal::Unknown) | None => None,
        },
        policy: denial.policy.as_deref(),
    }
}

fn job(job: &Job) -> Option<JobJson<'_>> {
    Some(JobJson {
        kind: job.kind?.words(),
        id: job.id.as_deref(),
        account: job.account.as_deref(),
        region: job.region.as_deref(),
        state: job.state.as_deref(),
        source_vault_arn: job.source_vault.as_deref(),
        destination_vault_arn: job.destination_vault.as_deref(),
        recovery_point_arn: job.recovery_point.as_deref(),
        role_arn: job.role.as_deref(),
        resource_arn: job.resource.as_deref(),
        resource_type: job.resource_type.as_deref(),
        category: job.category.as_deref(),
    })
}

/// An id as the user wrote it.
fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::String(text) => text.known().map_or(serde_json::Value::Null, Into::into),
        Value::Number(digits) => {
            serde_json::from_str(digits).unwrap_or_else(|_| digits.as_str().into())
        }
        Value::Bool(value) => (*value).into(),
        _ => serde_json::Value::Null,
    }
}
