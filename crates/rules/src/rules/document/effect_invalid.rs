//! An effect is `Allow` or `Deny`.

use copy_preflight_policy::iam::document::{Problem, ProblemKind};

use crate::lint::{DocumentView, IAM};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an effect is neither `Allow` nor `Deny` in this spelling",
    reason_lists: &[&[
        Reason { name: "no-such-effect", meaning: "the effect does not exist in this spelling" },
    ]],
    facts: &["policy-language-case"],
    page: include_str!("effect_invalid.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.problems();
    let told = |problem: &Problem| {
        let ProblemKind::InvalidEffect(found) = &problem.kind else { return None };
        let outcome = Outcome::broken("no-such-effect", problem.kind.to_string())
            .label(view.label(problem.span, "no effect"));
        let meant = near(found, ["Allow", "Deny"]);
        let Some(meant) = meant.first() else { return Some(outcome) };
        Some(view.did_you_mean(outcome, problem.span, meant))
    };
    problems.iter().filter_map(told).collect()
}
