//! Policies have no keys that nobody describes.

use copy_preflight_policy::management::Entry;

use crate::nearest::near;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, SelectionKind, unsure};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Warning,
    summary: "a backup policy has a key that the syntax page does not describe",
    reason_lists: &[&[
        Reason { name: "unknown-key", meaning: "no page describes the key at this place" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("policy_key_unknown.md"),
}

const FACT: &str = "backup-policies-unknown-keys";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut walk = Walk { view, findings: Findings::default() };
    walk.known(&view.judged.effective.root, "", "root");
    for plan in &view.plans {
        walk.known(plan.entry, &plan.path, "plan");
        if let Some(selections) = plan.entry.child("selections") {
            walk.known(selections, &format!("{}/selections", plan.path), "selections");
        }
        for selection in &plan.selections {
            let keys = match selection.kind {
                SelectionKind::Tags => "tag_selection",
                SelectionKind::Resources => "resource_selection",
            };
            walk.known(selection.entry, &selection.path, keys);
            if let Some(conditions) = selection.entry.child("conditions") {
                walk.known(conditions, &format!("{}/conditions", selection.path), "conditions");
            }
        }
        for rule in &plan.rules {
            walk.known(rule.entry, &rule.path, "rule");
            walk.lifecycle(rule.entry, &rule.path);
            let actions = rule.entry.child("copy_actions");
            for action in actions.into_iter().flat_map(|actions| &actions.children) {
                let path = format!("{}/copy_actions/{}", rule.path, action.key);
                walk.known(action, &path, "copy_action");
                walk.lifecycle(action, &path);
            }
        }
    }
    walk.findings.or(|| view.rest(Outcome::holds("every key of the policy is described"), FACT))
}

struct Walk<'v, 'a> {
    view: &'v PolicyView<'a>,
    findings: Findings,
}

impl Walk<'_, '_> {
    fn lifecycle(&mut self, parent: &Entry, path: &str) {
        if let Some(lifecycle) = parent.child("lifecycle") {
            self.known(lifecycle, &format!("{path}/lifecycle"), "lifecycle");
        }
    }

    /// Holds the keys below an entry against the cell of the facts that lists them.
    fn known(&mut self, parent: &Entry, path: &str, cell: &str) {
        let Some(row) = self.view.survey.facts.row(FACT) else { return };
        for child in &parent.children {
            if row.strings(cell).any(|known| known == child.key.as_str()) {
                continue;
            }
            let meant = near(&child.key, row.strings(cell));
            let meant = meant.first().map(|name| format!("did you mean `{name}`? "));
            let mut broken = Outcome::broken(
                "unknown-key",
                format!(
                    "no page describes `{}` in `{}`",
                    child.key,
                    if path.is_empty() { "the policy" } else { path }
                ),
            )
            .help(format!(
                "{}what AWS makes of it is not known: it may have no effect",
                meant.unwrap_or_default()
            ));
            let place = child.written.last();
            broken
                .labels
                .extend(place.map(|(_, span)| self.view.survey.label(*span, "not described")));
            let broken = self.view.rest(broken, FACT);
            self.findings.push(match child.is_sure() || !child.may_be_shown() {
                true => broken,
                false => unsure(broken, path),
            });
        }
    }
}
