//! Backup plans: each copy action of each rule, with each type that the plan backs up.

use std::collections::BTreeSet;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};

use super::kinds::Kind;
use super::selection::{self, Fault, Selection};
use super::{Plan, Planned, Request};
use crate::arn::VaultArn;
use crate::copy::{From, FromKind, Lifecycle, PlanSize, PlannedCopy};
use crate::facts::Facts;
use crate::inputs::{Inputs, Problem};

/// Plans the copies of a backup plan, the answer of `backup get-backup-plan`. What cannot be
/// planned becomes a problem, and the rest is planned all the same. Its selections stand in the
/// answer itself, or in answers of their own.
pub(super) fn expand(
    plan: &mut Plan,
    request: &Request,
    (root, selections): (&Node, Option<&[&Node]>),
    inputs: &Inputs,
    facts: &Facts,
) {
    let mut expansion = Expansion { plan, request, inputs, facts };
    expansion.run(root, selections.unwrap_or(&[root]));
}

struct Expansion<'a> {
    plan: &'a mut Plan,
    request: &'a Request,
    inputs: &'a Inputs,
    facts: &'a Facts,
}

/// What the copies of one rule share.
struct RuleContext {
    from: From,
    /// The vault in which the rule keeps its backups.
    vault: VaultArn,
    /// The air-gapped vault that is the primary target of the rule.
    air_gapped: Option<VaultArn>,
    source_lifecycle: Option<Lifecycle>,
    size: PlanSize,
}

