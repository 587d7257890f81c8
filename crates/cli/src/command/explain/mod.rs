//! `explain`: from what AWS said to the cause, the proof and the fix.

mod live;
mod saved;

use std::fs;
use std::io::{BufRead, BufWriter, Write};
use std::path::Path;

use copy_preflight_rules::check::Settings;
use copy_preflight_rules::explanation::{self, Explanation};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::incident::{self, Condition, Incident, JobKind};
use copy_preflight_rules::inputs::{Address, Entry, Why};
use copy_preflight_rules::plan::Request;

use super::Failure;
use super::judge::{answers, deliver, moment, now};
use crate::args::{ExplainArgs, ListFormat};
use crate::config::Located;
use crate::output::explanation::{Explained, Run, human, json};
use crate::output::human::Style;
use crate::snapshot::{Snapshot, decode};
use crate::{Exit, Streams};

pub(super) fn run(
    args: &ExplainArgs,
    config: &Located,
    streams: Streams<'_>,
) -> Result<Exit, Failure> {
    let Streams { input, output, error, style, error_is_terminal } = streams;
    needs_documents(args)?;
    let facts = super::facts_over(args.facts.as_deref())?;
    let facts = facts.as_ref();
    let now = now(args.now.as_deref())?;
    let settings = Settings {
        answers: answers(&args.answer, config, now)?,
        now: Some(now),
        ..Settings::default()
    };
    let root = args.snapshot.as_ref().map(|path| path.to_string_lossy().into_owned());
    let root = root.unwrap_or_default();
    let run = Run { facts, root: &root, now: settings.now };
    let mut scope = String::new();
    let explained: Box<dyn Iterator<Item = Explained> + '_> = match &args.snapshot {
        _ if args.reads_accounts() => {
            let brought = || read(args, input, facts);
            let stream = (error, error_is_terminal);
            let found = live::explain((args, config), brought, stream, (facts, &settings))?;
            scope = found.scope;
            Box::new(found.explained.into_iter())
        }
        Some(path) => {
            let snapshot = Snapshot::open(path)
                .map_err(|fault| Failure::Io(format!("snapshot `{root}`"), fault))?;
            let incidents = match &args.copy_job {
                Some(id) => saved::copy_job(&snapshot, id),
                None if args.failed => saved::failed(&snapshot, since_of(args, now)?),
                None => read(args, input, facts)?,
            };
            let (facts, settings) = (facts, &settings);
            Box::new(
                incidents
                    .into_iter()
                    .map(move |one| saved::explain(one, &snapshot, facts, settings)),
            )
        }
        None => Box::new(read(args, input, facts)?.into_iter().map(|incident| {
            let explanation = explanation::explain(&incident, facts);
            Explained { incident, explanation, evidence: None }
        })),
    };
    let default = if args.batch.is_some() { ListFormat::Json } else { ListFormat::Human };
    let form = match args.format.unwrap_or(default) {
        ListFormat::Json => Form::Lines,
        ListFormat::Human if args.failed => Form::Groups,
        ListFormat::Human => Form::Pages,
    };
    let tally = match &args.output {
        // A file is there whole or not at all.
        Some(path) => {
            let mut bytes = Vec::new();
            let tally = write(explained, (form, &scope), run, Style::PLAIN, &mut bytes)?;
            deliver(&String::from_utf8_lossy(&bytes), Some(path), output)?;
            tally
        }
        None => write(explained, (form, &scope), run, style, &mut BufWriter::new(output))?,
    };
    Ok(tally.exit(args.exit_zero))
}

/// Some flags are about documents, and say nothing where none are asked.
fn needs_documents(args: &ExplainArgs) -> Result<(), Failure> {
    if args.snapshot.is_some() || args.reads_accounts() {
        return Ok(());
    }
    let (region, account) = (args.place.region.is_some(), args.place.account.is_some());
    let flag = match (args.answer.is_empty(), region, account) {
        (false, ..) => "--answer",
        (_, true, _) => "--region",
        (_, _, true) => "--account",
        _ => return Ok(()),
    };
    Err(Failure::Usage(format!(
        "`{flag}` says something only where documents are asked: add `--live` to read the \
         accounts, or name a `--snapshot`"
    )))
}

