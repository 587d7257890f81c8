//! `explain`: from what AWS said to the cause, the proof and the fix.

use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;

use copy_preflight_rules::check::Settings;
use copy_preflight_rules::explanation::{self, Explanation, confirm};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::incident::{self, Condition, Incident, JobKind};
use copy_preflight_rules::inputs::{Address, Entry, Inputs};

use super::Failure;
use super::judge::{answers, deliver, judge, moment, now};
use crate::Exit;
use crate::args::{ExplainArgs, ListFormat};
use crate::output::explanation::{Evidence, Explained, Run, human, json};
use crate::output::human::Style;
use crate::snapshot::{Snapshot, decode};

pub(super) fn run(
    args: &ExplainArgs,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let facts = super::facts_over(args.facts.as_deref())?;
    let facts = facts.as_ref();
    let now = now(args.now.as_deref())?;
    let settings =
        Settings { answers: answers(&args.answer)?, now: Some(now), ..Settings::default() };
    let root = args.snapshot.as_ref().map(|path| path.to_string_lossy().into_owned());
    let snapshot = match (&args.snapshot, &root) {
        (Some(path), Some(shown)) => Some(
            Snapshot::open(path)
                .map_err(|fault| Failure::Io(format!("snapshot `{shown}`"), fault))?,
        ),
        _ => None,
    };
    let incidents = read(args, input, snapshot.as_ref(), facts, now)?;
    let explained: Vec<Explained> = incidents
        .into_iter()
        .map(|incident| explain(incident, snapshot.as_ref(), facts, &settings))
        .collect();

    let run = Run { facts, root: root.as_deref().unwrap_or_default(), now: settings.now };
    let style = if args.output.is_some() { Style::PLAIN } else { style };
    let default = if args.batch.is_some() { ListFormat::Json } else { ListFormat::Human };
    let text = match args.format.unwrap_or(default) {
        ListFormat::Json => lines(&explained, run)?,
        ListFormat::Human if args.failed => human::grouped(&explained, run, style),
        ListFormat::Human => pages(&explained, run, style),
    };
    deliver(&text, args.output.as_deref(), output)?;
    Ok(exit(&explained, args.exit_zero))
}

/// Nothing that could be read is a failure; one thing that is not recognised leaves a question.
fn exit(explained: &[Explained], zero: bool) -> Exit {
    let unreadable = |one: &Explained| matches!(one.incident.condition, Condition::Unreadable(_));
    if !explained.is_empty() && explained.iter().all(unreadable) {
        return Exit::Unable;
    }
    if zero || explained.iter().all(|one| one.explanation.recognised) {
        Exit::Fine
    } else {
        Exit::Undecided
    }
}

