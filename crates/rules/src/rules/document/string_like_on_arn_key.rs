//! ARNs are compared by the operators for ARNs.

use copy_preflight_policy::iam::Term;
use copy_preflight_policy::iam::condition::Base;

use crate::lint::keys::ValueType;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "a pattern of ARNs is compared as text, where wildcards cross the parts of the ARN",
    reason_lists: &[&[
        Reason { name: "crosses-parts", meaning: "a wildcard of the pattern can match beyond its part of the ARN" },
    ]],
    facts: &["policy-language-arn-conditions"],
    page: include_str!("string_like_on_arn_key.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        let text = condition.operator.base == Base::StringLike;
        let Some(key) = view.key(condition).filter(|key| text && key.value == ValueType::Arn)
        else {
            continue;
        };
        let Some(value) = condition.values.iter().find(|value| crosses(value)) else { continue };
        let like = if condition.operator.negated { "ArnNotLike" } else { "ArnLike" };
        let message =
            format!("a wildcard in `{}` matches across the colons of an ARN here", value.text);
        let outcome = Outcome::broken("crosses-parts", message);
        let outcome = outcome
            .label(view.label(condition.operator_span, format!("`{like}` compares part by part")));
        let outcome = outcome.label(view.label(value.span, "matches more than one part"));
        found.push(outcome.help(format!("write `{like}` for `{}`", key.name)));
    }
    found
}

/// Whether a wildcard stands before the last part of the ARN.
fn crosses(value: &Term) -> bool {
    let Some(text) = value.text.known() else { return false };
    let prefix: Vec<&str> = text.splitn(6, ':').take(5).collect();
    text != "*" && prefix.iter().any(|part| part.contains('*'))
}
