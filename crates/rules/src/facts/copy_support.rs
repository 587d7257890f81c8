//! What AWS Backup can copy: `copy-support.toml`.

use super::row::{Cell, FactsError, Row};

/// One resource type and variant.
#[derive(Debug, Clone)]
pub struct CopySupport {
    /// The id of the row.
    pub fact: String,
    /// The resource type, in the spelling of AWS Backup's API.
    pub resource_type: String,
    /// The variant; empty for a type without variants.
    pub variant: String,
    /// Type and variant as a person calls them.
    pub label: String,
    /// Whether it can be copied to another account in the same Region.
    pub cross_account: Cell<bool>,
    /// Whether it can be copied to another Region of the same account.
    pub cross_region: Cell<bool>,
    /// Whether it can be copied to another account and Region in one copy action.
    pub both: Cell<bool>,
    /// Whether it can be copied to another vault of the same account and Region.
    pub in_account: Cell<bool>,
    /// Whether it can be copied into a logically air-gapped vault.
    pub air_gapped: Cell<bool>,
    /// Whether AWS Backup fully manages it.
    pub fully_managed: Cell<bool>,
    /// Which key encrypts the backup.
    pub backup_key: Cell<BackupKey>,
    /// What becomes of an unencrypted source.
    pub unencrypted_copy: Cell<UnencryptedCopy>,
    /// The form of the recovery point's ARN, with `{partition}`, `{region}`, `{account}`.
    pub recovery_point_arn: String,
    /// The service in the recovery point's ARN.
    pub recovery_point_arn_service: String,
    /// What shows the variant of a recovery point.
    pub variant_from: VariantFrom,
    /// What a resource ARN of this variant contains; empty where it does not tell the variant.
    pub resource_arn_contains: String,
    /// The service through which the key is used, as in `kms:ViaService`; empty for none.
    pub via_service: Cell<String>,
    /// Since when the type is supported at all, where that is known.
    pub supported_since: Option<Cell<String>>,
    /// Since when both account and Region can be crossed at once, where that is known.
    pub both_since: Option<Cell<String>>,
    /// Since when accounts can be crossed, where that is known.
    pub cross_account_since: Option<Cell<String>>,
    /// Since when Regions can be crossed, where that is known.
    pub cross_region_since: Option<Cell<String>>,
    /// Since when it can be copied into a logically air-gapped vault, where that is known.
    pub air_gapped_since: Option<Cell<String>>,
    /// Since when such a vault may stand in another Region, where that is known.
    pub air_gapped_cross_region_since: Option<Cell<String>>,
}

/// What shows the variant of a recovery point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariantFrom {
    /// The ARN of the resource.
    ResourceArn,
    /// The service in the ARN of the recovery point.
    RecoveryPointArn,
    /// Nothing that AWS Backup answers.
    Nothing,
}

/// Which key encrypts a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupKey {
    /// The key of the resource.
    Source,
    /// The key of the vault.
    Vault,
}

/// What becomes of an unencrypted source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnencryptedCopy {
    /// The copy is encrypted with the key of the destination vault.
    Encrypted,
    /// The copy stays unencrypted.
    StaysUnencrypted,
    /// Backups of this type are always encrypted.
    AlwaysEncrypted,
    /// There is no copy.
    None,
}

impl CopySupport {
    pub(super) fn read(row: &Row) -> Result<Self, FactsError> {
        let cell = |name: &str| row.cell_certainty(name);
        let since = |name: &str| {
            let value = row.text(name)?.to_owned();
            Some(Cell { value, certainty: cell(name) })
        };
        Ok(Self {
            fact: row.id.clone(),
            resource_type: row.need_text("resource_type")?.to_owned(),
            variant: row.need_text("variant")?.to_owned(),
            label: row.need_text("variant_label")?.to_owned(),
            cross_account: row.need_flag("cross_account")?,
            cross_region: row.need_flag("cross_region")?,
            both: row.need_flag("both")?,
            in_account: row.need_flag("in_account")?,
            air_gapped: row.need_flag("air_gapped")?,
            fully_managed: row.need_flag("fully_managed")?,
            backup_key: Cell {
                value: match row.need_text("backup_key")? {
                    "source" => BackupKey::Source,
                    "vault" => BackupKey::Vault,
                    _ => return Err(row.lacks("backup_key")),
                },
                certainty: cell("backup_key"),
            },
            unencrypted_copy: Cell {
                value: match row.need_text("unencrypted_copy")? {
                    "encrypted" => UnencryptedCopy::Encrypted,
                    "stays-unencrypted" => UnencryptedCopy::StaysUnencrypted,
                    "always-encrypted" => UnencryptedCopy::AlwaysEncrypted,
                    "none" => UnencryptedCopy::None,
                    _ => return Err(row.lacks("unencrypted_copy")),
                },
                certainty: cell("unencrypted_copy"),
            },
            recovery_point_arn: row.need_text("recovery_point_arn")?.to_owned(),
            recovery_point_arn_service: row.need_text("recovery_point_arn_service")?.to_owned(),
            variant_from: match row.need_text("variant_from")? {
                "resource-arn" => VariantFrom::ResourceArn,
                "recovery-point-arn" => VariantFrom::RecoveryPointArn,
                "none" => VariantFrom::Nothing,
                _ => return Err(row.lacks("variant_from")),
            },
            resource_arn_contains: row.need_text("resource_arn_contains")?.to_owned(),
            via_service: Cell {
                value: row.need_text("via_service")?.to_owned(),
                certainty: cell("via_service"),
            },
            supported_since: since("supported_since"),
            both_since: since("both_since"),
            cross_account_since: since("cross_account_since"),
            cross_region_since: since("cross_region_since"),
            air_gapped_since: since("air_gapped_since"),
            air_gapped_cross_region_since: since("air_gapped_cross_region_since"),
        })
    }

    /// Whether it can be copied in no direction at all.
    #[must_use]
    pub fn is_never_copyable(&self) -> bool {
        let cells = [&self.cross_account, &self.cross_region, &self.both, &self.in_account];
        cells.iter().all(|cell| !cell.value && cell.certainty.supports().is_some())
    }

    /// Type and variant in one word, such as `FSx/lustre`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.variant.as_str() {
            "" => self.resource_type.clone(),
            variant => format!("{}/{variant}", self.resource_type),
        }
    }
}
