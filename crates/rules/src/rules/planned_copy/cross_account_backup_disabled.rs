//! The management account has cross-account backup switched on.

use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Organization,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "cross-account backup is switched off in the management account",
    reason_lists: &[&[
        Reason { name: "switched-off", meaning: "the setting is off" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, "prerequisites-global-settings-delay"],
    page: include_str!("cross_account_backup_disabled.md"),
}

const FACT: &str = "prerequisites-cross-account-backup-enabled";

fn check(view: &View<'_>) -> Outcome {
    if !view.copy.is_cross_account() {
        return Outcome::not_applicable("the copy stays in one account");
    }
    let slot = Slot::global_settings();
    let filled = match view.read(&slot) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!(
                    "whether cross-account backup is on cannot be told: the global settings {}",
                    was(gap.words())
                ),
                vec![gap.missing()],
            )
            .help("ask in the management account; a member account does not decide it")
            .cites(FACT);
        }
    };
    let setting = filled
        .root()
        .member("GlobalSettings")
        .and_then(|settings| settings.member("isCrossAccountBackupEnabled"));
    match setting.map(|node| (node, node.as_str())) {
        Some((_, Some("true"))) => rest(view, Outcome::holds("cross-account backup is on"), FACT),
        Some((node, Some("false"))) => {
            let broken = Outcome::broken(
                "switched-off",
                "cross-account backup is switched off in the management account",
            )
            .label(filled.label(node.span, "must be `\"true\"`"))
            .help(
                "in the management account: aws backup update-global-settings \
                 --global-settings isCrossAccountBackupEnabled=true",
            )
            .aws_says(says::CROSS_ACCOUNT_NOT_ENABLED);
            rest(view, broken, FACT).cites("prerequisites-global-settings-delay")
        }
        Some((node, _)) => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "`isCrossAccountBackupEnabled` is neither `\"true\"` nor `\"false\"`",
        )
        .label(filled.label(node.span, "expected `\"true\"` or `\"false\"`")),
        None => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the global settings do not say `isCrossAccountBackupEnabled`",
        )
        .label(filled.label(filled.root().span, "expected `isCrossAccountBackupEnabled`")),
    }
}

/// `was not read` of several documents is `were not read`.
fn was(words: &str) -> String {
    words.replacen("was", "were", 1).replacen("does not exist", "do not exist", 1)
}