impl Expansion<'_> {
    fn run(&mut self, root: &Node, selected: &[&Node]) {
        let document = root.member("BackupPlan").unwrap_or(root);
        let lists: Vec<&Node> = members(document, "Rules").collect();
        if lists.is_empty() {
            return self.fault(document.span, "no backup plan: `BackupPlan.Rules` is not there");
        }
        let mut faults = Vec::new();
        let mut selections: Vec<Selection> = selected
            .iter()
            .flat_map(|root| selection::read(root, self.facts, &mut faults))
            .collect();
        for Fault { node, message } in faults {
            self.fault(node.span, &message);
        }
        if selections.is_empty() {
            selections.push(Selection::default());
        }
        let name = document.member("BackupPlanName").and_then(Node::as_str);
        let rules = elements(&lists);
        for node in lists.iter().filter(|node| !matches!(node.value, Value::Array(_))) {
            self.fault(node.span, &format!("`Rules` is a list, not {}", node.kind()));
        }
        // Where the list stands twice, which of the two counts is not known.
        let count = counted(&lists);
        for rule in rules {
            self.rule(rule, name, count, &selections);
        }
    }

    fn rule(
        &mut self,
        rule: &Node,
        plan: Option<&str>,
        rules: Option<usize>,
        selections: &[Selection],
    ) {
        let lists: Vec<&Node> =
            members(rule, "CopyActions").filter(|node| node.value != Value::Null).collect();
        for node in lists.iter().filter(|node| !matches!(node.value, Value::Array(_))) {
            self.fault(node.span, &format!("`CopyActions` is a list, not {}", node.kind()));
        }
        let actions = elements(&lists);
        if actions.is_empty() {
            if !matches!(rule.value, Value::Object(_)) {
                self.fault(rule.span, &format!("a rule is an object, not {}", rule.kind()));
            }
            return;
        }
        let Some(vault) = self.target_vault(rule) else { return };
        let Ok(air_gapped) = self.air_gapped_target(rule) else { return };
        let Ok(source_lifecycle) = self.lifecycle(rule) else { return };
        let context = RuleContext {
            from: From {
                kind: FromKind::Plan,
                name: plan.map(str::to_owned),
                rule: rule.member("RuleName").and_then(Node::as_str).map(str::to_owned),
            },
            vault,
            air_gapped,
            source_lifecycle: Some(source_lifecycle),
            size: PlanSize { rules, copy_actions_in_rule: counted(&lists) },
        };
        for action in actions {
            self.action(action, &context, selections);
        }
    }

    fn action(&mut self, action: &Node, context: &RuleContext, selections: &[Selection]) {
        let Some(node) = action.member("DestinationBackupVaultArn") else {
            return self.fault(action.span, "the copy action names no `DestinationBackupVaultArn`");
        };
        let destination = match node.as_str().map(str::parse::<VaultArn>) {
            Some(Ok(destination)) => destination,
            Some(Err(fault)) => return self.fault(node.span, &fault.to_string()),
            None => {
                let message =
                    format!("`DestinationBackupVaultArn` is a string, not {}", node.kind());
                return self.fault(node.span, &message);
            }
        };
        let asked = &self.request.destinations;
        if !asked.is_empty() && !asked.contains(&destination) {
            return;
        }
        let Ok(lifecycle) = self.lifecycle(action) else { return };
        let mut seen = BTreeSet::new();
        for selection in selections {
            let role = self.request.role.clone().or_else(|| selection.role.clone());
            for kind in self.kinds(selection, &context.vault) {
                if !seen.insert((role.clone(), kind.resource_type.clone(), kind.variant.clone())) {
                    continue;
                }
                let copy = PlannedCopy {
                    from: context.from.clone(),
                    source: kind.source(&context.vault, context.air_gapped.as_ref(), self.facts),
                    destination: destination.clone(),
                    resource_type: kind.resource_type,
                    variant: kind.variant,
                    recovery_point: None,
                    source_keys: self.request.source_keys.clone(),
                    role: role.clone(),
                    lifecycle,
                    source_lifecycle: context.source_lifecycle,
                    // A plan is started by AWS Backup itself.
                    caller: None,
                    plan_size: Some(context.size),
                };
                self.plan.copies.push(Planned { copy, counts: kind.counts, doubt: None });
            }
        }
    }

    /// The kinds of a selection: those that the user names, else those that its resources tell,
    /// else those that the vault holds, else all.
    fn kinds(&mut self, selection: &Selection, vault: &VaultArn) -> Vec<Kind> {
        let (named, variant) = (&self.request.resource_types, self.request.variant.as_deref());
        if !named.is_empty() {
            return self.plan.future_kinds((vault, named), variant, self.inputs, self.facts);
        }
        self.plan.selected_kinds(selection, (vault, variant), self.inputs, self.facts)
    }

    /// The vault of a rule: named in the plan, in the account and Region of the source vault.
    fn target_vault(&mut self, rule: &Node) -> Option<VaultArn> {
        let Some(node) = rule.member("TargetBackupVaultName") else {
            self.fault(rule.span, "the rule names no `TargetBackupVaultName`");
            return None;
        };
        let name =
            node.as_str().filter(|name| !name.is_empty() && !name.contains([':', '/', '*', '?']));
        let Some(name) = name else {
            self.fault(node.span, "`TargetBackupVaultName` is no name of a vault");
            return None;
        };
        Some(VaultArn { name: name.to_owned(), ..self.request.source.clone() })
    }

    fn air_gapped_target(&mut self, rule: &Node) -> Result<Option<VaultArn>, ()> {
        let Some(node) = rule.member("TargetLogicallyAirGappedBackupVaultArn") else {
            return Ok(None);
        };
        if node.value == Value::Null {
            return Ok(None);
        }
        match node.as_str().map(str::parse) {
            Some(Ok(vault)) => return Ok(Some(vault)),
            Some(Err(fault)) => {
                let fault: crate::arn::ArnError = fault;
                self.fault(node.span, &fault.to_string());
            }
            None => self.fault(node.span, "`TargetLogicallyAirGappedBackupVaultArn` is a string"),
        }
        Err(())
    }

    /// The `Lifecycle` of a rule or copy action; none is one without days.
    fn lifecycle(&mut self, node: &Node) -> Result<Lifecycle, ()> {
        let mut days = |member: &str| {
            let Some(found) =
                node.member("Lifecycle").and_then(|lifecycle| lifecycle.member(member))
            else {
                return Ok(None);
            };
            if found.value == Value::Null {
                return Ok(None);
            }
            found.as_i64().map(Some).ok_or_else(|| {
                self.fault(
                    found.span,
                    &format!("`{member}` is a whole number, not {}", found.kind()),
                );
            })
        };
        Ok(Lifecycle {
            delete_after_days: days("DeleteAfterDays")?,
            cold_after_days: days("MoveToColdStorageAfterDays")?,
        })
    }

    /// Notes something for which copies are missing.
    fn fault(&mut self, place: Span, message: &str) {
        let name = self.inputs.sources.get(place.source).map(|source| source.name.clone());
        self.plan.problems.push(Problem {
            name: name.unwrap_or_default(),
            message: message.to_owned(),
            place: Some(place),
            more: 0,
        });
        self.plan.incomplete = true;
    }
}

/// All members with this key: JSON allows duplicates, and none of them may be lost.
fn members<'a>(node: &'a Node, key: &'a str) -> impl Iterator<Item = &'a Node> {
    node.members()
        .iter()
        .filter(move |member| member.key.known() == Some(key))
        .map(|member| &member.value)
}

fn elements<'a>(lists: &[&'a Node]) -> Vec<&'a Node> {
    lists.iter().flat_map(|list| list.elements()).collect()
}

/// The length of a list that stands there once.
fn counted(lists: &[&Node]) -> Option<usize> {
    match lists {
        [only] => Some(only.elements().len()),
        _ => None,
    }
}
