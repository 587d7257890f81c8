//! Only operators that read wildcards have them.

use crate::lint::conditions::is_dead_literal;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a wildcard stands under an operator that compares letter by letter",
    reason_lists: &[&[
        Reason { name: "never-matches", meaning: "no value holds an asterisk, so the condition never holds" },
        Reason { name: "always-matches", meaning: "no value holds an asterisk, so the negated condition always holds" },
    ]],
    facts: &["policy-language-operators"],
    page: include_str!("wildcard_without_like.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        let operator = condition.operator;
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            if !is_dead_literal(condition, value) {
                continue;
            }
            let (reason, end) = match operator.negated {
                true => ("always-matches", "so this always holds"),
                false => ("never-matches", "so this never holds"),
            };
            let like = if operator.negated { "StringNotLike" } else { "StringLike" };
            let message = format!("`{text}` is compared letter by letter, {end}");
            let outcome = Outcome::broken(reason, message);
            let outcome = outcome.label(view.label(value.span, "the asterisk is no wildcard here"));
            let outcome = outcome
                .label(view.label(condition.operator_span, format!("`{like}` reads wildcards")));
            found.push(outcome.help(format!("write `{like}`, or for ARNs `ArnLike`")));
        }
    }
    found
}
