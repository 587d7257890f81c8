//! The Sids of a resource policy are unique.

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
    let sids = view.statements().iter().filter_map(|one| one.sid.as_ref());
    let empty = sids.filter(|sid| sid.text.known() == Some("")).map(|sid| {
        let outcome = Outcome::broken("empty", "the Sid is empty");
        outcome.label(view.label(sid.span, "name it or leave it out"))
    });
    empty.chain(view.repeated_sids("stands-twice")).collect()
}
