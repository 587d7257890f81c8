//! Renderings of a lint report.

pub mod concise;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::rule::Level;

use crate::lint::{CopyLine, FileReport, Found, Report};

/// Everything that a renderer shows.
#[derive(Clone, Copy)]
pub struct Linted<'a> {
    /// The report.
    pub report: &'a Report,
    /// The facts it rests on.
    pub facts: &'a Facts,
    /// The least level at which a finding fails.
    pub fail_on: Level,
}

/// The levels, the worst first.
const LEVELS: [Level; 4] = [Level::Error, Level::Security, Level::Warning, Level::Suggestion];

impl Linted<'_> {
    /// How many there are of each level and how many questions, in words; empty without any.
    fn counts(&self) -> String {
        let mut words: Vec<String> = LEVELS
            .into_iter()
            .map(|level| (self.report.count(level), level))
            .filter(|(count, _)| *count > 0)
            .map(|(count, level)| match (count, level) {
                (_, Level::Security) => format!("{count} security"),
                (1, level) => format!("1 {}", level.word()),
                (_, level) => format!("{count} {}s", level.word()),
            })
            .collect();
        match self.report.open() {
            0 => {}
            1 => words.push("1 open question".to_owned()),
            open => words.push(format!("{open} open questions")),
        }
        words.join(", ")
    }

    /// What was judged and what was found, in one line.
    fn summary(&self) -> String {
        let documents = self.report.documents();
        let noun = if documents == 1 { "document" } else { "documents" };
        let mut line = match self.counts() {
            counts if counts.is_empty() && documents == 0 => "no document was judged".to_owned(),
            counts if counts.is_empty() => format!("nothing found in {documents} {noun}"),
            counts => format!("{counts} in {documents} {noun}"),
        };
        for (count, words) in [
            (self.report.suppressed, "suppressed"),
            (self.report.in_baseline, "in the baseline"),
            (self.report.notes.len(), "told as problems"),
        ] {
            if count > 0 {
                line.push_str(&format!("; {count} {words}"));
            }
        }
        if let Some(base) = &self.report.base {
            line.push_str(&format!("; only what is new since `{}`", base.name));
            if base.as_before > 0 {
                line.push_str(&format!(", {} as before", base.as_before));
            }
        }
        line
    }

    /// What the documents say of the planned copies of the config, one line each.
    fn copies(&self) -> Vec<String> {
        let line = |copy: &CopyLine| {
            let mut line = format!("planned copy `{}`: {}", copy.name, copy.word);
            let quoted = |names: &[String]| {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                names.join(", ")
            };
            if !copy.idle.is_empty() {
                line.push_str(&format!(
                    "; {} alone decides nothing, give {}",
                    quoted(&copy.idle),
                    quoted(&copy.lacks)
                ));
            } else if copy.not_judged > 0 {
                let rules = if copy.not_judged == 1 { "rule needs" } else { "rules need" };
                line.push_str(&format!("; {} {rules} more documents", copy.not_judged));
            }
            line
        };
        self.report.copies.iter().map(line).collect()
    }

    /// All findings, the worst first, open questions last.
    fn worst_first(&self) -> Vec<(&FileReport, &Found)> {
        let mut all: Vec<_> = self.report.findings().collect();
        all.sort_by_key(|(_, found)| (!found.is_broken(), found.level));
        all
    }
}

/// A message with what stands below it, for formats of one text: message, notes, help.
fn whole_message(found: &Found) -> String {
    match &found.outcome.help {
        Some(help) => format!("{}\n{help}", found.outcome.message),
        None => found.outcome.message.clone(),
    }
}
