//! Rules about one planned copy, in the order in which AWS meets the gates.

mod allowed_images;
mod key_use;
mod retention;
mod subject;

crate::rule::registry! {
    not_same_organization,
    cross_account_backup_disabled,
    resource_type_not_copyable,
    recovery_point_not_copyable,
    lifecycle_invalid,
    unencrypted_source_refused,
    copy_stays_unencrypted,
    option_group_missing,
    fsx_backup_not_copyable,
    image_not_shareable,
    retention_outside_lock,
    vault_policy_refuses_source,
    source_key_aws_managed,
    source_key_refuses_destination,
    source_key_refuses_copy_role,
    destination_key_aws_managed,
    tag_policy_violated,
    plan_exceeds_quota,
}
