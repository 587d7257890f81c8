//! An action is about the resource that the policy stands on.

use crate::lint::catalogue::KnownAction;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Suggestion,
    summary: "an action is never about this resource, so it does nothing in the policy",
    reason_lists: &[&[
        Reason { name: "no-resource", meaning: "the action takes no resource, so no policy of a resource can allow it" },
        Reason { name: "other-resource", meaning: "the action is about another type of resource" },
    ]],
    facts: &["organization-key-iam-only-actions", "policy-language-catalogue"],
    page: include_str!("action_without_effect.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let (service, concerns): (&str, &[&str]) = match view.kind() {
        DocumentKind::KeyPolicy => ("kms", &["key"]),
        _ => ("backup", &["backupVault", "recoveryPoint"]),
    };
    let mut found = Vec::new();
    for statement in view.statements() {
        for (term, actions) in view.spelled_actions(statement) {
            let of_service = actions.iter().all(|one| one.action.service() == service);
            let concerned =
                |one: &&KnownAction| concerns.iter().any(|resource| one.takes(resource));
            if !of_service || actions.iter().copied().any(|one| concerned(&one)) {
                continue;
            }
            let none = actions.iter().all(|one| one.resources == Some(""));
            let (reason, why) = match none {
                true => ("no-resource", "it takes no resource"),
                false => ("other-resource", "it is about other resources"),
            };
            let text = &term.text;
            let message = format!("`{text}` does nothing in {}: {why}", view.kind().phrase());
            let outcome = Outcome::broken(reason, message);
            let help = "allow it in a policy of the role or user that calls it";
            found.push(outcome.label(view.label(term.span, "without effect here")).help(help));
        }
    }
    found
}
