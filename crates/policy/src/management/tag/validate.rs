//! When an effective tag policy is valid.

use std::collections::BTreeMap;

use super::super::Effective;
use super::super::entry::Entry;
use super::super::invalid::{Invalid, InvalidCode};
use super::super::value::Value;
use super::super::walk::join;
use crate::text::Text;

/// The most that a tag policy may have; `None` where that is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Keys that are required of one resource type.
    pub required_keys: Option<usize>,
}

/// The errors of an effective tag policy; none where no policy is attached.
#[must_use]
pub fn validate(effective: &Effective, limits: &Limits) -> Vec<Invalid> {
    let mut found = Vec::new();
    let Some(tags) = effective.root.child("tags").filter(|_| effective.attached) else {
        return found;
    };
    let mut required: BTreeMap<String, usize> = BTreeMap::new();
    for entry in tags.shown() {
        let path = join("tags", &entry.key);
        key(entry, &path, &mut found);
        values(entry, &path, &mut found);
        enforced(entry, &path, &mut found);
        for one in each(entry, "report_required_tag_for").filter_map(|(text, _)| text.known()) {
            *required.entry(one.to_owned()).or_default() += 1;
        }
    }
    if let Some(most) = limits.required_keys
        && required.values().any(|&number| number > most)
    {
        let certain = !tags.is_open();
        let path = "tags".to_owned();
        found.push(Invalid { code: InvalidCode::ElementsTooMany, path, certain });
    }
    found
}

/// The key of the policy and the key of the tag may differ in case alone.
fn key(entry: &Entry, path: &str, found: &mut Vec<Invalid>) {
    let Some(setting) = entry.child("tag_key").and_then(|key| key.setting.as_ref()) else { return };
    let differs = |value: &Option<Value>| {
        let known = value.as_ref().and_then(Value::scalar).and_then(Text::known);
        known.is_some_and(|known| known.to_lowercase() != entry.key.as_str())
    };
    if setting.possible.first().is_some_and(differs) {
        let certain = setting.possible.iter().all(differs);
        let path = join(path, "tag_key");
        found.push(Invalid { code: InvalidCode::TagKeyDiffers, path, certain });
    }
}

/// A value has one `*` at most.
fn values(entry: &Entry, path: &str, found: &mut Vec<Invalid>) {
    let wrong = |text: &Text| text.known().is_some_and(|known| known.matches('*').count() > 1);
    let mut bad = each(entry, "tag_value").filter(|(text, _)| wrong(text)).peekable();
    if bad.peek().is_some() {
        let certain = bad.any(|(_, certain)| certain);
        let path = join(path, "tag_value");
        found.push(Invalid { code: InvalidCode::TagValueWildcards, path, certain });
    }
}

/// A type is `service:type` or `service:ALL_SUPPORTED`; older policies have `service:*`. Neither
/// every service nor one type of every service can be named.
fn enforced(entry: &Entry, path: &str, found: &mut Vec<Invalid>) {
    let wrong = |text: &Text| {
        text.known().is_some_and(|known| match known.split_once(':') {
            Some((service, kind)) => service.is_empty() || kind.is_empty() || service.contains('*'),
            None => true,
        })
    };
    for setting in ["enforced_for", "report_required_tag_for"] {
        let mut bad = each(entry, setting).filter(|(text, _)| wrong(text)).peekable();
        if bad.peek().is_some() {
            let certain = bad.any(|(_, certain)| certain);
            let path = join(path, setting);
            found.push(Invalid { code: InvalidCode::EnforcedFor, path, certain });
        }
    }
}

/// The elements of the list that is shown, and whether each is one of every possible value.
fn each<'a>(entry: &'a Entry, name: &str) -> impl Iterator<Item = (&'a Text, bool)> {
    let setting = entry.child(name).and_then(|child| child.setting.as_ref());
    let shown = setting.and_then(|setting| setting.shown()).and_then(Value::list);
    shown.into_iter().flatten().map(move |text| {
        let certain = setting.is_some_and(|setting| {
            setting.possible.iter().all(|value| {
                let list = value.as_ref().and_then(Value::list);
                list.is_some_and(|list| list.contains(text))
            })
        });
        (text, certain)
    })
}
