//! `check`: judges planned copies.

use copy_preflight_rules::check::{Report, Verdict};
use copy_preflight_rules::inputs::Problem;
use copy_preflight_rules::nearest::nearest;

use super::Failure;
use super::judge::deliver;
use super::live::Reach;
use super::question::Asked;
use crate::args::{CheckArgs, Format, OutputArgs, PlaceArgs};
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
    let answers = args.judging.answer.clone();
    let asked = Asked::of(args.question, &args.judging, config)?;
    let folder = args.snapshot.as_ref().or(args.save.as_ref());
    let shown = folder.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    let (format, explain_clear) = (args.output.format, args.explain_clear);
    let out = OutputArgs { ..args.output };
    let (question, report, mut inputs) = match &args.snapshot {
        Some(folder) => {
            let mut snapshot = Snapshot::open(folder)
                .map_err(|fault| Failure::Io(format!("snapshot `{shown}`"), fault))?;
            let question = asked.of_snapshot(&snapshot)?;
            let (report, inputs) = question.judge(&mut snapshot)?;
            (question, report, inputs)
        }
        None => {
            let stream = (error, error_is_terminal);
            let PlaceArgs { account, region } = &args.place;
            let reach = Reach::of(&args.live, config, account.as_deref(), region.as_slice())?;
            super::live::judge(asked, &reach, args.save.as_deref(), stream)?
        }
    };
    inputs.add_problems(idle(&answers, &report));
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

/// Answers that no rule asked for: a name with a typing mistake settles nothing.
fn idle(answers: &[String], report: &Report) -> Vec<Problem> {
    let ids = answers.iter().filter_map(|answer| answer.split_once('=')).map(|(id, _)| id);
    let idle = ids.filter(|&id| !report.asked.contains(id)).map(|id| {
        let near = nearest(id, report.asked.iter().map(String::as_str));
        let near = near.map(|near| format!("; the nearest that one asks for is `{near}`"));
        let message = format!("no rule on these copies asks for it{}", near.unwrap_or_default());
        Problem { name: format!("--answer {id}"), message, place: None, more: 0 }
    });
    idle.collect()
}
