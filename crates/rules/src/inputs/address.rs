//! Addresses: which answer of which API, about what, asked where.
//!
//! One table for everything that is read: the file in a snapshot, the call that fetches it, the
//! permission that the call needs, and the command that a person runs.

use crate::arn::{KeyArn, RoleArn, VaultArn};

/// One answer of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `organizations describe-organization`, asked in an account.
    Organization {
        /// The account that asks.
        account: String,
    },
    /// `organizations list-accounts`, asked in the management account.
    OrganizationAccounts,
    /// The parent of each account and OU.
    OrganizationTree,
    /// `organizations list-roots`.
    OrganizationRoots,
    /// The ids of all organization policies: `organizations list-policies` of each type, in a
    /// snapshot the files of the folder.
    OrganizationPolicies,
    /// `organizations describe-policy`.
    OrganizationPolicy {
        /// The id of the policy, `p-…`.
        id: String,
    },
    /// `organizations list-targets-for-policy`.
    OrganizationPolicyTargets {
        /// The id of the policy.
        id: String,
    },
    /// `account list-regions`.
    Regions {
        /// The account whose Regions they are.
        account: String,
    },
    /// `backup describe-region-settings`.
    RegionSettings {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// `backup list-backup-vaults`.
    Vaults {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// A describe answer of another service, such as EC2 or RDS.
    Service {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The folder: the service's name in the CLI.
        service: &'static str,
        /// The file in it, perhaps in a folder.
        name: String,
        /// The permission that the call needs.
        permission: &'static str,
        /// What a person runs, without the Region.
        command: String,
    },
    /// `backup describe-global-settings`, asked in the management account.
    GlobalSettings,
    /// `organizations describe-effective-policy`.
    EffectivePolicy {
        /// The account whose policy it is.
        account: String,
        /// The policy type, such as `TAG_POLICY`.
        policy_type: String,
    },
    /// `backup describe-backup-vault`.
    Vault(VaultArn),
    /// `backup get-backup-vault-access-policy`.
    VaultPolicy(VaultArn),
    /// `backup list-tags` of a vault.
    VaultTags(VaultArn),
    /// `backup list-recovery-points-by-backup-vault`.
    RecoveryPoints(VaultArn),
    /// `backup describe-recovery-point`.
    RecoveryPoint {
        /// The vault it is in.
        vault: VaultArn,
        /// Its ARN.
        arn: String,
    },
    /// `backup describe-copy-job`.
    CopyJob {
        /// The account in which it ran.
        account: String,
        /// The Region in which it ran.
        region: String,
        /// Its id.
        id: String,
    },
    /// The tags of a recovery point, from the service that keeps them.
    RecoveryPointTags {
        /// The vault it is in.
        vault: VaultArn,
        /// Its ARN.
        arn: String,
    },
    /// `kms describe-key`.
    Key(KeyArn),
    /// `kms get-key-policy`.
    KeyPolicy(KeyArn),
    /// `kms list-grants`.
    KeyGrants(KeyArn),
    /// `kms list-resource-tags`.
    KeyTags(KeyArn),
    /// `kms list-aliases` of a key.
    KeyAliases(KeyArn),
    /// `iam get-role`.
    Role(RoleArn),
    /// `iam list-attached-role-policies`.
    RoleAttached(RoleArn),
    /// `iam list-role-policies`.
    RoleInline(RoleArn),
    /// `iam get-policy-version` or `iam get-role-policy`.
    RolePolicy {
        /// The role.
        role: RoleArn,
        /// The ARN of a managed policy, or `inline:` and the name.
        policy: String,
    },
}

/// A list of which each entry has an id.
#[derive(Debug, Clone, Copy)]
pub(super) enum Listing {
    /// The members of the answer, by their keys.
    Members,
    /// The elements of a list, by a member of each.
    Elements {
        /// The member that holds the list.
        list: &'static str,
        /// The member of an element that holds its id.
        id: &'static str,
    },
}

/// How an answer is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The permission that the call needs.
    pub permission: &'static str,
    /// What a person runs.
    pub command: String,
    /// The account in which it is asked; `None` for the management account.
    pub account: Option<String>,
}

