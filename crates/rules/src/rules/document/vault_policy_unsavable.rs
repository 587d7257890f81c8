//! AWS Backup saves the vault access policy.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::{Condition, Statement, Term};
use copy_preflight_policy::source::Span;

use crate::lint::view::{account_in, is_everybody, may_do, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the policy cannot be saved, because it allows another account more than to copy in",
    reason_lists: &[&[
        Reason { name: "foreign-action", meaning: "the statement allows another account an action that never works across accounts" },
        Reason { name: "everybody-action", meaning: "the statement allows everybody an action that never works across accounts" },
        Reason { name: "owner-not-known", meaning: "whether the principal is of another account is not known" },
    ]],
    facts: &["organization-vault-cross-account-action", "organization-vault-policy-unsavable"],
    page: include_str!("vault_policy_unsavable.md"),
}

const COPY_INTO: &str = "backup:CopyIntoBackupVault";

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.allows().filter_map(|statement| judge(view, statement)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement) -> Option<Outcome> {
    // Actions that are certainly more than the copy; wildcards have a rule of their own.
    let more: Vec<&Term> = view
        .spelled_actions(statement)
        .filter(|(term, actions)| {
            let plain = !term.text.known().is_some_and(|text| text.contains(['*', '?']));
            plain && actions.iter().all(|one| one.action.text != COPY_INTO)
        })
        .map(|(term, _)| term)
        .collect();
    let first = *more.first()?;
    let (reason, principal) = reach(view, statement)?;
    let text = &first.text;
    let rest = match more.len() - 1 {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let outcome = match reason {
        "owner-not-known" => Outcome::undecided(
            reason,
            format!("`{text}`{rest} can be allowed to the vault's own account alone"),
        )
        .label(view.label(principal, "is this the account of the vault?"))
        .help("name the account in the config, or lint the answer of get-backup-vault-access-policy"),
        _ => Outcome::broken(
            reason,
            format!("AWS Backup refuses a policy that allows another account `{text}`{rest}"),
        )
        .label(view.label(first.span, "never works across accounts"))
        .label(view.label(principal, "not the account of the vault alone"))
        .aws_says(
            "The specified policy cannot be added to the vault due to cross-account sharing restrictions",
        )
        .help(
            "allow other accounts `backup:CopyIntoBackupVault` and nothing else; to copy back, the \
             other vault has to allow this account",
        ),
    };
    Some(outcome)
}

/// Whether the statement reaches another account, and the principal that shows it.
fn reach(view: &DocumentView<'_>, statement: &Statement) -> Option<(&'static str, Span)> {
    let mut open = None;
    for term in principals(statement) {
        let span = term.term.span;
        if is_everybody(term) {
            let bounded = statement.conditions.iter().any(may_bound_to_one_account);
            match bounded {
                true => open = Some(span),
                false => return Some(("everybody-action", span)),
            }
            continue;
        }
        match view.is_foreign(term) {
            Truth::True => return Some(("foreign-action", span)),
            Truth::False => {}
            // Copies within an account need no policy, so whoever may copy in is of another one.
            Truth::Unknown
                if view.owner.is_none()
                    && account_in(term).is_some()
                    && statement.conditions.is_empty()
                    && may_do(statement, COPY_INTO).is_true() =>
            {
                return Some(("foreign-action", span));
            }
            Truth::Unknown if account_in(term).is_some() => open = Some(span),
            Truth::Unknown => {}
        }
    }
    open.map(|span| ("owner-not-known", span))
}

/// Whether a condition may let in the vault's own account alone.
fn may_bound_to_one_account(condition: &Condition) -> bool {
    let key = condition.folded_key();
    key.is_empty()
        || matches!(
            key,
            "aws:principalaccount" | "aws:principalarn" | "aws:userid" | "aws:sourceaccount"
        )
}
