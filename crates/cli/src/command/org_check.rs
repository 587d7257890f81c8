//! `org check`: why a backup policy gives accounts no jobs.

use std::io::Write;

use copy_preflight_rules::check::Verdict;
use copy_preflight_rules::effective::snapshot;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::survey::survey;

use super::judge::deliver;
use super::question::settings;
use super::{Failure, facts_of_rules, pretty};
use crate::Exit;
use crate::args::{Format, OrgCheckArgs};
use crate::config::Located;
use crate::output::Subject;
use crate::output::human::Style;
use crate::output::survey::{concise, human, json};
use crate::snapshot::Snapshot;

pub(super) fn run(
    args: &OrgCheckArgs,
    config: &Located,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let facts = facts_of_rules(args.judging.facts.as_deref())?;
    let settings = settings(&args.judging, config)?;
    let root = args.snapshot.to_string_lossy().into_owned();
    let folder = Snapshot::open(&args.snapshot)
        .map_err(|fault| Failure::Io(format!("snapshot `{root}`"), fault))?;
    let mut inputs = Inputs::new();
    let report = loop {
        let report = survey(&inputs, &facts, &settings, &args.account);
        if report.wanted.is_empty() {
            break report;
        }
        report.wanted.iter().for_each(|address| folder.load(address, &mut inputs));
    };
    if report.accounts.is_empty() {
        return Err(Failure::Usage(format!("snapshot `{root}` lists no account")));
    }
    let listed = snapshot::accounts(&inputs);
    if let Some(account) = args.account.iter().find(|account| !listed.contains(account)) {
        return Err(Failure::Usage(format!("snapshot `{root}` lists no account {account}")));
    }
    let subject = Subject {
        report: &report,
        inputs: &inputs,
        facts: facts.as_ref(),
        now: settings.now,
        root: &root,
    };
    let out = &args.output;
    let text = match out.format {
        Format::Human if out.output.is_some() => human::report(subject, Style::PLAIN),
        Format::Human => human::report(subject, style),
        Format::Concise => concise::report(subject),
        Format::Json => pretty(&json::survey(subject))?,
    };
    deliver(&text, out.output.as_deref(), output)?;
    Ok(match report.verdict {
        _ if out.exit_zero => Exit::Fine,
        Verdict::Clear => Exit::Fine,
        Verdict::Blocked => Exit::Failed,
        Verdict::Undecided => Exit::Undecided,
    })
}
