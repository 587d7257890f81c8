//! The plans of an effective backup policy, each value with its place and with how sure it is.

use copy_preflight_policy::management::{Entry, Fate, Setting, Step, Value};
use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;

use crate::outcome::Outcome;
use crate::reasons;

use super::findings::unsure;

/// A plan.
pub(crate) struct Plan<'a> {
    pub(crate) key: &'a str,
    /// Its path in the policy, `plans/<key>`.
    pub(crate) path: String,
    pub(crate) entry: &'a Entry,
    pub(crate) regions: Vec<Choice<'a>>,
    pub(crate) rules: Vec<PlanRule<'a>>,
    pub(crate) selections: Vec<Selection<'a>>,
}

/// A rule of a plan.
pub(crate) struct PlanRule<'a> {
    pub(crate) key: &'a str,
    pub(crate) path: String,
    pub(crate) entry: &'a Entry,
}

/// A selection of a plan.
pub(crate) struct Selection<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: SelectionKind,
    pub(crate) path: String,
    pub(crate) entry: &'a Entry,
}

/// How a selection selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelectionKind {
    /// By a tag alone.
    Tags,
    /// By resource types.
    Resources,
}

/// A value that a setting may have.
#[derive(Debug, Clone)]
pub(crate) struct Choice<'a> {
    /// The value; `None` where it is not known.
    pub(crate) text: Option<&'a str>,
    /// The setting.
    pub(crate) path: String,
    /// Whether every possible value of the setting is or holds it.
    pub(crate) sure: bool,
    /// Where it was set.
    pub(crate) place: Option<Span>,
}

impl Choice<'_> {
    /// What is wrong with the value; undecided where it may be another.
    pub(crate) fn broken(&self, outcome: Outcome) -> Outcome {
        if self.sure { outcome } else { unsure(outcome, &self.path) }
    }

    /// The outcome for a value that is not known.
    pub(crate) fn unknown(&self) -> Outcome {
        Outcome::undecided(
            reasons::SETTING_AMBIGUOUS.name,
            format!("the value of `{}` is not known for certain", self.path),
        )
    }
}

/// The plans of a policy, those too that only another possible value shows.
pub(super) fn plans(root: &Entry) -> Vec<Plan<'_>> {
    let Some(plans) = root.child("plans") else { return Vec::new() };
    shown(plans).map(|plan| self::plan(plan, &join("plans", &plan.key))).collect()
}

fn plan<'a>(plan: &'a Entry, path: &str) -> Plan<'a> {
    let rules = plan.child("rules").into_iter().flat_map(shown);
    let mut selections = Vec::new();
    for (kind, name) in [(SelectionKind::Tags, "tags"), (SelectionKind::Resources, "resources")] {
        let container = plan.child("selections").and_then(|one| one.child(name));
        for entry in container.into_iter().flat_map(shown) {
            let path = format!("{path}/selections/{name}/{}", entry.key);
            selections.push(Selection { key: &entry.key, kind, path, entry });
        }
    }
    Plan {
        key: &plan.key,
        path: path.to_owned(),
        entry: plan,
        regions: choices(plan, path, "regions"),
        rules: rules
            .map(|rule| PlanRule {
                key: &rule.key,
                path: format!("{path}/rules/{}", rule.key),
                entry: rule,
            })
            .collect(),
        selections,
    }
}

fn shown(entry: &Entry) -> impl Iterator<Item = &Entry> {
    entry.children.iter().filter(|child| child.may_be_shown())
}

/// The values that a setting below an entry may have, each element of a list by itself; none
/// where there is no such setting.
pub(crate) fn choices<'a>(parent: &'a Entry, path: &str, name: &str) -> Vec<Choice<'a>> {
    let Some(setting) = parent.child(name).and_then(|child| child.setting.as_ref()) else {
        return Vec::new();
    };
    let path = join(path, name);
    let mut found: Vec<Choice<'a>> = Vec::new();
    for value in setting.possible.iter().flatten() {
        let Some(list) = value.list() else {
            found.push(Choice {
                text: None,
                path: path.clone(),
                sure: false,
                place: last(setting),
            });
            continue;
        };
        for text in list {
            let known = text.known();
            if known.is_some() && found.iter().any(|choice| choice.text == known) {
                continue;
            }
            let holds = |value: &Option<Value>| {
                let list = value.as_ref().and_then(Value::list);
                list.is_some_and(|list| list.contains(text))
            };
            found.push(Choice {
                text: known,
                path: path.clone(),
                sure: known.is_some() && setting.possible.iter().all(holds),
                place: place(setting, text).or_else(|| last(setting)),
            });
        }
    }
    found
}

/// The value of a setting below an entry, where it is the only one that is possible.
pub(crate) fn sole<'a>(parent: &'a Entry, name: &str) -> Option<&'a str> {
    match parent.child(name)?.setting.as_ref()?.possible.as_slice() {
        [Some(value)] => value.scalar()?.known(),
        _ => None,
    }
}

/// Where a text was set.
fn place(setting: &Setting, text: &Text) -> Option<Span> {
    let sets = |step: &&Step| {
        let acts = matches!(step.fate, Fate::Applied | Fate::Doubtful(_));
        acts && step.value.list().is_some_and(|list| list.contains(text))
    };
    setting.steps.iter().rev().find(sets).map(|step| step.span)
}

fn last(setting: &Setting) -> Option<Span> {
    setting.steps.last().map(|step| step.span)
}

fn join(path: &str, key: &str) -> String {
    format!("{path}/{key}")
}
