//! Selections name resource types.

use crate::arn::Arn;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a selection names a single resource, which a backup policy cannot select",
    reason_lists: &[&[
        Reason { name: "single-resource", meaning: "the ARN names one resource" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("individual_arn_selected.md"),
}

const FACT: &str = "backup-policies-no-individual-arns";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for selection in view.plans.iter().flat_map(|plan| &plan.selections) {
        for name in ["resource_types", "not_resource_types"] {
            for choice in choices(selection.entry, &selection.path, name) {
                number += 1;
                let Some(text) = choice.text else {
                    findings.push(choice.unknown().cites(FACT));
                    continue;
                };
                let single = Arn::parse(text).is_some_and(|arn| !arn.resource.contains(['*', '?']));
                if !single {
                    continue;
                }
                let mut broken = Outcome::broken(
                    "single-resource",
                    format!("selection `{}` names the resource `{text}`", selection.key),
                )
                .help("select by resource type, such as `arn:aws:ec2:*:*:volume/*`, and by a tag of the resource");
                broken.labels.extend(
                    choice.place.map(|span| view.survey.label_on(span, text, "one resource")),
                );
                findings.push(choice.broken(view.rest(broken, FACT)));
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no selection names resource types"),
        _ => view.rest(Outcome::holds("the selections name resource types"), FACT),
    })
}
