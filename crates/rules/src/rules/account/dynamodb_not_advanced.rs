//! DynamoDB tables are backed up so that they can be copied.

use copy_preflight_policy::management::Entry;

use crate::outcome::Outcome;
use crate::parts::opt_in::{Takes, settings, takes};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PlanRule, PolicyView};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Warning,
    summary: "the account has not opted in to advanced DynamoDB backups, without which tables cannot be copied",
    reason_lists: &[&[
        Reason { name: "not-opted-in", meaning: "the setting of the account is off" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, WHOSE],
    page: include_str!("dynamodb_not_advanced.md"),
}

const FACT: &str = "backup-policies-dynamodb-advanced";
const WHOSE: &str = "backup-policies-dynamodb-whose-setting";

const TYPE: &str = "DynamoDB";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for plan in &policy.plans {
        if !plan.rules.iter().any(copies) {
            continue;
        }
        for selection in &plan.selections {
            for taken in takes(view.survey.facts, selection) {
                let (choice, words) = match taken {
                    Takes::OptedIn(choice) => (choice, "may take"),
                    Takes::Shared(choice, types) | Takes::Regardless(choice, types)
                        if types.contains(TYPE) =>
                    {
                        (Some(choice), "takes")
                    }
                    Takes::Unknown(choice) => {
                        findings.push(choice.unknown().cites(FACT));
                        continue;
                    }
                    Takes::Shared(..) | Takes::Regardless(..) => continue,
                };
                number += 1;
                for region in plan.regions.iter().filter_map(|region| region.text) {
                    let part = "ResourceTypeManagementPreference";
                    let own = match settings(view, (view.account, region), part) {
                        Ok(own) => own,
                        Err(outcome) => {
                            findings.push(outcome.cites(FACT));
                            continue;
                        }
                    };
                    match own.is_on(TYPE) {
                        Some(true) => {}
                        Some(false) => {
                            let mut broken = Outcome::broken(
                                "not-opted-in",
                                format!(
                                    "selection `{}` {words} DynamoDB tables, and the account has \
                                     not opted in to advanced DynamoDB backups in {region}",
                                    selection.key
                                ),
                            )
                            .help(format!(
                                "opt in by hand in the account: `aws backup update-region-settings \
                                 --resource-type-management-preference DynamoDB=true --region {region}`; \
                                 a plan of a policy does not do it, and backups made before cannot be copied"
                            ));
                            let place = choice.as_ref().and_then(|choice| choice.place);
                            let label = place.map(|span| view.survey.label(span, "selected here"));
                            broken.labels.extend(label);
                            let broken = broken.label(own.label(Some(TYPE), "off"));
                            let broken = policy.rest(policy.rest(broken, FACT), WHOSE);
                            findings.push(match &choice {
                                Some(choice) => choice.broken(broken),
                                None => broken,
                            });
                        }
                        None => findings.push(
                            Outcome::undecided(
                                reasons::ANSWER_INCOMPLETE.name,
                                format!("the settings in {region} do not say whether advanced DynamoDB backups are on"),
                            )
                            .label(own.label(None, "expected `DynamoDB`"))
                            .cites(FACT),
                        ),
                    }
                }
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no plan with copies selects DynamoDB tables"),
        _ => policy
            .rest(policy.rest(Outcome::holds("advanced DynamoDB backups are on"), FACT), WHOSE),
    })
}

/// Whether the rule plans a copy.
fn copies(rule: &PlanRule<'_>) -> bool {
    let has = |name: &str| rule.entry.child(name).is_some_and(Entry::may_be_shown);
    has("copy_actions") || has("target_logically_air_gapped_backup_vault_arn")
}
