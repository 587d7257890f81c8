//! Why a policy does not allow: the statement that comes nearest, and the part that fails.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::document::Effect;
use copy_preflight_policy::iam::principal::PrincipalKind;
use copy_preflight_policy::iam::statement::{Mismatch, PolicyKind, StatementPart};
use copy_preflight_policy::iam::{
    Condition, ContextValue, Decision, Dependency, Open, Policy, Request, Statement, StatementRef,
};
use copy_preflight_policy::source::Span;

use crate::outcome::{Missing, Outcome};
use crate::reasons;
use crate::view::Filled;

/// Why no statement of a policy allows a request.
pub(crate) struct NearMiss {
    /// One of the shared reasons.
    pub(crate) reason: &'static str,
    /// What to underline.
    pub(crate) span: Span,
    /// What is to be seen there.
    pub(crate) note: String,
}

/// The Allow statement that comes nearest to a request, and what keeps it from matching.
/// `None` for a policy without Allow statements.
pub(crate) fn near_miss(
    policy: &Policy,
    kind: PolicyKind,
    request: &Request,
    caller: &str,
) -> Option<NearMiss> {
    near_miss_among([policy], kind, request, caller).map(|(_, near)| near)
}

/// The same among several policies; with the index of the one that holds the statement.
pub(crate) fn near_miss_among<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    kind: PolicyKind,
    request: &Request,
    caller: &str,
) -> Option<(usize, NearMiss)> {
    let candidates = policies.into_iter().enumerate().flat_map(|(index, policy)| {
        let allows = policy.statements.iter();
        let allows = allows.filter(|statement| statement.effect == Effect::Allow);
        allows.map(move |statement| (index, policy.version, statement))
    });
    let ranked = candidates.map(|(index, version, statement)| {
        let mismatches = statement.mismatches(kind, request, Truth::False, version);
        (distance(statement, &mismatches, request), index, statement, mismatches)
    });
    let (_, index, statement, mismatches) = ranked.min_by_key(|(distance, ..)| *distance)?;
    let names_caller = !mismatches.iter().any(|one| one.part == StatementPart::Principal);
    let worst = if names_caller {
        mismatches.iter().find(|one| one.truth.is_false())?
    } else {
        mismatches.iter().find(|one| one.part == StatementPart::Principal)?
    };
    Some((index, describe(statement, worst, request, caller)))
}

/// A statement about somebody else is farther away than one that lacks an action, which is
/// farther than one whose condition fails. Of statements about somebody else those come nearest
/// that may mean the caller: they name its role without the path, another role of its account,
/// or the service in place of the service-linked role.
fn distance(statement: &Statement, mismatches: &[Mismatch], request: &Request) -> usize {
    mismatches
        .iter()
        .map(|one| match one.part {
            StatementPart::Principal if may_mean(statement, request) => 90,
            StatementPart::Principal => 100,
            StatementPart::Action => 30,
            StatementPart::Resource => 10,
            StatementPart::Condition(_) | StatementPart::Doubt(_) => 1,
        })
        .sum()
}

/// Whether a principal that does not match looks as if the caller was meant.
fn may_mean(statement: &Statement, request: &Request) -> bool {
    let Some(principal) = &statement.principal else { return false };
    let account = request.caller.account.as_deref();
    principal.terms.iter().filter_map(|term| Some((term.kind, term.term.text.known()?))).any(
        |(kind, text)| match kind {
            PrincipalKind::Service => text.starts_with("backup."),
            _ => account.is_some_and(|account| text.contains(account)),
        },
    )
}

fn describe(
    statement: &Statement,
    mismatch: &Mismatch,
    request: &Request,
    caller: &str,
) -> NearMiss {
    let action = &request.action.text;
    match &mismatch.part {
        StatementPart::Principal => NearMiss {
            reason: reasons::NO_STATEMENT.name,
            span: mismatch.span,
            note: format!("does not name {caller}"),
        },
        StatementPart::Action => NearMiss {
            reason: reasons::MISSING_ACTION.name,
            span: mismatch.span,
            note: format!("`{action}` is not among these"),
        },
        StatementPart::Resource => NearMiss {
            reason: reasons::OTHER_RESOURCE.name,
            span: mismatch.span,
            note: format!("is not `{}`", request.resource),
        },
        StatementPart::Condition(index) => match statement.conditions.get(*index) {
            Some(condition) => NearMiss {
                reason: reasons::CONDITION_FAILS.name,
                span: value_span(condition),
                note: value_note(condition, request, caller),
            },
            None => NearMiss {
                reason: reasons::CONDITION_FAILS.name,
                span: mismatch.span,
                note: "this condition fails".to_owned(),
            },
        },
        StatementPart::Doubt(doubt) => NearMiss {
            reason: reasons::AMBIGUOUS.name,
            span: mismatch.span,
            note: doubt.kind.to_string(),
        },
    }
}

