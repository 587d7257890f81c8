//! A selection by tags takes every service.

use crate::outcome::Outcome;
use crate::parts::opt_in::{Takes, settings, takes};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Warning,
    summary: "a selection by tags leaves out services that the management account has not opted in to",
    reason_lists: &[&[
        Reason { name: "types-left-out", meaning: "some services are off in the management account" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
        Reason { name: "management-account-not-known", meaning: "which account manages the organization is not known" },
    ]],
    facts: &[WHOSE, BY_TAG],
    page: include_str!("tagged_types_not_opted_in.md"),
}

const WHOSE: &str = "backup-policies-opt-in-management";
const BY_TAG: &str = "backup-policies-opt-in-by-tag";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for plan in &policy.plans {
        for region in plan.regions.iter().filter_map(|region| region.text) {
            for selection in &plan.selections {
                for taken in takes(view.survey.facts, selection) {
                    let Takes::OptedIn(choice) = taken else { continue };
                    number += 1;
                    let Some(management) = view.survey.management else {
                        findings.push(Outcome::undecided(
                            "management-account-not-known",
                            "whose service opt-in counts is not known",
                        ));
                        continue;
                    };
                    let part = "ResourceTypeOptInPreference";
                    let opt_in = match settings(view, (management, region), part) {
                        Ok(opt_in) => opt_in,
                        Err(outcome) => {
                            findings.push(outcome.cites(WHOSE));
                            continue;
                        }
                    };
                    let (off, on) = opt_in.split();
                    // Where nothing is on, the rule on the opt-in says so.
                    let Some(first) = off.first().filter(|_| !on.is_empty()) else { continue };
                    let mut broken = Outcome::broken(
                        "types-left-out",
                        format!(
                            "selection `{}` takes no {} in {region}",
                            selection.key,
                            off.join(", ")
                        ),
                    )
                    .label(opt_in.label(Some(first), "off in the management account"))
                    .help(
                        "opt in to these in the management account where resources of them carry \
                         the tag; a tagged resource of another service is passed over in silence",
                    );
                    let place = choice.as_ref().and_then(|choice| choice.place);
                    let label =
                        place.map(|span| view.survey.label(span, "takes opted-in services only"));
                    broken.labels.splice(0..0, label);
                    let broken = policy.rest(policy.rest(broken, BY_TAG), WHOSE);
                    findings.push(match &choice {
                        Some(choice) => choice.broken(broken),
                        None => broken,
                    });
                }
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no plan selects by tags alone"),
        _ => policy
            .rest(Outcome::holds("every service is opted in where plans select by tags"), WHOSE),
    })
}
