//! An element holds a value of a type that it can have.

use copy_preflight_policy::iam::document::{Problem, ProblemKind};

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an element holds a value of a type that it cannot have",
    reason_lists: &[&[
        Reason { name: "wrong-type", meaning: "the value is of another type" },
        Reason { name: "not-an-object", meaning: "the policy is not an object" },
        Reason { name: "bare-number", meaning: "an account id stands without quotes where text belongs" },
    ]],
    facts: &["policy-language-grammar", "policy-language-unquoted-numbers"],
    page: include_str!("wrong_type.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let problems = view.problems();
    let told = |problem: &Problem| {
        let (reason, help) = match problem.kind {
            ProblemKind::NotAnObject(_) => ("not-an-object", None),
            ProblemKind::WrongType("Principal", "a number") => {
                ("bare-number", Some("an account id stands in quotes"))
            }
            ProblemKind::WrongType("Condition", _) => (
                "wrong-type",
                Some("a condition is `{\"OPERATOR\": {\"KEY\": VALUE or [VALUES]}}`"),
            ),
            ProblemKind::WrongType(..) => ("wrong-type", None),
            _ => return None,
        };
        let outcome = Outcome::broken(reason, problem.kind.to_string())
            .label(view.label(problem.span, "this value"));
        Some(match help {
            Some(help) => outcome.help(help),
            None => outcome,
        })
    };
    problems.iter().filter_map(told).collect()
}
