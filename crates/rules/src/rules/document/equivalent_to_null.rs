//! A condition that asks whether a key is there says so.

use copy_preflight_policy::iam::Effect;
use copy_preflight_policy::iam::condition::Base;

use crate::lint::conditions::always_holds;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Suggestion,
    summary: "a condition only asks whether a key is there, or nothing at all",
    reason_lists: &[&[
        Reason { name: "any-value", meaning: "the condition holds for any value" },
        Reason { name: "always", meaning: "the condition always holds" },
    ]],
    facts: &["policy-language-null-with-set-operator", "policy-language-operators"],
    page: include_str!("equivalent_to_null.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (statement, condition) in view.conditions() {
        let operator = condition.operator;
        // In a Deny the same is an error of its own.
        let always = always_holds(view, statement, condition);
        let by_key = view.key(condition).is_some_and(|key| key.actions().is_some());
        if let Some(why) = always.filter(|_| statement.effect == Effect::Allow && !by_key) {
            let outcome = Outcome::broken("always", format!("the condition always holds: {why}"));
            let outcome = outcome.label(view.label(condition.span, "bounds nothing"));
            found.push(outcome.help("write what it should ask, or remove it"));
            continue;
        }
        let any = operator.base == Base::StringLike
            && operator.set.is_none()
            && !operator.if_exists
            && condition.values.iter().any(|value| value.text.known() == Some("*"));
        if any {
            let (absent, end) = match operator.negated {
                true => ("true", "is missing"),
                false => ("false", "is there"),
            };
            let message = format!("the condition only asks whether `{}` {end}", condition.key);
            let outcome = Outcome::broken("any-value", message);
            let outcome = outcome.label(view.label(condition.span, "any value"));
            found.push(
                outcome.help(format!("write `\"Null\": {{\"{}\": \"{absent}\"}}`", condition.key)),
            );
        }
    }
    found
}
