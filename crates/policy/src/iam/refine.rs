//! Decisions that hold whatever an unknown key turns out to be.
//!
//! Three-valued logic forgets that one key has one value: an Allow under `key = a` beside an
//! Allow under `key ≠ a` is an Allow, but each alone is unknown. So the request is decided again
//! for values of the unknown keys that stand for all values: if all agree, the decision stands.
//!
//! Only keys for which a finite list of values stands for all are tried: keys with one value,
//! compared by `StringEquals`, `Bool` and `Null` or by numbers or dates, without variables. Two
//! wildcards or two address ranges can meet in a value that no literal of the policy shows.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::condition::{Base, Condition, date, numeric::Number};
use super::context::{Context, ContextValue};
use super::document::{Policy, Version};
use super::evaluate::{
    Catalogue, Document, Documents, Levels, Outcome, Policies, evaluate_outcome,
};
use super::request::Request;
use super::variable;

/// How many combinations of values are tried at the most.
const MAX_COMBINATIONS: usize = 4_096;

/// The outcome that all values of the unknown keys agree on.
pub(crate) fn refine(
    request: &Request,
    policies: &Policies<'_>,
    catalogue: &Catalogue,
) -> Option<Outcome> {
    let uses = Uses::collect(request, policies);
    let mut candidates: Vec<(SmolStr, Vec<ContextValue>)> = Vec::new();
    let mut combinations = 1_usize;
    for (key, family) in uses.keys {
        let known = request.context.value_folded(&key);
        let present = match known {
            ContextValue::Present => true,
            ContextValue::Unknown => false,
            _ => continue,
        };
        if !catalogue.is_single_valued(&key) {
            continue;
        }
        let Some(mut values) = family.candidates() else { continue };
        if !present {
            values.push(ContextValue::Absent);
        }
        combinations = combinations.checked_mul(values.len())?;
        candidates.push((key, values));
    }
    if candidates.is_empty() || combinations > MAX_COMBINATIONS {
        return None;
    }
    let mut request = request.clone();
    let mut agreed: Option<Outcome> = None;
    for combination in 0..combinations {
        choose(&mut request.context, &candidates, combination);
        let outcome = evaluate_outcome(&request, policies, catalogue);
        let together = agreed.map_or(outcome, |agreed| agreed.agree(outcome));
        if together == Outcome::Depends {
            return None;
        }
        agreed = Some(together);
    }
    agreed
}

/// Sets every key that is tried to its value in the combination with this number.
fn choose(context: &mut Context, candidates: &[(SmolStr, Vec<ContextValue>)], combination: usize) {
    let mut rest = combination;
    for (key, values) in candidates {
        if let Some(value) = values.get(rest % values.len()) {
            context.set(key, value.clone());
        }
        rest /= values.len();
    }
}

/// How the conditions of all policies use a key.
enum Family {
    /// Only asked for presence so far.
    Presence,
    /// Compared with these texts.
    Text(BTreeSet<SmolStr>),
    /// Compared as Boolean.
    Boolean,
    /// Compared with these numbers.
    Number(Vec<f64>),
    /// Compared with these seconds since 1970.
    Date(Vec<jiff::Timestamp>),
    /// In a way that no finite list of values stands for.
    Open,
}

impl Family {
    /// Values that stand for all values; `None` where there is no such list.
    fn candidates(self) -> Option<Vec<ContextValue>> {
        let known = |text: String| ContextValue::Known(text.into());
        match self {
            Self::Presence => Some(vec![ContextValue::Present]),
            Self::Text(literals) => {
                // A text that no policy names stands for all others.
                let mut fresh = String::from("another value");
                while literals.contains(fresh.as_str()) {
                    fresh.push('.');
                }
                let mut values: Vec<_> =
                    literals.iter().map(|text| known(text.to_string())).collect();
                values.push(known(fresh));
                Some(values)
            }
            Self::Boolean => {
                Some(["true", "false", "neither"].map(|text| known(text.to_owned())).into())
            }
            Self::Number(mut bounds) => {
                bounds.sort_by(f64::total_cmp);
                bounds.dedup();
                let mut values = vec![known("not a number".to_owned())];
                let (first, last) = (*bounds.first()?, *bounds.last()?);
                let beyond = [first - first.abs() - 1.0, last + last.abs() + 1.0];
                let mut points = [bounds.as_slice(), &beyond].concat();
                for pair in bounds.windows(2) {
                    if let [low, high] = pair {
                        let between = low + (high - low) / 2.0;
                        // Two bounds between which no float fits have values that none shows.
                        if between <= *low || between >= *high {
                            return None;
                        }
                        points.push(between);
                    }
                }
                if !points.iter().all(|point| point.is_finite()) {
                    return None;
                }
                values.extend(points.iter().map(|point| known(format!("{point}"))));
                Some(values)
            }
            Self::Date(mut bounds) => {
                bounds.sort();
                let mut values = vec![known("not a date".to_owned())];
                let mut push = |nanosecond: i128| {
                    let time = jiff::Timestamp::from_nanosecond(nanosecond).ok()?;
                    values.push(known(time.to_string()));
                    Some(())
                };
                for pair in bounds.windows(2) {
                    if let [low, high] = pair {
                        push(
                            low.as_nanosecond() + (high.as_nanosecond() - low.as_nanosecond()) / 2,
                        )?;
                    }
                }
                push(bounds.first()?.as_nanosecond() - 1_000_000_000)?;
                push(bounds.last()?.as_nanosecond() + 1_000_000_000)?;
                for bound in &bounds {
                    push(bound.as_nanosecond())?;
                }
                Some(values)
            }
            Self::Open => None,
        }
    }

