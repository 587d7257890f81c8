//! Only operators that read wildcards have them.

use copy_preflight_policy::iam::Condition;
use copy_preflight_policy::iam::condition::Base;

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
        let literal = matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase);
        if !literal || may_hold_asterisks(condition) {
            continue;
        }
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            // `${*}` is an asterisk that is meant.
            let plain = text.replace("${*}", "").replace("${?}", "");
            if !plain.contains('*') {
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

/// Keys whose values come from outside AWS and may hold any character.
fn may_hold_asterisks(condition: &Condition) -> bool {
    let key = condition.folded_key();
    key.is_empty()
        || matches!(key, "aws:useragent" | "aws:referer")
        || key.starts_with("kms:encryptioncontext:")
        || !["aws:", "kms:", "backup:"].iter().any(|service| key.starts_with(service))
}
