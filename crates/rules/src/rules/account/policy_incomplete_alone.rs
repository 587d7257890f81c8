//! Each backup policy is complete by itself.

use copy_preflight_policy::management::{Attached, Kind, Level as Stage, backup, effective};
use copy_preflight_policy::tree::{Node, Value};

use crate::effective::snapshot;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, OrganizationView};

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Suggestion,
    summary: "a backup policy is not complete without another one",
    reason_lists: &[&[
        Reason { name: "incomplete", meaning: "the policy alone is not valid" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT, "backup-policies-required"],
    page: include_str!("policy_incomplete_alone.md"),
}

const FACT: &str = "backup-policies-complete-alone";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    let survey = view.survey;
    let mut findings = Findings::default();
    let mut number = 0;
    for (id, answer) in snapshot::policies(survey.inputs) {
        let Some(document) = answer.policy.as_ref().filter(|document| is_policy(&document.root))
        else {
            continue;
        };
        if snapshot::shown_type(&answer.root) != Some("BACKUP_POLICY") {
            continue;
        }
        number += 1;
        let attached = Attached { id: id.clone(), order: None, content: &document.root };
        let stage = Stage { target: String::new(), policies: vec![attached] };
        let alone = effective(Kind::Backup, &[stage]);
        let invalid = backup::validate(&alone, &survey.limits.backup);
        let Some(first) = invalid.first() else { continue };
        let name = snapshot::shown_name(&answer.root).unwrap_or(&id);
        let span = document.root.members().first().map_or(document.root.span, |one| one.key_span);
        let label = survey.label(span, format!("`{}` {}", first.path, first.code.meaning()));
        findings.push(if invalid.iter().any(|error| error.certain) {
            let message = format!("policy `{name}` is not complete by itself");
            let broken = Outcome::broken("incomplete", message).label(label).help(
                "write each policy so that it is valid alone, and override it from below: a \
                     part of a plan is worth nothing where the rest does not arrive",
            );
            survey.rest(broken, FACT)
        } else {
            let message = format!("whether policy `{name}` is complete by itself is not certain");
            Outcome::undecided(reasons::SETTING_AMBIGUOUS.name, message).label(label)
        });
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("the organization has no backup policy"),
        _ => survey.rest(Outcome::holds("every backup policy is complete by itself"), FACT),
    })
}

/// Whether a document can be merged at all; another rule tells of one that cannot.
fn is_policy(root: &Node) -> bool {
    matches!(root.value, Value::Object(_))
}
