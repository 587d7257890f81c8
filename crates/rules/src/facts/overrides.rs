//! Rows of one's own in place of rows that ship: where AWS has changed since, or a user knows
//! better.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::row::{OneOrMany, Row};
use super::{Facts, FactsError};
use crate::nearest::{near, nearest};

/// A file of overrides that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideError {
    /// Where in the text, in bytes; `None` where it is about the whole.
    pub place: Option<Range<usize>>,
    /// What is wrong, with the nearest known name.
    pub fault: String,
}

impl fmt::Display for OverrideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fault)
    }
}

impl std::error::Error for OverrideError {}

impl From<FactsError> for OverrideError {
    fn from(fault: FactsError) -> Self {
        Self { place: None, fault: fault.to_string() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    row: Vec<Override>,
}

/// A row that takes the place of one that ships: its cells are laid over those of that row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    id: Spanned<String>,
    source: OneOrMany,
    checked: Spanned<String>,
    certainty: Spanned<String>,
    note: Option<String>,
    #[serde(default)]
    value: BTreeMap<Spanned<String>, toml::Value>,
}

impl Facts {
    /// These facts with the rows of a file over them. A row of the file has the form of the rows
    /// in `facts/*.toml`: it names a row that ships, says where its own word comes from and since
    /// when, and holds the cells that differ.
    ///
    /// # Errors
    /// Names the place, and for a name that is not known the nearest that is.
    pub fn with_overrides(&self, text: &str) -> Result<Self, OverrideError> {
        let file: File = toml::from_str(text).map_err(|fault| OverrideError {
            place: fault.span(),
            fault: fault.message().to_owned(),
        })?;
        let mut rows = self.rows.clone();
        let mut overridden = Vec::new();
        for given in file.row {
            let id = given.id.get_ref();
            let Some(row) = rows.iter_mut().find(|row| row.id == *id) else {
                let known = self.rows.iter().map(|row| row.id.as_str());
                return Err(unknown("fact", &given.id, known));
            };
            if overridden.contains(id) {
                return Err(at(&given.id, format!("fact `{id}` stands twice")));
            }
            overridden.push(id.clone());
            given.lay_over(row)?;
        }
        let mut facts = Self::from_rows(rows)?;
        facts.overridden = overridden;
        Ok(facts)
    }
}

impl Override {
    fn lay_over(self, row: &mut Row) -> Result<(), OverrideError> {
        for (name, value) in self.value {
            let Some(cell) = row.value.get_mut(name.get_ref()) else {
                return Err(unknown("cell", &name, row.value.keys().map(String::as_str)));
            };
            if !cell.same_type(&value) {
                let (wanted, given) = (cell.type_str(), value.type_str());
                let fault = format!("cell `{}` is {wanted}, not {given}", name.get_ref());
                return Err(at(&name, fault));
            }
            *cell = value;
            row.set_cell_certainty(name.get_ref(), None);
        }
        row.set_origin(self.source, self.note).map_err(|fault| at(&self.id, fault))?;
        row.set_checked(self.checked.get_ref()).map_err(|fault| at(&self.checked, fault))?;
        row.set_certainty(self.certainty.get_ref()).map_err(|fault| at(&self.certainty, fault))
    }
}

fn at<T>(place: &Spanned<T>, fault: String) -> OverrideError {
    OverrideError { place: Some(place.span()), fault }
}

fn unknown<'a>(
    what: &str,
    name: &Spanned<String>,
    known: impl Iterator<Item = &'a str>,
) -> OverrideError {
    let (named, known): (&String, Vec<&str>) = (name.get_ref(), known.collect());
    let mut meant = near(named, known.iter().copied());
    if meant.is_empty() {
        meant.extend(nearest(named, known));
    }
    let meant: Vec<String> = meant.iter().map(|name| format!("`{name}`")).collect();
    let fault = match meant.as_slice() {
        [] => format!("there is no {what} `{named}`"),
        names => format!("there is no {what} `{named}`; did you mean {}?", names.join(" or ")),
    };
    at(name, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "source = 'https://example.com/case'\nchecked = '2026-11-25'\ncertainty = 'documented'\n";

    fn laid(text: &str) -> Result<Facts, OverrideError> {
        Facts::embedded().unwrap().with_overrides(text)
    }

    #[test]
    fn cells_are_laid_over_a_row() {
        let before = Facts::embedded().unwrap();
        let ebs = before.variants("EBS").next().unwrap();
        assert!(ebs.cross_account.value);
        let text =
            format!("[[row]]\nid = 'copy-support-ebs'\n{HEAD}[row.value]\ncross_account = false\n");
        let facts = laid(&text).unwrap();
        assert!(!facts.variants("EBS").next().unwrap().cross_account.value);
        assert_eq!(facts.row("copy-support-ebs").unwrap().checked, "2026-11-25");
        assert_eq!(facts.overridden(), ["copy-support-ebs"]);
        // What is not named stays.
        assert_eq!(facts.variants("EBS").next().unwrap().via_service, ebs.via_service);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, place, fault) in [
            (
                "[[row]]\nid = 'copy-support-eb'\n",
                "'copy-support-eb'",
                "did you mean `copy-support-ebs`",
            ),
            (
                "[[row]]\nid = 'copy-support-ebs'\n[row.value]\ncross_acount = false\n",
                "cross_acount",
                "`cross_account`",
            ),
            (
                "[[row]]\nid = 'copy-support-ebs'\n[row.value]\ncross_account = 'no'\n",
                "cross_account",
                "boolean, not string",
            ),
            ("[[row]]\nid = 'copy-support-ebs'\nwhat = 1\n", "what", "unknown field"),
        ] {
            let text = text.replacen("'\n", &format!("'\n{HEAD}"), 1);
            let error = laid(&text).err().unwrap();
            assert_eq!(text.get(error.place.clone().unwrap()), Some(place), "{error}");
            assert!(error.fault.contains(fault), "{error}");
        }
        let twice = format!("[[row]]\nid = 'copy-support-ebs'\n{HEAD}").repeat(2);
        assert!(laid(&twice).err().unwrap().fault.contains("twice"));
    }
}
