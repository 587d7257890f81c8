//! A service may act on a resource for its owner alone.

use copy_preflight_policy::iam::principal::PrincipalKind;

use crate::lint::view::principals;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy, DocumentKind::ResourcePolicy],
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "a service may act on the resource for any of its customers",
    reason_lists: &[&[
        Reason { name: "no-source-condition", meaning: "no condition says for whom the service acts" },
    ]],
    facts: &["policy-language-confused-deputy"],
    page: include_str!("service_principal_unrestricted.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("policy-language-confused-deputy") else { return Vec::new() };
    let bounds: Vec<String> = row.strings("keys").map(str::to_ascii_lowercase).collect();
    let mut found = Vec::new();
    for statement in view.allows().filter(|one| one.doubt.is_none()) {
        let service = principals(statement)
            .find(|term| term.kind == PrincipalKind::Service && term.term.text.known().is_some());
        // A key that is not known may be the one that bounds, and other keys of KMS bound it too.
        let bounded = statement.conditions.iter().any(|condition| {
            let key = condition.folded_key();
            key.is_empty()
                || bounds.iter().any(|bound| bound == key)
                || key.starts_with("kms:encryptioncontext:")
                || key == "kms:calleraccount"
        });
        let Some(service) = service.filter(|_| !bounded) else { continue };
        let text = &service.term.text;
        let message = format!("`{text}` may do this for any of its customers");
        let outcome = Outcome::broken("no-source-condition", message);
        let outcome =
            outcome.label(view.label(service.term.span, "no condition on whom it acts for"));
        found.push(outcome.help(
            "add a condition: `\"StringEquals\": {\"aws:SourceAccount\": \"ACCOUNT\"}`, or \
             `aws:SourceArn` with `ArnLike`; look up which of them the service sets",
        ));
    }
    found
}
