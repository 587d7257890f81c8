//! The roles of the plans exist in the account, and AWS Backup may assume them.

use std::collections::BTreeSet;

use crate::arn::RoleArn;
use crate::inputs::Address;
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::role_trust::assumable;
use crate::reasons;
use crate::rule::Level;
use crate::survey::{AccountView, Findings, PolicyView, choices};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a role of the plans does not exist in the account, or AWS Backup may not assume it",
    reason_lists: &[
        &crate::parts::role_trust::REASONS,
        &[
            reasons::SETTING_AMBIGUOUS,
        ],
    ],
    facts: &[EXISTS, "prerequisites-copy-role-trust"],
    page: include_str!("plan_role_unusable.md"),
}

const EXISTS: &str = "backup-policies-role-exists";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut asked: BTreeSet<RoleArn> = BTreeSet::new();
    for plan in &policy.plans {
        for selection in &plan.selections {
            for choice in choices(selection.entry, &selection.path, "iam_role_arn") {
                let Some(text) = choice.text else {
                    findings.push(choice.unknown().cites(EXISTS));
                    continue;
                };
                // An ARN that names no role of this account is the matter of another rule.
                let Ok(role) = text.replace("$account", view.account).parse::<RoleArn>() else {
                    continue;
                };
                if role.account != view.account || !asked.insert(role.clone()) {
                    continue;
                }
                let name = format!("role[{}/{}]", view.account, role.name);
                let slot = Slot::named(&name, Address::Role(role.clone()));
                let mut outcome = assumable(&view.reader, &slot, &role);
                if outcome.kind == OutcomeKind::Holds {
                    continue;
                }
                let label = choice
                    .place
                    .map(|span| view.survey.label_on(span, text, "the role of this selection"));
                outcome.labels.splice(0..0, label);
                if outcome.kind == OutcomeKind::Broken {
                    outcome.help = outcome.help.map(|help| {
                        format!("{help}; neither the policy nor a vault makes a role, and jobs start and then fail")
                    });
                    outcome = policy.rest(outcome, EXISTS);
                }
                findings.push(choice.broken(outcome));
            }
        }
    }
    findings.or(|| match asked.is_empty() {
        true => Outcome::not_applicable("no selection names a role of the account"),
        false => {
            policy.rest(Outcome::holds("AWS Backup may assume the roles of the plans"), EXISTS)
        }
    })
}
