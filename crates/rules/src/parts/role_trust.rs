//! Whether a role is there and AWS Backup may assume it.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{
    Action, Caller, Context, ContextValue, Decision, DenyKind, Document, Outcome as Decided,
    Policies, Policy, Request, decide,
};
use copy_preflight_policy::text::Text;

use crate::arn::RoleArn;
use crate::explain::{add_open, near_miss, open_reason, statement_span};
use crate::outcome::{Applies, Fix, Outcome};
use crate::parts::subject::{missing_document, without_policy};
use crate::reader::Reader;
use crate::reasons;
use crate::rule::Reason;
use crate::says;
use crate::view::{Filled, Gap, Slot};

/// The fact that it rests on.
pub(crate) const FACT: &str = "prerequisites-copy-role-trust";
const CALLER: &str = "AWS Backup";

/// Why a role cannot be assumed, or why that is not known.
pub(crate) const REASONS: [Reason; 11] = [
    Reason { name: "role-missing", meaning: "there is no such role" },
    Reason { name: "wrong-path", meaning: "the role has another path than the ARN that was given" },
    reasons::NO_STATEMENT,
    reasons::MISSING_ACTION,
    reasons::CONDITION_FAILS,
    reasons::EXPLICIT_DENY,
    reasons::UNKNOWN_KEY,
    reasons::AMBIGUOUS,
    reasons::POLICY_NOT_VALID,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

/// Whether AWS Backup may assume the role in the slot, which is to have this ARN.
pub(crate) fn assumable(reader: &Reader<'_>, slot: &Slot, role: &RoleArn) -> Outcome {
    let filled = match reader.read(slot) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => return missing_role(reader, role, &gap),
        Err(gap) => {
            return missing_document(
                format!("role `{}` {}", role.name, gap.words()),
                vec![gap.missing()],
            )
            .cites(FACT);
        }
    };
    if let Some(outcome) = other_role(reader, role, &filled) {
        return outcome;
    }
    match filled.document() {
        Some(document) => judge(reader, role, &filled, &document.policy),
        None => without_policy(
            &filled,
            &format!("role `{}`", role.name),
            "expected `Role` with `AssumeRolePolicyDocument`",
        ),
    }
}

fn missing_role(reader: &Reader<'_>, role: &RoleArn, gap: &Gap<'_>) -> Outcome {
    let mut broken = Outcome::broken(
        "role-missing",
        format!("there is no role `{}` in account {}", role.name, role.account),
    )
    .help("create the role, or name one that exists; a new role takes a moment until AWS Backup sees it")
    .aws_says(says::ROLE_NOT_ASSUMED);
    broken.labels.extend(gap.label("AWS answered this"));
    reader.rest(broken, FACT)
}

/// The answer is of a role with another ARN. A role is found by its name alone, but AWS Backup
/// assumes it by the whole ARN.
fn other_role(reader: &Reader<'_>, role: &RoleArn, filled: &Filled<'_>) -> Option<Outcome> {
    let node = filled.root().member("Role")?.member("Arn")?;
    let shown = node.as_str()?;
    if shown == role.to_string() {
        return None;
    }
    let of_other = || {
        Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the answer is of `{shown}`, not of `{role}`"),
        )
        .label(filled.label(node.span, "another role"))
    };
    let Ok(found) = shown.parse::<RoleArn>() else { return Some(of_other()) };
    if found.account != role.account || found.name != role.name {
        return Some(of_other());
    }
    let broken = Outcome::broken(
        "wrong-path",
        format!(
            "role `{}` has the path `{}`, the ARN that was given says `{}`",
            role.name, found.path, role.path
        ),
    )
    .label(filled.label(node.span, "the ARN of the role"))
    .help(format!("name it as `{found}` in the plan"))
    .aws_says(says::ROLE_NOT_ASSUMED);
    Some(reader.rest(broken, FACT))
}

