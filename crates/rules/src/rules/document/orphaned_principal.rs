//! No principal is what is left of a deleted role or user.

use copy_preflight_policy::iam::principal::PrincipalTerm;

use crate::lint::{DocumentView, ON_RESOURCES};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: ON_RESOURCES,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a principal is the unique id of a deleted role or user, and matches nobody",
    reason_lists: &[&[
        Reason { name: "role", meaning: "the id is of a role" },
        Reason { name: "user", meaning: "the id is of a user" },
    ]],
    facts: &["policy-language-unique-ids"],
    page: include_str!("orphaned_principal.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let principals = view.statements().iter().filter_map(|one| one.principal.as_ref());
    let told = |term: &PrincipalTerm| {
        let text = term.term.text.known()?;
        let (reason, what) = match text.get(..4)? {
            "AROA" => ("role", "role"),
            "AIDA" => ("user", "user"),
            _ => return None,
        };
        let id = text.bytes().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit());
        (id && text.len() >= 16).then(|| {
            let message =
                format!("`{text}` is what is left of a deleted {what}, and matches nobody");
            let outcome = Outcome::broken(reason, message);
            let outcome =
                outcome.label(view.label(term.term.span, format!("a {what} that is gone")));
            outcome.help(format!(
                "remove it; where a {what} of that name exists again, name its ARN anew"
            ))
        })
    };
    principals.flat_map(|principal| &principal.terms).filter_map(told).collect()
}
