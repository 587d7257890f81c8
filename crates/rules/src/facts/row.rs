//! Rows of facts as they stand in the files.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::certainty::FactCertainty;

/// One fact, or a few cells about one thing.
#[derive(Debug, Clone)]
pub struct Row {
    /// The table, which is the name of its file.
    pub table: String,
    /// The id, unique over all tables.
    pub id: String,
    /// Addresses of the pages that say so.
    pub sources: Vec<String>,
    /// The day on which the pages were read, `YYYY-MM-DD`.
    pub checked: String,
    /// How sure the row is; single cells may differ.
    pub certainty: FactCertainty,
    /// Caveats and contradictions.
    pub note: Option<String>,
    /// The cells.
    pub value: toml::Table,
    cell_certainty: BTreeMap<String, FactCertainty>,
}

/// One cell of a row with its own certainty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<T> {
    /// The value.
    pub value: T,
    /// How sure it is.
    pub certainty: FactCertainty,
}

/// A facts file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsError {
    table: String,
    row: String,
    fault: String,
}

impl FactsError {
    pub(crate) fn new(table: &str, row: &str, fault: impl Into<String>) -> Self {
        Self { table: table.to_owned(), row: row.to_owned(), fault: fault.into() }
    }
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, fault } = self;
        match row.as_str() {
            "" => write!(f, "facts table `{table}`: {fault}"),
            row => write!(f, "fact `{row}` of table `{table}`: {fault}"),
        }
    }
}

impl std::error::Error for FactsError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    row: Vec<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    id: String,
    source: OneOrMany,
    checked: String,
    certainty: String,
    note: Option<String>,
    #[serde(default)]
    value: toml::Table,
    #[serde(default)]
    cell_certainty: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Reads the rows of a table.
///
/// # Errors
/// Names the row and what is wrong with it.
pub(super) fn read(table: &str, text: &str) -> Result<Vec<Row>, FactsError> {
    let file: File =
        toml::from_str(text).map_err(|error| FactsError::new(table, "", error.to_string()))?;
    file.row.into_iter().map(|raw| Row::check(table, raw)).collect()
}

fn certainty(word: &str) -> Result<FactCertainty, String> {
    FactCertainty::parse(word).ok_or_else(|| {
        let known = FactCertainty::ALL.map(FactCertainty::word).join(", ");
        format!("`{word}` is no certainty; there are {known}")
    })
}

impl Row {
    fn check(table: &str, raw: RawRow) -> Result<Self, FactsError> {
        let mut row = Self {
            table: table.to_owned(),
            id: raw.id,
            sources: Vec::new(),
            checked: String::new(),
            certainty: FactCertainty::Unknown,
            note: None,
            value: raw.value,
            cell_certainty: BTreeMap::new(),
        };
        let id = row.id.clone();
        let fail = |fault: String| FactsError::new(table, &id, fault);
        row.set_origin(raw.source, raw.note).map_err(fail)?;
        row.set_checked(&raw.checked).map_err(fail)?;
        row.set_certainty(&raw.certainty).map_err(fail)?;
        for (cell, word) in &raw.cell_certainty {
            if !row.value.contains_key(cell) {
                return Err(fail(format!("`cell_certainty` names `{cell}`, which is no cell")));
            }
            row.set_cell_certainty(cell, Some(certainty(word).map_err(fail)?));
        }
        Ok(row)
    }

    pub(super) fn set_origin(
        &mut self,
        source: OneOrMany,
        note: Option<String>,
    ) -> Result<(), String> {
        self.sources = match source {
            OneOrMany::One(source) => vec![source],
            OneOrMany::Many(sources) => sources,
        };
        self.note = note;
        match self.sources.iter().all(|source| source.trim().is_empty()) {
            true => Err("`source` is empty".to_owned()),
            false => Ok(()),
        }
    }

    pub(super) fn set_checked(&mut self, day: &str) -> Result<(), String> {
        if day.parse::<jiff::civil::Date>().is_err() {
            return Err(format!("`checked` is a day such as 2026-11-22, not `{day}`"));
        }
        day.clone_into(&mut self.checked);
        Ok(())
    }

    pub(super) fn set_certainty(&mut self, word: &str) -> Result<(), String> {
        self.certainty = certainty(word)?;
        Ok(())
    }

    /// `None`: the cell is as sure as its row.
    pub(super) fn set_cell_certainty(&mut self, cell: &str, certainty: Option<FactCertainty>) {
        match certainty {
            Some(certainty) => self.cell_certainty.insert(cell.to_owned(), certainty),
            None => self.cell_certainty.remove(cell),
        };
    }

    /// The certainty of a cell.
    #[must_use]
    pub fn cell_certainty(&self, cell: &str) -> FactCertainty {
        self.cell_certainty.get(cell).copied().unwrap_or(self.certainty)
    }

    /// A cell that is a text.
    #[must_use]
    pub fn text(&self, cell: &str) -> Option<&str> {
        self.value.get(cell)?.as_str()
    }

    /// A cell that is true or false.
    #[must_use]
    pub fn flag(&self, cell: &str) -> Option<bool> {
        self.value.get(cell)?.as_bool()
    }

    /// A cell that is a whole number.
    #[must_use]
    pub fn number(&self, cell: &str) -> Option<i64> {
        self.value.get(cell)?.as_integer()
    }

    /// A cell that is a list of texts; empty where it is missing.
    pub fn strings<'a>(&'a self, cell: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value
            .get(cell)
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str)
    }

    pub(crate) fn need_text(&self, cell: &str) -> Result<&str, FactsError> {
        self.text(cell).ok_or_else(|| self.lacks(cell))
    }

    pub(super) fn need_flag(&self, cell: &str) -> Result<Cell<bool>, FactsError> {
        let value = self.flag(cell).ok_or_else(|| self.lacks(cell))?;
        Ok(Cell { value, certainty: self.cell_certainty(cell) })
    }

    pub(crate) fn need_strings(&self, cell: &str) -> Result<Vec<String>, FactsError> {
        if !self.value.get(cell).is_some_and(toml::Value::is_array) {
            return Err(self.lacks(cell));
        }
        Ok(self.strings(cell).map(str::to_owned).collect())
    }

    pub(crate) fn lacks(&self, cell: &str) -> FactsError {
        FactsError::new(
            &self.table,
            &self.id,
            format!("cell `{cell}` is missing or of another type"),
        )
    }
}
