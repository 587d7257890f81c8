//! `check`: judges planned copies.

use copy_preflight_rules::check::Verdict;

use super::Failure;
use super::judge::deliver;
use super::question::Question;
use crate::args::{CheckArgs, Format, OutputArgs};
use crate::config::Located;
use crate::output::human::Style;
use crate::output::{Subject, concise, human, json};
use crate::snapshot::Snapshot;
use crate::{Exit, Streams};

pub(super) fn run(
    args: CheckArgs,
    config: &Located,
    streams: Streams<'_>,
) -> Result<Exit, Failure> {
    let Streams { output, error, style, error_is_terminal, .. } = streams;
    let question = Question::of(args.question, config)?;
    let folder = args.snapshot.as_ref().or(args.save.as_ref());
    let shown = folder.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    let (format, explain_clear) = (args.output.format, args.explain_clear);
    let out = OutputArgs { ..args.output };
    let (report, inputs) = match &args.snapshot {
        Some(folder) => {
            let mut snapshot = Snapshot::open(folder)
                .map_err(|fault| Failure::Io(format!("snapshot `{shown}`"), fault))?;
            question.judge(&mut snapshot)?
        }
        None => {
            let stream = (error, error_is_terminal);
            super::live::judge(&question, &args.live, args.save.as_deref(), stream)?
        }
    };
    let subject = Subject {
        report: &report,
        inputs: &inputs,
        facts: question.facts.as_ref(),
        root: &shown,
        now: question.settings.now,
    };
    let text = match format {
        Format::Human if out.output.is_some() => {
            human::report(subject, Style::PLAIN, explain_clear)
        }
        Format::Human => human::report(subject, style, explain_clear),
        Format::Concise => concise::report(subject),
        Format::Json => {
            let mut text =
                serde_json::to_string_pretty(&json::report(subject)).map_err(|fault| {
                    Failure::Usage(format!("the report cannot be written as JSON: {fault}"))
                })?;
            text.push('\n');
            text
        }
    };
    deliver(&text, out.output.as_deref(), output)?;
    Ok(match report.verdict {
        _ if out.exit_zero => Exit::Fine,
        Verdict::Clear => Exit::Fine,
        Verdict::Blocked => Exit::Failed,
        Verdict::Undecided => Exit::Undecided,
    })
}
