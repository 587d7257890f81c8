//! Nobody may do what a copy does who could not before.

use crate::facts::{Facts, StepResource};
use crate::lint::{DocumentKind, DocumentView, Probe, Reach, Reached};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::change_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "the change lets somebody do what copies do who could not before",
    reason_lists: &[&[
        Reason { name: "everybody", meaning: "every account can now do it" },
        Reason { name: "organization", meaning: "every account of an organization can now do it" },
        Reason { name: "account", meaning: "an account can now do it" },
        Reason { name: "principal", meaning: "a role or user can now do it" },
        Reason { name: "service", meaning: "a service can now do it" },
        Reason { name: "may-be-allowed", meaning: "whether somebody can now do it hangs on a value that is not known" },
    ]],
    facts: &[PUBLIC, PRINCIPALS, SERVICES],
    page: include_str!("principal_newly_allowed.md"),
}

const PUBLIC: &str = "policy-language-public-access";
const PRINCIPALS: &str = "policy-language-principals";
const SERVICES: &str = "policy-language-service-principals";

fn check(before: Option<&DocumentView<'_>>, after: &DocumentView<'_>) -> Vec<Outcome> {
    let actions = actions(after.facts, after.kind());
    let reached = Reached::newly(before, after, &actions);
    reached.iter().map(|one| outcome(after, one)).collect()
}

/// What copies do with what the policy stands on, as the facts on their steps have it.
fn actions(facts: &Facts, kind: DocumentKind) -> Vec<String> {
    let of_kind = |resource: StepResource| match kind {
        DocumentKind::VaultPolicy => resource == StepResource::DestinationVault,
        DocumentKind::KeyPolicy => matches!(
            resource,
            StepResource::SourceKey
                | StepResource::DestinationKey
                | StepResource::AirGappedSourceKey
                | StepResource::AirGappedDestinationKey
        ),
        _ => false,
    };
    let mut actions: Vec<String> = Vec::new();
    for step in facts.steps().iter().filter(|step| of_kind(step.resource)) {
        for action in &step.actions {
            if !actions.contains(action) {
                actions.push(action.clone());
            }
        }
    }
    actions
}

fn outcome(after: &DocumentView<'_>, reached: &Reached) -> Outcome {
    let (reason, who, fact) = match &reached.probe {
        Probe::Everybody => ("everybody", "every account (`*`)".to_owned(), PUBLIC),
        Probe::Organization(id) => ("organization", format!("every account of `{id}`"), PRINCIPALS),
        Probe::Account(id) => ("account", format!("account {id}"), PRINCIPALS),
        Probe::Principal { arn, .. } => ("principal", format!("`{arn}`"), PRINCIPALS),
        Probe::Service(name) => ("service", format!("`{name}`"), SERVICES),
    };
    let actions: Vec<String> = reached.actions.iter().map(|one| format!("`{one}`")).collect();
    let actions = actions.join(", ");
    let before = match reached.before {
        Reach::No => "could not before",
        Reach::Open => "perhaps could not before",
        Reach::Conditional | Reach::Yes => "before only under conditions",
    };
    let outcome = match reached.after {
        Reach::Open | Reach::No => Outcome::undecided(
            "may-be-allowed",
            format!("whether {who} can now do {actions} cannot be told; it {before}"),
        ),
        Reach::Conditional => Outcome::broken(
            reason,
            format!(
                "{who} can now do {actions} where the statement's conditions hold, and {before}"
            ),
        ),
        Reach::Yes => Outcome::broken(reason, format!("{who} can now do {actions}, and {before}")),
    };
    let note = match reached.after {
        Reach::Open | Reach::No => "this may allow it",
        _ => "this statement allows it",
    };
    let outcome = reached
        .places
        .iter()
        .fold(outcome, |outcome, place| outcome.label(after.label(*place, note)));
    let outcome = outcome.rests_on(fact, after.facts.certainty(fact));
    outcome.help("where that is meant, nothing is to be done; else name whom the copies need")
}
