//! Key and target of each copy action are one vault.

use crate::outcome::Outcome;
use crate::parts::copy_actions::copy_actions;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Warning,
    summary: "the key of a copy action is another ARN than its target",
    reason_lists: &[&[
        Reason { name: "key-is-another-arn", meaning: "the key is not the ARN of the target" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("copy_key_differs.md"),
}

const FACT: &str = "backup-policies-copy-key";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for (action, path) in copy_actions(&view.plans) {
        for choice in choices(action, &path, "target_backup_vault_arn") {
            number += 1;
            let Some(text) = choice.text else {
                findings.push(choice.unknown().cites(FACT));
                continue;
            };
            // Keys are shown in lower case, so case says nothing.
            if text.to_lowercase() == action.key.as_str() {
                continue;
            }
            let written = action.written.last();
            let key = written.map_or(action.key.as_str(), |(key, _)| key.as_str());
            let mut broken = Outcome::broken(
                "key-is-another-arn",
                format!("a copy action has the key `{key}` and the target `{text}`"),
            )
            .help("write the ARN of the vault in both places: the target decides, and the key is required to be the same");
            broken.labels.extend(written.map(|(_, span)| view.survey.label(*span, "the key")));
            broken
                .labels
                .extend(choice.place.map(|span| view.survey.label_on(span, text, "the target")));
            findings.push(choice.broken(view.rest(broken, FACT)));
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no copy action names a target"),
        _ => view.rest(Outcome::holds("key and target of each copy action are the same"), FACT),
    })
}
