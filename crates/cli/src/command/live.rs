//! Judging what the accounts themselves answer.

use std::io::{self, Write};
use std::path::Path;

use copy_preflight_rules::check::Report;
use copy_preflight_rules::inputs::Inputs;

use super::Failure;
use super::question::Question;
use crate::args::LiveArgs;
use crate::snapshot::write::Writer;

/// Reads from AWS what a question needs, keeps it where a folder is named, and judges it. The
/// stream is for progress; a terminal shows it as it renews itself.
#[cfg(feature = "live")]
pub(super) fn judge(
    question: &Question,
    args: &LiveArgs,
    save: Option<&Path>,
    (stream, terminal): (&mut dyn Write, bool),
) -> Result<(Report, Inputs), Failure> {
    use crate::live::{FromAws, Progress};
    use crate::output::plain::visible;

    let Some(folder) = save else {
        let progress = Progress::new(stream, terminal, args.verbose);
        let mut live =
            FromAws::new(args, &question.request, None, progress).map_err(cannot_read)?;
        return Ok(question.judge(&mut live)?);
    };
    let Collected { report, inputs, writer } =
        collect(question, args, folder, (&mut *stream, terminal))?;
    for unkept in writer.unkept() {
        let _ = writeln!(stream, "not kept: {}", visible(unkept));
    }
    writer.finish().map_err(|fault| cannot_save(folder, fault))?;
    let _ = writeln!(stream, "{}", visible(&care_of(folder)));
    Ok((report, inputs))
}

/// What was read and is not yet a snapshot.
pub(super) struct Collected {
    pub(super) report: Report,
    pub(super) inputs: Inputs,
    pub(super) writer: Writer,
}

/// What to do with a snapshot, in a sentence.
pub(super) fn care_of(folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    format!(
        "`{folder}` names accounts and holds policies: add it to .gitignore, and delete it when \
         you are done"
    )
}

/// The failure to make or end a snapshot.
pub(super) fn cannot_save(folder: &Path, fault: io::Error) -> Failure {
    Failure::Io(format!("cannot save `{}`", folder.to_string_lossy()), fault)
}

#[cfg(feature = "live")]
pub(super) fn cannot_read(fault: io::Error) -> Failure {
    Failure::Io("cannot read accounts".to_owned(), fault)
}

/// Reads from AWS what a question needs, and keeps it beside the folder that it will be; goes on
/// where a run was cut short.
#[cfg(feature = "live")]
pub(super) fn collect(
    question: &Question,
    args: &LiveArgs,
    folder: &Path,
    (stream, terminal): (&mut dyn Write, bool),
) -> Result<Collected, Failure> {
    use crate::documents::Keep;
    use crate::live::{FromAws, Progress};
    use crate::output::plain::visible;
    use crate::snapshot::write::Resuming;

    let (mut writer, resumed) = Writer::begin(folder, jiff::Timestamp::now())
        .map_err(|fault| cannot_save(folder, fault))?;
    let partial = writer.partial().to_string_lossy().into_owned();
    if let Some(since) = resumed.as_ref().and_then(|resumed| resumed.since.as_ref()) {
        // What cannot be told is no reason to end.
        let _ = writeln!(stream, "goes on with `{}`, begun {since}", visible(&partial));
    }
    let keep: Option<&mut dyn Keep> = Some(&mut writer);
    let progress = Progress::new(&mut *stream, terminal, args.verbose);
    let mut live = FromAws::new(args, &question.request, keep, progress).map_err(cannot_read)?;
    let judged = match resumed {
        Some(resumed) => question.judge(&mut Resuming { resumed, rest: &mut live }),
        None => question.judge(&mut live),
    };
    drop(live);
    match judged {
        Ok((report, inputs)) => Ok(Collected { report, inputs, writer }),
        Err(stop) => {
            let words = "what was read stands in";
            let again = "the same command goes on with it";
            let _ = writeln!(stream, "{words} `{}`; {again}", visible(&partial));
            Err(stop.into())
        }
    }
}

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn judge(
    _: &Question,
    _: &LiveArgs,
    _: Option<&Path>,
    _: (&mut dyn Write, bool),
) -> Result<(Report, Inputs), Failure> {
    Err(reads_no_accounts())
}

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn collect(
    _: &Question,
    _: &LiveArgs,
    _: &Path,
    _: (&mut dyn Write, bool),
) -> Result<Collected, Failure> {
    Err(reads_no_accounts())
}

#[cfg(not(feature = "live"))]
pub(super) fn reads_no_accounts() -> Failure {
    Failure::Usage(
        "this build reads no accounts: it was made without the feature `live`. Name a folder of \
         saved answers with `--snapshot`; `snapshot check` prints the commands that fill one"
            .to_owned(),
    )
}
