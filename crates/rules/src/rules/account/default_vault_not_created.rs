//! The vault Default was made where a plan names it.

use crate::outcome::Outcome;
use crate::parts::plan_vaults::findings;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, PolicyView};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a plan names the vault Default, which nobody has made in the account",
    reason_lists: &[&[
        Reason { name: "never-made", meaning: "the account has no vault Default in that Region" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT],
    page: include_str!("default_vault_not_created.md"),
}

const FACT: &str = "backup-policies-default-vault";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let (findings, number) = findings(view, policy, true, FACT, missing);
    findings.or(|| match number {
        0 => Outcome::not_applicable("no plan names the vault `Default`"),
        _ => policy.rest(Outcome::holds("the vault `Default` was made"), FACT),
    })
}

fn missing(name: &str, region: &str) -> Outcome {
    Outcome::broken("never-made", format!("the vault `{name}` was never made in {region}")).help(
        format!(
            "open the vaults page of the console of AWS Backup in the account and {region} once, \
             or name a vault of your own, which the API can make"
        ),
    )
}
