//! `snapshot`: saves AWS answers, and reviews, compares and redacts what was saved.

mod check;
mod diff;
mod redact;
mod script;
mod show;
mod take;

use std::path::Path;

use copy_preflight_rules::inputs::{Absence, Why};

use super::Failure;
use crate::args::SnapshotCommand;
use crate::config::Located;
use crate::output::plain::{visible, wrapped};
use crate::snapshot::Snapshot;
use crate::{Exit, Streams};

pub(super) fn run(
    command: SnapshotCommand,
    config: &Located,
    streams: Streams<'_>,
) -> Result<Exit, Failure> {
    match command {
        SnapshotCommand::Take(args) => take::run(*args, config, streams),
        SnapshotCommand::Show(args) => show::run(&args, streams.output, streams.style),
        SnapshotCommand::Check(args) => check::run(*args, config, streams.output, streams.style),
        SnapshotCommand::Diff(args) => diff::run(*args, config, streams.output, streams.style),
        SnapshotCommand::Redact(args) => redact::run(&args, streams.output, streams.style),
    }
}

/// What a failure says of a folder.
fn about(folder: &Path) -> String {
    format!("snapshot `{}`", folder.to_string_lossy())
}

fn open(folder: &Path) -> Result<Snapshot, Failure> {
    Snapshot::open(folder).map_err(|fault| Failure::Io(about(folder), fault))
}

/// Whether an answer is not there and may be: AWS did not say that the thing does not exist.
fn is_gap(absence: &Absence) -> bool {
    absence.why != Why::NotFound
}

/// Text of lines that fit a width.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        self.text.push_str(&wrapped(first, rest, text, self.width));
    }
}

/// How much of a value is shown to a person.
const LONGEST: usize = 230;

impl Page {
    /// A value, broken anywhere, and cut where it is long.
    fn value(&mut self, first: &str, rest: &str, value: &serde_json::Value) {
        let mut text = value.to_string();
        if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(cut);
            text.push('…');
        }
        let mut line = first.to_owned();
        let mut columns = first.len();
        for character in visible(&text).chars() {
            if columns == self.width {
                self.line(&line);
                line = rest.to_owned();
                columns = rest.len();
            }
            line.push(character);
            columns += 1;
        }
        self.line(&line);
    }
}

/// `1 document`, `2 documents`.
fn counted(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
