//! `snapshot check`: what a snapshot lacks to judge a pair, and the commands that fetch it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use copy_preflight_rules::check::Report;
use copy_preflight_rules::inputs::{Absence, Address, Entry, Inputs, Why};
use copy_preflight_rules::view::Slot;
use serde::Serialize;

use super::script::{self, Step};
use super::{about, counted, is_gap};
use crate::Exit;
use crate::args::{ListFormat, SnapshotCheckArgs};
use crate::command::question::Asked;
use crate::command::{Failure, pretty};
use crate::config::Located;
use crate::output::human::Style;
use crate::output::plain::Lines;
use crate::snapshot::Snapshot;

#[derive(Debug, Serialize)]
struct CheckJson {
    schema: &'static str,
    snapshot: String,
    complete: bool,
    /// What the documents that are there say already.
    verdict: &'static str,
    gaps: Vec<GapJson>,
    /// Files that cannot be read.
    problems: Vec<ProblemJson>,
}

#[derive(Debug, Serialize)]
pub(super) struct GapJson {
    /// The parts that the document plays.
    slots: Vec<String>,
    /// The file that is missing.
    file: String,
    why: &'static str,
    /// The code of the error that was saved in its place.
    code: Option<String>,
    message: Option<String>,
    /// Where it is asked; null for the management account.
    account: Option<String>,
    permission: &'static str,
    /// What prints it, for a shell; several lines where one call does not do.
    command: String,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    path: String,
    message: String,
    line: Option<u32>,
    column: Option<u32>,
}

/// A document that is not there.
pub(super) struct Gap {
    pub(super) address: Address,
    pub(super) slots: Vec<String>,
    pub(super) absence: Absence,
}

pub(super) fn run(
    args: SnapshotCheckArgs,
    config: &Located,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let asked = Asked::of(args.question, &args.judging, config)?;
    let mut snapshot = match Snapshot::open(&args.folder) {
        // Where one begins: everything is missing.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Snapshot::empty(&args.folder),
        opened => opened.map_err(|fault| Failure::Io(about(&args.folder), fault))?,
    };
    let question = asked.of_snapshot(&snapshot)?;
    let (report, inputs) = question.judge(&mut snapshot)?;
    let gaps = gaps(of_copies(&report), &inputs);
    let folder = args.folder.to_string_lossy();
    let text = match args.format {
        ListFormat::Json => pretty(&CheckJson {
            schema: "copy-preflight/snapshot-check/v1",
            snapshot: folder.into_owned(),
            complete: gaps.is_empty(),
            verdict: report.verdict.word(),
            gaps: gaps.iter().map(|gap| json(gap, &report)).collect(),
            problems: problems(&inputs),
        })?,
        ListFormat::Human => human(&folder, &gaps, &report, &inputs, style),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(if gaps.is_empty() { Exit::Fine } else { Exit::Undecided })
}

/// The documents that the copies which count were judged by.
pub(super) fn of_copies(report: &Report) -> impl Iterator<Item = &Slot> {
    report.copies.iter().filter(|copy| copy.counts).flat_map(|copy| &copy.slots)
}

/// The documents that are not there, in the order of their files.
pub(super) fn gaps<'s>(slots: impl Iterator<Item = &'s Slot>, inputs: &Inputs) -> Vec<Gap> {
    let mut found: BTreeMap<&Address, Gap> = BTreeMap::new();
    for slot in slots {
        let Some(Entry::Absent(absence)) = inputs.get(&slot.address) else { continue };
        if !is_gap(absence) {
            continue;
        }
        let gap = found.entry(&slot.address).or_insert_with(|| Gap {
            address: slot.address.clone(),
            slots: Vec::new(),
            absence: absence.clone(),
        });
        if !gap.slots.contains(&slot.name) {
            gap.slots.push(slot.name.clone());
        }
    }
    found.into_values().collect()
}

pub(super) fn json(gap: &Gap, report: &Report) -> GapJson {
    let call = gap.address.call();
    let path = gap.address.path();
    GapJson {
        slots: gap.slots.clone(),
        file: if gap.address.is_folder() { path } else { format!("{path}.json") },
        why: gap.absence.why.word(),
        code: gap.absence.code.clone(),
        message: gap.absence.message.clone(),
        account: call.account,
        permission: call.permission,
        command: script::command(&step(gap, report)),
    }
}

fn step<'g>(gap: &'g Gap, report: &'g Report) -> Step<'g> {
    Step { address: &gap.address, report }
}

fn problems(inputs: &Inputs) -> Vec<ProblemJson> {
    let problems = inputs.problems().iter();
    problems
        .map(|problem| {
            let position = problem.place.and_then(|place| {
                let span = inputs.sources.outermost(place);
                Some(inputs.sources.get(span.source)?.position(span.start))
            });
            ProblemJson {
                path: problem.name.clone(),
                message: problem.message.clone(),
                line: position.map(|position| position.line),
                column: position.map(|position| position.column),
            }
        })
        .collect()
}

fn human(folder: &str, gaps: &[Gap], report: &Report, inputs: &Inputs, style: Style) -> String {
    let mut page = Lines::new(style.width);
    for problem in problems(inputs) {
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            _ => String::new(),
        };
        page.wrapped("# ! ", "#   ", &format!("{}{place}: {}", problem.path, problem.message));
    }
    if gaps.is_empty() {
        let verdict = report.verdict.word();
        page.wrapped("", "  ", &format!("nothing is missing: {folder} ({verdict})"));
        return page.text;
    }
    let title = format!("{folder} lacks {} for this pair", counted(gaps.len(), "document"));
    page.wrapped("# ", "# ", &title);
    page.wrapped(
        "# ",
        "# ",
        "Run this part by part, each with credentials of its account; then ask again: what comes \
         may name more.",
    );
    page.line("");
    page.text.push_str(&script::head(folder));
    let mut by_account: BTreeMap<Option<String>, Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        by_account.entry(gap.address.call().account).or_default().push(gap);
    }
    for (account, gaps) in by_account.iter().rev() {
        page.line("");
        match account {
            Some(account) => page.wrapped("# ", "# ", &format!("in account {account}")),
            None => page.line("# in the management account of the organization"),
        }
        for gap in gaps {
            if gap.absence.why != Why::NotFetched || gap.absence.code.is_some() {
                page.wrapped("# ", "#   ", &reason(gap));
            }
            page.text.push_str(&script::lines(&step(gap, report), style.width));
        }
    }
    page.text
}

/// Why a document that was asked for is not there.
fn reason(gap: &Gap) -> String {
    let slot = gap.slots.first().map(String::as_str).unwrap_or_default();
    let permission = gap.address.call().permission;
    let said = gap.absence.message.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
    match gap.absence.why {
        Why::Denied => format!("{slot}: {permission} was denied{said}"),
        Why::Unreadable => format!("{slot}: the file cannot be read{said}"),
        _ => {
            let code = gap.absence.code.as_deref().unwrap_or("it was not fetched");
            format!("{slot}: {code}{said}")
        }
    }
}
