//! Copy actions name vaults of the organization.

use crate::arn::VaultArn;
use crate::inputs::Why;
use crate::outcome::Outcome;
use crate::parts::copy_actions::copy_actions;
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView, choices};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a copy action names no vault, or one that no copy can reach",
    reason_lists: &[&[
        Reason { name: "not-a-vault", meaning: "the text is no ARN of a backup vault" },
        Reason { name: "other-partition", meaning: "the vault is in another partition" },
        Reason { name: "other-organization", meaning: "the account of the vault is no member of the organization" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
    ]],
    facts: &[FACT, MEMBER],
    page: include_str!("copy_destination_invalid.md"),
}

const FACT: &str = "backup-policies-copy-account";
const MEMBER: &str = "prerequisites-same-organization";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for (action, path) in copy_actions(&policy.plans) {
        for choice in choices(action, &path, "target_backup_vault_arn") {
            number += 1;
            let Some(text) = choice.text else {
                findings.push(choice.unknown().cites(FACT));
                continue;
            };
            let Some((reason, fact, note, help)) = fault(view, text) else { continue };
            // Who is a member the list of accounts says, all of it.
            if reason == "other-organization" && !view.survey.lists_all() {
                let slot = Slot::organization_accounts();
                findings.push(
                    missing_document(
                        format!(
                            "whether the account of `{text}` is of the organization was not read"
                        ),
                        vec![slot.missing(Why::NotFetched, None)],
                    )
                    .cites(MEMBER),
                );
                continue;
            }
            let mut broken =
                Outcome::broken(reason, format!("a copy action names `{text}`")).help(help);
            broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            findings.push(choice.broken(policy.rest(broken, fact)));
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no copy action names a target"),
        _ => {
            policy.rest(Outcome::holds("every copy action names a vault of the organization"), FACT)
        }
    })
}

/// What is wrong with a target: reason, fact, note, help.
fn fault(
    view: &AccountView<'_>,
    text: &str,
) -> Option<(&'static str, &'static str, String, String)> {
    const HELP: &str = "write `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`, with `$account` for a copy within the account";
    // A Region that is not replaced is the matter of another rule.
    let expanded = text.replace("$account", view.account).replace("$region", "region");
    let vault = match expanded.parse::<VaultArn>() {
        Ok(vault) => vault,
        Err(error) => return Some(("not-a-vault", FACT, error.to_string(), HELP.to_owned())),
    };
    if vault.partition != view.survey.partition {
        let note = format!("the organization is in the partition `{}`", view.survey.partition);
        return Some(("other-partition", FACT, note, HELP.to_owned()));
    }
    let known = view.survey.accounts.binary_search(&vault.account).is_ok();
    (!known).then(|| {
        (
            "other-organization",
            MEMBER,
            format!("account {} is none of the organization", vault.account),
            "name a vault of an account of the organization: both accounts of a copy have to be its members".to_owned(),
        )
    })
}
