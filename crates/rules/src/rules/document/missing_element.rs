//! A statement has the elements that it needs.

use copy_preflight_policy::iam::Statement;
use copy_preflight_policy::iam::document::ProblemKind;

use crate::lint::{DocumentKind, DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a statement lacks an element that it needs to have an effect",
    reason_lists: &[&[
        Reason { name: "no-statement", meaning: "the policy has no Statement" },
        Reason { name: "no-effect", meaning: "the statement has no Effect" },
        Reason { name: "no-principal", meaning: "the statement does not say whom it is about" },
        Reason { name: "no-action", meaning: "the statement says nothing of actions" },
        Reason { name: "no-resource", meaning: "the statement says nothing of resources" },
    ]],
    facts: &["policy-language-grammar", "policy-language-key-statement-without-effect", "policy-language-resource-policy-principal"],
    page: include_str!("missing_element.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(policy) = view.policy() else { return Vec::new() };
    // What cannot be read may be what is missing.
    if policy.doubt.as_ref().is_some_and(|doubt| doubt.kind == ProblemKind::Damaged) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for problem in &policy.problems {
        match problem.kind {
            ProblemKind::MissingElement("Statement") => {
                let message = "the policy has no `Statement`";
                let outcome = Outcome::broken("no-statement", message);
                found.push(outcome.label(view.label(problem.span, "a policy without statements")));
            }
            ProblemKind::MissingElement("Effect") => {
                let message = "the statement has no `Effect`: neither `Allow` nor `Deny`";
                let outcome = Outcome::broken("no-effect", message);
                found.push(outcome.label(view.label(problem.span, "no `Effect`")));
            }
            _ => {}
        }
    }
    for statement in policy.statements.iter().filter(|one| !one.open_elements) {
        found.extend(lacking(view, statement));
    }
    found
}

fn lacking(view: &DocumentView<'_>, statement: &Statement) -> Vec<Outcome> {
    let key = view.is(DocumentKind::KeyPolicy);
    let trust = view.is(DocumentKind::TrustPolicy);
    let told = |reason, element: &str, help: &str| {
        let message = match (key, element) {
            (true, "Action" | "Resource") => {
                format!("the statement has no `{element}`: KMS accepts it, and it does nothing")
            }
            _ => format!("the statement has no `{element}`"),
        };
        let outcome = Outcome::broken(reason, message);
        outcome.label(view.label(statement.span, format!("no `{element}`"))).help(help)
    };
    let mut found = Vec::new();
    if statement.principal.is_none() && view.kind().has_principal() {
        let help =
            "say whom it is about: `\"Principal\": {\"AWS\": \"arn:aws:iam::ACCOUNT:root\"}`";
        found.push(told("no-principal", "Principal", help));
    }
    if statement.action.is_none() {
        found.push(told("no-action", "Action", "say which actions it is about"));
    }
    // A trust policy is about the role that it stands on.
    if statement.resource.is_none() && !trust {
        let help = match key {
            true => "write `\"Resource\": \"*\"`, which is this key",
            false => "write `\"Resource\": \"*\"`, or the ARNs that it is about",
        };
        found.push(told("no-resource", "Resource", help));
    }
    found
}
