//! A backup plan in the words of the API, which the readers of plans know.

use copy_preflight_policy::tree::{Member, Node, Value};

/// Attributes and blocks of `aws_backup_plan` and their names in `CreateBackupPlan`.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html>
const NAMES: [(&str, &str); 20] = [
    ("name", "BackupPlanName"),
    ("rule", "Rules"),
    ("rule_name", "RuleName"),
    ("target_vault_name", "TargetBackupVaultName"),
    ("target_logically_air_gapped_backup_vault_arn", "TargetLogicallyAirGappedBackupVaultArn"),
    ("schedule", "ScheduleExpression"),
    ("schedule_expression_timezone", "ScheduleExpressionTimezone"),
    ("start_window", "StartWindowMinutes"),
    ("completion_window", "CompletionWindowMinutes"),
    ("enable_continuous_backup", "EnableContinuousBackup"),
    ("recovery_point_tags", "RecoveryPointTags"),
    ("lifecycle", "Lifecycle"),
    ("cold_storage_after", "MoveToColdStorageAfterDays"),
    ("delete_after", "DeleteAfterDays"),
    ("opt_in_to_archive_for_supported_resource_types", "OptInToArchiveForSupportedResources"),
    ("copy_action", "CopyActions"),
    ("destination_vault_arn", "DestinationBackupVaultArn"),
    ("advanced_backup_setting", "AdvancedBackupSettings"),
    ("backup_options", "BackupOptions"),
    ("resource_type", "ResourceType"),
];

/// Blocks that stand at most once, of which the API has one object.
const SINGLE: [&str; 1] = ["Lifecycle"];

/// Days that are zero are days that are not given.
const DAYS: [&str; 2] = ["MoveToColdStorageAfterDays", "DeleteAfterDays"];

/// Members that hold names of the user's choice.
const OPEN: [&str; 2] = ["RecoveryPointTags", "BackupOptions"];

/// The plan with the names of the API. What has no such name, what is null and what is empty is
/// left out.
pub(crate) fn api_form(values: &Node) -> Node {
    let members = match &values.value {
        Value::Object(members) => members,
        Value::Array(elements) => {
            let elements = elements.iter().map(api_form).collect();
            return Node { span: values.span, value: Value::Array(elements) };
        }
        _ => return values.clone(),
    };
    let members = members.iter().filter_map(|member| {
        let Some(written) = member.key.known() else { return Some(member.clone()) };
        let (_, name) = NAMES.iter().find(|(name, _)| *name == written)?;
        let value =
            if OPEN.contains(name) { member.value.clone() } else { api_form(&member.value) };
        let value = if SINGLE.contains(name) { single(value)? } else { value };
        let is_absent = match &value.value {
            Value::Null => true,
            Value::Array(elements) => elements.is_empty(),
            Value::Number(digits) => DAYS.contains(name) && digits == "0",
            Value::String(text) => text.known() == Some(""),
            _ => false,
        };
        let key = (*name).into();
        (!is_absent).then_some(Member { key, key_span: member.key_span, value })
    });
    Node { span: values.span, value: Value::Object(members.collect()) }
}

/// The only element of a list; `None` for an empty list.
fn single(value: Node) -> Option<Node> {
    match value.value {
        Value::Array(elements) => elements.into_iter().next(),
        _ => Some(value),
    }
}
