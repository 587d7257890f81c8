//! The management account has opted in to what the plans select.

use crate::outcome::Outcome;
use crate::parts::opt_in::{Takes, settings, takes};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView, Selection};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "the management account has not opted in to the service that a plan selects",
    reason_lists: &[&[
        Reason { name: "type-not-opted-in", meaning: "the services that share the ARN are off in the management account" },
        Reason { name: "nothing-opted-in", meaning: "every service is off in the management account" },
        Reason { name: "management-account-not-known", meaning: "which account manages the organization is not known" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[WHOSE, BY_TAG, STAR],
    page: include_str!("opt_in_off.md"),
}

const WHOSE: &str = "backup-policies-opt-in-management";
const BY_TAG: &str = "backup-policies-opt-in-by-tag";
const STAR: &str = "backup-policies-opt-in-star";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for plan in &policy.plans {
        for region in plan.regions.iter().filter_map(|region| region.text) {
            for selection in &plan.selections {
                for taken in takes(view.survey.facts, selection) {
                    if let Takes::Regardless(..) = taken {
                        continue;
                    }
                    number += 1;
                    if let Some(outcome) = judge(view, policy, (selection, region), &taken) {
                        findings.push(outcome);
                    }
                }
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable(
            "the plans name resource types that are backed up whatever the service opt-in says",
        ),
        _ => policy.rest(
            Outcome::holds("the management account has opted in to what the plans select"),
            WHOSE,
        ),
    })
}

fn judge(
    view: &AccountView<'_>,
    policy: &PolicyView<'_>,
    (selection, region): (&Selection<'_>, &str),
    taken: &Takes<'_>,
) -> Option<Outcome> {
    let Some(management) = view.survey.management else {
        return Some(
            Outcome::undecided(
                "management-account-not-known",
                "whose service opt-in counts is not known: no answer names the management account",
            )
            .cites(WHOSE),
        );
    };
    let opt_in = match settings(view, (management, region), "ResourceTypeOptInPreference") {
        Ok(opt_in) => opt_in,
        Err(outcome) => return Some(outcome.cites(WHOSE)),
    };
    let help = format!(
        "opt in to the service in the management account {management}, in {region}: `aws backup \
         update-region-settings`; the settings of the member account do not count, nor do those \
         of a delegated administrator"
    );
    match taken {
        Takes::Unknown(choice) => Some(choice.unknown().cites(WHOSE)),
        Takes::Regardless(..) => None,
        Takes::Shared(choice, types) => {
            let known: Vec<(&String, Option<bool>)> =
                types.iter().map(|one| (one, opt_in.is_on(one))).collect();
            if known.iter().any(|(_, on)| *on == Some(true)) {
                return None;
            }
            let names: Vec<&str> = types.iter().map(String::as_str).collect();
            let names = names.join(", ");
            if known.iter().any(|(_, on)| on.is_none()) {
                let message =
                    format!("the settings in {region} do not say whether {names} is opted in");
                let outcome = Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
                    .label(opt_in.label(None, "expected every service"));
                return Some(outcome.cites(WHOSE));
            }
            let mut broken = Outcome::broken(
                "type-not-opted-in",
                format!("{names} is not opted in, in the management account in {region}"),
            )
            .help(help);
            let text = choice.text.unwrap_or_default();
            let note = "needs the service opted in";
            broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            let broken = broken.label(opt_in.label(names.split(", ").next(), "off"));
            Some(choice.broken(policy.rest(policy.rest(broken, BY_TAG), WHOSE)))
        }
        Takes::OptedIn(choice) => {
            let (_, on) = opt_in.split();
            if !on.is_empty() {
                return None;
            }
            let mut broken = Outcome::broken(
                "nothing-opted-in",
                format!("no service is opted in, in the management account in {region}: selection `{}` takes nothing", selection.key),
            )
            .help(help)
            .label(opt_in.label(None, "every service is off"));
            let place = choice.as_ref().and_then(|choice| choice.place);
            let label = place.map(|span| view.survey.label(span, "takes opted-in services only"));
            broken.labels.splice(0..0, label);
            let is_star = choice.as_ref().is_some_and(|choice| choice.text == Some("*"));
            let broken =
                policy.rest(policy.rest(broken, if is_star { STAR } else { BY_TAG }), WHOSE);
            Some(match choice {
                Some(choice) => choice.broken(broken),
                None => broken,
            })
        }
    }
}
