//! A kind of principal can call this resource.

use copy_preflight_policy::iam::principal::{PrincipalKind, PrincipalTerm};

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a principal is of a kind that never calls this service",
    reason_lists: &[&[
        Reason { name: "federated", meaning: "identity providers stand in trust policies alone" },
        Reason { name: "canonical-user", meaning: "canonical users are known to S3 alone" },
    ]],
    facts: &["policy-language-principal-kinds"],
    page: include_str!("principal_unsupported.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let principals = view.statements().iter().filter_map(|one| one.principal.as_ref());
    let told = |term: &PrincipalTerm| {
        let (reason, what) = match term.kind {
            PrincipalKind::Federated => ("federated", "a federated principal"),
            PrincipalKind::CanonicalUser => ("canonical-user", "a canonical user"),
            _ => return None,
        };
        let message = format!("{what} never matches in {}", view.kind().phrase());
        let outcome = Outcome::broken(reason, message);
        let outcome = outcome.label(view.label(term.term.span, "matches nobody here"));
        Some(outcome.help("name the role that the user or the service assumes"))
    };
    principals.flat_map(|principal| &principal.terms).filter_map(told).collect()
}
