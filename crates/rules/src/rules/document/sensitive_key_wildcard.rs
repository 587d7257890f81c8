//! Keys that bound who comes in are spelled out.

use copy_preflight_policy::iam::condition::Base;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "a wildcard or variable stands in a key that bounds who comes in",
    reason_lists: &[&[
        Reason { name: "wildcard", meaning: "the value holds a wildcard" },
        Reason { name: "variable", meaning: "the value holds a variable, which can act as a wildcard" },
    ]],
    facts: &["policy-language-sensitive-keys"],
    page: include_str!("sensitive_key_wildcard.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        let Some(key) = view.key(condition).filter(|key| key.sensitive) else { continue };
        if matches!(condition.operator.base, Base::Null | Base::Unknown | Base::Open) {
            continue;
        }
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            let (reason, what, note) = match (text.contains(['*', '?']), value.variables) {
                (_, true) => ("variable", "variable", "what it stands for may hold a wildcard"),
                // Under other operators it is told that the wildcard is none.
                (true, _) if condition.operator.base == Base::StringLike => {
                    ("wildcard", "wildcard", "matches more than one")
                }
                _ => continue,
            };
            let message = format!("`{}` takes no {what}: `{text}` holds one", key.name);
            let outcome = Outcome::broken(reason, message);
            let outcome = outcome.label(view.label(value.span, note));
            found.push(outcome.help("list each value, with `StringEquals`"));
        }
    }
    found
}
