//! Plans and jobs that are read from the account they are in.

use copy_preflight_policy::tree::Node;

use super::{Plan, Request, backup_plan};
use crate::arn::{RoleArn, VaultArn};
use crate::facts::Facts;
use crate::inputs::{Address, Entry, Inputs, Problem};
use crate::view::Slot;

/// The copies of a backup plan and its selections.
pub(super) fn backup_plan(
    plan: &mut Plan,
    request: &Request,
    id: &str,
    inputs: &Inputs,
    facts: &Facts,
) {
    let VaultArn { account, region, .. } = request.source.clone();
    let (document, list) = (
        Slot::named(
            "backup-plan",
            Address::BackupPlan {
                account: account.clone(),
                region: region.clone(),
                id: id.to_owned(),
            },
        ),
        Slot::named(
            "backup-selections",
            Address::BackupSelections {
                account: account.clone(),
                region: region.clone(),
                plan: id.to_owned(),
            },
        ),
    );
    // Both are wanted at once.
    let (root, listed) = (plan.read(&document, inputs), plan.read(&list, inputs));
    let Some(root) = root else { return unread(plan, &document, inputs) };
    let entries = listed.and_then(|list| list.member("BackupSelectionsList")).map(Node::elements);
    let mut selections = Vec::new();
    let ids = entries.unwrap_or_default().iter().filter_map(|entry| entry.member("SelectionId"));
    for one in ids.filter_map(Node::as_str) {
        let address = Address::BackupSelection {
            account: account.clone(),
            region: region.clone(),
            plan: id.to_owned(),
            id: one.to_owned(),
        };
        let slot = Slot::named(&format!("backup-selection[{one}]"), address);
        match plan.read(&slot, inputs) {
            Some(selection) => selections.push(selection),
            // One that was not read may be of any type, under any role.
            None => unread(plan, &slot, inputs),
        }
    }
    if listed.is_none() {
        unread(plan, &list, inputs);
    }
    backup_plan::expand(plan, request, (root, Some(&selections)), inputs, facts);
}

/// What a copy job asks for, as flags would; `None` where it does not tell.
pub(super) fn copy_job(
    plan: &mut Plan,
    request: &Request,
    id: &str,
    inputs: &Inputs,
) -> Option<Request> {
    let VaultArn { account, region, .. } = request.source.clone();
    let slot = Slot::named("copy-job", Address::CopyJob { account, region, id: id.to_owned() });
    let Some(root) = plan.read(&slot, inputs) else {
        unread(plan, &slot, inputs);
        return None;
    };
    let job = root.member("CopyJob").unwrap_or(root);
    let text = |name: &str| job.member(name).and_then(Node::as_str);
    let vault = |name: &str| text(name).and_then(|arn| arn.parse::<VaultArn>().ok());
    let (Some(source), Some(destination)) =
        (vault("SourceBackupVaultArn"), vault("DestinationBackupVaultArn"))
    else {
        let message = "the copy job does not name both vaults";
        tell(plan, &slot, message.to_owned());
        return None;
    };
    let mut asked = Request { source, destinations: vec![destination], ..request.clone() };
    if let Some(point) = text("SourceRecoveryPointArn") {
        asked.recovery_point = Some(point.to_owned());
    }
    if let Some(role) = text("IamRoleArn").and_then(|arn| arn.parse::<RoleArn>().ok()) {
        asked.role.get_or_insert(role);
    }
    if let Some(kind) = text("ResourceType").filter(|_| asked.resource_types.is_empty()) {
        asked.resource_types.push(kind.to_owned());
    }
    Some(asked)
}

/// Notes that something was looked for and is not there.
fn unread(plan: &mut Plan, slot: &Slot, inputs: &Inputs) {
    if let Some(Entry::Absent(absence)) = inputs.get(&slot.address) {
        let said = absence.message.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
        let call = slot.address.call();
        let message = format!("{}{said}; get it: {}", absence.why.word(), call.command);
        tell(plan, slot, message);
    }
    plan.incomplete = true;
}

fn tell(plan: &mut Plan, slot: &Slot, message: String) {
    plan.problems.push(Problem { name: slot.name.clone(), message, place: None, more: 0 });
    plan.incomplete = true;
}
