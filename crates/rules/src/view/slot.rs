//! Slots: the documents that rules ask for, by the part that each plays in a copy.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use super::{Filled, Gap};
use crate::arn::{KeyArn, RoleArn, VaultArn};
use crate::inputs::api::{self, ApiCall};
use crate::inputs::{Absence, Address, CALLS, Entry, Why, quoted};
use crate::outcome::Missing;
use crate::seen::{SeenCopy, SeenVault};

/// A document by the part it plays in a planned copy.
#[derive(Debug, Clone, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The part, such as `destination-vault-policy`.
    pub name: String,
    /// Which answer fills it.
    pub address: Address,
}

impl Hash for Slot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.address.hash(state);
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        // Slots are compared with all that were read, and most differ in the kind of address.
        self.address == other.address && self.name == other.name
    }
}

const NOT_FETCHED: Absence =
    Absence { why: Why::NotFetched, code: None, message: None, place: None };

impl Slot {
    fn new(name: impl Into<String>, address: Address) -> Self {
        Self { name: name.into(), address }
    }

    /// A document in a part of that name.
    pub(crate) fn named(name: &str, address: Address) -> Self {
        Self::new(name, address)
    }

    /// The organization as the source account sees it.
    #[must_use]
    pub fn source_organization(copy: &SeenCopy<'_>) -> Self {
        let account = copy.source.account.clone();
        Self::new("source-organization", Address::Organization { account })
    }

    /// The organization as the destination account sees it.
    #[must_use]
    pub fn destination_organization(copy: &SeenCopy<'_>) -> Self {
        let account = copy.destination.account.clone();
        Self::new("destination-organization", Address::Organization { account })
    }

    /// The organization as an account sees it, by the part that the account plays in the copy.
    #[must_use]
    pub fn organization_of(copy: &SeenCopy<'_>, account: &str) -> Self {
        if account == copy.source.account {
            Self::source_organization(copy)
        } else if account == copy.destination.account {
            Self::destination_organization(copy)
        } else {
            let account = account.to_owned();
            Self::new("key-owner-organization", Address::Organization { account })
        }
    }

    /// The global settings of AWS Backup in the management account.
    #[must_use]
    pub fn global_settings() -> Self {
        Self::new("global-settings", Address::GlobalSettings)
    }

    /// The accounts of the organization.
    #[must_use]
    pub fn organization_accounts() -> Self {
        Self::new("organization-accounts", Address::OrganizationAccounts)
    }

    /// The tree of the organization.
    #[must_use]
    pub fn organization_tree() -> Self {
        Self::new("organization-tree", Address::OrganizationTree)
    }

    /// The source vault.
    #[must_use]
    pub fn source_vault(copy: &SeenCopy<'_>) -> Self {
        Self::new("source-vault", Address::Vault(copy.source.clone()))
    }

    /// The destination vault.
    #[must_use]
    pub fn destination_vault(copy: &SeenCopy<'_>) -> Self {
        Self::new("destination-vault", Address::Vault(copy.destination.clone()))
    }

    /// The access policy of the destination vault.
    #[must_use]
    pub fn destination_vault_policy(copy: &SeenCopy<'_>) -> Self {
        Self::new("destination-vault-policy", Address::VaultPolicy(copy.destination.clone()))
    }

    /// The tags of the destination vault.
    #[must_use]
    pub fn destination_vault_tags(copy: &SeenCopy<'_>) -> Self {
        Self::new("destination-vault-tags", Address::VaultTags(copy.destination.clone()))
    }

    /// The effective tag policy of the destination account.
    #[must_use]
    pub fn destination_tag_policy(copy: &SeenCopy<'_>) -> Self {
        let account = copy.destination.account.clone();
        Self::new(
            "destination-tag-policy",
            Address::EffectivePolicy { account, policy_type: "TAG_POLICY".to_owned() },
        )
    }

    /// The recovery points of a vault.
    #[must_use]
    pub fn recovery_points(vault: &VaultArn) -> Self {
        Self::new("recovery-points", Address::RecoveryPoints(vault.clone()))
    }

    /// The recovery point.
    #[must_use]
    pub fn recovery_point(vault: &VaultArn, arn: &str) -> Self {
        Self::new(
            "recovery-point",
            Address::RecoveryPoint { vault: vault.clone(), arn: arn.to_owned() },
        )
    }

