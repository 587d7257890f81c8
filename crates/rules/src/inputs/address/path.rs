//! Where an answer stands in a snapshot.

use super::Address;
use crate::arn::{KeyArn, RoleArn, VaultArn};

impl Address {
    /// The file in a snapshot, with `/` between folders and without `.json`.
    #[must_use]
    pub fn path(&self) -> String {
        let vault = |vault: &VaultArn, suffix: &str| {
            format!(
                "accounts/{}/{}/vaults/{}{suffix}",
                vault.account,
                vault.region,
                encode_name(&vault.name)
            )
        };
        let key = |key: &KeyArn, suffix: &str| {
            format!("accounts/{}/{}/keys/{}{suffix}", key.account, key.region, encode_name(&key.id))
        };
        let role = |role: &RoleArn, suffix: &str| {
            format!("accounts/{}/roles/{}{suffix}", role.account, encode_name(&role.name))
        };
        let point = |vault: &VaultArn, arn: &str, suffix: &str| {
            format!(
                "accounts/{}/{}/recovery-points/{}{suffix}",
                vault.account,
                vault.region,
                encode_name(arn)
            )
        };
        match self {
            Self::Organization { account } => format!("accounts/{account}/organization"),
            Self::OrganizationAccounts => "organization/accounts".to_owned(),
            Self::OrganizationTree => "organization/tree".to_owned(),
            Self::OrganizationRoots => "organization/roots".to_owned(),
            Self::GlobalSettings => "organization/global-settings".to_owned(),
            Self::ServiceAccess => "organization/service-access".to_owned(),
            Self::DelegatedAdministrators => "organization/delegated-administrators".to_owned(),
            Self::InvalidEffectivePolicies { policy_type } => {
                format!("organization/invalid-effective-policies/{}", encode_name(policy_type))
            }
            Self::OrganizationPolicies => "organization/policies".to_owned(),
            Self::OrganizationPolicy { id } => format!("organization/policies/{}", encode_name(id)),
            Self::OrganizationPolicyTargets { id } => {
                format!("organization/attachments/{}", encode_name(id))
            }
            Self::Regions { account } => format!("accounts/{account}/regions"),
            Self::RegionSettings { account, region } => {
                format!("accounts/{account}/{region}/region-settings")
            }
            Self::Vaults { account, region } => format!("accounts/{account}/{region}/vaults"),
            Self::Service { account, region, service, name, .. } => {
                let name: Vec<String> = name.split('/').map(encode_name).collect();
                format!("accounts/{account}/{region}/{service}/{}", name.join("/"))
            }
            Self::EffectivePolicy { account, policy_type } => {
                format!("accounts/{account}/effective-policies/{policy_type}")
            }
            Self::Vault(arn) => vault(arn, ""),
            Self::VaultPolicy(arn) => vault(arn, ".policy"),
            Self::VaultTags(arn) => vault(arn, ".tags"),
            Self::RecoveryPoints(arn) => format!(
                "accounts/{}/{}/recovery-points.{}",
                arn.account,
                arn.region,
                encode_name(&arn.name)
            ),
            Self::RecoveryPoint { vault, arn } => point(vault, arn, ""),
            Self::RecoveryPointTags { vault, arn } => point(vault, arn, ".tags"),
            Self::BackupPlan { account, region, id } => {
                format!("accounts/{account}/{region}/plans/{}", encode_name(id))
            }
            Self::BackupSelections { account, region, plan } => {
                format!("accounts/{account}/{region}/plans/{}.selections", encode_name(plan))
            }
            Self::BackupSelection { account, region, plan, id } => format!(
                "accounts/{account}/{region}/plans/{}.selections/{}",
                encode_name(plan),
                encode_name(id)
            ),
            Self::CopyJob { account, region, id } => {
                format!("accounts/{account}/{region}/copy-jobs/{}", encode_name(id))
            }
            Self::Key(arn) => key(arn, ""),
            Self::KeyPolicy(arn) => key(arn, ".policy"),
            Self::KeyGrants(arn) => key(arn, ".grants"),
            Self::KeyTags(arn) => key(arn, ".tags"),
            Self::KeyAliases(arn) => key(arn, ".aliases"),
            Self::Role(arn) => role(arn, ""),
            Self::RoleAttached(arn) => role(arn, ".attached"),
            Self::RoleInline(arn) => role(arn, ".inline"),
            Self::RolePolicy { role: arn, policy } => {
                role(arn, &format!(".policies/{}", encode_name(policy)))
            }
        }
    }
}

/// A name as the file of a snapshot has it: percent-encoded outside `[A-Za-z0-9._-]`.
#[must_use]
pub fn encode_name(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 0xf] {
                encoded.push(
                    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase(),
                );
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let vault: VaultArn =
            "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod".parse().unwrap();
        let arn = "arn:aws:ec2:eu-west-1::snapshot/snap-1".to_owned();
        assert_eq!(
            Address::RecoveryPointTags { vault: vault.clone(), arn }.path(),
            "accounts/111122223333/eu-west-1/recovery-points/arn%3Aaws%3Aec2%3Aeu-west-1%3A%3Asnapshot%2Fsnap-1.tags"
        );
        assert_eq!(
            Address::RecoveryPoints(vault).path(),
            "accounts/111122223333/eu-west-1/recovery-points.prod"
        );
    }
}
