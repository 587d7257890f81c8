//! The elements of a policy are those of the grammar.

use copy_preflight_policy::iam::document::ProblemKind;

use crate::lint::{DocumentView, IAM};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a policy or statement has an element that the grammar does not know, or cannot have in this kind of policy",
    reason_lists: &[&[
        Reason { name: "no-such-element", meaning: "the grammar has no element of this name" },
        Reason { name: "not-in-this-policy", meaning: "the element cannot stand in this kind of policy" },
    ]],
    facts: &["policy-language-grammar", "policy-language-resource-policy-principal"],
    page: include_str!("unknown_element.md"),
}

const OF_POLICIES: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(policy) = view.policy() else { return Vec::new() };
    let unknown = policy.problems.iter().filter_map(|problem| {
        let ProblemKind::UnknownElement(name) = &problem.kind else { return None };
        let known = OF_POLICIES.into_iter().chain(OF_STATEMENTS);
        let outcome = Outcome::broken("no-such-element", problem.kind.to_string())
            .label(view.label(problem.span, "not known"));
        let meant = near(name, known);
        let Some(meant) = meant.first() else { return Some(outcome) };
        Some(view.did_you_mean(outcome, problem.span, meant))
    });
    let misplaced = view.statements().iter().filter_map(|statement| {
        let principal = statement.principal.as_ref().filter(|_| !view.kind().has_principal())?;
        let name = if principal.negated { "NotPrincipal" } else { "Principal" };
        let message = format!("{} has no `{name}`", view.kind().phrase());
        let outcome = Outcome::broken("not-in-this-policy", message)
            .label(view.label(principal.key_span, "cannot stand here"));
        Some(
            outcome.help("such a policy is about whoever it is attached to; leave the element out"),
        )
    });
    unknown.chain(misplaced).collect()
}
