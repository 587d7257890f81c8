//! `explain`: from what AWS said to the cause, the proof and the fix.

use std::fs;
use std::io::{BufRead, BufWriter, Write};
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
use crate::config::Located;
use crate::output::explanation::{Evidence, Explained, Run, human, json};
use crate::output::human::Style;
use crate::snapshot::{Snapshot, decode};

pub(super) fn run(
    args: &ExplainArgs,
    config: &Located,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let facts = super::facts_over(args.facts.as_deref())?;
    let facts = facts.as_ref();
    let now = now(args.now.as_deref())?;
    let settings = Settings {
        answers: answers(&args.answer, config, now)?,
        now: Some(now),
        ..Settings::default()
    };
    let root = args.snapshot.as_ref().map(|path| path.to_string_lossy().into_owned());
    let snapshot = match (&args.snapshot, &root) {
        (Some(path), Some(shown)) => Some(
            Snapshot::open(path)
                .map_err(|fault| Failure::Io(format!("snapshot `{shown}`"), fault))?,
        ),
        _ => None,
    };
    let incidents = read(args, input, snapshot.as_ref(), facts, now)?;
    let run = Run { facts, root: root.as_deref().unwrap_or_default(), now: settings.now };
    let explained =
        incidents.into_iter().map(|one| explain(one, snapshot.as_ref(), facts, &settings));
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
            let tally = write(explained, form, run, Style::PLAIN, &mut bytes)?;
            deliver(&String::from_utf8_lossy(&bytes), Some(path), output)?;
            tally
        }
        None => write(explained, form, run, style, &mut BufWriter::new(output))?,
    };
    Ok(tally.exit(args.exit_zero))
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

/// Writes the explanations as they come: a stream of many is never held.
fn write(
    explained: impl Iterator<Item = Explained>,
    form: Form,
    run: Run<'_>,
    style: Style,
    output: &mut dyn Write,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    if form == Form::Groups {
        let all: Vec<Explained> = explained.inspect(|one| tally.count(one)).collect();
        let text = human::grouped(&all, run, style);
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
    let judged = judge(&request, Inputs::new(), &mut snapshot.clone(), facts, settings);
    let (report, inputs) = judged.ok()?;
    confirm(explanation, &report);
    Some(Box::new(Evidence { report, inputs }))
}