/// How explanations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A line of JSON for each.
    Lines,
    /// One after the other, for a person.
    Pages,
    /// Those of one cause together, for a person.
    Groups,
}

/// How the incidents went.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    all: usize,
    recognised: usize,
    unreadable: usize,
}

impl Tally {
    fn count(&mut self, one: &Explained) {
        self.all += 1;
        self.recognised += usize::from(one.explanation.recognised);
        let unreadable = matches!(one.incident.condition, Condition::Unreadable(_));
        self.unreadable += usize::from(unreadable);
    }

    /// Nothing that could be read is a failure; one thing that is not recognised leaves a
    /// question.
    fn exit(self, zero: bool) -> Exit {
        if self.all > 0 && self.unreadable == self.all {
            Exit::Unable
        } else if zero || self.recognised == self.all {
            Exit::Fine
        } else {
            Exit::Undecided
        }
    }
}

/// What was read from accounts, and which jobs were asked for.
struct Found {
    explained: Vec<Explained>,
    /// Behind the number of jobs: where, and since when.
    scope: String,
}

/// Writes the explanations as they come: a stream of many is never held.
fn write(
    explained: impl Iterator<Item = Explained>,
    (form, scope): (Form, &str),
    run: Run<'_>,
    style: Style,
    output: &mut dyn Write,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    if form == Form::Groups {
        let all: Vec<Explained> = explained.inspect(|one| tally.count(one)).collect();
        let text = human::grouped(&all, scope, run, style);
        output.write_all(text.as_bytes()).map_err(Failure::output)?;
    } else {
        for one in explained {
            let text = match form {
                Form::Lines => line(&one, run)?,
                _ if tally.all > 0 => {
                    let between = "-".repeat(style.width.min(80));
                    format!("\n{between}\n{}", human::explanation(&one, run, style))
                }
                _ => human::explanation(&one, run, style),
            };
            tally.count(&one);
            output.write_all(text.as_bytes()).map_err(Failure::output)?;
        }
    }
    output.flush().map_err(Failure::output)?;
    Ok(tally)
}

fn line(one: &Explained, run: Run<'_>) -> Result<String, Failure> {
    let line = serde_json::to_string(&json::explanation(one, run)).map_err(|fault| {
        Failure::Usage(format!("the explanation cannot be written as JSON: {fault}"))
    })?;
    Ok(line + "\n")
}

/// What the user brings.
fn read(
    args: &ExplainArgs,
    input: &mut dyn BufRead,
    facts: &Facts,
) -> Result<Vec<Incident>, Failure> {
    if let Some(path) = &args.batch {
        let bytes = bytes(path, input)?;
        let incidents = batch(&bytes);
        return if incidents.is_empty() { Err(nothing(&shown(path))) } else { Ok(incidents) };
    }
    let message = args.message.as_deref().filter(|message| *message != "-");
    if let Some(message) = message {
        if message.trim().is_empty() {
            return Err(nothing("the message"));
        }
        return Ok(incident::read_one(message));
    }
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let bytes = bytes(path, input)?;
    let text =
        decode(&bytes).map_err(|fault| Failure::Usage(format!("{}: {fault}", shown(path))))?;
    let known = |line: &str| explanation::is_known(line, facts);
    let incidents = incident::read_all(text, &known);
    if incidents.is_empty() { Err(nothing(&shown(path))) } else { Ok(incidents) }
}

fn nothing(name: &str) -> Failure {
    Failure::Usage(format!("{name} is empty: there is nothing to explain"))
}

fn shown(path: &Path) -> String {
    match path.to_string_lossy() {
        name if name == "-" => "standard input".to_owned(),
        name => name.into_owned(),
    }
}

fn bytes(path: &Path, input: &mut dyn BufRead) -> Result<Vec<u8>, Failure> {
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    read.map_err(|fault| Failure::Io(shown(path), fault))
}

