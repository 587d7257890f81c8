//! The policy names its version, without which variables are plain text.

use copy_preflight_policy::iam::document::Version;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "the policy names no current version, so its variables are plain text",
    reason_lists: &[&[
        Reason { name: "absent", meaning: "the policy has no Version" },
        Reason { name: "variables-are-text", meaning: "a variable stands in a policy that does not read variables" },
    ]],
    facts: &["policy-language-version"],
    page: include_str!("version_missing.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(policy) = view.policy() else { return Vec::new() };
    // What was not read may hold the version.
    if policy.version != Version::V2008 || policy.doubt.is_some() {
        return Vec::new();
    }
    let values = view.conditions().flat_map(|(_, condition)| &condition.values);
    let resources = view.statements().iter().filter_map(|one| one.resource.as_ref());
    let terms = resources.flat_map(|element| &element.terms).chain(values);
    let variables: Vec<_> = terms.filter(|term| term.variables).collect();
    if let Some(first) = variables.first() {
        let message = "without `\"Version\": \"2012-10-17\"` a variable is plain text";
        let outcome = Outcome::broken("variables-are-text", message);
        return vec![
            outcome
                .label(view.label(first.span, "compared letter by letter"))
                .help("write `\"Version\": \"2012-10-17\"` at the beginning of the policy"),
        ];
    }
    if view.document.root.member("Version").is_some() {
        return Vec::new();
    }
    let message = "the policy has no `Version`";
    let help = "write `\"Version\": \"2012-10-17\"`; without it a variable would be plain text";
    let outcome = Outcome::broken("absent", message);
    vec![outcome.label(view.label(view.opening(), "no `Version`")).help(help)]
}