fn lines(explained: &[Explained], run: Run<'_>) -> Result<String, Failure> {
    let mut text = String::new();
    for one in explained {
        let line = serde_json::to_string(&json::explanation(one, run)).map_err(|fault| {
            Failure::Usage(format!("the explanation cannot be written as JSON: {fault}"))
        })?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

fn pages(explained: &[Explained], run: Run<'_>, style: Style) -> String {
    let rule = format!("\n{}\n", "-".repeat(style.width.min(80)));
    let pages: Vec<String> =
        explained.iter().map(|one| human::explanation(one, run, style)).collect();
    pages.join(&rule)
}

/// What the user brings.
fn read(
    args: &ExplainArgs,
    input: &mut dyn BufRead,
    snapshot: Option<&Snapshot>,
    facts: &Facts,
    now: jiff::Timestamp,
) -> Result<Vec<Incident>, Failure> {
    if let Some(snapshot) = snapshot {
        if let Some(id) = &args.copy_job {
            return Ok(copy_job(snapshot, id));
        }
        if args.failed {
            let since = args.since.as_deref().map(|text| since(text, now)).transpose()?;
            return Ok(failed(snapshot, since));
        }
    }
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

/// A copy job of a snapshot.
fn copy_job(snapshot: &Snapshot, id: &str) -> Vec<Incident> {
    let wanted = snapshot.copy_jobs().into_iter().find(|address| is_job(address, id));
    match wanted {
        Some(address) => of_address(snapshot, &address),
        None => {
            let mut incident =
                Incident::unreadable(format!("the snapshot holds no copy job `{id}`"));
            incident.next.push("this command prints it; explain its output:".to_owned());
            incident.next.push(JobKind::Copy.command(id, Some("REGION")));
            vec![incident]
        }
    }
}

fn is_job(address: &Address, wanted: &str) -> bool {
    matches!(address, Address::CopyJob { id, .. } if id.eq_ignore_ascii_case(wanted))
}

fn of_address(snapshot: &Snapshot, address: &Address) -> Vec<Incident> {
    let mut inputs = Inputs::new();
    snapshot.load(address, &mut inputs);
    let why = match inputs.get(address) {
        Some(Entry::Present(answer)) => return incident::read_tree(&answer.root),
        Some(Entry::Absent(absence)) => absence.message.as_deref().unwrap_or(absence.why.word()),
        None => "not read",
    };
    let mut incident = Incident::unreadable(format!("{}: {why}", address.path()));
    incident.next.push(address.call().command);
    vec![incident]
}

/// The failed copy jobs of a snapshot.
fn failed(snapshot: &Snapshot, since: Option<jiff::Timestamp>) -> Vec<Incident> {
    let jobs = snapshot.copy_jobs();
    let incidents = jobs.iter().flat_map(|address| of_address(snapshot, address));
    let recent = |incident: &Incident| match (since, incident.job.moment()) {
        (Some(since), Some(moment)) => moment >= since,
        // A job without a time may be any.
        _ => true,
    };
    incidents
        .filter(|incident| !matches!(incident.condition, Condition::Fine(_)) && recent(incident))
        .collect()
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

/// Explains, and asks the documents of the snapshot which cause holds.
fn explain(
    incident: Incident,
    snapshot: Option<&Snapshot>,
    facts: &Facts,
    settings: &Settings,
) -> Explained {
    let incident = match snapshot {
        Some(snapshot) => fetched(incident, snapshot),
        None => incident,
    };
    let mut explanation = explanation::explain(&incident, facts);
    let evidence = snapshot
        .and_then(|snapshot| evidence(&incident, &mut explanation, snapshot, facts, settings));
    Explained { incident, explanation, evidence }
}

/// The job that a notification names, where the snapshot holds it.
fn fetched(incident: Incident, snapshot: &Snapshot) -> Incident {
    let job = &incident.job;
    let names_only = job.kind == Some(JobKind::Copy) && job.source_vault.is_none();
    let Some(id) = job.id.as_deref().filter(|_| names_only) else { return incident };
    let address = snapshot.copy_jobs().into_iter().find(|address| is_job(address, id));
    let found = address.and_then(|address| of_address(snapshot, &address).into_iter().next());
    match found {
        Some(found) if !matches!(found.condition, Condition::Unreadable(_)) => {
            Incident { id: incident.id, ..found }
        }
        _ => incident,
    }
}

fn evidence(
    incident: &Incident,
    explanation: &mut Explanation,
    snapshot: &Snapshot,
    facts: &Facts,
    settings: &Settings,
) -> Option<Box<Evidence>> {
    if explanation.causes.is_empty() {
        return None;
    }
    let request = match incident.job.request() {
        Some(Ok(request)) => request,
        Some(Err(fault)) => {
            explanation.next.push(format!("the copy cannot be judged: {fault}"));
            return None;
        }
        None => {
            explanation.next.push(
                "no cause was checked: the text does not say which copy it was; bring the whole \
                 job (describe-copy-job)"
                    .to_owned(),
            );
            return None;
        }
    };
    let (report, inputs) = judge(&request, Inputs::new(), snapshot, facts, settings);
    confirm(explanation, &report);
    Some(Box::new(Evidence { report, inputs }))
}
