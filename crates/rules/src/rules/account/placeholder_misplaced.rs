//! Placeholders stand where AWS replaces them.

use copy_preflight_policy::management::Entry;

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a placeholder stands where AWS Backup does not replace it",
    reason_lists: &[&[
        Reason { name: "region-not-replaced", meaning: "$region stands in a setting where it is not replaced" },
        Reason { name: "account-not-replaced", meaning: "$account stands in a setting that is no ARN" },
        Reason { name: "air-gapped-without-placeholders", meaning: "the air-gapped vault is not named with $region and $account" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[ACCOUNT, REGION, AIR_GAPPED],
    page: include_str!("placeholder_misplaced.md"),
}

const ACCOUNT: &str = "backup-policies-account-variable";
const REGION: &str = "backup-policies-region-variable";
const AIR_GAPPED: &str = "backup-policies-air-gapped-placeholders";

const AIR_GAPPED_KEY: &str = "target_logically_air_gapped_backup_vault_arn";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for plan in &view.plans {
        walk(view, plan.entry, &plan.path, &mut findings);
    }
    findings.or(|| view.rest(Outcome::holds("placeholders stand where AWS replaces them"), ACCOUNT))
}

fn walk(view: &PolicyView<'_>, parent: &Entry, path: &str, findings: &mut Findings) {
    for child in parent.children.iter().filter(|child| child.may_be_shown()) {
        for choice in choices(parent, path, &child.key) {
            let Some(text) = choice.text else { continue };
            let Some((reason, fact, help)) = fault(&child.key, text) else { continue };
            let message = format!("`{}` is `{text}`", choice.path);
            let mut broken = Outcome::broken(reason, message).help(help);
            let note = "a placeholder is not replaced here, or is missing";
            broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            findings.push(choice.broken(view.rest(broken, fact)));
        }
        walk(view, child, &format!("{path}/{}", child.key), findings);
    }
}

/// What is wrong with a value: reason, fact, help.
fn fault(key: &str, text: &str) -> Option<(&'static str, &'static str, &'static str)> {
    if key == AIR_GAPPED_KEY {
        let both = text.contains("$region") && text.contains("$account");
        return (!both).then_some((
            "air-gapped-without-placeholders",
            AIR_GAPPED,
            "write it as `arn:aws:backup:$region:$account:backup-vault:NAME`: the vault stands in \
             the account and Region of the resource",
        ));
    }
    if text.contains("$region") {
        return Some((
            "region-not-replaced",
            REGION,
            "write the Region; for several Regions write one plan for each",
        ));
    }
    (text.contains("$account") && !text.starts_with("arn:")).then_some((
        "account-not-replaced",
        ACCOUNT,
        "`$account` stands in ARNs of vaults and roles only",
    ))
}
