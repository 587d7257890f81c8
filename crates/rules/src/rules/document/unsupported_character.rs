//! A key policy holds only characters that KMS takes.

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a key policy holds a character that KMS refuses",
    reason_lists: &[&[
        Reason { name: "beyond-latin-1", meaning: "the character is not one of those that KMS takes" },
    ]],
    facts: &["policy-language-key-policy-characters"],
    page: include_str!("unsupported_character.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("policy-language-key-policy-characters") else {
        return Vec::new();
    };
    let bound = |cell: &str| row.number(cell).and_then(|code| u32::try_from(code).ok());
    let (Some(first), Some(last)) = (bound("first"), bound("last")) else { return Vec::new() };
    let refused = |one: &char| {
        !matches!(one, '\t' | '\n' | '\r') && !(first..=last).contains(&u32::from(*one))
    };
    let mut found = Vec::new();
    view.strings(|text, span| {
        if let Some(one) = text.chars().find(refused) {
            let message =
                format!("KMS takes no character U+{:04X} in a key policy", u32::from(one));
            let outcome = Outcome::broken("beyond-latin-1", message);
            found.push(outcome.label(view.label(span, "holds the character")));
        }
    });
    found
}
