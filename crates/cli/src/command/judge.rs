//! What commands that judge copies share: the loop that reads what is wanted, their settings, and
//! where their output goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use copy_preflight_rules::check::{Report, Settings, check};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, Inputs};
use copy_preflight_rules::plan::{Plan, Request, plan};

use super::Failure;
use crate::config::Located;
use crate::documents::{Documents, Stop};

/// Plans and judges, reads what was wanted, and does so again until nothing more is wanted.
pub(super) fn judge(
    request: &Request,
    inputs: Inputs,
    documents: &mut dyn Documents,
    facts: &Facts,
    settings: &Settings,
) -> Result<(Report, Inputs), Stop> {
    let one = std::slice::from_ref(request);
    let (mut judged, inputs) = judge_all(one, inputs, documents, (facts, settings))?;
    let report = judged.pop().map(|one| one.report);
    Ok((report.unwrap_or_else(|| check(&Plan::default(), &inputs, facts, settings)), inputs))
}

/// What was planned for a request, and what is said of it.
pub(super) struct Judged {
    pub(super) plan: Plan,
    pub(super) report: Report,
}

/// Judges several requests over one set of documents: what they want at the same time is read side
/// by side, and what two of them want is read once.
pub(super) fn judge_all(
    requests: &[Request],
    mut inputs: Inputs,
    documents: &mut dyn Documents,
    (facts, settings): (&Facts, &Settings),
) -> Result<(Vec<Judged>, Inputs), Stop> {
    let anew = |request: &Request, inputs: &Inputs| {
        let plan = plan(request, inputs, facts);
        let report = check(&plan, inputs, facts, settings);
        Judged { plan, report }
    };
    let mut judged: Vec<Judged> = requests.iter().map(|request| anew(request, &inputs)).collect();
    loop {
        let wanted: BTreeSet<Address> =
            judged.iter().flat_map(|one| one.report.wanted.iter().cloned()).collect();
        if wanted.is_empty() {
            break;
        }
        documents.load(&wanted, &mut inputs)?;
        let mut open = false;
        for (request, one) in requests.iter().zip(&mut judged) {
            if !one.report.wanted.is_empty() {
                *one = anew(request, &inputs);
                open |= !one.report.wanted.is_empty();
            }
        }
        // What one of them asked for may say something to another.
        if !open && requests.len() > 1 {
            judged = requests.iter().map(|request| anew(request, &inputs)).collect();
        }
    }
    for one in &mut judged {
        inputs.add_problems(std::mem::take(&mut one.plan.problems));
    }
    Ok((judged, inputs))
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
