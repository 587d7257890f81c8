//! The text is JSON.

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &DocumentKind::ALL,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the text is not JSON, so no service takes it",
    reason_lists: &[&[
        Reason { name: "not-json", meaning: "the text breaks a rule of JSON" },
    ]],
    facts: &["policy-language-grammar"],
    page: include_str!("json_syntax.md"),
}

/// More mistakes than this in one document are told by their number.
const TOLD: usize = 10;

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.document.problems.iter().filter(|problem| problem.kind.is_syntax());
    let more = problems.clone().count().saturating_sub(TOLD);
    let mut found: Vec<Outcome> = problems
        .take(TOLD)
        .map(|problem| {
            let outcome = Outcome::broken("not-json", problem.to_string())
                .label(view.label(problem.span, "here"));
            match problem.related {
                Some(related) => outcome.label(view.label(related, "because of this")),
                None => outcome,
            }
        })
        .collect();
    if let Some(last) = found.last_mut().filter(|_| more > 0) {
        last.help = Some(format!("{more} more mistakes stand behind this one"));
    }
    found
}
