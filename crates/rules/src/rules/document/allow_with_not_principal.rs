//! What is allowed is allowed to somebody named.

use crate::lint::{DocumentView, ON_RESOURCES};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: ON_RESOURCES,
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "a statement allows everybody but those listed",
    reason_lists: &[&[
        Reason { name: "everybody-else", meaning: "the statement lets in everybody who is not listed" },
    ]],
    facts: &["policy-language-not-principal"],
    page: include_str!("allow_with_not_principal.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let negated = view.allows().filter_map(|one| one.principal.as_ref()).filter(|one| one.negated);
    negated
        .map(|principal| {
            let message = "`NotPrincipal` with `Allow` lets in everybody who is not listed";
            Outcome::broken("everybody-else", message)
                .label(view.label(principal.key_span, "everybody else, in every account"))
                .help("name whom it allows in `Principal`; AWS supports `NotPrincipal` with `Deny` only")
        })
        .collect()
}
