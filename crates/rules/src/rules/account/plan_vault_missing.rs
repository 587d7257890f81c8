//! The vaults of the plans exist in the account, in every Region of the plan.

use crate::inputs::quoted;
use crate::outcome::Outcome;
use crate::parts::plan_vaults::{findings, is_name};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, PolicyView, choices};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a vault of the plans does not exist in the account",
    reason_lists: &[&[
        Reason { name: "no-such-vault", meaning: "the account has no vault of that name in that Region" },
        Reason { name: "not-a-name", meaning: "the text cannot be the name of a vault" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, NAME],
    page: include_str!("plan_vault_missing.md"),
}

const FACT: &str = "backup-policies-vault-exists";
const NAME: &str = "backup-policies-vault-name";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let (mut findings, mut number) = findings(view, policy, false, FACT, missing);
    for rule in policy.plans.iter().flat_map(|plan| &plan.rules) {
        for choice in choices(rule.entry, &rule.path, "target_backup_vault_name") {
            match choice.text {
                None => findings.push(choice.unknown().cites(FACT)),
                Some(text) if !is_name(text) => {
                    number += 1;
                    let message = format!("rule `{}` names the vault `{text}`", rule.key);
                    let mut broken = Outcome::broken("not-a-name", message)
                        .help("a name has letters, digits, `-` and `_`; a template may not have been applied");
                    let note = "cannot be the name of a vault";
                    broken
                        .labels
                        .extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
                    findings.push(choice.broken(policy.rest(broken, NAME)));
                }
                Some(_) => {}
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no plan names a vault other than `Default`"),
        _ => policy.rest(Outcome::holds("the vaults of the plans exist"), FACT),
    })
}

fn missing(name: &str, region: &str) -> Outcome {
    Outcome::broken("no-such-vault", format!("the account has no vault `{name}` in {region}")).help(
        format!(
            "make the vault in every account and Region of the plan (`aws backup \
             create-backup-vault --backup-vault-name {} --region {region}`), with a stack set \
             for example, or name one that is there; names are case sensitive",
            quoted(name)
        ),
    )
}
