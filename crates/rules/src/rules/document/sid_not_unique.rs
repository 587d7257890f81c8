//! The Sids of a resource policy are unique.

use copy_preflight_policy::source::Span;

use crate::lint::{DocumentView, ON_RESOURCES};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: ON_RESOURCES,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "two statements of a policy share a Sid",
    reason_lists: &[&[
        Reason { name: "stands-twice", meaning: "two statements have one Sid" },
        Reason { name: "empty", meaning: "the Sid is empty" },
    ]],
    facts: &["policy-language-sid"],
    page: include_str!("sid_not_unique.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for sid in view.statements().iter().filter_map(|one| one.sid.as_ref()) {
        let Some(text) = sid.text.known() else { continue };
        if text.is_empty() {
            let outcome = Outcome::broken("empty", "the Sid is empty");
            found.push(outcome.label(view.label(sid.span, "name it or leave it out")));
            continue;
        }
        match seen.iter().find(|(other, _)| *other == text) {
            Some((_, first)) => {
                let message = format!("two statements have the Sid `{text}`");
                let outcome = Outcome::broken("stands-twice", message);
                let outcome = outcome.label(view.label(sid.span, "again"));
                found.push(outcome.label(view.label(*first, "first here")));
            }
            None => seen.push((text, sid.span)),
        }
    }
    found
}
