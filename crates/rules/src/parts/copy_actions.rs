//! The copy actions of plans.

use copy_preflight_policy::management::Entry;

use crate::survey::Plan;

/// Each copy action with its path, those too that only another possible value shows.
pub(crate) fn copy_actions<'a>(plans: &[Plan<'a>]) -> Vec<(&'a Entry, String)> {
    let mut found = Vec::new();
    for rule in plans.iter().flat_map(|plan| &plan.rules) {
        let actions = rule.entry.child("copy_actions");
        for action in actions.into_iter().flat_map(|actions| &actions.children) {
            if action.may_be_shown() {
                found.push((action, format!("{}/copy_actions/{}", rule.path, action.key)));
            }
        }
    }
    found
}
