//! Every condition operator exists.

use copy_preflight_policy::iam::Operator;
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
    summary: "a condition operator does not exist",
    reason_lists: &[&[
        Reason { name: "no-such-operator", meaning: "there is no such operator" },
        Reason { name: "null-if-exists", meaning: "`Null` takes no `IfExists`" },
    ]],
    facts: &["policy-language-operators"],
    page: include_str!("unknown_condition_operator.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.problems();
    let told = |problem: &Problem| {
        let ProblemKind::UnknownOperator(name) = &problem.kind else { return None };
        if name.to_ascii_lowercase().ends_with("nullifexists") {
            let message = "`Null` asks whether the key exists, so it takes no `IfExists`";
            let outcome = Outcome::broken("null-if-exists", message);
            return Some(
                outcome.label(view.label(problem.span, "no such operator")).help("write `Null`"),
            );
        }
        let outcome = Outcome::broken("no-such-operator", problem.kind.to_string())
            .label(view.label(problem.span, "never matches"));
        // A prefix and a suffix are put back as they stood.
        let (set, plain) = match name.split_once(':') {
            Some((set, plain)) => (format!("{set}:"), plain),
            None => (String::new(), name.as_str()),
        };
        let (plain, suffix) = match plain.strip_suffix("IfExists") {
            Some(plain) => (plain, "IfExists"),
            None => (plain, ""),
        };
        let meant = near(plain, Operator::names());
        let Some(meant) = meant.first().map(|meant| format!("{set}{meant}{suffix}")) else {
            return Some(outcome);
        };
        Some(view.did_you_mean(outcome, problem.span, &meant))
    };
    problems.iter().filter_map(told).collect()
}
