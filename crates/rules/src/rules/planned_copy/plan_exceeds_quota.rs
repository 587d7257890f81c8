//! The backup plan keeps within the quotas that a plan can break by itself.

use crate::outcome::Outcome;
use crate::parts::subject::rest;
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::Quotas,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the backup plan has more rules or copy actions than AWS Backup takes",
    reason_lists: &[&[
        Reason { name: "too-many-copy-actions", meaning: "the rule has more copy actions than a rule may have" },
        Reason { name: "too-many-rules", meaning: "the plan has more rules than a plan may have" },
        Reason { name: "count-not-known", meaning: "a list stands twice in the plan, and which one counts is not known" },
        reasons::SOURCES_CONTRADICT,
    ]],
    facts: &[ACTIONS, RULES],
    page: include_str!("plan_exceeds_quota.md"),
}

const ACTIONS: &str = "prerequisites-quota-copy-actions-in-rule";
const RULES: &str = "prerequisites-quota-rules-in-plan";

fn check(view: &View<'_>) -> Outcome {
    let Some(size) = *view.copy.plan_size else {
        return Outcome::not_applicable("the copy is not of a backup plan");
    };
    let limit = |fact| {
        let limit = view.facts.row(fact).and_then(|row| row.number("limit"));
        limit.and_then(|limit| usize::try_from(limit).ok())
    };
    let (Some(actions), Some(rules)) = (limit(ACTIONS), limit(RULES)) else {
        return Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "the quotas of plans are not known",
        );
    };
    let rule = view.copy.from.rule.as_deref().unwrap_or("without a name");
    if let Some(found) = size.copy_actions_in_rule.filter(|&found| found > actions) {
        let message = format!("rule `{rule}` has {found} copy actions; a rule takes {actions}");
        let broken = Outcome::broken("too-many-copy-actions", message)
            .help("put the other destinations into a further rule of the same schedule");
        return rest(view, broken, ACTIONS);
    }
    if let Some(found) = size.rules.filter(|&found| found > rules) {
        let message = format!("the plan has {found} rules; a plan takes {rules}");
        let broken = Outcome::broken("too-many-rules", message)
            .help("put the other rules into a further plan");
        return rest(view, broken, RULES);
    }
    if size.copy_actions_in_rule.is_none() || size.rules.is_none() {
        return Outcome::undecided(
            "count-not-known",
            "a list of the plan stands twice in one object, and which of the two counts is not known",
        )
        .help("take one of the two out; the problems of the report say where they stand")
        .cites(ACTIONS)
        .cites(RULES);
    }
    let holds = Outcome::holds("the plan keeps within the quotas of rules and copy actions");
    rest(view, rest(view, holds, ACTIONS), RULES)
}
