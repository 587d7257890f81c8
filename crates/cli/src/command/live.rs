//! Judging what the accounts themselves answer.

use std::io::Write;
use std::path::Path;

use copy_preflight_rules::check::Report;
use copy_preflight_rules::inputs::Inputs;

use super::Failure;
use super::question::Question;
use crate::args::LiveArgs;

/// Reads from AWS what a question needs, keeps it where a folder is named, and judges it. The
/// stream is for progress; a terminal shows it as it renews itself.
#[cfg(feature = "live")]
pub(super) fn judge(
    question: &Question,
    args: &LiveArgs,
    save: Option<&Path>,
    (stream, terminal): (&mut dyn Write, bool),
) -> Result<(Report, Inputs), Failure> {
    use crate::documents::Keep;
    use crate::live::{FromAws, Progress};
    use crate::output::plain::visible;
    use crate::snapshot::write::{Resuming, Writer};

    let fail = |fault| Failure::Io("cannot read accounts".to_owned(), fault);
    let Some(folder) = save else {
        let progress = Progress::new(stream, terminal, args.verbose);
        let mut live = FromAws::new(args, &question.request, None, progress).map_err(fail)?;
        return Ok(question.judge(&mut live)?);
    };
    let shown = folder.to_string_lossy().into_owned();
    let fail_folder = |fault| Failure::Io(format!("cannot save `{shown}`"), fault);
    let (mut writer, resumed) =
        Writer::begin(folder, jiff::Timestamp::now()).map_err(fail_folder)?;
    if let Some(since) = resumed.as_ref().and_then(|resumed| resumed.since.as_ref()) {
        let partial = writer.partial().to_string_lossy().into_owned();
        // What cannot be told is no reason to end.
        let _ = writeln!(stream, "goes on with `{}`, begun {since}", visible(&partial));
    }
    let keep: Option<&mut dyn Keep> = Some(&mut writer);
    let progress = Progress::new(&mut *stream, terminal, args.verbose);
    let mut live = FromAws::new(args, &question.request, keep, progress).map_err(fail)?;
    let judged = match resumed {
        Some(resumed) => question.judge(&mut Resuming { resumed, rest: &mut live })?,
        None => question.judge(&mut live)?,
    };
    drop(live);
    for unkept in writer.unkept() {
        let _ = writeln!(stream, "not kept: {}", visible(unkept));
    }
    writer.finish().map_err(fail_folder)?;
    Ok(judged)
}

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn judge(
    _: &Question,
    _: &LiveArgs,
    _: Option<&Path>,
    _: (&mut dyn Write, bool),
) -> Result<(Report, Inputs), Failure> {
    Err(Failure::Usage(
        "this build reads no accounts: it was made without the feature `live`. Name a folder of \
         saved answers with `--snapshot`; `snapshot check` prints the commands that fill one"
            .to_owned(),
    ))
}
