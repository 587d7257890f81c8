//! No object of a document holds a key twice.

use copy_preflight_policy::iam::document::ProblemKind;
use copy_preflight_policy::source::Span;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &DocumentKind::ALL,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an object holds the same key twice, and AWS does not say which one counts",
    reason_lists: &[&[
        Reason { name: "same-key", meaning: "a key stands twice in one object" },
        Reason { name: "same-condition-key", meaning: "two condition keys of one operator differ in case alone" },
    ]],
    facts: &["policy-language-duplicate-members"],
    page: include_str!("duplicate_member.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let told = |reason, message: String, span, first: Option<Span>| {
        let outcome = Outcome::broken(reason, message).label(view.label(span, "again"));
        match first {
            Some(first) => outcome.label(view.label(first, "first here")),
            None => outcome,
        }
        .help("keep one of the two; JSON readers differ in which one they drop")
    };
    match view.policy() {
        Some(policy) => policy
            .problems
            .iter()
            .filter_map(|problem| {
                let reason = match problem.kind {
                    ProblemKind::DuplicateMember(_) => "same-key",
                    ProblemKind::DuplicateConditionKey(_) => "same-condition-key",
                    _ => return None,
                };
                Some(told(reason, problem.kind.to_string(), problem.span, problem.related))
            })
            .collect(),
        None => {
            let problems = view.document.problems.iter();
            let duplicates = problems.filter(|problem| problem.kind.is_duplicate());
            duplicates
                .map(|problem| told("same-key", problem.to_string(), problem.span, problem.related))
                .collect()
        }
    }
}
