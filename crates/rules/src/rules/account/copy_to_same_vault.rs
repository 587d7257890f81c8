//! Copies go to another vault.

use copy_preflight_policy::management::backup;

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView, unsure};

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "a copy goes to the vault that it comes from",
    reason_lists: &[&[
        Reason { name: "same-vault", meaning: "source and destination are one vault" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("copy_to_same_vault.md"),
}

const FACT: &str = "prerequisites-copy-to-same-vault";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let copies = backup::copies(&policy.judged.effective, view.account);
    for copy in copies.iter().filter(|copy| copy.source == copy.destination) {
        let path = format!("plans/{}/rules/{}/copy_actions", copy.plan, copy.rule);
        let mut broken = Outcome::broken(
            "same-vault",
            format!(
                "rule `{}` of plan `{}` copies into the vault that it backs up into: `{}`",
                copy.rule, copy.plan, copy.destination
            ),
        )
        .help("name another vault: a copy protects from nothing that happens to its own vault");
        broken.labels.extend(policy.label_near(&path, "leads back to the vault of the rule"));
        let broken = policy.rest(broken, FACT);
        findings.push(match &copy.undecided {
            None => broken,
            Some(_) => unsure(broken, &path),
        });
    }
    findings.or(|| match copies.is_empty() {
        true => Outcome::not_applicable("the plans have no copy"),
        false => policy.rest(Outcome::holds("every copy goes to another vault"), FACT),
    })
}
