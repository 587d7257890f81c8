//! AWS Backup has trusted access to the organization.

use crate::outcome::Outcome;
use crate::parts::trusted_access::{Access, trusted_access};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::OrganizationView;

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Warning,
    summary: "the organization gives AWS Backup no trusted access",
    reason_lists: &[&[
        Reason { name: "not-enabled", meaning: "the service principal of AWS Backup is not among those with access" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT],
    page: include_str!("trusted_access_off.md"),
}

const FACT: &str = "backup-policies-trusted-access";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    vec![match trusted_access(&view.reader) {
        Access::On => view
            .reader
            .rest(Outcome::holds("AWS Backup has trusted access to the organization"), FACT),
        Access::Off(label) => {
            let broken = Outcome::broken(
                "not-enabled",
                "AWS Backup has no trusted access: jobs of member accounts cannot be seen",
            )
            .label(label)
            .help(
                "enable it in the settings of AWS Backup in the management account, not with \
                 Organizations, so that AWS Backup makes what it needs; only the CLI or API of \
                 Organizations disables it",
            );
            view.reader.rest(broken, FACT)
        }
        Access::Unknown(outcome) => outcome.cites(FACT),
    }]
}