fn judge(reader: &Reader<'_>, role: &RoleArn, filled: &Filled<'_>, policy: &Policy) -> Outcome {
    let service = reader.facts().row(FACT).and_then(|row| row.text("service_principal"));
    let (Some(action), Some(service)) = (Action::parse("sts:AssumeRole"), service) else {
        return Outcome::undecided(reasons::AMBIGUOUS.name, "nothing was asked");
    };
    let request = request(reader, role, action, service);
    let policies = Policies { resource: Some(Document::Known(policy)), ..Policies::default() };
    let decision = decide(&request, &policies, reader.facts().catalogue());
    let outcome = match decision.outcome {
        Decided::Allow => allowed(role, filled, policy, &decision),
        Decided::Deny(DenyKind::Explicit) => denied(role, filled, policy, &decision),
        Decided::Deny(_) => refused(role, filled, policy, &request, service),
        Decided::Depends => open(role, filled, policy, &decision, service),
    };
    reader.rest(outcome, FACT)
}

/// The call by which AWS Backup assumes the role. What it says of itself, `aws:SourceAccount` and
/// `aws:SourceArn` among it, is not documented for this call.
fn request(reader: &Reader<'_>, role: &RoleArn, action: Action, service: &str) -> Request {
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let mut context = Context::open();
    context.set("aws:PrincipalIsAWSService", known("true"));
    context.set("aws:PrincipalServiceName", known(service));
    context.set("aws:ResourceAccount", known(&role.account));
    context.set("aws:RequestedRegion", ContextValue::Present);
    if let Some(now) = reader.now() {
        context.set("aws:CurrentTime", known(&now.to_string()));
        context.set("aws:EpochTime", known(&now.as_second().to_string()));
    }
    Request::new(
        action,
        role.to_string().into(),
        Some(role.account.as_str().into()),
        Caller::service(service),
        context,
    )
}

fn allowed(role: &RoleArn, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    if let Some(problem) = policy.problems.first() {
        return Outcome::undecided(
            reasons::POLICY_NOT_VALID.name,
            format!(
                "the trust policy of `{}` would do, but AWS refuses it as it stands",
                role.name
            ),
        )
        .label(filled.label(problem.span, problem.kind.to_string()));
    }
    let mut holds = Outcome::holds(format!("AWS Backup may assume role `{}`", role.name));
    for reference in &decision.deciding {
        holds = holds
            .label(filled.label(reference.span, "this statement lets AWS Backup assume the role"));
    }
    holds
}

fn denied(role: &RoleArn, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    let mut broken = Outcome::broken(
        reasons::EXPLICIT_DENY.name,
        format!("the trust policy of `{}` denies AWS Backup", role.name),
    )
    .help("except AWS Backup from this Deny; no Allow overrides it")
    .aws_says(says::ROLE_NOT_ASSUMED);
    for reference in &decision.deciding {
        let span = statement_span(policy, reference);
        broken = broken.label(filled.label(span, "this statement applies to AWS Backup"));
    }
    broken
}

fn refused(
    role: &RoleArn,
    filled: &Filled<'_>,
    policy: &Policy,
    request: &Request,
    service: &str,
) -> Outcome {
    let (reason, label) = match near_miss(policy, PolicyKind::Trust, request, CALLER) {
        Some(near) => (near.reason, filled.label(near.span, near.note)),
        None => {
            (reasons::NO_STATEMENT.name, filled.label(policy.span, "no statement allows anything"))
        }
    };
    Outcome::broken(reason, format!("the trust policy of `{}` does not let AWS Backup assume it", role.name))
        .label(label)
        .help(format!("allow `sts:AssumeRole` to the service `{service}` in the trust policy"))
        .aws_says(says::ROLE_NOT_ASSUMED)
        .fix(Fix {
            summary: "let AWS Backup assume the role".to_owned(),
            statement: Some(format!(
                r#"{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}"#
            )),
            edits: Vec::new(),
            applies: Applies::Review,
        })
}

fn open(
    role: &RoleArn,
    filled: &Filled<'_>,
    policy: &Policy,
    decision: &Decision,
    service: &str,
) -> Outcome {
    let message = format!("whether AWS Backup may assume role `{}` cannot be told", role.name);
    if let Some(doubt) = &policy.doubt {
        return Outcome::undecided(reasons::AMBIGUOUS.name, message)
            .label(filled.label(doubt.span, doubt.kind.to_string()));
    }
    let outcome = Outcome::undecided(open_reason(decision), message).help(format!(
        "AWS does not say what AWS Backup tells of itself when it assumes a role: allow `sts:AssumeRole` to `{service}` without this condition"
    ));
    add_open(outcome, filled, policy, decision)
}