    fn merge(&mut self, other: Self) {
        let merged = match (std::mem::replace(self, Self::Open), other) {
            (Self::Presence, other) | (other, Self::Presence) => other,
            (Self::Text(mut left), Self::Text(right)) => {
                left.extend(right);
                Self::Text(left)
            }
            (Self::Boolean, Self::Boolean) => Self::Boolean,
            (Self::Number(mut left), Self::Number(right)) => {
                left.extend(right);
                Self::Number(left)
            }
            (Self::Date(mut left), Self::Date(right)) => {
                left.extend(right);
                Self::Date(left)
            }
            _ => Self::Open,
        };
        *self = merged;
    }

    fn of(condition: &Condition, version: Version) -> Self {
        if condition.operator.set.is_some() || condition.values.is_empty() {
            return Self::Open;
        }
        let mut texts = Vec::new();
        for term in &condition.values {
            match term.text.known() {
                Some(text) if !term.variables || version == Version::V2008 => texts.push(text),
                _ => return Self::Open,
            }
        }
        match condition.operator.base {
            Base::Null => Self::Presence,
            Base::StringEquals => Self::Text(texts.into_iter().map(SmolStr::from).collect()),
            Base::Bool => Self::Boolean,
            Base::Numeric(_) => {
                let numbers: Option<Vec<f64>> = texts
                    .into_iter()
                    .map(|text| Number::parse(text).map(|number| number.value))
                    .collect();
                numbers.map_or(Self::Open, Self::Number)
            }
            Base::Date(_) => {
                let dates: Option<Vec<_>> = texts.into_iter().map(date::parse).collect();
                dates.map_or(Self::Open, Self::Date)
            }
            _ => Self::Open,
        }
    }
}

/// All condition keys of all policies, in lower case, with their use.
struct Uses {
    keys: BTreeMap<SmolStr, Family>,
}

impl Uses {
    fn collect(request: &Request, policies: &Policies<'_>) -> Self {
        let mut uses = Self { keys: BTreeMap::new() };
        for_each_policy(policies, |policy| uses.add(policy));
        // Grants compare the encryption context and the source ARN in ways of their own.
        if request.action.service == "kms" {
            for (key, family) in &mut uses.keys {
                if key.starts_with("kms:encryptioncontext") || key == "aws:sourcearn" {
                    *family = Family::Open;
                }
            }
        }
        uses
    }

    fn add(&mut self, policy: &Policy) {
        for statement in &policy.statements {
            let elements = [&statement.action, &statement.resource];
            let elements = elements.into_iter().flatten().flat_map(|element| &element.terms);
            let values = statement.conditions.iter().flat_map(|condition| &condition.values);
            for term in elements.chain(values).filter(|term| term.variables) {
                for key in variable::keys(term) {
                    self.note(super::context::folded(key), Family::Open);
                }
            }
            for condition in &statement.conditions {
                self.note(condition.key_folded.clone(), Family::of(condition, policy.version));
            }
        }
    }

    fn note(&mut self, key: SmolStr, family: Family) {
        self.keys.entry(key).or_insert(Family::Presence).merge(family);
    }
}

fn for_each_policy<'a>(policies: &Policies<'a>, mut visit: impl FnMut(&'a Policy)) {
    let mut document = |document: &Document<'a>| {
        if let Document::Known(policy) = document {
            visit(policy);
        }
    };
    let sets = [Some(&policies.identity), policies.boundary.as_ref(), policies.session.as_ref()];
    let levels = [&policies.scp, &policies.rcp].into_iter().filter_map(|levels| match levels {
        Some(Levels::Known(levels)) => Some(levels),
        _ => None,
    });
    for set in sets.into_iter().flatten().chain(levels.flatten()) {
        if let Documents::Known(documents) = set {
            documents.iter().for_each(&mut document);
        }
    }
    [&policies.resource, &policies.endpoint].into_iter().flatten().for_each(document);
}
