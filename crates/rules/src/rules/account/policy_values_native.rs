//! Values are written as the syntax page writes them.

use copy_preflight_policy::tree::{Node, Value};

use crate::effective::snapshot;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, OrganizationView};

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Suggestion,
    summary: "a backup policy has native numbers, or a single value where a list is documented",
    reason_lists: &[&[
        Reason { name: "native-value", meaning: "a number or Boolean is no string" },
        Reason { name: "single-value", meaning: "a single value stands for a list" },
        Reason { name: "value-not-known", meaning: "the value is not known" },
    ]],
    facts: &[FACT],
    page: include_str!("policy_values_native.md"),
}

const FACT: &str = "backup-policies-native-types";

/// Settings that hold lists.
const LISTS: [&str; 4] = ["regions", "tag_value", "resource_types", "not_resource_types"];
/// Settings that the syntax page shows with native Booleans.
const BOOLEANS: [&str; 2] =
    ["enable_continuous_backup", "opt_in_to_archive_for_supported_resources"];

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let mut number = 0;
    for (_, answer) in snapshot::policies(view.survey.inputs) {
        let Some(document) = &answer.policy else { continue };
        if snapshot::shown_type(&answer.root) == Some("BACKUP_POLICY") {
            number += 1;
            walk(view, &document.root, "", 0, &mut findings);
        }
    }
    findings.or(|| match number {
        0 => Outcome::not_applicable("the organization has no backup policy"),
        _ => view.survey.rest(Outcome::holds("values are written as strings and lists"), FACT),
    })
}

/// Looks at what operators assign below a key.
fn walk(
    view: &OrganizationView<'_>,
    node: &Node,
    key: &str,
    depth: usize,
    findings: &mut Findings,
) {
    // The language is a few levels deep; deeper documents are refused by another rule.
    if depth > 32 {
        return;
    }
    for member in node.members() {
        let Some(name) = member.key.known() else { continue };
        if !name.starts_with("@@") {
            walk(view, &member.value, name, depth + 1, findings);
            continue;
        }
        let value = &member.value;
        let place = |note: &str| view.survey.label(value.span, note);
        match &value.value {
            Value::Number(_) => {
                let broken =
                    Outcome::broken("native-value", format!("`{key}` has a native number"))
                        .label(place("the syntax page writes a string"))
                        .help(
                            "AWS is known to take it; write it as a string to be like its answers",
                        );
                findings.push(view.survey.rest(broken, FACT));
            }
            Value::Bool(_) if !BOOLEANS.contains(&key) => {
                let broken =
                    Outcome::broken("native-value", format!("`{key}` has a native Boolean"))
                        .label(place("the syntax page writes a string"))
                        .help("write it as a string");
                findings.push(view.survey.rest(broken, FACT));
            }
            Value::String(_) if LISTS.contains(&key) => {
                let broken = Outcome::broken("single-value", format!("`{key}` has a single value"))
                    .label(place("the syntax page writes a list"))
                    .help("write a list of one");
                findings.push(view.survey.rest(broken, FACT));
            }
            Value::Unknown => findings.push(
                Outcome::undecided("value-not-known", format!("the value of `{key}` is not known"))
                    .label(place("cannot be read")),
            ),
            _ => {}
        }
    }
}
