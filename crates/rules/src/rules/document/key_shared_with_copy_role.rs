//! A key is shared with whoever makes the copy.

use copy_preflight_policy::iam::principal::account_of;

use crate::lint::view::{account_in, is_everybody, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a key is shared with the copy role of another account, which does not make the copy",
    reason_lists: &[&[
        Reason { name: "copy-role-only", meaning: "the account is let in by its copy role alone" },
    ]],
    facts: &["organization-key-slr-policy", "organization-key-source-needs-ec2"],
    page: include_str!("key_shared_with_copy_role.md"),
}

const COPY_ROLE: &str = ":role/service-role/AWSBackupDefaultServiceRole";

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    if !view.is_whole() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for term in view.allows().flat_map(principals) {
        let copy_role = term.term.text.known().is_some_and(|text| text.ends_with(COPY_ROLE));
        if !copy_role || !view.is_foreign(term).is_true() {
            continue;
        }
        let account = account_in(term);
        let otherwise = view.allows().flat_map(principals).any(|other| {
            is_everybody(other)
                || (account_in(other) == account
                    && other.term.text.known().is_some_and(|text| {
                        account_of(text).is_some() || text.contains("/AWSServiceRoleForBackup")
                    }))
        });
        if otherwise || !found.is_empty() {
            continue;
        }
        let account = account.unwrap_or_default();
        let message = format!("the copy role of `{account}` does not make copies from this key");
        let outcome = Outcome::broken("copy-role-only", message);
        let outcome = outcome.label(view.label(term.term.span, "not who copies"));
        found.push(outcome.help(format!(
            "copies of types that are not fully managed are made by the service-linked role of the \
             destination: let in `arn:aws:iam::{account}:root`, or its `AWSServiceRoleForBackup`"
        )));
    }
    found
}
