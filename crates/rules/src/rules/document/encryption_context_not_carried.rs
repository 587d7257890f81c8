//! An action beside others carries the encryption context that is asked for.

use crate::lint::conditions::{is_beside_others, strangers, when_missing};
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Suggestion,
    summary: "an action beside others never carries the encryption context, so the statement does nothing for it",
    reason_lists: &[&[
        Reason { name: "never-carried", meaning: "the action never carries an encryption context" },
    ]],
    facts: &["policy-language-missing-keys"],
    page: include_str!("encryption_context_not_carried.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (statement, condition) in view.conditions() {
        let Some(key) =
            view.key(condition).filter(|_| is_beside_others(view, statement, condition))
        else {
            continue;
        };
        let Some(first) = strangers(view, statement, key).next() else { continue };
        if when_missing(condition) != Some(false) {
            continue;
        }
        let message = format!(
            "`{}` never carries an encryption context: this does nothing for it",
            first.text
        );
        let outcome = Outcome::broken("never-carried", message);
        let outcome = outcome.label(view.label(first.span, "never carries it"));
        let outcome = outcome.label(view.label(condition.key_span, "asked for here"));
        let certainty = view.facts.certainty(&key.fact);
        let help =
            "put the action into a statement of its own, or leave it out where it is not needed";
        found.push(outcome.help(help).rests_on(&key.fact, certainty));
    }
    found
}
