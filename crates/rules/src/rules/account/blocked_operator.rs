//! No operator is ignored.

use copy_preflight_policy::management::{Code, Open};

use crate::outcome::Outcome;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Warning,
    summary: "a policy sets something that a policy above does not permit, and AWS ignores it without a word",
    reason_lists: &[&[
        Reason { name: "blocked", meaning: "a control operator above does not permit the operator" },
        Reason { name: "new-key-blocked", meaning: "a control operator above does not permit new keys" },
        Reason { name: "lock-reach", meaning: "whether a control operator on a container binds what stands below it is not documented" },
    ]],
    facts: &[FACT, REACH],
    page: include_str!("blocked_operator.md"),
}

const FACT: &str = "backup-policies-blocked-silently";
const REACH: &str = "backup-policies-lock-reach";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for one in &view.judged.effective.diagnostics {
        let reason = match one.code {
            Code::BlockedByParent => "blocked",
            Code::BlockedNewKey => "new-key-blocked",
            _ => continue,
        };
        let policy = &one.policy;
        let operator = one.operator.map_or("a key", |operator| operator.key());
        let mut broken = Outcome::broken(
            reason,
            format!("`{operator}` of `{}` in policy `{policy}` is ignored", one.path),
        )
        .label(view.survey.label(one.span, "has no effect"))
        .help("permit it in the policy above (`@@operators_allowed_for_child_policies`), or take it out here");
        if let Some(related) = &one.related {
            broken = broken.label(view.survey.label(related.span, "does not permit it"));
        }
        findings.push(view.rest(broken, FACT));
    }
    for one in &view.judged.ambiguous {
        if one.why.contains(&Open::Lock) {
            let mut outcome = Outcome::undecided(
                "lock-reach",
                format!("whether `{}` is locked is not documented: the lock stands on what holds it", one.path),
            )
            .help("repeat `@@operators_allowed_for_child_policies` at the setting itself, as AWS's example does")
            .cites(REACH);
            outcome.labels.extend(view.label_near(&one.path, "set below a lock on its container"));
            findings.push(outcome);
        }
    }
    findings.or(|| view.rest(Outcome::holds("no operator of the policies is ignored"), FACT))
}
