//! An element does not stand beside its negation.

use copy_preflight_policy::iam::document::ProblemKind;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a statement has both an element and its negation",
    reason_lists: &[&[
        Reason { name: "both", meaning: "the statement has an element and its negation" },
    ]],
    facts: &["policy-language-grammar"],
    page: include_str!("element_conflict.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.problems();
    problems
        .iter()
        .filter(|problem| matches!(problem.kind, ProblemKind::BothElements(..)))
        .map(|problem| {
            Outcome::broken("both", problem.kind.to_string())
                .label(view.label(problem.span, "the second of the two"))
                .help("keep one; where both are meant, write two statements")
        })
        .collect()
}
