//! What commands that judge copies share: the loop that reads what is wanted, their settings, and
//! where their output goes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use copy_preflight_rules::check::{Report, Settings, check};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::plan::{Request, plan};

use super::Failure;
use crate::config::Located;
use crate::documents::{Documents, Stop};

/// Plans and judges, reads what was wanted, and does so again until nothing more is wanted.
pub(super) fn judge(
    request: &Request,
    mut inputs: Inputs,
    documents: &mut dyn Documents,
    facts: &Facts,
    settings: &Settings,
) -> Result<(Report, Inputs), Stop> {
    loop {
        let plan = plan(request, &inputs, facts);
        let report = check(&plan, &inputs, facts, settings);
        if report.wanted.is_empty() {
            inputs.add_problems(plan.problems);
            return Ok((report, inputs));
        }
        documents.load(&report.wanted, &mut inputs)?;
    }
}

/// What the user stated: in the config, where it still holds, and over it with `--answer`.
pub(super) fn answers(
    flags: &[String],
    config: &Located,
    now: jiff::Timestamp,
) -> Result<BTreeMap<String, String>, Failure> {
    let today = jiff::tz::Offset::UTC.to_datetime(now).date();
    let stated = config.config.answers.iter().filter(|answer| answer.holds_on(today));
    let mut answers: BTreeMap<String, String> =
        stated.map(|answer| (answer.id.get_ref().clone(), answer.value.clone())).collect();
    for answer in flags {
        let Some((id, value)) = answer.split_once('=') else {
            return Err(Failure::Usage(format!("`--answer {answer}` has no `=`: write ID=VALUE")));
        };
        answers.insert(id.to_owned(), value.to_owned());
    }
    Ok(answers)
}

/// The time as of which is judged.
pub(super) fn now(flag: Option<&str>) -> Result<jiff::Timestamp, Failure> {
    flag.map_or_else(|| Ok(jiff::Timestamp::now()), |text| moment("--now", text))
}

/// Writes to the file that was asked for, else to standard output.
pub(super) fn deliver(
    text: &str,
    file: Option<&Path>,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    match file {
        Some(path) => write_file(path, text),
        None => {
            output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(Failure::output)
        }
    }
}

/// A day or a moment.
pub(super) fn moment(flag: &str, text: &str) -> Result<jiff::Timestamp, Failure> {
    let day = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(day.into()).ok()
    };
    text.parse().ok().or_else(day).ok_or_else(|| {
        Failure::Usage(format!(
            "`{flag} {text}` is no date: write 2026-11-22 or 2026-11-22T08:00:00Z"
        ))
    })
}

/// Writes a file so that it is there whole or not at all.
fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.to_string_lossy().into_owned();
    let fail = |fault| Failure::Io(format!("cannot write `{shown}`"), fault);
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    fs::write(&partial, text).map_err(fail)?;
    fs::rename(&partial, path).map_err(fail)
}
