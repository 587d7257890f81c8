//! The table of calls: everything that the tool ever asks AWS, and where.
//!
//! The reader takes its permissions from here, and so do the policies that `permissions` prints:
//! a call that is not in the table cannot be made.

/// One call of AWS that reads.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiCall {
    /// The service, as permissions name it.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The permission that the call needs: service and operation.
    pub permission: &'static str,
    /// What a policy allows it on: `*`, or an ARN with `PARTITION` for the partition.
    pub resource: &'static str,
    /// Where it is made; nowhere for a call that an account allows everyone, or that stands at
    /// the beginning of all.
    pub sides: &'static [Side],
}

/// The parts that an account may play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Copies leave it.
    Source,
    /// Copies enter it.
    Destination,
    /// It manages the organization.
    Management,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Source, Self::Destination, Self::Management];

    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Management => "management",
        }
    }
}

const SOURCE: &[Side] = &[Side::Source];
const DESTINATION: &[Side] = &[Side::Destination];
const BOTH: &[Side] = &[Side::Source, Side::Destination];
const MANAGEMENT: &[Side] = &[Side::Management];
const NOWHERE: &[Side] = &[];

const ANY: &str = "*";
const VAULT: &str = "arn:PARTITION:backup:*:*:backup-vault:*";
const PLAN: &str = "arn:PARTITION:backup:*:*:backup-plan:*";
const KEY: &str = "arn:PARTITION:kms:*:*:key/*";
const ROLE: &str = "arn:PARTITION:iam::*:role/*";
const POLICY: &str = "arn:PARTITION:iam::*:policy/*";

macro_rules! calls {
    ($($name:ident: $service:literal $operation:literal on $resource:ident in $sides:ident;)*) => {
        $(
            #[doc = concat!("`", $service, ":", $operation, "`")]
            pub static $name: ApiCall = ApiCall {
                service: $service,
                operation: $operation,
                permission: concat!($service, ":", $operation),
                resource: $resource,
                sides: $sides,
            };
        )*
        /// The whole table.
        pub static CALLS: &[&ApiCall] = &[$(&$name),*];
    };
}

