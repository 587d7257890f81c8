//! The vault Default was made where a plan names it.

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::rules::parts::plan_vaults::{Found, vaults};
use crate::survey::{AccountView, Findings, PolicyView};

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
    let mut findings = Findings::default();
    let mut number = 0;
    for one in vaults(view, policy) {
        if !one.is_default {
            continue;
        }
        number += 1;
        match one.found {
            Found::There => {}
            Found::Unknown(outcome) => findings.push(outcome.cites(FACT)),
            Found::Missing(labels) => {
                let mut broken = missing(&one.name, &one.region);
                broken.labels.extend(one.label);
                broken.labels.extend(labels);
                findings.push(one.choice.broken(policy.rest(broken, FACT)));
            }
        }
    }
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
