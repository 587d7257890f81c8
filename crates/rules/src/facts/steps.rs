//! The requests of a copy, step by step: `steps.toml`.

use super::certainty::FactCertainty;
use super::row::{FactsError, Row};

/// The requests that one principal makes on one resource at one step of a copy.
#[derive(Debug, Clone)]
pub struct Step {
    /// The id of the row.
    pub fact: String,
    /// How sure it is that the step is made like this.
    pub certainty: FactCertainty,
    /// The number of the step.
    pub number: i64,
    /// Who asks.
    pub principal: StepPrincipal,
    /// For what.
    pub actions: Vec<String>,
    /// On what.
    pub resource: StepResource,
    /// Whether the step belongs to fully managed types; `None` for both.
    pub fully_managed: Option<bool>,
    /// The types it belongs to; empty for all of that management.
    pub resource_types: Vec<String>,
    /// Whether the step belongs to copies across accounts; `None` for all copies.
    pub cross_account: Option<bool>,
    /// Whether it is also made within one account where the copy enters a logically air-gapped
    /// vault.
    pub also_into_air_gapped: bool,
    /// What a refusal means.
    pub decides: Decides,
    /// Through which service a key is used.
    pub via: Via,
}

/// Who makes the requests of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepPrincipal {
    /// Whoever starts a copy job.
    Caller,
    /// The role that AWS Backup assumes in the source account.
    CopyRole,
    /// The service-linked role of AWS Backup in the destination account.
    DestinationServiceLinkedRole,
}

/// What the requests of a step are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResource {
    /// The copy role.
    CopyRole,
    /// The recovery point.
    RecoveryPoint,
    /// The destination vault.
    DestinationVault,
    /// The key of the source.
    SourceKey,
    /// The key of the destination vault.
    DestinationKey,
    /// The customer managed key of a logically air-gapped vault that the copy leaves.
    AirGappedSourceKey,
    /// The customer managed key of a logically air-gapped vault that the copy enters.
    AirGappedDestinationKey,
}

/// What it means when a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decides {
    /// The copy fails.
    Yes,
    /// Whether the copy fails is contested or not known.
    Unknown,
}

/// Through which service a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Through the service of the resource type.
    Type,
    /// Through AWS Backup.
    Backup,
    /// By a direct call, or the resource is no key.
    None,
    /// By a route that is not documented.
    Unknown,
}

impl Step {
    /// Reads a row; `None` for one that describes context keys, another principal, another
    /// resource or a step that decides nothing.
    pub(super) fn read(row: &Row) -> Option<Result<Self, FactsError>> {
        let principal = match row.text("principal")? {
            "caller" => StepPrincipal::Caller,
            "copy-role" => StepPrincipal::CopyRole,
            "destination-service-linked-role" => StepPrincipal::DestinationServiceLinkedRole,
            _ => return None,
        };
        let air_gapped = row.text("vault") == Some("logically-air-gapped");
        let resource = match (row.text("resource")?, air_gapped) {
            ("copy-role", _) => StepResource::CopyRole,
            ("recovery-point", _) => StepResource::RecoveryPoint,
            ("destination-vault", _) => StepResource::DestinationVault,
            ("source-key", _) => StepResource::SourceKey,
            ("destination-key", false) => StepResource::DestinationKey,
            ("destination-key", true) => StepResource::AirGappedDestinationKey,
            ("source-vault-key", true) => StepResource::AirGappedSourceKey,
            _ => return None,
        };
        let decides = match row.text("decides")? {
            "yes" => Decides::Yes,
            "unknown" => Decides::Unknown,
            _ => return None,
        };
        Some(Self::rest(row, principal, resource, decides))
    }

    fn rest(
        row: &Row,
        principal: StepPrincipal,
        resource: StepResource,
        decides: Decides,
    ) -> Result<Self, FactsError> {
        Ok(Self {
            fact: row.id.clone(),
            certainty: row.certainty,
            number: row
                .value
                .get("step")
                .and_then(toml::Value::as_integer)
                .ok_or_else(|| row.lacks("step"))?,
            principal,
            actions: row
                .need_strings("actions")?
                .iter()
                .flat_map(|action| expand(action))
                .collect(),
            resource,
            fully_managed: match row.need_text("management")? {
                "fully-managed" => Some(true),
                "not-fully-managed" => Some(false),
                "any" => None,
                _ => return Err(row.lacks("management")),
            },
            resource_types: row.need_strings("resource_types")?,
            cross_account: match row.need_text("scope")? {
                "cross-account" => Some(true),
                "same-account" => Some(false),
                "any" | "on-demand" => None,
                _ => return Err(row.lacks("scope")),
            },
            also_into_air_gapped: row.text("also_into_vault") == Some("logically-air-gapped"),
            decides,
            via: match row.text("via") {
                Some("type") => Via::Type,
                Some("backup") => Via::Backup,
                _ if row.strings("context_unknown").any(|key| key == "kms:ViaService") => {
                    Via::Unknown
                }
                _ => Via::None,
            },
        })
    }

    /// Whether the step is made for a copy of this type and kind.
    #[must_use]
    pub fn applies(&self, resource_type: &str, fully_managed: bool, cross_account: bool) -> bool {
        self.fully_managed.is_none_or(|managed| managed == fully_managed)
            && self.cross_account.is_none_or(|across| across == cross_account)
            && (self.resource_types.is_empty()
                || self.resource_types.iter().any(|one| one == resource_type))
    }
}

/// The calls behind a name with a wildcard, as far as a copy makes them.
pub(super) fn expand(action: &str) -> Vec<String> {
    let calls: &[&str] = match action {
        "kms:ReEncrypt*" => &["kms:ReEncryptFrom", "kms:ReEncryptTo"],
        "kms:GenerateDataKey*" => &["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
        single => return vec![single.to_owned()],
    };
    calls.iter().map(|&call| call.to_owned()).collect()
}
