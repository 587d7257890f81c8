//! Whether a list of vaults holds a vault.

use copy_preflight_policy::tree::Node;

use crate::arn::VaultArn;
use crate::outcome::Label;
use crate::view::Filled;

/// The fact on names of vaults in other case.
pub(crate) const CASE: &str = "prerequisites-vault-names-case-sensitive";

/// What an answer of `backup list-backup-vaults` says of a vault.
pub(crate) enum Listed {
    /// It is there.
    There(Label),
    /// It is not; `twin` where one is there whose name differs in case alone.
    Missing {
        /// The place that shows it.
        label: Label,
        /// Whether there is a vault of the name in other case.
        twin: bool,
    },
    /// The list does not settle it.
    Unsettled(Vec<Label>),
}

/// Looks for a vault in the list of its account and Region.
pub(crate) fn listed(filled: &Filled<'_>, vault: &VaultArn) -> Listed {
    let incomplete = |note: &str| filled.label(filled.root().span, note);
    let Some(list) = filled.root().member("BackupVaultList") else {
        return Listed::Unsettled(vec![incomplete("expected `BackupVaultList`")]);
    };
    let elsewhere =
        list.elements().iter().filter_map(|entry| entry.member("BackupVaultArn")).find(|arn| {
            let arn = arn.as_str().and_then(|arn| arn.parse::<VaultArn>().ok());
            arn.is_none_or(|arn| arn.account != vault.account || arn.region != vault.region)
        });
    if let Some(arn) = elsewhere {
        return Listed::Unsettled(vec![
            incomplete("the list is not of this account and Region"),
            filled.label(arn.span, "this vault stands elsewhere"),
        ]);
    }
    let named: Vec<&Node> =
        list.elements().iter().filter_map(|entry| entry.member("BackupVaultName")).collect();
    if let Some(found) = named.iter().find(|name| name.as_str() == Some(&vault.name)) {
        return Listed::There(filled.label(found.span, "the vault is in the list"));
    }
    if filled.root().member("NextToken").is_some() {
        return Listed::Unsettled(vec![incomplete(
            "the list has further pages, which were not read",
        )]);
    }
    if named.len() != list.elements().len() || named.iter().any(|name| name.as_str().is_none()) {
        return Listed::Unsettled(vec![incomplete("expected `BackupVaultName` in every entry")]);
    }
    let twin = named
        .iter()
        .find(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(&vault.name)));
    match twin {
        Some(twin) => Listed::Missing {
            label: filled.label(
                twin.span,
                format!("is not `{}`: names of vaults are case sensitive", vault.name),
            ),
            twin: true,
        },
        None => Listed::Missing {
            label: filled.label(list.span, format!("`{}` is not among these", vault.name)),
            twin: false,
        },
    }
}
