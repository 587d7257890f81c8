//! Addresses: which answer of which API, about what, asked where.
//!
//! One table for everything that is read: the file in a snapshot, the call that fetches it, the
//! permission that the call needs, and the command that a person runs.

use super::api::{self, ApiCall};
use crate::arn::{KeyArn, RoleArn, VaultArn};

/// One answer of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `organizations describe-organization`, asked in an account.
    Organization {
        /// The account that asks.
        account: String,
    },
    /// `organizations describe-organization`, asked by whoever may ask about all of it.
    ManagementOrganization,
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
    /// `organizations list-aws-service-access-for-organization`.
    ServiceAccess,
    /// `organizations list-delegated-administrators` of AWS Backup.
    DelegatedAdministrators,
    /// `organizations list-accounts-with-invalid-effective-policy`.
    InvalidEffectivePolicies {
        /// The policy type, such as `BACKUP_POLICY`.
        policy_type: String,
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
        /// The call that answers.
        api: &'static ApiCall,
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
    /// The tags of a recovery point, from the service that keeps them.
    RecoveryPointTags {
        /// The vault it is in.
        vault: VaultArn,
        /// Its ARN.
        arn: String,
    },
    /// `backup list-backup-plans`.
    BackupPlans {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// `backup get-backup-plan`.
    BackupPlan {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        id: String,
    },
    /// `backup list-backup-selections`, in a snapshot the files of the folder.
    BackupSelections {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        plan: String,
    },
    /// `backup get-backup-selection`.
    BackupSelection {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        plan: String,
        /// The id of the selection.
        id: String,
    },
    /// `backup describe-copy-job`.
    CopyJob {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the job.
        id: String,
    },
    /// `backup list-copy-jobs`, those that failed.
    FailedCopyJobs {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// Only those that ended after this time.
        since: Option<jiff::Timestamp>,
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
    /// Its row in the table of calls.
    pub api: &'static ApiCall,
    /// The permission that the call needs.
    pub permission: &'static str,
    /// What the tool calls besides, where it has to look something up first.
    pub also: &'static [&'static ApiCall],
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
            Self::ManagementOrganization => "organization/organization".to_owned(),
            Self::OrganizationAccounts => "organization/accounts".to_owned(),
            Self::OrganizationTree => "organization/tree".to_owned(),
            Self::OrganizationRoots => "organization/roots".to_owned(),
            Self::GlobalSettings => "organization/global-settings".to_owned(),
            Self::OrganizationPolicies => "organization/policies".to_owned(),
            Self::OrganizationPolicy { id } => format!("organization/policies/{}", encode_name(id)),
            Self::OrganizationPolicyTargets { id } => {
                format!("organization/attachments/{}", encode_name(id))
            }
            Self::ServiceAccess => "organization/service-access".to_owned(),
            Self::DelegatedAdministrators => "organization/delegated-administrators".to_owned(),
            Self::InvalidEffectivePolicies { policy_type } => {
                format!("organization/invalid-effective-policies/{policy_type}")
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
            Self::BackupPlans { account, region } => format!("accounts/{account}/{region}/plans"),
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
            Self::FailedCopyJobs { account, region, .. } => {
                format!("accounts/{account}/{region}/copy-jobs")
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

    /// How the answer is fetched.
    #[must_use]
    pub fn call(&self) -> Call {
        let call = |api: &'static ApiCall, account: Option<&String>, command: String| Call {
            api,
            permission: api.permission,
            also: self.also(),
            command,
            account: account.cloned(),
        };
        match self {
            Self::Organization { account } => call(
                &api::DESCRIBE_ORGANIZATION,
                Some(account),
                "aws organizations describe-organization".to_owned(),
            ),
            Self::ManagementOrganization => call(
                &api::DESCRIBE_ORGANIZATION,
                None,
                "aws organizations describe-organization".to_owned(),
            ),
            Self::OrganizationAccounts => {
                call(&api::LIST_ACCOUNTS, None, "aws organizations list-accounts".to_owned())
            }
            Self::OrganizationTree => call(
                &api::LIST_PARENTS,
                None,
                "aws organizations list-parents --child-id ACCOUNT-OR-OU".to_owned(),
            ),
            Self::OrganizationRoots => {
                call(&api::LIST_ROOTS, None, "aws organizations list-roots".to_owned())
            }
            Self::GlobalSettings => call(
                &api::DESCRIBE_GLOBAL_SETTINGS,
                None,
                "aws backup describe-global-settings".to_owned(),
            ),
            Self::OrganizationPolicies => call(
                &api::LIST_POLICIES,
                None,
                "aws organizations list-policies --filter SERVICE_CONTROL_POLICY".to_owned(),
            ),
            Self::OrganizationPolicy { id } => call(
                &api::DESCRIBE_POLICY,
                None,
                format!("aws organizations describe-policy --policy-id {}", quoted(id)),
            ),
            Self::OrganizationPolicyTargets { id } => call(
                &api::LIST_TARGETS_FOR_POLICY,
                None,
                format!("aws organizations list-targets-for-policy --policy-id {}", quoted(id)),
            ),
            Self::ServiceAccess => call(
                &api::LIST_AWS_SERVICE_ACCESS,
                None,
                "aws organizations list-aws-service-access-for-organization".to_owned(),
            ),
            Self::DelegatedAdministrators => call(
                &api::LIST_DELEGATED_ADMINISTRATORS,
                None,
                "aws organizations list-delegated-administrators --service-principal \
                 backup.amazonaws.com"
                    .to_owned(),
            ),
            Self::InvalidEffectivePolicies { policy_type } => call(
                &api::LIST_INVALID_EFFECTIVE_POLICIES,
                None,
                format!(
                    "aws organizations list-accounts-with-invalid-effective-policy --policy-type \
                     {policy_type}"
                ),
            ),
            Self::Regions { account } => {
                call(&api::LIST_REGIONS, Some(account), "aws account list-regions".to_owned())
            }
            Self::RegionSettings { account, region } => call(
                &api::DESCRIBE_REGION_SETTINGS,
                Some(account),
                format!("aws backup describe-region-settings --region {region}"),
            ),
            Self::Vaults { account, region } => call(
                &api::LIST_BACKUP_VAULTS,
                Some(account),
                format!("aws backup list-backup-vaults --region {region}"),
            ),
            Self::Service { account, region, api, command, .. } => {
                call(api, Some(account), format!("{command} --region {region}"))
            }
            Self::EffectivePolicy { account, policy_type } => call(
                &api::DESCRIBE_EFFECTIVE_POLICY,
                Some(account),
                format!("aws organizations describe-effective-policy --policy-type {policy_type}"),
            ),
            Self::Vault(arn) => call(
                &api::DESCRIBE_BACKUP_VAULT,
                Some(&arn.account),
                vault_command("describe-backup-vault", arn),
            ),
            Self::VaultPolicy(arn) => call(
                &api::GET_BACKUP_VAULT_ACCESS_POLICY,
                Some(&arn.account),
                vault_command("get-backup-vault-access-policy", arn),
            ),
            Self::VaultTags(arn) => call(
                &api::BACKUP_LIST_TAGS,
                Some(&arn.account),
                format!(
                    "aws backup list-tags --resource-arn {} --region {}",
                    quoted(&arn.to_string()),
                    arn.region
                ),
            ),
            Self::RecoveryPoints(arn) => call(
                &api::LIST_RECOVERY_POINTS,
                Some(&arn.account),
                vault_command("list-recovery-points-by-backup-vault", arn),
            ),
            Self::RecoveryPoint { vault, arn } => call(
                &api::DESCRIBE_RECOVERY_POINT,
                Some(&vault.account),
                format!(
                    "{} --recovery-point-arn {}",
                    vault_command("describe-recovery-point", vault),
                    quoted(arn)
                ),
            ),
            Self::RecoveryPointTags { vault, arn } => {
                let (api, command) = tags_call(arn, &vault.region);
                call(api, Some(&vault.account), command)
            }
            Self::BackupPlans { account, region } => call(
                &api::LIST_BACKUP_PLANS,
                Some(account),
                format!("aws backup list-backup-plans --region {region}"),
            ),
            Self::BackupPlan { account, region, id } => call(
                &api::GET_BACKUP_PLAN,
                Some(account),
                format!(
                    "aws backup get-backup-plan --backup-plan-id {} --region {region}",
                    quoted(id)
                ),
            ),
            Self::BackupSelections { account, region, plan } => call(
                &api::LIST_BACKUP_SELECTIONS,
                Some(account),
                format!(
                    "aws backup list-backup-selections --backup-plan-id {} --region {region}",
                    quoted(plan)
                ),
            ),
            Self::BackupSelection { account, region, plan, id } => call(
                &api::GET_BACKUP_SELECTION,
                Some(account),
                format!(
                    "aws backup get-backup-selection --backup-plan-id {} --selection-id {} \
                     --region {region}",
                    quoted(plan),
                    quoted(id)
                ),
            ),
            Self::CopyJob { account, region, id } => call(
                &api::DESCRIBE_COPY_JOB,
                Some(account),
                format!(
                    "aws backup describe-copy-job --copy-job-id {} --region {region}",
                    quoted(id)
                ),
            ),
            Self::FailedCopyJobs { account, region, since } => {
                let since = since.map(|since| format!(" --by-complete-after {since}"));
                call(
                    &api::LIST_COPY_JOBS,
                    Some(account),
                    format!(
                        "aws backup list-copy-jobs --by-state FAILED{} --region {region}",
                        since.unwrap_or_default()
                    ),
                )
            }
            Self::Key(arn) => {
                call(&api::DESCRIBE_KEY, Some(&arn.account), key_command("describe-key", arn))
            }
            Self::KeyPolicy(arn) => call(
                &api::GET_KEY_POLICY,
                Some(&arn.account),
                format!("{} --policy-name default", key_command("get-key-policy", arn)),
            ),
            Self::KeyGrants(arn) => {
                call(&api::LIST_GRANTS, Some(&arn.account), key_command("list-grants", arn))
            }
            Self::KeyTags(arn) => call(
                &api::LIST_RESOURCE_TAGS,
                Some(&arn.account),
                key_command("list-resource-tags", arn),
            ),
            Self::KeyAliases(arn) => {
                call(&api::LIST_ALIASES, Some(&arn.account), key_command("list-aliases", arn))
            }
            Self::Role(arn) => call(
                &api::GET_ROLE,
                Some(&arn.account),
                format!("aws iam get-role --role-name {}", quoted(&arn.name)),
            ),
            Self::RoleAttached(arn) => call(
                &api::LIST_ATTACHED_ROLE_POLICIES,
                Some(&arn.account),
                format!("aws iam list-attached-role-policies --role-name {}", quoted(&arn.name)),
            ),
            Self::RoleInline(arn) => call(
                &api::LIST_ROLE_POLICIES,
                Some(&arn.account),
                format!("aws iam list-role-policies --role-name {}", quoted(&arn.name)),
            ),
            Self::RolePolicy { role, policy } => match policy.strip_prefix("inline:") {
                Some(name) => call(
                    &api::GET_ROLE_POLICY,
                    Some(&role.account),
                    format!(
                        "aws iam get-role-policy --role-name {} --policy-name {}",
                        quoted(&role.name),
                        quoted(name)
                    ),
                ),
                None => call(
                    &api::GET_POLICY_VERSION,
                    Some(&role.account),
                    format!(
                        "aws iam get-policy-version --policy-arn {} --version-id VERSION",
                        quoted(policy)
                    ),
                ),
            },
        }
    }

    /// The calls that come before the one that answers.
    fn also(&self) -> &'static [&'static ApiCall] {
        // The version of a managed policy that is in force.
        static OF_MANAGED_POLICY: &[&ApiCall] = &[&api::GET_POLICY];
        // The list shows where accounts stand; only where it does not is the tree walked: up from
        // a few accounts, down from the root to all.
        static OF_TREE: &[&ApiCall] = &[
            &api::LIST_ACCOUNTS,
            &api::LIST_ACCOUNTS_FOR_PARENT,
            &api::LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
        ];
        match self {
            Self::RolePolicy { policy, .. } if !policy.starts_with("inline:") => OF_MANAGED_POLICY,
            Self::OrganizationTree => OF_TREE,
            _ => &[],
        }
    }

    /// Whether a snapshot has a folder in its place: the files in it are the list.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::OrganizationPolicies | Self::BackupSelections { .. })
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
            Self::EffectivePolicy { .. } | Self::InvalidEffectivePolicies { .. } => {
                code == "EffectivePolicyNotFound"
            }
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
    format!(
        "aws backup {operation} --backup-vault-name {} --region {}",
        quoted(&vault.name),
        vault.region
    )
}

fn key_command(operation: &str, key: &KeyArn) -> String {
    format!("aws kms {operation} --key-id {} --region {}", quoted(&key.id), key.region)
}

/// AWS Backup lists the tags of fully managed points only; the others keep theirs in their
/// service.
fn tags_call(arn: &str, region: &str) -> (&'static ApiCall, String) {
    let parts = crate::arn::Arn::parse(arn);
    let id = quoted(arn.rsplit('/').next().unwrap_or(arn));
    let quoted_arn = quoted(arn);
    let (arn, service) = (quoted_arn.as_str(), parts.map(|arn| arn.service));
    match service {
        Some("ec2") => (
            &api::EC2_DESCRIBE_TAGS,
            format!(
                "aws ec2 describe-tags --filters Name=resource-id,Values={id} --region {region}"
            ),
        ),
        Some("rds") => (
            &api::RDS_LIST_TAGS,
            format!("aws rds list-tags-for-resource --resource-name {arn} --region {region}"),
        ),
        Some("fsx") => (
            &api::FSX_LIST_TAGS,
            format!("aws fsx list-tags-for-resource --resource-arn {arn} --region {region}"),
        ),
        _ => (
            &api::BACKUP_LIST_TAGS,
            format!("aws backup list-tags --resource-arn {arn} --region {region}"),
        ),
    }
}

/// A word as a shell takes it: quoted where it holds more than letters, digits and `._:/@=,+%-`.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@=,+%-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
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

    /// One address of each kind. A kind that is new does not compile before it stands here.
    fn every_kind() -> Vec<Address> {
        let vault: VaultArn =
            "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod".parse().unwrap();
        let key: KeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1".parse().unwrap();
        let role: RoleArn = "arn:aws:iam::111122223333:role/Copy".parse().unwrap();
        let (account, region) = (vault.account.clone(), vault.region.clone());
        let here = || (account.clone(), region.clone());
        let point = |service: &str| format!("arn:aws:{service}:eu-west-1:111122223333:x/y");
        let policy =
            |policy: &str| Address::RolePolicy { role: role.clone(), policy: policy.to_owned() };
        let tags =
            |service| Address::RecoveryPointTags { vault: vault.clone(), arn: point(service) };
        let id = || "x".to_owned();
        let all = vec![
            Address::Organization { account: account.clone() },
            Address::ManagementOrganization,
            Address::OrganizationAccounts,
            Address::OrganizationTree,
            Address::OrganizationRoots,
            Address::OrganizationPolicies,
            Address::OrganizationPolicy { id: id() },
            Address::OrganizationPolicyTargets { id: id() },
            Address::ServiceAccess,
            Address::DelegatedAdministrators,
            Address::InvalidEffectivePolicies { policy_type: id() },
            Address::Regions { account: account.clone() },
            Address::RegionSettings { account: here().0, region: here().1 },
            Address::Vaults { account: here().0, region: here().1 },
            Address::Service {
                account: here().0,
                region: here().1,
                service: "ec2",
                name: id(),
                api: &api::DESCRIBE_IMAGES,
                command: id(),
            },
            Address::GlobalSettings,
            Address::EffectivePolicy { account: account.clone(), policy_type: id() },
            Address::Vault(vault.clone()),
            Address::VaultPolicy(vault.clone()),
            Address::VaultTags(vault.clone()),
            Address::RecoveryPoints(vault.clone()),
            Address::RecoveryPoint { vault: vault.clone(), arn: point("ec2") },
            tags("ec2"),
            tags("rds"),
            tags("fsx"),
            tags("backup"),
            Address::BackupPlans { account: here().0, region: here().1 },
            Address::BackupPlan { account: here().0, region: here().1, id: id() },
            Address::BackupSelections { account: here().0, region: here().1, plan: id() },
            Address::BackupSelection { account: here().0, region: here().1, plan: id(), id: id() },
            Address::CopyJob { account: here().0, region: here().1, id: id() },
            Address::FailedCopyJobs { account: here().0, region: here().1, since: None },
            Address::Key(key.clone()),
            Address::KeyPolicy(key.clone()),
            Address::KeyGrants(key.clone()),
            Address::KeyTags(key.clone()),
            Address::KeyAliases(key),
            Address::Role(role.clone()),
            Address::RoleAttached(role.clone()),
            Address::RoleInline(role.clone()),
            policy("inline:x"),
            policy("arn:aws:iam::aws:policy/x"),
        ];
        for address in &all {
            // INVARIANT: whoever adds an arm here adds an address above.
            match address {
                Address::Organization { .. }
                | Address::ManagementOrganization
                | Address::OrganizationAccounts
                | Address::OrganizationTree
                | Address::OrganizationRoots
                | Address::OrganizationPolicies
                | Address::OrganizationPolicy { .. }
                | Address::OrganizationPolicyTargets { .. }
                | Address::ServiceAccess
                | Address::DelegatedAdministrators
                | Address::InvalidEffectivePolicies { .. }
                | Address::Regions { .. }
                | Address::RegionSettings { .. }
                | Address::Vaults { .. }
                | Address::Service { .. }
                | Address::GlobalSettings
                | Address::EffectivePolicy { .. }
                | Address::Vault(_)
                | Address::VaultPolicy(_)
                | Address::VaultTags(_)
                | Address::RecoveryPoints(_)
                | Address::RecoveryPoint { .. }
                | Address::RecoveryPointTags { .. }
                | Address::BackupPlans { .. }
                | Address::BackupPlan { .. }
                | Address::BackupSelections { .. }
                | Address::BackupSelection { .. }
                | Address::CopyJob { .. }
                | Address::FailedCopyJobs { .. }
                | Address::Key(_)
                | Address::KeyPolicy(_)
                | Address::KeyGrants(_)
                | Address::KeyTags(_)
                | Address::KeyAliases(_)
                | Address::Role(_)
                | Address::RoleAttached(_)
                | Address::RoleInline(_)
                | Address::RolePolicy { .. } => {}
            }
        }
        all
    }

    #[test]
    fn every_call_is_in_the_table_and_needed_somewhere() {
        let mut called: Vec<&ApiCall> = Vec::new();
        for address in every_kind() {
            let call = address.call();
            for api in [call.api].into_iter().chain(call.also.iter().copied()) {
                assert!(api::CALLS.contains(&api), "{api:?} is not in the table");
                assert!(!api.sides.is_empty(), "{api:?} is allowed nowhere");
                // An account that asks is source or destination; nobody else is the management.
                let managing = api.sides.contains(&api::Side::Management);
                let elsewhere = api.sides != [api::Side::Management];
                assert!(if call.account.is_none() { managing } else { elsewhere }, "{address:?}");
                called.push(api);
            }
        }
        let of_services =
            ["ec2:GetAllowedImagesSettings", "rds:DescribeDBSnapshots", "rds:DescribeOptionGroups"];
        for api in api::CALLS {
            let is_made = called.contains(api)
                || api.service == "sts"
                || of_services.contains(&api.permission)
                || api.permission == "fsx:DescribeBackups";
            assert!(is_made, "{api:?} is made for no address");
        }
    }

    #[test]
    fn what_a_shell_would_act_upon_is_quoted() {
        for (word, expected) in [
            ("prod", "prod"),
            ("arn:aws:iam::aws:policy/x", "arn:aws:iam::aws:policy/x"),
            ("$(rm x)", "'$(rm x)'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

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
