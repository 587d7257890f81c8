//! `snapshot`: saves AWS answers, and reviews, compares and redacts what was saved.

#[cfg(feature = "live")]
pub(super) mod account;
mod check;
mod diff;
mod organization;
mod redact;
mod script;
mod show;
mod take;

use std::path::Path;

use copy_preflight_rules::inputs::{Absence, Why};

use super::Failure;
use crate::args::SnapshotCommand;
use crate::config::Located;
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

/// `1 document`, `2 documents`.
fn counted(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