impl Address {
    /// The file in a snapshot, with `/` between folders and without `.json`.
    #[must_use]
    pub fn path(&self) -> String {
        let vault = |vault: &VaultArn, suffix: &str| {
            format!(
                "accounts/{}/{}/vaults/{}{suffix}",
                vault.account,
                vault.region,
                encode(&vault.name)
            )
        };
        let key = |key: &KeyArn, suffix: &str| {
            format!("accounts/{}/{}/keys/{}{suffix}", key.account, key.region, encode(&key.id))
        };
        let role = |role: &RoleArn, suffix: &str| {
            format!("accounts/{}/roles/{}{suffix}", role.account, encode(&role.name))
        };
        let point = |vault: &VaultArn, arn: &str, suffix: &str| {
            format!(
                "accounts/{}/{}/recovery-points/{}{suffix}",
                vault.account,
                vault.region,
                encode(arn)
            )
        };
        match self {
            Self::Organization { account } => format!("accounts/{account}/organization"),
            Self::OrganizationAccounts => "organization/accounts".to_owned(),
            Self::OrganizationTree => "organization/tree".to_owned(),
            Self::OrganizationRoots => "organization/roots".to_owned(),
            Self::GlobalSettings => "organization/global-settings".to_owned(),
            Self::OrganizationPolicies => "organization/policies".to_owned(),
            Self::OrganizationPolicy { id } => format!("organization/policies/{}", encode(id)),
            Self::OrganizationPolicyTargets { id } => {
                format!("organization/attachments/{}", encode(id))
            }
            Self::Regions { account } => format!("accounts/{account}/regions"),
            Self::RegionSettings { account, region } => {
                format!("accounts/{account}/{region}/region-settings")
            }
            Self::Vaults { account, region } => format!("accounts/{account}/{region}/vaults"),
            Self::Service { account, region, service, name, .. } => {
                let name: Vec<String> = name.split('/').map(encode).collect();
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
                encode(&arn.name)
            ),
            Self::RecoveryPoint { vault, arn } => point(vault, arn, ""),
            Self::RecoveryPointTags { vault, arn } => point(vault, arn, ".tags"),
            Self::CopyJob { account, region, id } => {
                format!("accounts/{account}/{region}/copy-jobs/{}", encode(id))
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
                role(arn, &format!(".policies/{}", encode(policy)))
            }
        }
    }

