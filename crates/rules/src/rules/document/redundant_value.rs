//! No value of a list is covered by another.

use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{Action, Term};

use crate::lint::view::listed;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Suggestion,
    summary: "a value of a list does nothing, because another value covers it",
    reason_lists: &[&[
        Reason { name: "same", meaning: "the value stands twice" },
        Reason { name: "covered", meaning: "a wider value covers it" },
    ]],
    facts: &["policy-language-actions"],
    page: include_str!("redundant_value.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.statements() {
        found.extend(redundant(view, listed(statement.action.as_ref()), true));
        found.extend(redundant(view, listed(statement.resource.as_ref()), false));
        for condition in &statement.conditions {
            found.extend(redundant(view, condition.values.as_slice(), false));
        }
    }
    found
}

/// A list longer than this is not compared value by value.
const COMPARED: usize = 200;

fn redundant(view: &DocumentView<'_>, terms: &[Term], actions: bool) -> Vec<Outcome> {
    if terms.len() < 2 || terms.len() > COMPARED {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        let Some(text) = term.text.known() else { continue };
        let same = terms.iter().take(index).find(|other| {
            other.text.known().is_some_and(|other| match actions {
                true => other.eq_ignore_ascii_case(text),
                false => other == text,
            })
        });
        let wider = || {
            let action = (actions && !text.contains(['*', '?'])).then(|| Action::parse(text))??;
            terms.iter().find(|other| {
                other.text.known().is_some_and(|other| other.contains('*'))
                    && matches_action(other, &action).is_true()
            })
        };
        let (reason, other, note) = match same {
            Some(other) => ("same", other, "stands here already"),
            None => match wider() {
                Some(other) => ("covered", other, "covers it"),
                None => continue,
            },
        };
        let outcome = Outcome::broken(reason, format!("`{text}` adds nothing to the list"));
        let outcome = outcome.label(view.label(term.span, "does nothing"));
        found.push(outcome.label(view.label(other.span, note)).help("remove it"));
    }
    found
}
