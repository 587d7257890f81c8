//! The copy role exists under the ARN that was given, and AWS Backup may assume it.

use crate::inputs::Address;
use crate::outcome::Outcome;
use crate::parts::role_trust::{FACT, assumable};
use crate::parts::subject::{rest, without_role};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::CopyRole,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the copy role cannot be assumed by AWS Backup",
    reason_lists: &[
        &crate::parts::role_trust::REASONS,
        &[
            Reason { name: "other-account", meaning: "the role is not one of the source account" },
            reasons::ROLE_NOT_KNOWN,
        ],
    ],
    facts: &[FACT, PASS],
    page: include_str!("source_role_not_assumable.md"),
}

const PASS: &str = "prerequisites-caller-pass-role";

fn check(view: &View<'_>) -> Outcome {
    let Some(role) = view.copy.role.look() else {
        return without_role(
            "whether AWS Backup can assume the copy role cannot be told without its name",
        );
    };
    let source = &view.copy.source;
    if role.account != source.account {
        let broken = Outcome::broken(
            "other-account",
            format!(
                "role `{role}` is in account {}, the copy leaves account {}",
                role.account, source.account
            ),
        )
        .help(format!(
            "name a role of account {}: a role cannot be passed to a job of another account",
            source.account
        ))
        .aws_says(says::ROLE_NOT_ASSUMED);
        return rest(view, broken, PASS);
    }
    let slot = Slot::named("copy-role", Address::Role(role.clone()));
    assumable(&view.reader, &slot, role)
}
