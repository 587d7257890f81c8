//! Copy actions do not hang on a key in lower case.

use copy_preflight_policy::management::Entry;

use crate::outcome::Outcome;
use crate::parts::copy_actions::copy_actions;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a copy action without a target has a key with capitals, which AWS may put in lower case",
    reason_lists: &[&[
        Reason { name: "target-missing", meaning: "the key has capitals and no target says how the vault is written" },
    ]],
    facts: &[FACT],
    page: include_str!("copy_key_lower_cased.md"),
}

const FACT: &str = "backup-policies-copy-key-lower-case";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for (action, _) in copy_actions(&view.plans) {
        number += 1;
        let target = action.child("target_backup_vault_arn");
        if target.is_some_and(Entry::is_sure) {
            continue;
        }
        let Some((written, span)) =
            action.written.iter().find(|(written, _)| *written != action.key)
        else {
            continue;
        };
        findings.push(
            Outcome::undecided(
                "target-missing",
                format!("the copy action `{written}` has no target, and AWS may take its key in lower case"),
            )
            .label(view.survey.label(*span, "capitals, and no `target_backup_vault_arn`"))
            .help("add `target_backup_vault_arn` with the ARN as the vault has it: names of vaults are case sensitive")
            .cites(FACT),
        );
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("the plans have no copy action"),
        _ => Outcome::holds("every copy action names its vault in one way only"),
    })
}
