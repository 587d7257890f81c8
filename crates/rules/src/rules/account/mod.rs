//! Rules about accounts and the organization that they are in.

use crate::rule::{AccountRule, rules};

mod account_not_placed;
mod account_outside_policies;
mod backup_policies_disabled;
mod blocked_operator;
mod copy_destination_invalid;
mod copy_key_differs;
mod copy_key_lower_cased;
mod copy_to_same_vault;
mod cross_account_monitoring_off;
mod default_vault_not_created;
mod delegated_administrator_limited;
mod dynamodb_not_advanced;
mod effective_policy_differs;
mod effective_policy_invalid;
mod individual_arn_selected;
mod opt_in_off;
mod overlapping_rules;
mod placeholder_misplaced;
mod plan_lifecycle_invalid;
mod plan_region_not_enabled;
mod plan_role_arn_wrong;
mod plan_role_unusable;
mod plan_tags_break_tag_policy;
mod plan_vault_missing;
mod policy_exceeds_quota;
mod policy_incomplete_alone;
mod policy_key_unknown;
mod policy_not_readable;
mod policy_operator_invalid;
mod policy_reaches_no_account;
mod policy_values_native;
mod same_level_conflict;
mod schedule_invalid;
mod selection_matches_nothing;
mod start_window_too_short;
mod tag_policy_invalid;
mod tag_policy_not_enforceable;
mod tagged_types_not_opted_in;
mod trusted_access_off;
mod window_given_in_seconds;

/// All rules of the scope: the organization, what stands above an account, its effective policy,
/// and what the plans of the policy find in the account.
pub static RULES: &[&AccountRule] = rules![
    backup_policies_disabled,
    trusted_access_off,
    cross_account_monitoring_off,
    delegated_administrator_limited,
    policy_reaches_no_account,
    policy_incomplete_alone,
    account_not_placed,
    policy_not_readable,
    account_outside_policies,
    effective_policy_invalid,
    effective_policy_differs,
    same_level_conflict,
    blocked_operator,
    policy_operator_invalid,
    policy_key_unknown,
    policy_values_native,
    policy_exceeds_quota,
    plan_role_arn_wrong,
    plan_role_unusable,
    plan_vault_missing,
    default_vault_not_created,
    plan_region_not_enabled,
    opt_in_off,
    tagged_types_not_opted_in,
    dynamodb_not_advanced,
    schedule_invalid,
    start_window_too_short,
    window_given_in_seconds,
    overlapping_rules,
    plan_lifecycle_invalid,
    copy_key_differs,
    copy_key_lower_cased,
    copy_to_same_vault,
    placeholder_misplaced,
    copy_destination_invalid,
    individual_arn_selected,
    selection_matches_nothing,
    plan_tags_break_tag_policy,
    tag_policy_invalid,
    tag_policy_not_enforceable,
];
