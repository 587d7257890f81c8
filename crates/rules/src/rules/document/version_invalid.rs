//! The version of the policy language exists.

use copy_preflight_policy::iam::document::{Problem, ProblemKind};

use crate::lint::{DocumentView, IAM};
use crate::outcome::Applies;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the policy names a version of the language that does not exist",
    reason_lists: &[&[
        Reason { name: "no-such-version", meaning: "there is no such version" },
    ]],
    facts: &["policy-language-version"],
    page: include_str!("version_invalid.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.problems();
    let told = |problem: &Problem| {
        let invalid = matches!(
            problem.kind,
            ProblemKind::InvalidVersion(_) | ProblemKind::WrongType("Version", _)
        );
        let fix =
            view.edit("write the current version", problem.span, "\"2012-10-17\"", Applies::Review);
        invalid.then(|| {
            Outcome::broken("no-such-version", problem.kind.to_string())
                .label(view.label(problem.span, "no version"))
                .help("the version is no date of yours: `2012-10-17` is the current one")
                .fix(fix)
        })
    };
    problems.iter().filter_map(told).collect()
}