    /// How the answer is fetched.
    #[must_use]
    pub fn call(&self) -> Call {
        let call = |permission, account: Option<&String>, command: String| Call {
            permission,
            command,
            account: account.cloned(),
        };
        match self {
            Self::Organization { account } => call(
                "organizations:DescribeOrganization",
                Some(account),
                "aws organizations describe-organization".to_owned(),
            ),
            Self::OrganizationAccounts => call(
                "organizations:ListAccounts",
                None,
                "aws organizations list-accounts".to_owned(),
            ),
            Self::OrganizationTree => call(
                "organizations:ListParents",
                None,
                "aws organizations list-parents --child-id ACCOUNT-OR-OU".to_owned(),
            ),
            Self::OrganizationRoots => {
                call("organizations:ListRoots", None, "aws organizations list-roots".to_owned())
            }
            Self::GlobalSettings => call(
                "backup:DescribeGlobalSettings",
                None,
                "aws backup describe-global-settings".to_owned(),
            ),
            Self::OrganizationPolicies => call(
                "organizations:ListPolicies",
                None,
                "aws organizations list-policies --filter SERVICE_CONTROL_POLICY".to_owned(),
            ),
            Self::OrganizationPolicy { id } => call(
                "organizations:DescribePolicy",
                None,
                format!("aws organizations describe-policy --policy-id {id}"),
            ),
            Self::OrganizationPolicyTargets { id } => call(
                "organizations:ListTargetsForPolicy",
                None,
                format!("aws organizations list-targets-for-policy --policy-id {id}"),
            ),
            Self::Regions { account } => {
                call("account:ListRegions", Some(account), "aws account list-regions".to_owned())
            }
            Self::RegionSettings { account, region } => call(
                "backup:DescribeRegionSettings",
                Some(account),
                format!("aws backup describe-region-settings --region {region}"),
            ),
            Self::Vaults { account, region } => call(
                "backup:ListBackupVaults",
                Some(account),
                format!("aws backup list-backup-vaults --region {region}"),
            ),
            Self::Service { account, region, permission, command, .. } => {
                call(permission, Some(account), format!("{command} --region {region}"))
            }
            Self::EffectivePolicy { account, policy_type } => call(
                "organizations:DescribeEffectivePolicy",
                Some(account),
                format!("aws organizations describe-effective-policy --policy-type {policy_type}"),
            ),
            Self::Vault(arn) => call(
                "backup:DescribeBackupVault",
                Some(&arn.account),
                vault_command("describe-backup-vault", arn),
            ),
            Self::VaultPolicy(arn) => call(
                "backup:GetBackupVaultAccessPolicy",
                Some(&arn.account),
                vault_command("get-backup-vault-access-policy", arn),
            ),
            Self::VaultTags(arn) => call(
                "backup:ListTags",
                Some(&arn.account),
                format!("aws backup list-tags --resource-arn {arn} --region {}", arn.region),
            ),
            Self::RecoveryPoints(arn) => call(
                "backup:ListRecoveryPointsByBackupVault",
                Some(&arn.account),
                vault_command("list-recovery-points-by-backup-vault", arn),
            ),
            Self::RecoveryPoint { vault, arn } => call(
                "backup:DescribeRecoveryPoint",
                Some(&vault.account),
                format!(
                    "{} --recovery-point-arn {arn}",
                    vault_command("describe-recovery-point", vault)
                ),
            ),
            Self::CopyJob { account, region, id } => call(
                "backup:DescribeCopyJob",
                Some(account),
                format!("aws backup describe-copy-job --copy-job-id {id} --region {region}"),
            ),
            Self::RecoveryPointTags { vault, arn } => {
                let (permission, command) = tags_call(arn, &vault.region);
                call(permission, Some(&vault.account), command)
            }
            Self::Key(arn) => {
                call("kms:DescribeKey", Some(&arn.account), key_command("describe-key", arn))
            }
            Self::KeyPolicy(arn) => call(
                "kms:GetKeyPolicy",
                Some(&arn.account),
                format!("{} --policy-name default", key_command("get-key-policy", arn)),
            ),
            Self::KeyGrants(arn) => {
                call("kms:ListGrants", Some(&arn.account), key_command("list-grants", arn))
            }
            Self::KeyTags(arn) => call(
                "kms:ListResourceTags",
                Some(&arn.account),
                key_command("list-resource-tags", arn),
            ),
            Self::KeyAliases(arn) => {
                call("kms:ListAliases", Some(&arn.account), key_command("list-aliases", arn))
            }
            Self::Role(arn) => call(
                "iam:GetRole",
                Some(&arn.account),
                format!("aws iam get-role --role-name {}", arn.name),
            ),
            Self::RoleAttached(arn) => call(
                "iam:ListAttachedRolePolicies",
                Some(&arn.account),
                format!("aws iam list-attached-role-policies --role-name {}", arn.name),
            ),
            Self::RoleInline(arn) => call(
                "iam:ListRolePolicies",
                Some(&arn.account),
                format!("aws iam list-role-policies --role-name {}", arn.name),
            ),
            Self::RolePolicy { role, policy } => match policy.strip_prefix("inline:") {
                Some(name) => call(
                    "iam:GetRolePolicy",
                    Some(&role.account),
                    format!(
                        "aws iam get-role-policy --role-name {} --policy-name {name}",
                        role.name
                    ),
                ),
                None => call(
                    "iam:GetPolicyVersion",
                    Some(&role.account),
                    format!(
                        "aws iam get-policy-version --policy-arn {policy} --version-id VERSION"
                    ),
                ),
            },
        }
    }

