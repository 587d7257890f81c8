//! A copy action is about a vault or a recovery point, as the action has it.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::{Statement, Term};

use crate::arn::Arn;
use crate::lint::view::{arn_of, listed};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::VaultPolicy, DocumentKind::IdentityPolicy, DocumentKind::Scp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a copy action is about a resource of the wrong type, or about another vault",
    reason_lists: &[&[
        Reason { name: "not-a-vault", meaning: "copying in is about the vault, and the resource is none" },
        Reason { name: "not-a-recovery-point", meaning: "copying out is about the recovery point, and the resource is a vault" },
        Reason { name: "other-account", meaning: "the policy of one account's vault names a vault of another" },
        Reason { name: "other-vault", meaning: "the policy names another vault than its own" },
    ]],
    facts: &["policy-language-backup-resources", "organization-vault-resource"],
    page: include_str!("vault_resource_mismatch.md"),
}

const COPY_INTO: &str = "backup:CopyIntoBackupVault";
const COPY_OUT: [&str; 2] = ["backup:CopyFromBackupVault", "backup:StartCopyJob"];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.statements().iter().filter_map(|statement| judge(view, statement)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement) -> Option<Outcome> {
    let resources = listed(statement.resource.as_ref());
    let first = resources.first()?;
    let spelled: Vec<_> = view.spelled_actions(statement).collect();
    let action = |wanted: &[&str]| {
        spelled.iter().find(|(_, actions)| {
            actions.iter().all(|one| wanted.contains(&one.action.text.as_str()))
        })
    };
    let told = |reason, message: String, note: &str| {
        Outcome::broken(reason, message).label(view.label(first.span, note))
    };
    if let Some((term, _)) = action(&[COPY_INTO])
        && resources.iter().all(|one| vault(one) == Truth::False)
    {
        let text = &term.text;
        let outcome = told("not-a-vault", format!("`{text}` is about a vault"), "no vault");
        let outcome = outcome.label(view.label(term.span, "matches no resource here"));
        return Some(
            outcome
                .help("name the vault: `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`, or `*`"),
        );
    }
    if let Some((term, _)) = action(&COPY_OUT)
        && resources.iter().all(|one| vault(one) == Truth::True)
    {
        let text = &term.text;
        let message = format!("`{text}` is about a recovery point");
        let outcome = told("not-a-recovery-point", message, "a vault");
        let outcome = outcome.label(view.label(term.span, "matches no resource here"));
        return Some(outcome.help(
            "name recovery points, whose ARNs are of EC2, RDS and others besides AWS Backup, or `*`",
        ));
    }
    view.is(DocumentKind::VaultPolicy).then(|| other_vault(view, resources)).flatten()
}

/// A vault policy that is about vaults, and not about its own.
fn other_vault(view: &DocumentView<'_>, resources: &[Term]) -> Option<Outcome> {
    let vaults: Vec<(&Term, Arn<'_>)> = resources
        .iter()
        .map(|term| Some((term, arn_of(term).filter(|_| vault(term) == Truth::True)?)))
        .collect::<Option<_>>()?;
    let (first, arn) = vaults.first()?;
    let exact = |text: &str| !text.contains(['*', '?']);
    if let Some(owner) = &view.owner
        && vaults.iter().all(|(_, arn)| exact(arn.account) && arn.account != owner.as_str())
    {
        let message =
            format!("the vault belongs to account `{owner}`, the resource to `{}`", arn.account);
        let outcome = Outcome::broken("other-account", message);
        let outcome = outcome.label(view.label(first.span, "a vault of another account"));
        return Some(outcome.help("name the vault that the policy stands on, or `*`"));
    }
    let own = view.document.owner.arn.as_deref()?;
    let known = vaults
        .iter()
        .all(|(term, _)| term.text.known().is_some_and(|text| exact(text) && text != own));
    known.then(|| {
        let message = "the statement is about another vault than the one that the policy stands on";
        let outcome = Outcome::broken("other-vault", message);
        let outcome = outcome.label(view.label(first.span, "another vault"));
        outcome.help(format!("name `{own}`, or `*`"))
    })
}

/// Whether a resource is a vault, or a pattern of vaults.
fn vault(term: &Term) -> Truth {
    let Some(text) = term.text.known() else { return Truth::Unknown };
    let Some(arn) = arn_of(term) else {
        return if text.starts_with("arn:") && !text.contains('*') {
            Truth::False
        } else {
            Truth::Unknown
        };
    };
    let whole = arn.service.contains('*') || arn.resource.starts_with('*') || text.contains("${");
    match (whole, arn.service, arn.resource) {
        (true, ..) => Truth::Unknown,
        (_, "backup", resource) if resource.starts_with("backup-vault") => Truth::True,
        (_, "backup", resource) if "backup-vault:".starts_with(resource.trim_end_matches('*')) => {
            Truth::Unknown
        }
        // Told as a misspelling.
        (_, "backup", resource) if resource.starts_with("vault") => Truth::Unknown,
        _ => Truth::False,
    }
}
