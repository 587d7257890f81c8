//! `ForAllValues` does not let in requests that lack the key.

use copy_preflight_policy::iam::condition::{Base, SetOperator};
use copy_preflight_policy::iam::{Condition, Effect, Statement};

use crate::lint::{DocumentKind, DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "`ForAllValues` in an Allow holds where the request lacks the key",
    reason_lists: &[&[
        Reason { name: "single-valued", meaning: "the key has one value, so a set operator only lets in requests without it" },
        Reason { name: "refused-by-kms", meaning: "KMS refuses `ForAllValues` with this key" },
        Reason { name: "several-values", meaning: "the key has several values, and requests without it come in" },
    ]],
    facts: &["policy-language-set-operators", "policy-language-set-operators-kms"],
    page: include_str!("for_all_values_of_missing_key.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let refused: Vec<String> = view
        .facts
        .row("policy-language-set-operators-kms")
        .map(|row| row.strings("keys").map(str::to_ascii_lowercase).collect())
        .unwrap_or_default();
    let mut found = Vec::new();
    for (statement, condition) in view.conditions() {
        let for_all = condition.operator.set == Some(SetOperator::ForAllValues);
        let Some(key) = view.key(condition).filter(|_| for_all) else { continue };
        let told = |reason, message: String, help: &str| {
            let outcome = Outcome::broken(reason, message);
            outcome
                .label(view.label(condition.operator_span, "holds where the key is missing"))
                .label(view.label(condition.key_span, "may be missing"))
                .help(help)
        };
        let folded = condition.folded_key();
        let by_kms = refused.iter().any(|begin| folded.starts_with(begin.as_str()));
        if view.is(DocumentKind::KeyPolicy) && by_kms {
            let message = format!("KMS refuses `ForAllValues` with `{}`", key.name);
            found.push(told("refused-by-kms", message, "leave the set operator out"));
            continue;
        }
        if statement.effect != Effect::Allow || is_asked_for(statement, condition) {
            continue;
        }
        let message = format!("a request without `{}` is let in", key.name);
        found.push(match key.multivalued {
            false => told("single-valued", message, "the key has one value: leave `ForAllValues:` out"),
            true => told(
                "several-values",
                message,
                "write `ForAnyValue:`, or ask for the key with `\"Null\": {KEY: \"false\"}` besides",
            ),
        });
    }
    found
}

/// Whether another condition of the statement asks for the key.
fn is_asked_for(statement: &Statement, condition: &Condition) -> bool {
    statement.conditions.iter().any(|other| {
        other.folded_key() == condition.folded_key()
            && other.operator.base == Base::Null
            && other.values.iter().all(|value| value.text.known() == Some("false"))
    })
}
