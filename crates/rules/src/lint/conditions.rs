//! What a condition comes to, whatever the request.

use copy_preflight_policy::iam::condition::{Base, SetOperator};
use copy_preflight_policy::iam::{Condition, Statement, Term};

use super::catalogue::KnownAction;
use super::keys::KnownKey;
use super::view::DocumentView;

/// What the condition gives where the request lacks its key; `None` where that is not plain.
pub(crate) fn when_missing(condition: &Condition) -> Option<bool> {
    let operator = condition.operator;
    match (operator.base, operator.set) {
        (Base::Unknown | Base::Open, _) => None,
        (Base::Null, None) => {
            let absent = |value: &Term| value.text.known() == Some("true");
            (!condition.values.is_empty()).then(|| condition.values.iter().all(absent))
        }
        (Base::Null, Some(SetOperator::ForAllValues)) => Some(true),
        (Base::Null, Some(SetOperator::ForAnyValue)) => Some(false),
        (_, Some(SetOperator::ForAllValues)) => Some(true),
        (_, Some(SetOperator::ForAnyValue)) => (!operator.if_exists).then_some(false),
        _ => Some(operator.negated || operator.if_exists),
    }
}

/// The values of `Action` that stand only for actions that never carry the key.
pub(crate) fn strangers<'s, 'a>(
    view: &'s DocumentView<'a>,
    statement: &'a Statement,
    key: &'s KnownKey,
) -> impl Iterator<Item = &'a Term> + use<'s, 'a> {
    let never = |actions: &[&KnownAction]| actions.iter().all(|one| !key.goes_with(&one.action));
    view.spelled_actions(statement).filter(move |(_, actions)| never(actions)).map(|(term, _)| term)
}

/// Whether the condition asks for an encryption context of actions of which some carry one.
pub(crate) fn is_beside_others(
    view: &DocumentView<'_>,
    statement: &Statement,
    condition: &Condition,
) -> bool {
    let context = condition.folded_key().starts_with("kms:encryptioncontext");
    let Some(key) = view.key(condition).filter(|_| context) else { return false };
    strangers(view, statement, key).count() < super::view::listed(statement.action.as_ref()).len()
}

/// Whether no action that the statement spells out can carry the condition's key, and it spells
/// out all of them.
fn is_never_carried(view: &DocumentView<'_>, statement: &Statement, condition: &Condition) -> bool {
    let Some(key) = view.key(condition) else { return false };
    let listed = super::view::listed(statement.action.as_ref()).len();
    listed > 0 && strangers(view, statement, key).count() == listed
}

/// Whether a text is compared letter by letter although it holds an asterisk, which no value of
/// keys of AWS does.
pub(crate) fn is_dead_literal(condition: &Condition, value: &Term) -> bool {
    let literal =
        matches!(condition.operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase);
    literal
        && !may_hold_asterisks(condition)
        && value.text.known().is_some_and(|text| {
            // `${*}` is an asterisk that is meant.
            text.replace("${*}", "").contains('*')
        })
}

/// Keys whose values come from outside AWS and may hold any character.
fn may_hold_asterisks(condition: &Condition) -> bool {
    let key = condition.folded_key();
    key.is_empty()
        || matches!(key, "aws:useragent" | "aws:referer")
        || key.starts_with("kms:encryptioncontext:")
        || !["aws:", "kms:", "backup:"].iter().any(|service| key.starts_with(service))
}

/// Why a condition holds for every request of its statement; `None` where it may fail.
pub(crate) fn always_holds(
    view: &DocumentView<'_>,
    statement: &Statement,
    condition: &Condition,
) -> Option<&'static str> {
    let operator = condition.operator;
    if operator.base == Base::Null && operator.set == Some(SetOperator::ForAllValues) {
        return Some("`ForAllValues:Null` is always true");
    }
    if is_never_carried(view, statement, condition) && when_missing(condition) == Some(true) {
        return Some("the actions never carry the key, and the operator holds where it is missing");
    }
    let dead = !condition.values.is_empty()
        && condition.values.iter().all(|value| is_dead_literal(condition, value));
    if dead && operator.negated && operator.set != Some(SetOperator::ForAnyValue) {
        return Some("no value equals a text with an asterisk");
    }
    let anything = operator.base == Base::StringLike
        && operator.if_exists
        && !operator.negated
        && condition.values.iter().any(|value| value.text.known() == Some("*"));
    anything.then_some("`*` is every value, and a missing key is enough")
}