/// What is underlined of a statement that decides: its Sid, or its effect where it has none.
pub(crate) fn statement_span(policy: &Policy, reference: &StatementRef) -> Span {
    policy.statements.get(reference.statement).map_or(reference.span, name_span)
}

/// The same of a statement at hand.
pub(crate) fn name_span(statement: &Statement) -> Span {
    statement.sid.as_ref().map_or(statement.effect_span, |sid| sid.span)
}

/// The values of a condition, or its key where it has none.
pub(crate) fn value_span(condition: &Condition) -> Span {
    match condition.values.as_slice() {
        [only] => only.span,
        [first, .., last] => first.span.to(last.span),
        [] => condition.key_span,
    }
}

fn value_note(condition: &Condition, request: &Request, caller: &str) -> String {
    let key = condition.key.to_string();
    match request.context.value(&key) {
        ContextValue::Known(value) if key.eq_ignore_ascii_case("aws:PrincipalOrgID") => {
            format!("{caller} is in `{value}`")
        }
        ContextValue::Known(value) => format!("`{key}` is `{value}` in this call"),
        ContextValue::Many(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            format!("`{key}` is {} in this call", values.join(", "))
        }
        ContextValue::Absent => format!("this call does not carry `{key}`"),
        ContextValue::Present | ContextValue::Unknown => {
            format!("`{key}` is not known for this call")
        }
    }
}

/// Adds labels and help for a decision that depends: the conditions on keys that are not known,
/// or the statements that can be read in two ways.
pub(crate) fn add_open(
    mut outcome: Outcome,
    filled: &Filled<'_>,
    policy: &Policy,
    decision: &Decision,
) -> Outcome {
    for Dependency { on, statements } in &decision.depends_on {
        for reference in statements.iter().filter(|reference| is_of(reference, policy)) {
            let (span, note) = open_place(policy, on, reference);
            outcome = outcome.label(filled.label(span, note));
        }
    }
    help_with_keys(outcome.hangs_on(decision))
}

/// Says what can be done where a decision hangs on keys that are not known.
pub(crate) fn help_with_keys(outcome: Outcome) -> Outcome {
    if outcome.help.is_some() || outcome.depends_on.is_empty() {
        return outcome;
    }
    let keys: Vec<String> = outcome.depends_on.iter().map(|key| format!("`{key}`")).collect();
    outcome.help(format!(
        "AWS does not say what {} is in the calls of a copy: leave the condition out for this caller, or \
         use a key that is known, such as `aws:PrincipalArn` or `aws:PrincipalOrgID`",
        keys.join(", ")
    ))
}

fn is_of(reference: &StatementRef, policy: &Policy) -> bool {
    policy
        .statements
        .get(reference.statement)
        .is_some_and(|statement| statement.span == reference.span)
}

/// Where in a policy a decision stays open, and why.
pub(crate) fn open_place(policy: &Policy, on: &Open, reference: &StatementRef) -> (Span, String) {
    let statement = policy.statements.get(reference.statement);
    match on {
        Open::Key(key) => {
            let condition = statement.and_then(|statement| {
                statement
                    .conditions
                    .iter()
                    .find(|one| one.key.to_string().eq_ignore_ascii_case(key))
            });
            let span = condition
                .map_or(reference.span, |condition| condition.key_span.to(value_span(condition)));
            (span, format!("what `{key}` is in this call is not known"))
        }
        Open::Reading(_, why) => {
            let span = statement.map_or(reference.span, |statement| match &statement.principal {
                Some(principal) if principal.negated => principal.key_span,
                _ => statement.span,
            });
            (span, why.to_string())
        }
        Open::Policy(_) | Open::Policies(_) | Open::Account | Open::Resource => {
            (reference.span, "what decides is not known".to_owned())
        }
    }
}

/// An outcome that depends, where the documents that would tell the condition keys were not read:
/// they are what is missing, and reading them helps. Without such documents it stays as it is.
pub(crate) fn name_unread(mut outcome: Outcome, missing: Vec<Missing>) -> Outcome {
    if missing.is_empty() {
        return outcome;
    }
    let keys: Vec<String> = outcome.depends_on.iter().map(|key| format!("`{key}`")).collect();
    outcome.reason = Some(reasons::DOCUMENT_MISSING.name);
    outcome.message = format!("{}: what tells {} was not read", outcome.message, keys.join(", "));
    outcome.help = None;
    outcome.missing.extend(missing);
    outcome
}

/// The reason of an undecided outcome: a key that is not known, or a policy that is not clear.
pub(crate) fn open_reason(decision: &Decision) -> &'static str {
    let on_key = decision.depends_on.iter().any(|dependency| matches!(dependency.on, Open::Key(_)));
    if on_key { reasons::UNKNOWN_KEY.name } else { reasons::AMBIGUOUS.name }
}
