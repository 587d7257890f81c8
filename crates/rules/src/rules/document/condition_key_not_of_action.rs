//! The actions of a statement carry the keys of its conditions.

use copy_preflight_policy::iam::{Condition, Effect, Statement, Term};

use crate::lint::conditions::{is_beside_others, strangers, when_missing};
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an action never carries the condition key, so the condition does not do what it seems to",
    reason_lists: &[&[
        Reason { name: "never-allowed", meaning: "the statement never allows the action" },
        Reason { name: "never-denied", meaning: "the statement never denies the action" },
        Reason { name: "always-holds", meaning: "the condition always holds for the action" },
    ]],
    facts: &["policy-language-missing-keys"],
    page: include_str!("condition_key_not_of_action.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.conditions()
        .filter_map(|(statement, condition)| judge(view, statement, condition))
        .collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement, condition: &Condition) -> Option<Outcome> {
    let key = view.key(condition)?;
    if is_beside_others(view, statement, condition) {
        return None;
    }
    let strangers: Vec<&Term> = strangers(view, statement, key).collect();
    let first = *strangers.first()?;
    let without = when_missing(condition)?;
    let (reason, end) = match (without, statement.effect) {
        (true, _) => ("always-holds", "the condition always holds for it"),
        (false, Effect::Deny) => ("never-denied", "this never denies it"),
        (false, _) => ("never-allowed", "this never allows it"),
    };
    let actions = match strangers.len() {
        1 => format!("`{}`", first.text),
        more => format!("`{}` and {} more", first.text, more - 1),
    };
    let message = format!("{actions} never carries `{}`: {end}", key.name);
    let mut outcome = Outcome::broken(reason, message)
        .label(view.label(condition.key_span, "not a key of these actions"));
    for term in strangers.iter().take(3) {
        outcome = outcome.label(view.label(term.span, "never carries it"));
    }
    let help = match key.actions() {
        Some(actions) => {
            let mut names: Vec<&str> = actions.iter().map(String::as_str).collect();
            let more = if names.len() > 5 { ", …" } else { "" };
            names.truncate(5);
            format!(
                "put the actions into a statement of their own without this condition; the key goes \
                 with {}{more}",
                names.join(", ")
            )
        }
        None => "put the actions into a statement of their own without this condition".to_owned(),
    };
    let certainty = view.facts.certainty(&key.fact);
    Some(outcome.help(help).rests_on(&key.fact, certainty))
}
