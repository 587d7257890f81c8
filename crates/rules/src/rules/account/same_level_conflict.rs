//! No two policies of one level assign one setting.

use copy_preflight_policy::management::{Code, Open, Value};

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "two backup policies of one level assign one setting differently",
    reason_lists: &[&[
        Reason { name: "which-wins-not-documented", meaning: "AWS contradicts itself on which of the two counts" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("same_level_conflict.md"),
}

const FACT: &str = "backup-policies-same-level";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let conflicts = view.judged.effective.diagnostics.iter();
    for one in conflicts.filter(|one| one.code == Code::SameLevelConflict) {
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| "a value".to_owned(), ToString::to_string)
        };
        let mut outcome = Outcome::undecided(
            "which-wins-not-documented",
            format!(
                "two policies on `{}` assign `{}`: {} or {}",
                one.target,
                one.path,
                shown(&one.kept),
                shown(&one.ignored)
            ),
        )
        .label(view.survey.label(one.span, "one of the two"))
        .help(
            "assign it in one policy of a level only, or see which value is in force: `aws \
             organizations describe-effective-policy --policy-type BACKUP_POLICY --target-id \
             ACCOUNT`; CloudTrail keeps the order of attachment (`AttachPolicy`) for 90 days",
        )
        .cites(FACT);
        if let Some(related) = &one.related {
            outcome = outcome.label(view.survey.label(related.span, "the other one"));
        }
        findings.push(outcome);
    }
    for one in &view.judged.ambiguous {
        let is_order = |why: &Open| matches!(why, Open::Order);
        if one.why.iter().any(is_order) {
            let mut outcome = Outcome::undecided(
                reasons::SETTING_AMBIGUOUS.name,
                format!("`{}` hangs on the order in which policies of one level act", one.path),
            )
            .help("change the list in one policy of a level only")
            .cites(FACT);
            outcome
                .labels
                .extend(view.label_near(&one.path, "several policies of one level set it"));
            findings.push(outcome);
        }
    }
    findings.or(|| Outcome::holds("no two policies of one level assign one setting"))
}