calls! {
    DESCRIBE_ORGANIZATION: "organizations" "DescribeOrganization" on ANY in BOTH;
    LIST_ACCOUNTS: "organizations" "ListAccounts" on ANY in MANAGEMENT;
    LIST_PARENTS: "organizations" "ListParents" on ANY in MANAGEMENT;
    LIST_ROOTS: "organizations" "ListRoots" on ANY in MANAGEMENT;
    LIST_POLICIES: "organizations" "ListPolicies" on ANY in MANAGEMENT;
    DESCRIBE_POLICY: "organizations" "DescribePolicy" on ANY in MANAGEMENT;
    LIST_TARGETS_FOR_POLICY: "organizations" "ListTargetsForPolicy" on ANY in MANAGEMENT;
    LIST_AWS_SERVICE_ACCESS: "organizations" "ListAWSServiceAccessForOrganization" on ANY in MANAGEMENT;
    LIST_DELEGATED_ADMINISTRATORS: "organizations" "ListDelegatedAdministrators" on ANY in MANAGEMENT;
    LIST_INVALID_EFFECTIVE_POLICIES: "organizations" "ListAccountsWithInvalidEffectivePolicy" on ANY in MANAGEMENT;
    DESCRIBE_EFFECTIVE_POLICY: "organizations" "DescribeEffectivePolicy" on ANY in DESTINATION;
    DESCRIBE_GLOBAL_SETTINGS: "backup" "DescribeGlobalSettings" on ANY in MANAGEMENT;
    LIST_REGIONS: "account" "ListRegions" on ANY in BOTH;
    DESCRIBE_REGION_SETTINGS: "backup" "DescribeRegionSettings" on ANY in BOTH;
    LIST_BACKUP_VAULTS: "backup" "ListBackupVaults" on ANY in DESTINATION;
    DESCRIBE_BACKUP_VAULT: "backup" "DescribeBackupVault" on VAULT in BOTH;
    GET_BACKUP_VAULT_ACCESS_POLICY: "backup" "GetBackupVaultAccessPolicy" on VAULT in BOTH;
    // A recovery point has an ARN of its service.
    BACKUP_LIST_TAGS: "backup" "ListTags" on ANY in BOTH;
    LIST_RECOVERY_POINTS: "backup" "ListRecoveryPointsByBackupVault" on VAULT in SOURCE;
    DESCRIBE_RECOVERY_POINT: "backup" "DescribeRecoveryPoint" on ANY in SOURCE;
    GET_BACKUP_PLAN: "backup" "GetBackupPlan" on PLAN in SOURCE;
    LIST_BACKUP_SELECTIONS: "backup" "ListBackupSelections" on PLAN in SOURCE;
    GET_BACKUP_SELECTION: "backup" "GetBackupSelection" on PLAN in SOURCE;
    DESCRIBE_COPY_JOB: "backup" "DescribeCopyJob" on ANY in SOURCE;
    DESCRIBE_IMAGES: "ec2" "DescribeImages" on ANY in SOURCE;
    GET_ALLOWED_IMAGES_SETTINGS: "ec2" "GetAllowedImagesSettings" on ANY in DESTINATION;
    EC2_DESCRIBE_TAGS: "ec2" "DescribeTags" on ANY in SOURCE;
    DESCRIBE_DB_SNAPSHOTS: "rds" "DescribeDBSnapshots" on ANY in SOURCE;
    DESCRIBE_OPTION_GROUPS: "rds" "DescribeOptionGroups" on ANY in BOTH;
    RDS_LIST_TAGS: "rds" "ListTagsForResource" on ANY in SOURCE;
    DESCRIBE_FSX_BACKUPS: "fsx" "DescribeBackups" on ANY in SOURCE;
    FSX_LIST_TAGS: "fsx" "ListTagsForResource" on ANY in SOURCE;
    DESCRIBE_KEY: "kms" "DescribeKey" on KEY in BOTH;
    GET_KEY_POLICY: "kms" "GetKeyPolicy" on KEY in BOTH;
    LIST_GRANTS: "kms" "ListGrants" on KEY in BOTH;
    LIST_RESOURCE_TAGS: "kms" "ListResourceTags" on KEY in BOTH;
    LIST_ALIASES: "kms" "ListAliases" on ANY in BOTH;
    GET_ROLE: "iam" "GetRole" on ROLE in BOTH;
    LIST_ATTACHED_ROLE_POLICIES: "iam" "ListAttachedRolePolicies" on ROLE in SOURCE;
    LIST_ROLE_POLICIES: "iam" "ListRolePolicies" on ROLE in SOURCE;
    GET_ROLE_POLICY: "iam" "GetRolePolicy" on ROLE in SOURCE;
    // The version that is in force stands in another answer than its text.
    GET_POLICY: "iam" "GetPolicy" on POLICY in BOTH;
    GET_POLICY_VERSION: "iam" "GetPolicyVersion" on POLICY in BOTH;
    // Needs no permission, and no policy can deny it.
    GET_CALLER_IDENTITY: "sts" "GetCallerIdentity" on ANY in NOWHERE;
    // Allowed by the trust policy of the role, and by the caller's own where accounts differ.
    ASSUME_ROLE: "sts" "AssumeRole" on ANY in NOWHERE;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_holds_calls_that_read_and_no_other() {
        for call in CALLS {
            let reads = ["Describe", "Get", "List"].iter().any(|verb| {
                let rest = call.operation.strip_prefix(verb);
                rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            });
            let is_sts = call.service == "sts"
                && ["AssumeRole", "GetCallerIdentity", "DecodeAuthorizationMessage"]
                    .contains(&call.operation);
            // A session token and the text of a secret are read by a `Get` too.
            let is_secret = ["Token", "Secret", "Password", "Credential"]
                .iter()
                .any(|word| call.operation.contains(word));
            assert!((reads && call.service != "sts" && !is_secret) || is_sts, "{call:?}");
        }
    }

    #[test]
    fn no_call_stands_there_twice() {
        let permissions: BTreeSet<&str> = CALLS.iter().map(|call| call.permission).collect();
        assert_eq!(permissions.len(), CALLS.len());
    }
}
