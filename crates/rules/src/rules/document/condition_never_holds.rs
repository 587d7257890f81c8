//! A condition can hold for the principals and actions of its statement.

use copy_preflight_policy::iam::condition::{Base, SetOperator};
use copy_preflight_policy::iam::principal::PrincipalKind;
use copy_preflight_policy::iam::{Condition, Effect, Statement, Term};

use crate::lint::view::{account_in, account_of_principal, is_everybody, principals};
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a condition never holds for whom and what the statement is about",
    reason_lists: &[&[
        Reason { name: "contradicts-principal", meaning: "the condition asks for another account than the principals are of" },
        Reason { name: "not-with-principal", meaning: "the principals never carry the key" },
        Reason { name: "never-true", meaning: "the operator never holds" },
        Reason { name: "contradicts-condition", meaning: "two conditions on one key exclude each other" },
    ]],
    facts: &["policy-language-missing-keys", "organization-key-caller-account", "policy-language-null-with-set-operator"],
    page: include_str!("condition_never_holds.md"),
}

/// Keys that hold the account of the caller.
const ACCOUNT: [&str; 2] = ["kms:calleraccount", "aws:principalaccount"];
/// Keys that only a call of a service principal carries, on behalf of somebody.
const OF_SERVICES: [&str; 4] =
    ["aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalservicename"];
/// Keys that a call of a service principal never carries: it has no account and no organization.
const OF_CALLERS: [&str; 5] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principaltag/",
    "aws:principaltype",
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.statements().iter().flat_map(|statement| judge(view, statement)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement) -> Vec<Outcome> {
    let does = match statement.effect {
        Effect::Allow => "allows nobody",
        Effect::Deny => "denies nobody",
        Effect::Unknown => return Vec::new(),
    };
    let mut found = Vec::new();
    for (index, condition) in statement.conditions.iter().enumerate() {
        let outcome = never_true(view, condition, does)
            .or_else(|| by_account(view, statement, condition, does))
            .or_else(|| by_kind(view, statement, condition, does))
            .or_else(|| by_other(view, statement.conditions.get(..index)?, condition, does));
        found.extend(outcome);
    }
    found
}

fn is_positive(condition: &Condition) -> bool {
    let operator = condition.operator;
    !operator.negated
        && !operator.if_exists
        && operator.set != Some(SetOperator::ForAllValues)
        && !matches!(operator.base, Base::Null | Base::Unknown | Base::Open)
}

fn never_true(view: &DocumentView<'_>, condition: &Condition, does: &str) -> Option<Outcome> {
    let never = condition.operator.base == Base::Null
        && condition.operator.set == Some(SetOperator::ForAnyValue);
    never.then(|| {
        let message = format!("`ForAnyValue:Null` is never true, so the statement {does}");
        let outcome = Outcome::broken("never-true", message);
        outcome.label(view.label(condition.operator_span, "never true")).help("write `Null`")
    })
}

/// The condition names accounts, none of which the principals are of.
fn by_account(
    view: &DocumentView<'_>,
    statement: &Statement,
    condition: &Condition,
    does: &str,
) -> Option<Outcome> {
    let key = condition.folded_key();
    let plain = ACCOUNT.contains(&key) && condition.operator.base == Base::StringEquals;
    let by_arn = key == "aws:principalarn" && condition.operator.base == Base::Arn;
    if !(plain || by_arn) || !is_positive(condition) || condition.values.is_empty() {
        return None;
    }
    let wanted: Vec<&str> = condition
        .values
        .iter()
        .map(|value| value.text.known().filter(|_| !value.variables).and_then(account_of_principal))
        .collect::<Option<_>>()?;
    let mut first = None;
    for term in principals(statement) {
        let account = account_in(term)?;
        if wanted.contains(&account) {
            return None;
        }
        first.get_or_insert((term, account));
    }
    let (term, account) = first?;
    let key = &condition.key;
    let message =
        format!("`{key}` is never `{}` for this principal: the statement {does}", wanted.first()?);
    let outcome = Outcome::broken("contradicts-principal", message);
    let outcome = outcome.label(view.label(condition.span, "another account"));
    let outcome = outcome.label(view.label(term.term.span, format!("of account `{account}`")));
    Some(outcome.help("name the same account in both, or leave the condition out"))
}

/// The key belongs to calls of another kind of principal.
fn by_kind(
    view: &DocumentView<'_>,
    statement: &Statement,
    condition: &Condition,
    does: &str,
) -> Option<Outcome> {
    if !is_positive(condition) {
        return None;
    }
    let key = condition.folded_key();
    let all = |kind: PrincipalKind| {
        let mut terms = principals(statement).peekable();
        terms.peek().is_some()
            && terms.all(|term| {
                term.kind == kind && !is_everybody(term) && term.term.text.known().is_some()
            })
    };
    let of_callers =
        OF_CALLERS.iter().any(|one| key == *one || one.ends_with('/') && key.starts_with(one));
    let (who, help) = if OF_SERVICES.contains(&key) && all(PrincipalKind::Aws) {
        (
            "only calls of service principals carry",
            "for accounts use `aws:PrincipalAccount`, for organizations `aws:PrincipalOrgID`",
        )
    } else if of_callers && all(PrincipalKind::Service) {
        (
            "calls of service principals never carry",
            "for services use `aws:SourceAccount` or `aws:SourceOrgID`",
        )
    } else {
        return None;
    };
    let message = format!("{who} `{}`: the statement {does}", condition.key);
    let first = principals(statement).next()?;
    let outcome = Outcome::broken("not-with-principal", message);
    let outcome = outcome.label(view.label(condition.key_span, "missing in the request"));
    Some(outcome.label(view.label(first.term.span, "makes the request")).help(help))
}

/// Two conditions ask one key for different values.
fn by_other(
    view: &DocumentView<'_>,
    others: &[Condition],
    condition: &Condition,
    does: &str,
) -> Option<Outcome> {
    let exact = |one: &Condition| {
        let text = matches!(
            one.operator.base,
            Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike
        );
        let plain = |value: &Term| {
            !value.variables && value.text.known().is_some_and(|text| !text.contains(['*', '?']))
        };
        let values = &one.values;
        text && is_positive(one)
            && one.operator.set.is_none()
            && !values.is_empty()
            && values.iter().all(plain)
    };
    let single = view.key(condition).is_some_and(|key| !key.multivalued);
    if !single || !is_positive(condition) || condition.operator.set.is_some() {
        return None;
    }
    let other = others.iter().find(|other| {
        other.folded_key() == condition.folded_key() && exact(other) && exact(condition)
    })?;
    let folded = |value: &Term| value.text.known().map(str::to_ascii_lowercase);
    let shares = condition
        .values
        .iter()
        .any(|value| other.values.iter().any(|other| folded(other) == folded(value)));
    (!shares).then(|| {
        let message = format!("`{}` cannot have both values: the statement {does}", condition.key);
        let outcome = Outcome::broken("contradicts-condition", message);
        let outcome = outcome.label(view.label(condition.span, "one of these"));
        let outcome = outcome.label(view.label(other.span, "and one of these"));
        outcome.help("all conditions of a statement must hold: put the values into one list")
    })
}
