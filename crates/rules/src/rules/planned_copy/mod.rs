//! Rules about one planned copy.

use crate::rule::{CopyRule, rules};

mod air_gapped_vault_unsupported;
mod caller_cannot_start;
mod copy_stays_unencrypted;
mod cross_account_backup_disabled;
mod destination_key_aws_managed;
mod destination_key_refuses_copy;
mod destination_key_unusable;
mod destination_vault_is_default;
mod destination_vault_missing;
mod destination_vault_unusable;
mod fsx_backup_not_copyable;
mod guardrail_denies_copy;
mod image_not_shareable;
mod inputs_disagree;
mod lifecycle_invalid;
mod not_same_organization;
mod option_group_missing;
mod partition_boundary;
mod plan_exceeds_quota;
mod recovery_point_not_copyable;
mod region_lacks_copy;
mod region_not_enabled;
mod resource_type_limited_in_region;
mod resource_type_not_copyable;
mod retention_outside_lock;
mod service_linked_role_missing;
mod source_key_aws_managed;
mod source_key_refuses_copy_role;
mod source_key_refuses_destination;
mod source_key_unusable;
mod source_role_cannot_copy;
mod source_role_not_assumable;
mod source_vault_key_refuses_copy;
mod source_vault_policy_denies_copy;
mod tag_policy_violated;
mod unencrypted_source_refused;
mod vault_policy_refuses_source;

/// All rules of the scope, in the order in which AWS meets the gates. A module that is not listed
/// here does not compile: nobody uses its rule.
pub static RULES: &[&CopyRule] = rules![
    partition_boundary,
    region_lacks_copy,
    region_not_enabled,
    not_same_organization,
    cross_account_backup_disabled,
    resource_type_not_copyable,
    resource_type_limited_in_region,
    recovery_point_not_copyable,
    lifecycle_invalid,
    unencrypted_source_refused,
    copy_stays_unencrypted,
    option_group_missing,
    fsx_backup_not_copyable,
    image_not_shareable,
    caller_cannot_start,
    source_role_not_assumable,
    source_role_cannot_copy,
    guardrail_denies_copy,
    source_vault_policy_denies_copy,
    destination_vault_missing,
    destination_vault_is_default,
    destination_vault_unusable,
    air_gapped_vault_unsupported,
    retention_outside_lock,
    inputs_disagree,
    service_linked_role_missing,
    vault_policy_refuses_source,
    source_key_aws_managed,
    source_key_unusable,
    source_key_refuses_destination,
    source_key_refuses_copy_role,
    source_vault_key_refuses_copy,
    destination_key_aws_managed,
    destination_key_unusable,
    destination_key_refuses_copy,
    tag_policy_violated,
    plan_exceeds_quota,
];
