//! What a vault shows of being logically air-gapped.

use copy_preflight_policy::tree::Node;

use super::region::{lists, rows};
use super::subject::vault_key;
use crate::arn::{Arn, KeyArn, VaultArn};
use crate::outcome::Outcome;
use crate::reasons;
use crate::view::{Filled, View};

/// The types of vaults, as far as copies care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    AirGapped,
    Standard,
    /// A restore access vault, or a type that the facts do not know.
    Other,
    /// The answer leaves it out.
    NotSaid,
}

/// The type of a vault that `backup describe-backup-vault` shows.
pub(crate) fn kind_of(view: &View<'_>, vault: &Filled<'_>, arn: &VaultArn) -> Kind {
    let air_gapped =
        view.facts.row("prerequisites-air-gapped-detection").and_then(|row| row.text("vault_type"));
    match vault.root().member("VaultType").map(Node::as_str) {
        Some(Some("BACKUP_VAULT")) => Kind::Standard,
        Some(Some(shown)) if Some(shown) == air_gapped => Kind::AirGapped,
        Some(Some(_)) => Kind::Other,
        Some(None) => Kind::NotSaid,
        // Where no such vaults exist, AWS leaves the member out.
        None => {
            let without = rows(view, "type-limit").any(|row| {
                row.text("limit") == Some("air-gapped-vault") && lists(row, &arn.region)
            });
            if without { Kind::Standard } else { Kind::NotSaid }
        }
    }
}

/// Whether the ARN of the recovery point shows that the source vault is not air-gapped: in such a
/// vault every point has an ARN of AWS Backup.
pub(crate) fn shows_no_air_gapped(view: &View<'_>) -> bool {
    let form = view
        .facts
        .row("prerequisites-air-gapped-recovery-point-arn")
        .and_then(|row| row.text("recovery_point_arn"))
        .and_then(Arn::parse);
    let point = view.copy.recovery_point.as_deref().and_then(Arn::parse);
    match (form, point) {
        (Some(form), Some(point)) => point.service != form.service,
        _ => false,
    }
}

/// Who owns the key of a vault.
pub(crate) fn key_kind<'a>(vault: &Filled<'a>) -> Option<&'a str> {
    vault.root().member("EncryptionKeyType")?.as_str()
}

/// The key of a vault and its place.
///
/// # Errors
/// The undecided outcome where the answer names none.
pub(crate) fn key_of<'a>(vault: &Filled<'a>) -> Result<(&'a Node, KeyArn), Box<Outcome>> {
    let (span, message) = match vault_key(vault) {
        Some((node, Some(key))) => return Ok((node, key)),
        Some((node, None)) => (node.span, "the key of the vault is no key ARN"),
        None => (vault.root().span, "the answer does not name the vault's key"),
    };
    let outcome = Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
        .label(vault.label(span, "expected the ARN of a KMS key in `EncryptionKeyArn`"));
    Err(Box::new(outcome))
}