    /// The tags of the recovery point.
    #[must_use]
    pub fn recovery_point_tags(vault: &VaultArn, arn: &str) -> Self {
        Self::new(
            "recovery-point-tags",
            Address::RecoveryPointTags { vault: vault.clone(), arn: arn.to_owned() },
        )
    }

    /// A key, `source-key[0]` or `destination-key`.
    #[must_use]
    pub fn key(part: &str, key: &KeyArn) -> Self {
        Self::new(part, Address::Key(key.clone()))
    }

    /// The policy of a key.
    #[must_use]
    pub fn key_policy(part: &str, key: &KeyArn) -> Self {
        Self::new(suffixed(part, "policy"), Address::KeyPolicy(key.clone()))
    }

    /// The grants on a key.
    #[must_use]
    pub fn key_grants(part: &str, key: &KeyArn) -> Self {
        Self::new(suffixed(part, "grants"), Address::KeyGrants(key.clone()))
    }

    /// The tags of a key.
    #[must_use]
    pub fn key_tags(part: &str, key: &KeyArn) -> Self {
        Self::new(suffixed(part, "tags"), Address::KeyTags(key.clone()))
    }

    /// The aliases of a key.
    #[must_use]
    pub fn key_aliases(part: &str, key: &KeyArn) -> Self {
        Self::new(suffixed(part, "aliases"), Address::KeyAliases(key.clone()))
    }

    /// The ids of the organization's policies.
    #[must_use]
    pub fn organization_policies() -> Self {
        Self::new("organization-policies", Address::OrganizationPolicies)
    }

    /// The roots of the organization, which show the policy types in use.
    #[must_use]
    pub fn organization_roots() -> Self {
        Self::new("organization-roots", Address::OrganizationRoots)
    }

    /// A policy of the organization.
    #[must_use]
    pub fn organization_policy(id: &str) -> Self {
        let address = Address::OrganizationPolicy { id: id.to_owned() };
        Self::new(format!("organization-policy[{id}]"), address)
    }

    /// What a policy of the organization is attached to.
    #[must_use]
    pub fn organization_policy_targets(id: &str) -> Self {
        let address = Address::OrganizationPolicyTargets { id: id.to_owned() };
        Self::new(format!("organization-policy-targets[{id}]"), address)
    }

    /// The part of a document of the organization.
    pub(crate) fn of_organization(address: &Address) -> String {
        match address {
            Address::OrganizationAccounts => Self::organization_accounts().name,
            Address::OrganizationTree => Self::organization_tree().name,
            Address::OrganizationRoots => Self::organization_roots().name,
            Address::OrganizationPolicies => Self::organization_policies().name,
            Address::OrganizationPolicy { id } => Self::organization_policy(id).name,
            Address::OrganizationPolicyTargets { id } => Self::organization_policy_targets(id).name,
            other => other.path(),
        }
    }

    /// The vaults of the destination account and Region.
    #[must_use]
    pub fn destination_vaults(copy: &SeenCopy<'_>) -> Self {
        let SeenVault { account, region, .. } = &copy.destination;
        let (account, region) = (account.to_string(), region.to_string());
        Self::new("destination-vaults", Address::Vaults { account, region })
    }

    /// The access policy of the source vault.
    #[must_use]
    pub fn source_vault_policy(copy: &SeenCopy<'_>) -> Self {
        Self::new("source-vault-policy", Address::VaultPolicy(copy.source.clone()))
    }

    /// The service-linked role of AWS Backup in the destination account.
    #[must_use]
    pub fn destination_service_linked_role(copy: &SeenCopy<'_>) -> Self {
        let SeenVault { partition, account, .. } = &copy.destination;
        let role = RoleArn::service_linked(partition, account);
        Self::new("destination-service-linked-role", Address::Role(role))
    }

    /// The Regions that an account has enabled; `part` says which account it is.
    #[must_use]
    pub fn regions(part: &str, account: &str) -> Self {
        Self::new(format!("{part}-regions"), Address::Regions { account: account.to_owned() })
    }

    /// The image of an EC2 recovery point.
    #[must_use]
    pub fn source_image(copy: &SeenCopy<'_>, id: &str) -> Self {
        Self::service(
            "source-image",
            (&copy.source.account, &copy.source.region),
            ("ec2", format!("images/{id}")),
            (&api::DESCRIBE_IMAGES, format!("aws ec2 describe-images --image-ids {}", quoted(id))),
        )
    }

