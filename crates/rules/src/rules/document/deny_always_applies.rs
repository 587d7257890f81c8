//! A Deny does not fire on every request.

use crate::lint::conditions::always_holds;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a Deny has a condition that always holds, so it denies every request",
    reason_lists: &[&[
        Reason { name: "always-holds", meaning: "every condition of the statement always holds" },
    ]],
    facts: &["policy-language-missing-keys", "policy-language-null-with-set-operator"],
    page: include_str!("deny_always_applies.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.denies().filter(|one| one.doubt.is_none()) {
        let whys: Option<Vec<_>> = statement
            .conditions
            .iter()
            .map(|condition| Some((condition, always_holds(view, statement, condition)?)))
            .collect();
        let Some(whys) = whys.filter(|whys| !whys.is_empty()) else { continue };
        let message = "this Deny always fires: its condition bounds nothing";
        let mut outcome = Outcome::broken("always-holds", message)
            .label(view.label(statement.effect_span, "denies every such request"));
        for (condition, why) in whys {
            outcome = outcome.label(view.label(condition.span, format!("always holds: {why}")));
        }
        found.push(
            outcome.help("correct the condition, or remove it if every request is to be denied"),
        );
    }
    found
}
