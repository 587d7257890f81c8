//! A resource policy names actions of its own service.

use crate::lint::catalogue::catalogue;
use crate::lint::view::listed;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy, DocumentKind::TrustPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the policy of a resource names an action of another service, which has no effect there",
    reason_lists: &[&[
        Reason { name: "other-service", meaning: "the action is of another service" },
    ]],
    facts: &["policy-language-actions-of-other-services"],
    page: include_str!("action_of_other_service.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let own = match view.kind() {
        DocumentKind::KeyPolicy => "kms",
        DocumentKind::VaultPolicy => "backup",
        _ => "sts",
    };
    let mut found = Vec::new();
    for statement in view.statements() {
        for term in listed(statement.action.as_ref()) {
            let Some((service, _)) = term.text.known().and_then(|text| text.split_once(':')) else {
                continue;
            };
            let exists = catalogue().has_service(&service.to_ascii_lowercase());
            if service.eq_ignore_ascii_case(own) || !exists {
                continue;
            }
            let text = &term.text;
            let message = format!("`{text}` has no effect in {}", view.kind().phrase());
            let help =
                format!("only actions of `{own}` concern this resource; {}", elsewhere(view));
            let outcome = Outcome::broken("other-service", message);
            found.push(outcome.label(view.label(term.span, "of another service")).help(help));
        }
    }
    found
}

fn elsewhere(view: &DocumentView<'_>) -> &'static str {
    match view.kind() {
        DocumentKind::KeyPolicy => {
            "copies into a vault are allowed by the access policy of the vault"
        }
        DocumentKind::VaultPolicy => "the use of a key is allowed by the policy of the key",
        _ => "what the role may do stands in its own policies",
    }
}
