//! When an effective backup policy is valid.
//!
//! Organizations validates effective policies; an account with one that is not valid gets no
//! updates and keeps its last valid one until all errors are fixed (`invalid-policy-alerts.html`).
//! The page names three codes with an example each; where it names no code for an error that
//! other pages document, the code is the one of the nearest example, or ours (`LINT_…`).

use super::super::Effective;
use super::super::entry::Entry;
use super::super::invalid::{Invalid, InvalidCode};
use super::super::value::Value;
use super::super::walk::join;

/// The most elements that a policy may have of each kind; `None` where that is not known, and then
/// no number is too high. Numbers of AWS are data, so they come from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Rules of a plan.
    pub rules: Option<usize>,
    /// Copy actions of a rule.
    pub copy_actions: Option<usize>,
    /// Selections of a plan that use tags.
    pub tag_selections: Option<usize>,
    /// Selections of a plan.
    pub resource_selections: Option<usize>,
    /// Conditions of a selection, of all operators together.
    pub conditions: Option<usize>,
    /// Recovery point tags of a rule.
    pub recovery_point_tags: Option<usize>,
}

/// The errors of an effective backup policy; none where no policy is attached.
#[must_use]
pub fn validate(effective: &Effective, limits: &Limits) -> Vec<Invalid> {
    let mut check = Check { limits, found: Vec::new() };
    if effective.attached {
        check.policy(&effective.root);
    }
    check.found
}

struct Check<'l> {
    limits: &'l Limits,
    found: Vec<Invalid>,
}

impl Check<'_> {
    fn policy(&mut self, root: &Entry) {
        let open = !root.open.is_empty();
        self.required(root, "", "plans", open);
        let Some(plans) = root.child("plans") else { return };
        let open = open || !plans.open.is_empty();
        for plan in plans.shown() {
            self.plan(plan, &join("plans", &plan.key), open || !plan.open.is_empty());
        }
    }

    fn plan(&mut self, plan: &Entry, path: &str, open: bool) {
        self.required(plan, path, "rules", open);
        self.at_most(plan, path, "rules", self.limits.rules, open);
        let is_empty = |value: &Option<Value>| match value {
            None => true,
            Some(Value::List(list)) => list.is_empty(),
            Some(Value::Scalar(text)) => text.known() == Some(""),
            Some(Value::Unknown) => false,
        };
        let regions = plan.child("regions");
        let possible = regions.and_then(|regions| regions.setting.as_ref()).map(|s| &s.possible);
        if possible.is_none_or(|possible| possible.first().is_none_or(is_empty)) {
            let certain = possible.is_none_or(|possible| possible.iter().all(is_empty))
                && !open
                && regions.is_none_or(|regions| regions.open.is_empty());
            self.push(InvalidCode::ElementsTooFew, join(path, "regions"), certain);
        }
        let selections_path = join(path, "selections");
        let selections = plan.child("selections");
        let part = |name| selections.and_then(|selections| selections.child(name));
        let (tags, resources) = (part("tags"), part("resources"));
        let there = |part: Option<&Entry>| part.is_some_and(|part| part.shown().next().is_some());
        let open_here = open || selections.is_some_and(|selections| !selections.open.is_empty());
        match (there(tags), there(resources)) {
            (false, false) => {
                let may = [tags, resources].into_iter().flatten().any(Entry::may_be_shown);
                self.push(InvalidCode::KeyRequired, selections_path.clone(), !may && !open_here);
            }
            (true, true) => {
                let sure = [tags, resources].into_iter().flatten().all(Entry::is_sure);
                let certain = sure && !open_here;
                self.push(InvalidCode::TagsAndResources, selections_path.clone(), certain);
            }
            _ => {}
        }
        if let Some(selections) = selections {
            let kinds = [
                (
                    "tags",
                    self.limits.tag_selections,
                    ["iam_role_arn", "tag_key", "tag_value"].as_slice(),
                ),
                ("resources", self.limits.resource_selections, &["iam_role_arn", "resource_types"]),
            ];
            for (kind, number, keys) in kinds {
                self.at_most(selections, &selections_path, kind, number, open_here);
                self.each(selections, &selections_path, kind, keys, open_here);
            }
        }
        self.each(plan, path, "backup_plan_tags", &["tag_key", "tag_value"], open);
        let Some(rules) = plan.child("rules") else { return };
        let open = open || !rules.open.is_empty();
        for rule in rules.shown() {
            let path = join(&join(path, "rules"), &rule.key);
            let open = open || !rule.open.is_empty();
            // The syntax page requires the schedule, the API of AWS Backup has a default.
            for key in ["schedule_expression", "target_backup_vault_name"] {
                self.required(rule, &path, key, open);
            }
            self.at_most(rule, &path, "copy_actions", self.limits.copy_actions, open);
            self.at_most(rule, &path, "recovery_point_tags", self.limits.recovery_point_tags, open);
            self.each(rule, &path, "recovery_point_tags", &["tag_key", "tag_value"], open);
        }
    }

    /// What every element of a container needs.
    fn each(&mut self, parent: &Entry, path: &str, name: &str, keys: &[&str], open: bool) {
        let Some(container) = parent.child(name) else { return };
        let open = open || !container.open.is_empty();
        for element in container.shown() {
            let path = join(&join(path, name), &element.key);
            let open = open || !element.open.is_empty();
            for key in keys {
                self.required(element, &path, key, open);
            }
            if name == "tags" || name == "resources" {
                self.conditions(element, &path, open);
            }
        }
    }

    /// The conditions of a selection, of all four operators together.
    fn conditions(&mut self, selection: &Entry, path: &str, open: bool) {
        let Some(conditions) = selection.child("conditions") else { return };
        let Some(most) = self.limits.conditions else { return };
        let all = || conditions.shown().flat_map(Entry::shown);
        if all().count() > most {
            let sure = all().filter(|condition| condition.is_sure()).count() > most;
            self.push(InvalidCode::ElementsTooMany, join(path, "conditions"), sure && !open);
        }
    }

    fn required(&mut self, parent: &Entry, path: &str, key: &str, open: bool) {
        let entry = parent.child(key);
        if !entry.is_some_and(Entry::is_shown) {
            let certain = !open && !entry.is_some_and(Entry::may_be_shown);
            self.push(InvalidCode::KeyRequired, join(path, key), certain);
        }
    }

    fn at_most(&mut self, parent: &Entry, path: &str, key: &str, most: Option<usize>, open: bool) {
        let (Some(container), Some(most)) = (parent.child(key), most) else { return };
        if container.shown().count() > most {
            let sure = container.shown().filter(|element| element.is_sure()).count() > most;
            let certain = sure && !open && container.open.is_empty();
            self.push(InvalidCode::ElementsTooMany, join(path, key), certain);
        }
    }

    fn push(&mut self, code: InvalidCode, path: String, certain: bool) {
        self.found.push(Invalid { code, path, certain });
    }
}
