//! Baselines: findings that were there before, so that only new ones fail.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::Report;

const SCHEMA: &str = "copy-preflight/lint-baseline/v1";

/// The file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Baseline {
    schema: String,
    findings: Vec<Entry>,
}

/// A finding that was there before. Only the fingerprint counts; the rest is for readers.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    rule: String,
    path: String,
    message: String,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// A file that cannot be read or is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        let read: Self = serde_json::from_str(&fs::read_to_string(path)?)?;
        match read.schema == SCHEMA {
            true => Ok(read),
            false => {
                Err(io::Error::other(format!("is of schema `{}`, not `{SCHEMA}`", read.schema)))
            }
        }
    }

    /// All findings of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let entry = |(file, found): (&super::FileReport, &super::Found)| Entry {
            fingerprint: found.fingerprint.clone(),
            rule: found.rule.id(),
            path: file.path.clone(),
            message: found.outcome.message.clone(),
        };
        Self { schema: SCHEMA.to_owned(), findings: report.findings().map(entry).collect() }
    }

    /// Takes what it lists out of a report: how many findings that were.
    pub fn leave_out(&self, report: &mut Report) -> usize {
        let known: BTreeSet<&str> =
            self.findings.iter().map(|one| one.fingerprint.as_str()).collect();
        let mut left = 0;
        for file in &mut report.files {
            let before = file.findings.len();
            file.findings.retain(|found| !known.contains(found.fingerprint.as_str()));
            left += before - file.findings.len();
        }
        left
    }
}