    /// The Allowed AMIs setting of the destination account in a Region.
    #[must_use]
    pub fn allowed_images(copy: &SeenCopy<'_>, region: &str) -> Self {
        let part = if region == copy.destination.region {
            "allowed-images-destination-region"
        } else {
            "allowed-images-source-region"
        };
        Self::service(
            part,
            (&copy.destination.account, region),
            ("ec2", "allowed-images-settings".to_owned()),
            (&api::GET_ALLOWED_IMAGES_SETTINGS, "aws ec2 get-allowed-images-settings".to_owned()),
        )
    }

    /// The snapshot of an RDS recovery point.
    #[must_use]
    pub fn source_db_snapshot(copy: &SeenCopy<'_>, id: &str) -> Self {
        Self::service(
            "source-db-snapshot",
            (&copy.source.account, &copy.source.region),
            ("rds", format!("db-snapshots/{id}")),
            (
                &api::DESCRIBE_DB_SNAPSHOTS,
                format!("aws rds describe-db-snapshots --db-snapshot-identifier {}", quoted(id)),
            ),
        )
    }

    /// An RDS option group in the account and Region of a vault.
    #[must_use]
    pub fn option_group(part: &str, vault: &VaultArn, name: &str) -> Self {
        Self::service(
            part,
            (&vault.account, &vault.region),
            ("rds", format!("option-groups/{name}")),
            (
                &api::DESCRIBE_OPTION_GROUPS,
                format!("aws rds describe-option-groups --option-group-name {}", quoted(name)),
            ),
        )
    }

    /// The backup of an FSx recovery point.
    #[must_use]
    pub fn source_fsx_backup(copy: &SeenCopy<'_>, id: &str) -> Self {
        Self::service(
            "source-fsx-backup",
            (&copy.source.account, &copy.source.region),
            ("fsx", format!("backups/{id}")),
            (
                &api::DESCRIBE_FSX_BACKUPS,
                format!("aws fsx describe-backups --backup-ids {}", quoted(id)),
            ),
        )
    }

    /// A describe answer of another service: part, account and Region, service and file,
    /// call and command.
    fn service(
        part: &str,
        (account, region): (&str, &str),
        (service, name): (&'static str, String),
        (api, command): (&'static ApiCall, String),
    ) -> Self {
        let (account, region) = (account.to_owned(), region.to_owned());
        Self::new(part, Address::Service { account, region, service, name, api, command })
    }

    /// The slot with what stands in it.
    ///
    /// # Errors
    /// The gap, where there is no answer.
    pub(crate) fn fill<'a>(&self, entry: Option<&'a Entry>) -> Result<Filled<'a>, Gap<'a>> {
        let gap = |absence| Err(Gap { slot: self.clone(), absence });
        match entry {
            Some(Entry::Present(answer)) => Ok(Filled { slot: self.name.clone(), answer }),
            Some(Entry::Absent(absence)) => gap(Cow::Borrowed(absence)),
            None => gap(Cow::Owned(NOT_FETCHED)),
        }
    }

    /// What fetches the document, as an outcome names it.
    #[must_use]
    pub fn missing(&self, why: Why, refused_by: Option<String>) -> Missing {
        let call = self.address.call();
        // What was refused may be a call before the one that answers.
        let refused = refused_by.as_deref().filter(|_| why == Why::Denied).and_then(refused_call);
        let permission = refused.map_or(call.permission, |api| api.permission);
        Missing {
            what: self.name.clone(),
            why,
            permission: Some(permission.to_owned()),
            account: call.account,
            refused_by,
            command: Some(call.command),
        }
    }
}

/// The call that AWS names when it refuses: `… is not authorized to perform: iam:GetPolicy on …`.
fn refused_call(message: &str) -> Option<&'static ApiCall> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let named = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').next()?;
    CALLS.iter().copied().find(|call| call.permission.eq_ignore_ascii_case(named))
}

/// `source-key[1]` and `policy` give `source-key-policy[1]`.
fn suffixed(part: &str, suffix: &str) -> String {
    match part.split_once('[') {
        Some((name, index)) => format!("{name}-{suffix}[{index}"),
        None => format!("{part}-{suffix}"),
    }
}
