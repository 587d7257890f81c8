//! A key or vault lets in the role of AWS Backup, not its service principal.

use copy_preflight_policy::iam::principal::PrincipalKind;

use crate::lint::view::principals;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a statement lets in the service principal of AWS Backup, which never calls here",
    reason_lists: &[&[
        Reason { name: "never-calls", meaning: "the service principal `backup.amazonaws.com` makes no such call" },
    ]],
    facts: &["policy-language-service-principal-kms"],
    page: include_str!("service_principal_for_linked_role.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.allows() {
        for term in principals(statement).filter(|term| term.kind == PrincipalKind::Service) {
            if term.term.text.known() != Some("backup.amazonaws.com") {
                continue;
            }
            let key = view.is(DocumentKind::KeyPolicy);
            let (message, help) = match key {
                true => (
                    "AWS Backup never uses a key as `backup.amazonaws.com`",
                    "let in the account, or its service-linked role `arn:aws:iam::ACCOUNT:role/\
                     aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup`; a copy across \
                     accounts is made by the one of the destination account",
                ),
                false => (
                    "copies enter a vault as the copy role of the source account, never as `backup.amazonaws.com`",
                    "let in the source account, or its copy role",
                ),
            };
            let outcome = Outcome::broken("never-calls", message);
            found.push(outcome.label(view.label(term.term.span, "lets nobody in")).help(help));
        }
    }
    found
}
