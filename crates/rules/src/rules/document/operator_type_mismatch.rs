//! An operator compares what its key holds.

use copy_preflight_policy::iam::condition::Base;

use crate::lint::keys::ValueType;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "an operator compares another type than the key holds",
    reason_lists: &[&[
        Reason { name: "other-type", meaning: "the key holds values of another type" },
    ]],
    facts: &["policy-language-condition-values"],
    page: include_str!("operator_type_mismatch.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        let Some(key) = view.key(condition) else { continue };
        let fits = match condition.operator.base {
            Base::Numeric(_) => matches!(key.value, ValueType::Number | ValueType::Other),
            Base::Date(_) => matches!(key.value, ValueType::Date | ValueType::Other),
            Base::IpAddress => matches!(key.value, ValueType::IpAddress | ValueType::Other),
            Base::Arn => {
                matches!(key.value, ValueType::Arn | ValueType::Other) || holds_arns(&key.name)
            }
            Base::Bool => {
                matches!(key.value, ValueType::Bool | ValueType::String | ValueType::Other)
            }
            // Text operators compare anything as text; that of ARNs has a rule of its own.
            _ => true,
        };
        if fits {
            continue;
        }
        let message = format!(
            "`{}` holds {}, which this operator does not compare",
            key.name,
            key.value.words()
        );
        let outcome = Outcome::broken("other-type", message);
        let outcome = outcome.label(view.label(condition.operator_span, "another type"));
        found.push(
            outcome
                .label(view.label(condition.key_span, format!("holds {}", key.value.words())))
                .help("choose the operator by the type of the key"),
        );
    }
    found
}

/// Keys of type text whose values are ARNs, or may be.
fn holds_arns(name: &str) -> bool {
    name.contains("Principal") || name.contains("EncryptionContext") || name.contains("Tag/")
}
