//! How an answer is fetched: by which call, in which account, and by which command.

use super::Address;
use crate::arn::{KeyArn, VaultArn};
use crate::inputs::api::{self, ApiCall};

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
                    "aws organizations list-accounts-with-invalid-effective-policy --policy-type {}",
                    quoted(policy_type)
                ),
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
        // The list shows where accounts stand; only where it does not is the tree walked.
        static OF_TREE: &[&ApiCall] = &[&api::LIST_ACCOUNTS];
        match self {
            Self::RolePolicy { policy, .. } if !policy.starts_with("inline:") => OF_MANAGED_POLICY,
            Self::OrganizationTree => OF_TREE,
            _ => &[],
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
