//! Rules about one document, in the order in which they are told.

use crate::rule::{DocumentRule, rules};

mod action_of_other_service;
mod action_without_effect;
mod alias_as_resource;
mod allow_denied_again;
mod allow_with_not_principal;
mod arn_malformed;
mod aws_managed_key_policy;
mod backup_key_use_incomplete;
mod backup_policy_role;
mod condition_key_not_of_action;
mod condition_never_holds;
mod condition_value_shape;
mod condition_value_unreadable;
mod cross_account_action_without_effect;
mod deny_always_applies;
mod deny_locks_out_backup;
mod duplicate_member;
mod effect_invalid;
mod element_conflict;
mod empty_list;
mod encryption_context_not_carried;
mod equivalent_to_null;
mod expired_statement;
mod for_all_values_of_missing_key;
mod grant_operations_too_narrow;
mod guardrail_without_effect;
mod inheritance_operator_unknown;
mod json_syntax;
mod key_iam_not_enabled;
mod key_lockout_risk;
mod key_resource_mismatch;
mod key_shared_with_copy_role;
mod missing_element;
mod missing_set_operator;
mod operator_type_mismatch;
mod orphaned_principal;
mod placeholder_left;
mod plan_lifecycle_invalid;
mod policy_too_large;
mod principal_malformed;
mod principal_unsupported;
mod private_source_ip;
mod public_allow;
mod rcp_language;
mod redundant_value;
mod role_path_missing;
mod sensitive_key_wildcard;
mod service_principal_for_linked_role;
mod service_principal_unrestricted;
mod sid_invalid;
mod sid_not_unique;
mod string_like_on_arn_key;
mod unknown_action;
mod unknown_condition_key;
mod unknown_condition_operator;
mod unknown_element;
mod unquoted_account_id;
mod unsupported_character;
mod variable_misplaced;
mod vault_action_wildcard;
mod vault_arn_misspelled;
mod vault_denies_copy_out;
mod vault_policy_unsavable;
mod vault_resource_mismatch;
mod version_invalid;
mod version_missing;
mod via_service_value;
mod wildcard_without_like;
mod wrong_type;

/// All rules about documents.
pub static RULES: &[&DocumentRule] = rules![
    json_syntax,
    duplicate_member,
    unknown_element,
    missing_element,
    element_conflict,
    wrong_type,
    effect_invalid,
    version_invalid,
    version_missing,
    sid_invalid,
    sid_not_unique,
    policy_too_large,
    unsupported_character,
    placeholder_left,
    unknown_action,
    action_of_other_service,
    action_without_effect,
    cross_account_action_without_effect,
    vault_action_wildcard,
    vault_policy_unsavable,
    rcp_language,
    guardrail_without_effect,
    principal_malformed,
    principal_unsupported,
    orphaned_principal,
    role_path_missing,
    service_principal_for_linked_role,
    service_principal_unrestricted,
    allow_with_not_principal,
    public_allow,
    empty_list,
    arn_malformed,
    vault_arn_misspelled,
    key_resource_mismatch,
    vault_resource_mismatch,
    alias_as_resource,
    unknown_condition_operator,
    unknown_condition_key,
    condition_key_not_of_action,
    encryption_context_not_carried,
    wildcard_without_like,
    sensitive_key_wildcard,
    missing_set_operator,
    for_all_values_of_missing_key,
    condition_value_unreadable,
    operator_type_mismatch,
    string_like_on_arn_key,
    unquoted_account_id,
    condition_value_shape,
    via_service_value,
    condition_never_holds,
    deny_always_applies,
    allow_denied_again,
    expired_statement,
    redundant_value,
    equivalent_to_null,
    private_source_ip,
    variable_misplaced,
    key_lockout_risk,
    key_iam_not_enabled,
    backup_key_use_incomplete,
    grant_operations_too_narrow,
    key_shared_with_copy_role,
    aws_managed_key_policy,
    deny_locks_out_backup,
    vault_denies_copy_out,
    inheritance_operator_unknown,
    backup_policy_role,
    plan_lifecycle_invalid,
];
