//! Rules about one planned copy, in the order in which AWS meets the gates.

mod air_gapped;
mod key_use;
mod region;
mod subject;

crate::rule::registry! {
    partition_boundary,
    region_lacks_copy,
    region_not_enabled,
    not_same_organization,
    cross_account_backup_disabled,
    resource_type_not_copyable,
    resource_type_limited_in_region,
    air_gapped_vault_unsupported,
    vault_policy_refuses_source,
    source_key_aws_managed,
    source_key_refuses_destination,
    source_key_refuses_copy_role,
    destination_key_aws_managed,
    tag_policy_violated,
}
