//! The effective policy as a tree.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::branch::Branch;
use super::history::{Fate, Lock, Step};
use super::outcomes::Open;
use super::value::Value;
use super::walk::join;
use crate::source::{SourceId, Span};
use crate::text::Text;
use crate::tree::{self, Member, Node};

/// A key of an effective policy: a setting, or what holds others.
///
/// The tree also holds keys that the effective policy does not show, since every operator on them
/// was taken back; they remember why.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, lower-case.
    pub key: SmolStr,
    /// The key as policies write it, and where.
    pub written: Vec<(SmolStr, Span)>,
    /// The setting; `None` for a container.
    pub setting: Option<Setting>,
    /// What stands below.
    pub children: Vec<Entry>,
    /// The locks that bind lower levels here.
    pub locks: Vec<Lock>,
    /// Why nothing at and below the key is certain, where the reason stands here.
    pub open: Vec<Open>,
    /// INVARIANT: the place of each child by its key.
    index: HashMap<SmolStr, usize>,
}

/// A setting and how it came to its value.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What the value may be, the one that is shown first; `None` for no value.
    pub possible: Vec<Option<Value>>,
    /// Why there is more than one.
    pub why: Vec<Open>,
    /// The operators, in the order of levels.
    pub steps: Vec<Step>,
}

/// A setting that has more than one possible value, or one that is not known.
#[derive(Debug, Clone)]
pub struct Ambiguous {
    /// The keys, with `/` between them; empty for the whole document.
    pub path: String,
    /// The values, the one that is shown first; `None` for no value.
    pub values: Vec<Option<Value>>,
    /// Why.
    pub why: Vec<Open>,
}

impl Setting {
    /// The value that is shown; `None` where the setting is not there.
    #[must_use]
    pub fn shown(&self) -> Option<&Value> {
        self.possible.first()?.as_ref()
    }

    /// Whether the value is not certain.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.possible.as_slice() {
            [None] => false,
            [Some(value)] => !value.is_known(),
            _ => true,
        }
    }
}

impl Entry {
    pub(super) fn of(branch: Branch, above: &[Open]) -> Self {
        let mut taints = above.to_vec();
        taints.extend(branch.taints.iter().filter(|why| !above.contains(why)));
        let is_setting = !branch.steps.is_empty();
        let children = branch.children.into_iter().map(|child| Self::of(child, &taints)).collect();
        let setting = is_setting.then(|| {
            let mut possible = branch.possible;
            let mut why = branch.why;
            let is_unknown = |value: &Option<Value>| matches!(value, Some(Value::Unknown));
            if !taints.is_empty() && !possible.iter().any(is_unknown) {
                possible.push(Some(Value::Unknown));
            }
            why.extend(&taints);
            if possible.iter().flatten().any(|value| !value.is_known()) && why.is_empty() {
                why.push(Open::NotKnown);
            }
            why.sort_unstable();
            why.dedup();
            Setting { possible, why, steps: branch.steps }
        });
        Self {
            key: branch.key,
            written: branch.written,
            setting,
            children,
            locks: branch.locks,
            open: branch.taints,
            index: branch.index,
        }
    }

    /// The key below, whether it is shown or not.
    #[must_use]
    pub fn child(&self, key: &str) -> Option<&Self> {
        self.children.get(*self.index.get(key)?)
    }

    /// The keys below that the effective policy shows.
    pub fn shown(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(|child| child.is_shown())
    }

    /// Whether the effective policy shows it: a setting with a value, or a container of one.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        match &self.setting {
            Some(setting) => setting.shown().is_some(),
            None => self.children.iter().any(Self::is_shown),
        }
    }

    /// Whether some possible value of a setting shows it.
    #[must_use]
    pub fn may_be_shown(&self) -> bool {
        match &self.setting {
            Some(setting) => setting.possible.iter().any(Option::is_some),
            None => self.children.iter().any(Self::may_be_shown),
        }
    }

    /// Whether every possible value of the settings shows it.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        match &self.setting {
            Some(setting) => setting.possible.iter().all(Option::is_some),
            None => self.children.iter().any(Self::is_sure),
        }
    }

    /// The value that is shown, of a setting.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.setting.as_ref()?.shown()
    }

    /// Whether anything at or below the key is not certain.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
            || self.setting.as_ref().is_some_and(Setting::is_open)
            || self.children.iter().any(Self::is_open)
    }

    /// The entry at these keys, in any case.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        if path.is_empty() {
            return Some(self);
        }
        // Keys may hold the `/` that stands between keys.
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().find_map(|end| {
            let child = self.child(&path.get(..end)?.to_lowercase())?;
            child.at(path.get(end..)?.trim_start_matches('/'))
        })
    }

    /// The document as AWS answers it, each part with the place of the operator that last set it.
    /// What has several possible values is unknown there.
    #[must_use]
    pub fn to_node(&self) -> Node {
        let none = Span::new(SourceId::new(0), 0, 0);
        let written = || self.written.last().map_or(none, |(_, span)| *span);
        let Some(setting) = &self.setting else {
            let member = |child: &Self| Member {
                key: Text::from(child.key.clone()),
                key_span: child.written.last().map_or(none, |(_, span)| *span),
                value: child.to_node(),
            };
            let value = match self.open.is_empty() {
                true => tree::Value::Object(self.shown().map(member).collect()),
                false => tree::Value::Unknown,
            };
            return Node { span: written(), value };
        };
        let acted = setting.steps.iter().rev().find(|step| step.fate == Fate::Applied);
        let span = acted.map_or_else(written, |step| step.span);
        let text = |text: &Text| Node { span, value: tree::Value::String(text.clone()) };
        let value = match setting.possible.as_slice() {
            [Some(Value::Scalar(one))] => tree::Value::String(one.clone()),
            [Some(Value::List(list))] => tree::Value::Array(list.iter().map(text).collect()),
            _ => tree::Value::Unknown,
        };
        Node { span, value }
    }

    pub(super) fn collect_ambiguous(&self, path: &str, found: &mut Vec<Ambiguous>) {
        if let Some(setting) = self.setting.as_ref().filter(|setting| setting.is_open()) {
            found.push(Ambiguous {
                path: path.to_owned(),
                values: setting.possible.clone(),
                why: setting.why.clone(),
            });
        } else if !self.open.is_empty() {
            // What may stand below is not known either.
            let why = self.open.clone();
            found.push(Ambiguous { path: path.to_owned(), values: Vec::new(), why });
        }
        for child in &self.children {
            child.collect_ambiguous(&join(path, &child.key), found);
        }
    }
}
