//! `snapshot take`: reads what a pair, a plan or an account needs from AWS, and saves it.

use serde::Serialize;

use super::check::{Gap, GapJson, gaps, json, of_copies};
use super::counted;
use super::redact::{RedactedJson, tell};
use crate::args::{ListFormat, TakeArgs};
use crate::command::live::{Collected, Reach, cannot_save, care_of, collect};
use crate::command::question::Asked;
use crate::command::{Failure, pretty};
use crate::config::Located;
use crate::output::plain::Lines;
use crate::snapshot::manifest::Manifest;
use crate::{Exit, Streams};

#[derive(Debug, Serialize)]
struct TakeJson {
    schema: &'static str,
    snapshot: String,
    complete: bool,
    verdict: &'static str,
    calls: usize,
    gaps: Vec<GapJson>,
    /// Documents that could not be kept, and why.
    not_kept: Vec<String>,
    /// Null where nothing was to be replaced.
    redacted: Option<RedactedJson>,
}

pub(super) fn run(args: TakeArgs, config: &Located, streams: Streams<'_>) -> Result<Exit, Failure> {
    if args.organization {
        return super::organization::run(args, config, streams);
    }
    let Streams { output, error, style, error_is_terminal, .. } = streams;
    let folder = args.folder;
    let asked = Asked::of(args.question, &args.judging, config)?;
    let is_account = asked.source().is_none() && asked.sought().is_none();
    if !is_account && args.region.len() > 1 {
        let what = "a plan or a job is in one Region: name `--region` once";
        return Err(Failure::Usage(what.to_owned()));
    }
    // Without a value it is the account of the credentials.
    let account = args.account.as_deref().filter(|account| !account.is_empty());
    let reach = Reach::of(&args.live, config, account, &args.region)?;
    let (_, Collected { report, slots, inputs, writer }) =
        collect(asked, &reach, &folder, (error, error_is_terminal))?;
    let not_kept = writer.unkept().to_vec();
    let ended = match args.redact {
        true => writer.finish_redacted().map(|(manifest, redacted)| (manifest, Some(redacted))),
        false => writer.finish().map(|manifest| (manifest, None)),
    };
    let (manifest, redacted) = ended.map_err(|fault| cannot_save(&folder, fault))?;
    let gaps = gaps(of_copies(&report).chain(&slots), &inputs);
    let left_out = redacted.as_ref().is_some_and(|redacted| !redacted.left_out.is_empty());
    let complete = gaps.is_empty() && not_kept.is_empty() && !left_out;
    let text = match args.format {
        ListFormat::Json => pretty(&TakeJson {
            schema: "copy-preflight/snapshot-take/v1",
            snapshot: folder.to_string_lossy().into_owned(),
            complete,
            verdict: report.verdict.word(),
            calls: manifest.calls.len(),
            gaps: gaps.iter().map(|gap| json(gap, &report)).collect(),
            not_kept,
            redacted: redacted.as_ref().map(RedactedJson::of),
        })?,
        ListFormat::Human => {
            let mut page = Lines::new(style.width);
            let shown = folder.to_string_lossy();
            page.wrapped("", "  ", &title(&shown, &manifest, report.verdict.word()));
            if is_account && report.copies.is_empty() {
                page.line("  no backup plan there has a copy action");
            }
            lacks(&mut page, &gaps, &not_kept);
            if let Some(redacted) = &redacted {
                tell(&mut page, redacted);
            }
            page.line("");
            page.wrapped("", "  ", &care_of(&folder));
            page.text
        }
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(if complete { Exit::Fine } else { Exit::Undecided })
}

fn title(folder: &str, manifest: &Manifest, verdict: &str) -> String {
    format!("{folder}: {}, verdict {verdict}", counted(manifest.calls.len(), "call"))
}

/// What is not in the snapshot although it was asked for.
fn lacks(page: &mut Lines, gaps: &[Gap], not_kept: &[String]) {
    if !gaps.is_empty() {
        page.line("");
        page.line("not read (`snapshot check` prints the commands that fetch it):");
    }
    for gap in gaps {
        let slot = gap.slots.first().map(String::as_str).unwrap_or_default();
        let permission = gap.address.call().permission;
        let why = gap.absence.code.as_deref().unwrap_or(gap.absence.why.word());
        page.wrapped("  ", "    ", &format!("{slot}: {permission}: {why}"));
    }
    if !not_kept.is_empty() {
        page.line("");
        page.line("not kept:");
    }
    for one in not_kept {
        page.wrapped("  ", "    ", one);
    }
}