    /// Where in the answer a policy document stands.
    pub(super) fn policy_member(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::VaultPolicy(_) | Self::KeyPolicy(_) => Some(&["Policy"]),
            Self::Role(_) => Some(&["Role", "AssumeRolePolicyDocument"]),
            Self::RolePolicy { policy, .. } if policy.starts_with("inline:") => {
                Some(&["PolicyDocument"])
            }
            Self::RolePolicy { .. } => Some(&["PolicyVersion", "Document"]),
            Self::EffectivePolicy { .. } => Some(&["EffectivePolicy", "PolicyContent"]),
            Self::OrganizationPolicy { .. } => Some(&["Policy", "Content"]),
            _ => None,
        }
    }

    /// The list in the answer that is searched by the ids of accounts and OUs, which may be many.
    pub(super) fn listing(&self) -> Option<Listing> {
        match self {
            Self::OrganizationTree => Some(Listing::Members),
            Self::OrganizationAccounts => Some(Listing::Elements { list: "Accounts", id: "Id" }),
            Self::OrganizationPolicyTargets { .. } => {
                Some(Listing::Elements { list: "Targets", id: "TargetId" })
            }
            _ => None,
        }
    }

    /// Whether the error code means that the thing does not exist.
    pub(super) fn is_absence(&self, code: &str) -> bool {
        let code = code.strip_suffix("Exception").unwrap_or(code);
        match self {
            Self::Organization { .. } => code == "AWSOrganizationsNotInUse",
            Self::EffectivePolicy { .. } => code == "EffectivePolicyNotFound",
            Self::Key(_) | Self::KeyPolicy(_) | Self::KeyGrants(_) => code == "NotFound",
            Self::Role(_)
            | Self::RoleAttached(_)
            | Self::RoleInline(_)
            | Self::RolePolicy { .. } => code == "NoSuchEntity",
            // The other services name the thing: `OptionGroupNotFoundFault`.
            Self::Service { .. } => code.contains("NotFound"),
            _ => code == "ResourceNotFound",
        }
    }
}

fn vault_command(operation: &str, vault: &VaultArn) -> String {
    format!("aws backup {operation} --backup-vault-name {} --region {}", vault.name, vault.region)
}

fn key_command(operation: &str, key: &KeyArn) -> String {
    format!("aws kms {operation} --key-id {} --region {}", key.id, key.region)
}

/// AWS Backup lists the tags of fully managed points only; the others keep theirs in their
/// service.
fn tags_call(arn: &str, region: &str) -> (&'static str, String) {
    let parts = crate::arn::Arn::parse(arn);
    match parts.map(|arn| arn.service) {
        Some("ec2") => {
            let id = arn.rsplit('/').next().unwrap_or(arn);
            (
                "ec2:DescribeTags",
                format!(
                    "aws ec2 describe-tags --filters Name=resource-id,Values={id} --region {region}"
                ),
            )
        }
        Some("rds") => (
            "rds:ListTagsForResource",
            format!("aws rds list-tags-for-resource --resource-name {arn} --region {region}"),
        ),
        Some("fsx") => (
            "fsx:ListTagsForResource",
            format!("aws fsx list-tags-for-resource --resource-arn {arn} --region {region}"),
        ),
        _ => (
            "backup:ListTags",
            format!("aws backup list-tags --resource-arn {arn} --region {region}"),
        ),
    }
}

/// Percent-encodes everything outside `[A-Za-z0-9._-]`.
fn encode(name: &str) -> String {
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