/// The lines of a batch; what cannot be read of them is a line of its own.
fn batch(bytes: &[u8]) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for line in bytes.split(|&byte| byte == b'\n') {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match std::str::from_utf8(line) {
            Ok(line) => incidents.extend(incident::read_line(line)),
            Err(fault) => incidents.push(Incident::unreadable(format!(
                "byte {} of the line is not UTF-8",
                fault.valid_up_to() + 1
            ))),
        }
    }
    incidents
}

/// The jobs that an answer holds; what stands in its place where there is none.
fn of_entry(
    entry: Option<&Entry>,
    address: &Address,
    what: impl FnOnce() -> String,
) -> Vec<Incident> {
    let why = match entry {
        Some(Entry::Present(answer)) => return incident::read_tree(&answer.root),
        Some(Entry::Absent(absence)) => absence.message.as_deref().unwrap_or(absence.why.word()),
        None => "not read",
    };
    let call = address.call();
    let mut incident = Incident::unreadable(format!("{}: {why}", what()));
    if matches!(entry, Some(Entry::Absent(absence)) if absence.why == Why::Denied) {
        incident.next.push(format!("it needs {}", call.permission));
    }
    incident.next.push(call.command);
    vec![incident]
}

fn is_job(address: &Address, wanted: &str) -> bool {
    matches!(address, Address::CopyJob { id, .. } if id.eq_ignore_ascii_case(wanted))
}

/// The failed ones of jobs, since a time.
fn failed_since(
    incidents: impl IntoIterator<Item = Incident>,
    since: Option<jiff::Timestamp>,
) -> Vec<Incident> {
    let recent = |incident: &Incident| match (since, incident.job.moment()) {
        (Some(since), Some(moment)) => moment >= since,
        // A job without a time may be any.
        _ => true,
    };
    let incidents = incidents.into_iter();
    incidents
        .filter(|incident| !matches!(incident.condition, Condition::Fine(_)) && recent(incident))
        .collect()
}

/// The id of the copy job that an incident names without saying more, such as a notification.
fn named_only(incident: &Incident) -> Option<&str> {
    let job = &incident.job;
    let names_only = job.kind == Some(JobKind::Copy) && job.source_vault.is_none();
    job.id.as_deref().filter(|_| names_only)
}

/// The incident as its job tells it, where that was found.
fn with_job(incident: Incident, found: Vec<Incident>) -> Incident {
    match found.into_iter().next() {
        Some(found) if !matches!(found.condition, Condition::Unreadable(_)) => {
            Incident { id: incident.id, ..found }
        }
        _ => incident,
    }
}

/// The copy to judge for an explanation; `None` where nothing can be checked.
fn request(incident: &Incident, explanation: &mut Explanation) -> Option<Request> {
    if explanation.causes.is_empty() {
        return None;
    }
    match incident.job.request() {
        Some(Ok(request)) => return Some(request),
        Some(Err(fault)) => {
            explanation.next.push(format!("the copy cannot be judged: {fault}"));
        }
        None => explanation.next.push(
            "no cause was checked: the text does not say which copy it was; bring the whole job \
             (describe-copy-job)"
                .to_owned(),
        ),
    }
    None
}

fn since_of(args: &ExplainArgs, now: jiff::Timestamp) -> Result<Option<jiff::Timestamp>, Failure> {
    args.since.as_deref().map(|text| since(text, now)).transpose()
}

/// A time before now, or a date.
fn since(text: &str, now: jiff::Timestamp) -> Result<jiff::Timestamp, Failure> {
    let hours = |unit: char| match unit {
        'h' => Some(1),
        'd' => Some(24),
        'w' => Some(7 * 24),
        _ => None,
    };
    let span = || {
        let unit = text.chars().next_back()?;
        let number: i64 = text.strip_suffix(unit)?.parse().ok().filter(|number| *number >= 0)?;
        let seconds = number.checked_mul(hours(unit)?)?.checked_mul(60 * 60)?;
        jiff::Timestamp::from_second(now.as_second().checked_sub(seconds)?).ok()
    };
    match span() {
        Some(moment) => Ok(moment),
        None => moment("--since", text).map_err(|_| {
            Failure::Usage(format!("`--since {text}` is no time: write 7d, 12h, 2w or 2026-11-22"))
        }),
    }
}
