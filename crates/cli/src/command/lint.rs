//! `lint`: the documents of a repository, judged by themselves.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use copy_preflight_rules::check;
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::lint::{Linter, Owner};
use copy_preflight_rules::rule::{Level, Rule};
use copy_preflight_rules::rules;

use super::Failure;
use super::judge::{answers, deliver, now};
use crate::args::{LintArgs, LintFormat};
use crate::config::Located;
use crate::intent::{self, Intent};
use crate::lint::baseline::Baseline;
use crate::lint::suppress::{Seen, absolute, suppress};
use crate::lint::{
    Base, Before, CopyLine, Gathered, Note, Report, Settings, Version, gather, gather_before,
    judge, shown,
};
use crate::output::human::Style;
use crate::output::lint::{Linted, concise, github, human, json, junit, sarif};
use crate::{Exit, Streams};

pub(super) fn run(
    args: &LintArgs,
    config: &Located,
    streams: Streams<'_>,
) -> Result<Exit, Failure> {
    let Streams { input, output, style, .. } = streams;
    let facts = super::facts_of_rules(None)?;
    let facts = facts.as_ref();
    let now = now(args.now.as_deref())?;
    let gathered = gather(&args.paths, input);
    let (levels, mut notes) = levels(config);
    let linter = Linter::new(facts, Some(now));
    let level = |rule: &'static Rule| match levels.get(rule.id().as_str()) {
        Some(level) => *level,
        None => Some(rule.level),
    };
    let settings = Settings {
        linter: &linter,
        level: &level,
        kind: args.kind,
        owner: Owner { account: args.account.as_deref().map(Into::into), ..Owner::default() },
        before: None,
    };
    let stated = check::Settings {
        answers: answers(&[], config, now)?,
        now: Some(now),
        ..check::Settings::default()
    };
    let judging = Judging { facts, stated: &stated, settings: &settings };
    let mut report = match &args.base {
        Some(base) => changes(args, config, base, &gathered, &judging)?,
        None => {
            let mut report = judge(&gathered.inputs, &settings);
            add_copies(&mut report, &copies(config, &judging)?);
            report
        }
    };
    notes.extend(gathered.notes);
    report.notes.splice(0..0, notes);
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    suppress(&mut report, config, today, seen(args, config));
    if let Some(path) = &args.baseline {
        let shown = path.to_string_lossy();
        let baseline = Baseline::read(path)
            .map_err(|fault| Failure::Io(format!("baseline `{shown}`"), fault))?;
        report.in_baseline = baseline.leave_out(&mut report);
    }
    if let Some(path) = &args.write_baseline {
        deliver(&super::pretty(&Baseline::of(&report))?, Some(path), output)?;
    }
    let linted = Linted { report: &report, facts, fail_on: args.fail_on.level() };
    let style = if args.output.is_some() { Style::PLAIN } else { style };
    deliver(&render(args, linted, style)?, args.output.as_deref(), output)?;
    Ok(exit(args, &report))
}

fn render(args: &LintArgs, linted: Linted<'_>, style: Style) -> Result<String, Failure> {
    Ok(match args.format {
        LintFormat::Human => human::report(linted, style),
        LintFormat::Concise => concise::report(linted),
        LintFormat::Json => super::pretty(&json::report(linted))?,
        LintFormat::Sarif => super::pretty(&sarif::report(linted, args.sarif_all))?,
        LintFormat::Junit => junit::report(linted),
        LintFormat::Github => {
            if let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
                append(Path::new(&path), &github::summary(linted))
                    .map_err(|fault| Failure::Io("the summary of the step".to_owned(), fault))?;
            }
            github::annotations(linted)
        }
    })
}

/// Other steps write into the same summary.
fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())
}

/// The levels that the config gives, and the rules that it names and nobody has.
fn levels(config: &Located) -> (BTreeMap<String, Option<Level>>, Vec<Note>) {
    let (mut levels, mut notes) = (BTreeMap::new(), Vec::new());
    let mut unknown = |named: &toml::Spanned<String>| {
        notes.push(Note {
            path: config.place_of(named),
            message: format!(
                "there is no rule `{}`; `copy-preflight rules` lists them",
                named.get_ref()
            ),
            unreadable: false,
        });
    };
    for (named, level) in &config.config.rules {
        match rules::named(named.get_ref()) {
            Some(rule) => {
                levels.insert(rule.id(), level.of_findings());
            }
            None => unknown(named),
        }
    }
    for suppression in &config.config.suppressions {
        if rules::named(suppression.rule.get_ref()).is_none() {
            unknown(&suppression.rule);
        }
    }
    (levels, notes)
}

/// How much of what stands below the config is in the report.
fn seen(args: &LintArgs, config: &Located) -> Seen {
    let folder = absolute(config.folder());
    let whole = args.paths.iter().any(|path| {
        fs::metadata(path).is_ok_and(|one| one.is_dir()) && folder.starts_with(absolute(path))
    });
    match (&args.base, whole) {
        (Some(_), _) => Seen::Changes,
        (None, true) => Seen::All,
        (None, false) => Seen::Files,
    }
}

