//! Each kind of address has its call, and each call its address.

use super::*;
use crate::inputs::api;

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
    let tags = |service| Address::RecoveryPointTags { vault: vault.clone(), arn: point(service) };
    let id = || "x".to_owned();
    let all = vec![
        Address::Organization { account: account.clone() },
        Address::OrganizationAccounts,
        Address::OrganizationTree,
        Address::OrganizationRoots,
        Address::OrganizationPolicies,
        Address::OrganizationPolicy { id: id() },
        Address::OrganizationPolicyTargets { id: id() },
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
        Address::ServiceAccess,
        Address::DelegatedAdministrators,
        Address::InvalidEffectivePolicies { policy_type: id() },
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
        Address::BackupPlan { account: here().0, region: here().1, id: id() },
        Address::BackupSelections { account: here().0, region: here().1, plan: id() },
        Address::BackupSelection { account: here().0, region: here().1, plan: id(), id: id() },
        Address::CopyJob { account: here().0, region: here().1, id: id() },
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
            | Address::OrganizationAccounts
            | Address::OrganizationTree
            | Address::OrganizationRoots
            | Address::OrganizationPolicies
            | Address::OrganizationPolicy { .. }
            | Address::OrganizationPolicyTargets { .. }
            | Address::Regions { .. }
            | Address::RegionSettings { .. }
            | Address::Vaults { .. }
            | Address::Service { .. }
            | Address::GlobalSettings
            | Address::ServiceAccess
            | Address::DelegatedAdministrators
            | Address::InvalidEffectivePolicies { .. }
            | Address::EffectivePolicy { .. }
            | Address::Vault(_)
            | Address::VaultPolicy(_)
            | Address::VaultTags(_)
            | Address::RecoveryPoints(_)
            | Address::RecoveryPoint { .. }
            | Address::RecoveryPointTags { .. }
            | Address::BackupPlan { .. }
            | Address::BackupSelections { .. }
            | Address::BackupSelection { .. }
            | Address::CopyJob { .. }
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
            let managing = api.sides == [api::Side::Management];
            assert_eq!(call.account.is_none(), managing, "{address:?}");
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
