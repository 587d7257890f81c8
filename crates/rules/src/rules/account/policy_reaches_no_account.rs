//! Each backup policy is attached where accounts stand.

use std::collections::HashSet;

use copy_preflight_policy::tree::Node;

use crate::effective::snapshot;
use crate::outcome::Outcome;
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, OrganizationView};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Warning,
    summary: "a backup policy is attached to nothing, or where no account stands",
    reason_lists: &[&[
        Reason { name: "attached-to-nothing", meaning: "the policy is attached to no root, unit or account" },
        Reason { name: "no-account-below", meaning: "no account stands below what it is attached to" },
        reasons::DOCUMENT_MISSING,
        Reason { name: "tree-not-known", meaning: "where some account stands is not known" },
    ]],
    facts: &[FACT],
    page: include_str!("policy_reaches_no_account.md"),
}

const FACT: &str = "backup-policies-attachment";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    let survey = view.survey;
    let mut above: HashSet<String> = HashSet::new();
    let mut lost = false;
    for account in &survey.accounts {
        match survey.backup.path(account) {
            Ok(path) => above.extend(path),
            Err(_) => lost = true,
        }
    }
    let mut findings = Findings::default();
    let mut number = 0;
    for (id, answer) in snapshot::policies(survey.inputs) {
        if snapshot::shown_type(&answer.root) != Some("BACKUP_POLICY") {
            continue;
        }
        number += 1;
        let name = snapshot::shown_name(&answer.root).unwrap_or(&id);
        let targets = match view.reader.read(&Slot::organization_policy_targets(&id)) {
            Ok(targets) => targets,
            Err(gap) => {
                let message = format!("what policy `{name}` is attached to was not read");
                findings.push(missing_document(message, vec![gap.missing()]).cites(FACT));
                continue;
            }
        };
        let list = targets.root().member("Targets");
        let ids: Vec<&str> = list
            .map(Node::elements)
            .unwrap_or_default()
            .iter()
            .filter_map(|target| target.member("TargetId")?.as_str())
            .collect();
        let span = list.map_or(targets.root().span, |list| list.span);
        if ids.is_empty() {
            let broken = Outcome::broken(
                "attached-to-nothing",
                format!("policy `{name}` is attached to nothing"),
            )
            .label(targets.label(span, "no root, unit or account"))
            .help(format!("attach it (`aws organizations attach-policy --policy-id {id} --target-id TARGET`), or delete it"));
            findings.push(view.reader.rest(broken, FACT));
        } else if !ids.iter().any(|id| above.contains(*id)) {
            let message = format!("no account stands below what policy `{name}` is attached to");
            findings.push(if lost {
                Outcome::undecided(
                    "tree-not-known",
                    format!("{message}, as far as the tree is known"),
                )
                .label(targets.label(span, "attached here"))
            } else {
                let broken = Outcome::broken("no-account-below", message)
                    .label(targets.label(span, "attached here"))
                    .help("attach it to a unit that holds accounts, or to the accounts");
                view.reader.rest(broken, FACT)
            });
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("the organization has no backup policy"),
        _ => view.reader.rest(Outcome::holds("every backup policy reaches an account"), FACT),
    })
}