/// Nothing that could be read is a failure of the tool; an open question is none of the documents.
fn exit(args: &LintArgs, report: &Report) -> Exit {
    let nothing = report.files.is_empty() && report.notes.iter().any(|note| note.unreadable);
    if nothing {
        Exit::Unable
    } else if report.fails(args.fail_on.level()) && !args.exit_zero && args.write_baseline.is_none()
    {
        Exit::Failed
    } else if report.leaves_copy_open() && !args.exit_zero && args.write_baseline.is_none() {
        Exit::Undecided
    } else {
        Exit::Fine
    }
}

/// What documents and planned copies are judged by.
struct Judging<'a> {
    facts: &'a Facts,
    stated: &'a check::Settings,
    settings: &'a Settings<'a>,
}

impl Judging<'_> {
    fn intents(&self, config: &Located, version: &Version) -> Vec<Judged> {
        let settings = intent::Settings {
            facts: self.facts,
            rules: self.stated,
            level: self.settings.level,
            version,
        };
        intent::judge_all(config, &settings)
    }
}

type Judged = (String, Result<Intent, Vec<String>>);

/// The planned copies of the config. One that cannot be judged as it stands is a mistake in the
/// config, not a finding.
fn copies(config: &Located, judging: &Judging<'_>) -> Result<Vec<Intent>, Failure> {
    let (mut intents, mut faults) = (Vec::new(), Vec::new());
    for (_, judged) in judging.intents(config, &Version::default()) {
        match judged {
            Ok(intent) => intents.push(intent),
            Err(mut lines) => faults.append(&mut lines),
        }
    }
    if faults.is_empty() { Ok(intents) } else { Err(Failure::Input(faults)) }
}

fn add_copies(report: &mut Report, intents: &[Intent]) {
    // What stops a copy comes before what is wrong with a document.
    let files = intents.iter().flat_map(Intent::files);
    report.files.splice(0..0, files);
    report.copies.extend(intents.iter().map(Intent::line));
}

/// What is new since the version before: findings, planned copies that are no longer permitted
/// or open, and whoever is let in by a policy that kept them out.
fn changes(
    args: &LintArgs,
    config: &Located,
    base: &str,
    gathered: &Gathered,
    judging: &Judging<'_>,
) -> Result<Report, Failure> {
    let version =
        Version::before(base, &args.paths).map_err(|fault| Failure::Usage(fault.to_string()))?;
    let earlier = gather_before(&args.paths, &version);
    let before = Before::of(earlier.inputs, &gathered.inputs);
    let settings = Settings { before: Some(&before), ..judging.settings.clone() };
    let mut report = judge(&gathered.inputs, &settings);
    // What is found in a file that did not change was found in it before.
    let unchanged = report.files.iter_mut().filter(|file| file.unchanged);
    let mut as_before: usize = unchanged.map(|file| file.findings.drain(..).count()).sum();
    let found_before = judge(&before.changed(&report), judging.settings);
    as_before += Baseline::of(&found_before).leave_out(&mut report);
    let mut intents = copies(config, judging)?;
    let copies_before = copies_before(config, &version, judging, &mut report.notes);
    let lines: Vec<CopyLine> = intents.iter().map(Intent::line).collect();
    for intent in &mut intents {
        as_before += intent.leave_out(&copies_before);
    }
    add_copies(&mut report, &intents);
    // What is said of a copy is how it stands, not what changed.
    report.copies = lines;
    report.base = Some(Base { name: base.to_owned(), as_before });
    Ok(report)
}

/// What the documents said before. A copy that could not be judged then is told and is new.
fn copies_before(
    config: &Located,
    version: &Version,
    judging: &Judging<'_>,
    notes: &mut Vec<Note>,
) -> Vec<Intent> {
    let Some(path) = config.path.as_deref() else { return Vec::new() };
    let mut note = |message: String| {
        let message = version.told(&message);
        notes.push(Note { path: shown(path), message, unreadable: false });
    };
    let Some(real) = version.real(path) else {
        note(
            "lies outside of what `--base` compares, so its planned copies count as new".to_owned(),
        );
        return Vec::new();
    };
    if !real.is_file() {
        return Vec::new();
    }
    let before = match Located::find(Some(&real), Path::new("")) {
        Ok(before) => before,
        Err(fault) => {
            note(format!("the version before cannot be used: {fault}"));
            return Vec::new();
        }
    };
    let mut intents = Vec::new();
    for (name, judged) in judging.intents(&before, version) {
        match judged {
            Ok(intent) => intents.push(intent),
            Err(lines) => note(format!(
                "planned copy `{name}` could not be judged in the version before: {}",
                lines.join("; ")
            )),
        }
    }
    intents
}
