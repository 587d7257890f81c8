//! `lint`: the documents of a repository, judged by themselves.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use copy_preflight_rules::lint::{Linter, Owner};
use copy_preflight_rules::rule::{Level, Rule};
use copy_preflight_rules::rules;

use super::Failure;
use super::judge::{deliver, now};
use crate::args::{LintArgs, LintFormat};
use crate::config::Located;
use crate::lint::baseline::Baseline;
use crate::lint::suppress::{absolute, suppress};
use crate::lint::{Note, Report, Settings, gather, judge};
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
    };
    let mut report = judge(&gathered.inputs, &settings);
    notes.extend(gathered.notes);
    report.notes.splice(0..0, notes);
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    suppress(&mut report, config, today, is_whole(args, config));
    if let Some(path) = &args.baseline {
        let shown = path.to_string_lossy();
        let baseline = Baseline::read(path)
            .map_err(|fault| Failure::Io(format!("baseline `{shown}`"), fault))?;
        baseline.leave_out(&mut report);
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

/// Whether all that stands below the config was judged.
fn is_whole(args: &LintArgs, config: &Located) -> bool {
    let folder = absolute(config.folder());
    args.paths.iter().any(|path| {
        fs::metadata(path).is_ok_and(|one| one.is_dir()) && folder.starts_with(absolute(path))
    })
}

/// Nothing that could be read is a failure of the tool; an open question is none of the documents.
fn exit(args: &LintArgs, report: &Report) -> Exit {
    let nothing = report.files.is_empty() && report.notes.iter().any(|note| note.unreadable);
    if nothing {
        Exit::Unable
    } else if report.fails(args.fail_on.level()) && !args.exit_zero && args.write_baseline.is_none()
    {
        Exit::Failed
    } else {
        Exit::Fine
    }
}
