//! A key with several values is compared by a set operator.

use copy_preflight_policy::iam::condition::Base;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a key with several values is compared without `ForAnyValue` or `ForAllValues`",
    reason_lists: &[&[
        Reason { name: "no-set-operator", meaning: "the operator compares one value, the key has several" },
    ]],
    facts: &["policy-language-set-operators"],
    page: include_str!("missing_set_operator.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (statement, condition) in view.conditions() {
        let operator = condition.operator;
        let Some(key) = view.key(condition).filter(|key| key.multivalued) else { continue };
        if operator.set.is_some()
            || matches!(operator.base, Base::Null | Base::Unknown | Base::Open)
        {
            continue;
        }
        let set = match (operator.negated, statement.effect) {
            (true, _) => "ForAllValues",
            _ => "ForAnyValue",
        };
        let message = format!("`{}` has several values and needs a set operator", key.name);
        let outcome = Outcome::broken("no-set-operator", message);
        let outcome = outcome.label(view.label(condition.operator_span, "compares one value"));
        let outcome = outcome.label(view.label(condition.key_span, "has several"));
        let warn = match set {
            "ForAllValues" => "; it also holds where the key is missing",
            _ => "",
        };
        found.push(outcome.help(format!("write `{set}:` before the operator{warn}")));
    }
    found
}
