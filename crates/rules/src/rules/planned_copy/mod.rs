//! Rules about one planned copy, in the order in which AWS meets the gates.

mod air_gapped;
mod allowed_images;
mod guarded_keys;
mod key_state;
mod key_use;
mod region;
mod retention;
mod role_use;
mod subject;
mod vault_key;

crate::rule::registry! {
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
}
