//! The lifecycles of a plan are valid.

use copy_preflight_policy::tree::Node;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::BackupPlan],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a lifecycle of the plan deletes too soon after the move to cold storage",
    reason_lists: &[&[
        Reason { name: "deleted-too-soon", meaning: "deletion comes less than 90 days after the move" },
    ]],
    facts: &["prerequisites-cold-storage-minimum"],
    page: include_str!("plan_lifecycle_invalid.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let row = view.facts.row("prerequisites-cold-storage-minimum");
    let Some(least) = row.and_then(|row| row.number("cold_minimum_days")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    walk(view, &view.document.root, least, &mut found);
    found
}

fn walk(view: &DocumentView<'_>, node: &Node, least: i64, found: &mut Vec<Outcome>) {
    for member in node.members() {
        if member.key.known() == Some("Lifecycle") {
            found.extend(judge(view, &member.value, least));
        } else {
            walk(view, &member.value, least, found);
        }
    }
    node.elements().iter().for_each(|element| walk(view, element, least, found));
}

fn judge(view: &DocumentView<'_>, lifecycle: &Node, least: i64) -> Option<Outcome> {
    let delete = lifecycle.member("DeleteAfterDays")?;
    let cold = lifecycle.member("MoveToColdStorageAfterDays")?;
    let (days, after) = (delete.as_i64()?, cold.as_i64()?);
    if days == -1 || days >= after.checked_add(least)? {
        return None;
    }
    let message =
        format!("deleted after {days} days, which is less than {least} after the move at {after}");
    let outcome = Outcome::broken("deleted-too-soon", message);
    let outcome = outcome.label(view.label(delete.span, "too soon"));
    let outcome = outcome.label(view.label(cold.span, "the move to cold storage"));
    Some(
        outcome.help(format!("delete after {} days or more, or leave the move out", after + least)),
    )
}
