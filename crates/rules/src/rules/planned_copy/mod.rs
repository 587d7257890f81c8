//! Rules about one planned copy, in the order in which AWS meets the gates.

mod key_state;
mod key_use;
mod subject;
mod vault_key;

crate::rule::registry! {
    not_same_organization,
    cross_account_backup_disabled,
    resource_type_not_copyable,
    source_vault_policy_denies_copy,
    destination_vault_missing,
    destination_vault_is_default,
    destination_vault_unusable,
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
}
