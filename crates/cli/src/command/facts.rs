//! `facts`: what the rules rest on.

use std::fmt::Write as _;
use std::io::Write;

use copy_preflight_rules::facts::Row;
use serde::Serialize;

use super::Failure;
use crate::Exit;
use crate::args::{FactsArgs, ListFormat};
use crate::output::human::Style;
use crate::output::plain::{visible, wrapped};

#[derive(Debug, Serialize)]
struct FactJson<'a> {
    id: &'a str,
    table: &'a str,
    value: serde_json::Value,
    source: &'a [String],
    checked: &'a str,
    certainty: &'static str,
    note: Option<&'a str>,
}

pub(super) fn run(args: &FactsArgs, output: &mut dyn Write, style: Style) -> Result<Exit, Failure> {
    let facts = super::facts_over(args.facts.as_deref())?;
    let rows: Vec<&Row> = match &args.name {
        Some(name) => {
            facts.rows().iter().filter(|row| row.table == *name || row.id == *name).collect()
        }
        None => facts.rows().iter().collect(),
    };
    if rows.is_empty() {
        let name = args.name.as_deref().unwrap_or_default();
        let mut tables: Vec<&str> = facts.rows().iter().map(|row| row.table.as_str()).collect();
        tables.dedup();
        return Err(Failure::Usage(format!(
            "there is no table or fact `{name}`; the tables are {}",
            tables.join(", ")
        )));
    }
    let text = match args.format {
        ListFormat::Json => {
            let list: Vec<FactJson<'_>> = rows.into_iter().map(json).collect();
            serde_json::to_string_pretty(&list)
                .map_err(|fault| Failure::Usage(fault.to_string()))?
                + "\n"
        }
        ListFormat::Human => list(&rows, style),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

fn json(row: &Row) -> FactJson<'_> {
    FactJson {
        id: &row.id,
        table: &row.table,
        value: serde_json::to_value(&row.value).unwrap_or(serde_json::Value::Null),
        source: &row.sources,
        checked: &row.checked,
        certainty: row.certainty.word(),
        note: row.note.as_deref(),
    }
}

fn list(rows: &[&Row], style: Style) -> String {
    let mut text = String::new();
    let mut table = "";
    for row in rows {
        // Writing to a string cannot fail.
        if row.table != table {
            let _ = writeln!(text, "{}{}", if table.is_empty() { "" } else { "\n" }, row.table);
            table = &row.table;
        }
        let _ = writeln!(text, "  {}  ({}, checked {})", row.id, row.certainty.word(), row.checked);
        let value = serde_json::to_value(&row.value).unwrap_or_default();
        for (cell, value) in value.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&wrapped("    ", "      ", &format!("{cell}: {value}"), style.width));
        }
        if let Some(note) = &row.note {
            text.push_str(&wrapped("    ", "    ", note, style.width));
        }
        for source in &row.sources {
            let _ = writeln!(text, "    {}", visible(source));
        }
    }
    text
}
