//! A Sid is one that IAM takes.

use copy_preflight_policy::source::Span;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::IdentityPolicy, DocumentKind::Scp, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a Sid is one that IAM refuses",
    reason_lists: &[&[
        Reason { name: "characters", meaning: "the Sid holds more than letters and digits" },
        Reason { name: "stands-twice", meaning: "two statements of a policy of IAM have one Sid" },
    ]],
    facts: &["policy-language-sid"],
    page: include_str!("sid_invalid.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for sid in view.statements().iter().filter_map(|one| one.sid.as_ref()) {
        let Some(text) = sid.text.known() else { continue };
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("the Sid `{text}` holds more than letters and digits");
            let outcome = Outcome::broken("characters", message);
            found.push(outcome.label(view.label(sid.span, "letters and digits only")));
        }
        match seen.iter().find(|(other, _)| *other == text && !text.is_empty()) {
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
