//! Tags in the plans fit the tag policy of the account.

use copy_preflight_policy::management::Entry;
use copy_preflight_policy::management::tag::{self, Compliance};
use copy_preflight_policy::source::Span;

use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, Plan, PolicyView, SelectionKind, choices, sole};
use crate::tag_policy;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Warning,
    summary: "a tag in a plan breaks the effective tag policy of the account",
    reason_lists: &[&[
        Reason { name: "selected-tag-not-allowed", meaning: "the plan selects by a tag that the policy does not allow" },
        Reason { name: "recovery-point-tag-refused", meaning: "a tag for recovery points breaks a policy that is enforced" },
        Reason { name: "plan-tag-refused", meaning: "a tag for the plan breaks a policy that is enforced" },
        reasons::TAG_POLICY_NOT_KNOWN,
        Reason { name: "policy-not-clear", meaning: "the tag policy holds something that is not understood" },
    ]],
    facts: &[FACT, CASE, "tag-policies-enforceable", "tag-policies-plan-artefact"],
    page: include_str!("plan_tags_break_tag_policy.md"),
}

const FACT: &str = "backup-policies-tags-of-plans";
const CASE: &str = "tag-policies-case";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let tags = tags_of(&policy.plans);
    if tags.is_empty() {
        return vec![Outcome::not_applicable("the plans name no tag")];
    }
    let judged = match view.tag_policy() {
        Ok(judged) => judged,
        // Without a tag policy any tag will do.
        Err(none) if none.kind == OutcomeKind::NotApplicable => {
            let holds = Outcome::holds("no tag policy is in force in the account");
            return vec![policy.rest(holds, CASE)];
        }
        Err(outcome) => return vec![outcome.cites(FACT)],
    };
    let document = judged.effective.to_node();
    let facts = view.survey.facts;
    let list = |id: &str| facts.row(id).into_iter().flat_map(|row| row.strings("types"));
    let mut findings = Findings::default();
    for one in &tags {
        let Some(entry) = tag::entry_of(&document, one.key) else { continue };
        let (message, span) = match tag::compliance(&document, one.key, one.value) {
            Compliance::NotEvaluated | Compliance::Compliant => continue,
            Compliance::KeyCase { wanted, span } => {
                let lower = one.key.to_lowercase();
                (format!("the tag policy wants the key `{}`", wanted.unwrap_or(&lower)), span)
            }
            Compliance::Value { span } => {
                (format!("the tag policy does not allow `{}`", one.value), span)
            }
            Compliance::NotClear { span, expected } => {
                findings.push(
                    Outcome::undecided(
                        "policy-not-clear",
                        format!("the tag policy on `{}` is not understood", one.key),
                    )
                    .label(view.survey.label(span, expected))
                    .cites(FACT),
                );
                continue;
            }
        };
        let artefacts = facts.rows().iter().filter(|row| row.table == "tag-policies");
        let types: Vec<&str> = match one.of {
            // A resource of a type for which it is reported only may still carry the tag.
            Of::Selection => list("tag-policies-enforceable").collect(),
            Of::RecoveryPoints => artefacts.flat_map(|row| row.strings("artefacts")).collect(),
            Of::Plan => list("tag-policies-plan-artefact").collect(),
        };
        let enforced = tag_policy::is_enforced(&entry.value, types, facts);
        if !enforced {
            continue;
        }
        let (reason, what, help) = match one.of {
            Of::Selection => (
                "selected-tag-not-allowed",
                "selects by",
                "select by a tag that resources may carry: keys and values are case sensitive",
            ),
            Of::RecoveryPoints => (
                "recovery-point-tag-refused",
                "puts on recovery points",
                "change the tag, or the tag policy: jobs fail where AWS Backup may not set it",
            ),
            Of::Plan => ("plan-tag-refused", "puts on itself", "change the tag, or the tag policy"),
        };
        let mut broken = Outcome::broken(
            reason,
            format!("plan `{}` {what} `{}` = `{}`: {message}", one.plan, one.key, one.value),
        )
        .help(help);
        broken.labels.extend(one.place.map(|span| view.survey.label(span, "the tag of the plan")));
        let broken = broken.label(view.survey.label(span, "the tag policy says so here"));
        findings.push(policy.rest(policy.rest(broken, FACT), CASE));
    }
    findings.or(|| {
        policy.rest(Outcome::holds("the tags of the plans fit the tag policy of the account"), CASE)
    })
}

/// What a tag in a plan is for.
#[derive(Debug, Clone, Copy)]
enum Of {
    Selection,
    RecoveryPoints,
    Plan,
}

/// A tag in a plan.
struct PlanTag<'a> {
    of: Of,
    plan: &'a str,
    key: &'a str,
    value: &'a str,
    place: Option<Span>,
}

fn tags_of<'a>(plans: &[Plan<'a>]) -> Vec<PlanTag<'a>> {
    let mut found = Vec::new();
    let mut add = |of, plan: &'a str, entry: &'a Entry, path: &str| {
        let Some(key) = sole(entry, "tag_key") else { return };
        for choice in choices(entry, path, "tag_value").into_iter().filter(|choice| choice.sure) {
            if let Some(value) = choice.text {
                found.push(PlanTag { of, plan, key, value, place: choice.place });
            }
        }
    };
    for plan in plans {
        for selection in plan.selections.iter().filter(|one| one.kind == SelectionKind::Tags) {
            add(Of::Selection, plan.key, selection.entry, &selection.path);
        }
        let own = plan.entry.child("backup_plan_tags");
        for entry in own.into_iter().flat_map(|own| &own.children) {
            add(Of::Plan, plan.key, entry, &plan.path);
        }
        for rule in &plan.rules {
            let points = rule.entry.child("recovery_point_tags");
            for entry in points.into_iter().flat_map(|points| &points.children) {
                add(Of::RecoveryPoints, plan.key, entry, &rule.path);
            }
        }
    }
    found
}
