//! The account can use the Regions of its plans.

use std::collections::BTreeSet;

use crate::outcome::Outcome;
use crate::parts::region::{Enabled, enabled, is_opt_in};
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a Region of the plans is not enabled in the account",
    reason_lists: &[&[
        Reason { name: "not-enabled", meaning: "the account has not enabled the Region" },
        Reason { name: "being-changed", meaning: "the Region is being enabled or disabled at this time" },
        reasons::SETTING_AMBIGUOUS,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, "regions-opt-in"],
    page: include_str!("plan_region_not_enabled.md"),
}

const FACT: &str = "backup-policies-region-enabled";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for choice in policy.plans.iter().flat_map(|plan| &plan.regions) {
        let Some(region) = choice.text else {
            findings.push(choice.unknown().cites(FACT));
            continue;
        };
        if !is_opt_in(view.survey.facts, region) || !asked.insert(region) {
            continue;
        }
        let slot = Slot::regions(&format!("account[{}]", view.account), view.account);
        let regions = match view.reader.read(&slot) {
            Ok(regions) => regions,
            Err(gap) => {
                let message = format!("whether the account has enabled `{region}` was not read");
                findings.push(missing_document(message, vec![gap.missing()]).cites(FACT));
                continue;
            }
        };
        let here =
            choice.place.map(|span| view.survey.label_on(span, region, "a Region of the plan"));
        match enabled(&regions, region) {
            (Enabled::Yes, _) => {}
            (Enabled::No, span) => {
                let mut broken = Outcome::broken(
                    "not-enabled",
                    format!("the account has not enabled the Region `{region}`"),
                )
                .help(format!(
                    "enable it in the account (`aws account enable-region --region-name {region}`), \
                     or take it out of the plan"
                ));
                broken.labels.extend(here);
                let broken = broken.label(regions.label(span, "the status of the Region"));
                findings.push(choice.broken(policy.rest(broken, FACT)));
            }
            (Enabled::Changing, span) => findings.push(
                Outcome::undecided(
                    "being-changed",
                    format!("the account is enabling or disabling the Region `{region}`"),
                )
                .label(regions.label(span, "the status of the Region"))
                .cites(FACT),
            ),
            (Enabled::Unknown, span) => findings.push(
                Outcome::undecided(
                    reasons::ANSWER_INCOMPLETE.name,
                    format!("the answer does not say whether the account has enabled `{region}`"),
                )
                .label(regions.label(span, format!("expected the status of `{region}`")))
                .cites(FACT),
            ),
        }
    }
    findings.or(|| match asked.is_empty() {
        true => Outcome::not_applicable("no Region of the plans has to be enabled first"),
        false => {
            policy.rest(Outcome::holds("the account has enabled the Regions of its plans"), FACT)
        }
    })
}
