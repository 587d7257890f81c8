//! `check`: judges planned copies.

use std::fs;
use std::io::Write;
use std::path::Path;

use copy_preflight_policy::tree::Node;
use copy_preflight_rules::check::{Settings, Verdict};
use copy_preflight_rules::copy::{Lifecycle, SourceKeys};
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::plan::Request;

use super::Failure;
use super::judge::{answers, deliver, judge, now};
use crate::Exit;
use crate::args::{CheckArgs, FailOn, Format, OutputArgs};
use crate::output::human::Style;
use crate::output::{Subject, concise, human, json};
use crate::snapshot::{Snapshot, decode};

pub(super) fn run(args: CheckArgs, output: &mut dyn Write, style: Style) -> Result<Exit, Failure> {
    let facts = super::facts_of_rules(args.facts.as_deref())?;
    let facts = facts.as_ref();
    let settings = settings(&args)?;
    let shown = args.snapshot.to_string_lossy().into_owned();
    let snapshot = Snapshot::open(&args.snapshot)
        .map_err(|fault| Failure::Io(format!("snapshot `{shown}`"), fault))?;
    let (format, explain_clear) = (args.output.format, args.explain_clear);
    let out = OutputArgs { ..args.output };
    let mut inputs = Inputs::new();
    let backup_plan = match &args.backup_plan {
        Some(path) => Some(read_plan(path, &mut inputs)?),
        None => None,
    };
    let request = Request {
        source: args.source_vault,
        destinations: args.destination_vault,
        resource_types: args.resource_type,
        variant: args.variant,
        source_keys: match (args.source_unencrypted, args.source_key) {
            (true, _) => SourceKeys::Unencrypted,
            (false, keys) if keys.is_empty() => SourceKeys::NotGiven,
            (false, keys) => SourceKeys::Given(keys),
        },
        role: args.role,
        caller: args.caller,
        recovery_point: args.recovery_point,
        lifecycle: Lifecycle {
            delete_after_days: args.delete_after_days,
            cold_after_days: args.cold_after_days,
        },
        backup_plan,
    };
    let (report, inputs) = judge(&request, inputs, &snapshot, facts, &settings);
    let subject =
        Subject { report: &report, inputs: &inputs, facts, root: &shown, now: settings.now };
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

/// Reads a backup plan. A file that is not JSON is an error: nothing of it can be judged.
fn read_plan(path: &Path, inputs: &mut Inputs) -> Result<Node, Failure> {
    let shown = path.to_string_lossy().into_owned();
    let bytes =
        fs::read(path).map_err(|fault| Failure::Io(format!("backup plan `{shown}`"), fault))?;
    let text = decode(&bytes)
        .map_err(|fault| Failure::Usage(format!("backup plan `{shown}`: {fault}")))?;
    inputs.read_given(&shown, text).ok_or_else(|| {
        let problem = inputs.problems().first();
        let place = problem.and_then(|problem| {
            let span = problem.place?;
            let position = inputs.sources.get(span.source)?.position(span.start);
            Some(format!(":{}:{}", position.line, position.column))
        });
        let message = problem.map_or("is not JSON", |problem| problem.message.as_str());
        Failure::Usage(format!("backup plan {shown}{}: {message}", place.unwrap_or_default()))
    })
}

fn settings(args: &CheckArgs) -> Result<Settings, Failure> {
    Ok(Settings {
        strict: args.strict,
        documented_only: args.fail_on_certainty == FailOn::Documented,
        answers: answers(&args.answer)?,
        now: Some(now(args.now.as_deref())?),
    })
}
