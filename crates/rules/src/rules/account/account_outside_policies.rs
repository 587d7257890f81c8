//! Some backup policy reaches an account.

use crate::effective::snapshot;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Merged};

crate::rule::account_rule! {
    check: Standing(check),
    aliases: &[],
    level: Level::Warning,
    summary: "no backup policy reaches the account",
    reason_lists: &[&[
        Reason { name: "no-policy", meaning: "no backup policy is attached to the account or above it" },
    ]],
    facts: &[FACT],
    page: include_str!("account_outside_policies.md"),
}

const FACT: &str = "backup-policies-attachment";

fn check(view: &AccountView<'_>) -> Vec<Outcome> {
    vec![match view.backup {
        Merged::Trouble(_) => Outcome::undecided(
            reasons::POLICY_NOT_KNOWN.name,
            "whether a backup policy reaches the account is not known",
        ),
        Merged::Known(judged) if judged.effective.attached => {
            view.survey.rest(Outcome::holds("a backup policy reaches the account"), FACT)
        }
        Merged::Known(_)
            if snapshot::is_enabled(view.survey.inputs, "BACKUP_POLICY") == Some(false) =>
        {
            Outcome::not_applicable("backup policies are not enabled on the root")
        }
        Merged::Known(_) => {
            let broken = Outcome::broken(
                "no-policy",
                "no backup policy is attached to the account or above it: it gets no plan",
            )
            .help("attach a policy to the account or to what stands above it, or leave it out knowingly");
            view.survey.rest(broken, FACT)
        }
    }]
}
