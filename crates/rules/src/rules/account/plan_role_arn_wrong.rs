//! The role of each selection is named so that every account has it.

use crate::arn::RoleArn;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a selection names its role so that AWS Backup cannot find it in the account",
    reason_lists: &[&[
        Reason { name: "no-account-variable", meaning: "the ARN names another account" },
        Reason { name: "path-missing", meaning: "the default role is named without its path" },
        Reason { name: "path-doubled", meaning: "the ARN has role/ twice" },
        Reason { name: "other-partition", meaning: "the ARN is of another partition" },
        Reason { name: "not-a-role", meaning: "the text is no ARN of a role" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("plan_role_arn_wrong.md"),
}

const FACT: &str = "backup-policies-role-form";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for plan in &policy.plans {
        for selection in &plan.selections {
            for choice in choices(selection.entry, &selection.path, "iam_role_arn") {
                number += 1;
                let Some(text) = choice.text else {
                    findings.push(choice.unknown().cites(FACT));
                    continue;
                };
                let Some((reason, note, help)) = fault(view, text) else { continue };
                let message = format!("selection `{}` names the role `{text}`", selection.key);
                let mut broken = Outcome::broken(reason, message).help(help);
                let place = choice.place;
                broken.labels.extend(place.map(|span| view.survey.label_on(span, text, note)));
                findings.push(choice.broken(policy.rest(broken, FACT)));
            }
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("no selection names a role"),
        _ => policy.rest(Outcome::holds("the roles are named as an account has them"), FACT),
    })
}

/// What is wrong with the ARN: reason, note and help.
fn fault(view: &AccountView<'_>, text: &str) -> Option<(&'static str, String, String)> {
    let survey = view.survey;
    let row = survey.facts.row(FACT);
    let cell = |name: &str| row.and_then(|row| row.text(name)).unwrap_or_default();
    let (name, path) = (cell("default_name"), cell("default_path"));
    let right = format!("arn:{}:iam::$account:role{path}{name}", survey.partition);
    if text.contains("role/role/") {
        let help = text.replace("role/role/", "role/");
        return Some((
            "path-doubled",
            "`role/` stands twice".to_owned(),
            format!("write `{help}`"),
        ));
    }
    let expanded = text.replace("$account", view.account);
    let role = match expanded.parse::<RoleArn>() {
        Ok(role) => role,
        Err(error) => {
            return Some(("not-a-role", error.to_string(), format!("write it like `{right}`")));
        }
    };
    if role.partition != survey.partition {
        let note = format!("the organization is in the partition `{}`", survey.partition);
        return Some(("other-partition", note, format!("write it like `{right}`")));
    }
    if role.account != view.account {
        let help = text.replacen(&role.account, "$account", 1);
        let note = "a role of one account, in the plan of another".to_owned();
        return Some(("no-account-variable", note, format!("write `{help}`")));
    }
    if role.name == name && role.path != path {
        let note = format!("the role that AWS Backup makes has the path `{path}`");
        return Some(("path-missing", note, format!("write `{right}`")));
    }
    None
}
