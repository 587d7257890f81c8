//! Judging what the accounts themselves answer.

use std::io::{self, Write};
use std::path::Path;

use copy_preflight_rules::check::Report;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::view::Slot;

use super::Failure;
use super::place::account_id;
use super::question::{Asked, Question};
use crate::args::LiveArgs;
use crate::config::Located;
use crate::snapshot::write::Writer;

/// Whose credentials read which account, and where a plan or job is.
#[cfg_attr(
    not(feature = "live"),
    expect(dead_code, reason = "a build that reads no accounts only checks the flags")
)]
pub(super) struct Reach<'a> {
    pub(super) args: &'a LiveArgs,
    pub(super) config: &'a Located,
    account: Option<String>,
    pub(super) regions: &'a [String],
}

impl<'a> Reach<'a> {
    /// What flags say, over what a config says.
    pub(super) fn of(
        args: &'a LiveArgs,
        config: &'a Located,
        account: Option<&str>,
        regions: &'a [String],
    ) -> Result<Self, Failure> {
        let account = account.map(|named| account_id(named, config)).transpose()?;
        Ok(Self { args, config, account, regions })
    }
}

/// What was read and is not yet a snapshot.
pub(super) struct Collected {
    pub(super) report: Report,
    /// Documents that belong to no copy: what the account has besides.
    pub(super) slots: Vec<Slot>,
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
pub(super) use reading::{collect, judge};

#[cfg(feature = "live")]
pub(super) mod reading {
    use super::super::snapshot::account;
    use super::*;
    use crate::documents::Documents;
    use crate::live::{FromAws, Named, Progress};
    use crate::output::plain::visible;
    use crate::snapshot::write::Resuming;

    /// Where progress is shown, and whether it is a terminal.
    type Stream<'a> = (&'a mut dyn Write, bool);

    /// Reads from AWS what a question needs, keeps it where a folder is named, and judges it.
    pub(in super::super) fn judge(
        asked: Asked,
        reach: &Reach<'_>,
        save: Option<&Path>,
        (stream, terminal): Stream<'_>,
    ) -> Result<(Question, Report, Inputs), Failure> {
        let Some(folder) = save else {
            let mut live = begin(reach, (stream, terminal))?;
            let question = placed(asked, reach, &mut live)?;
            let (report, inputs) = question.judge(&mut live)?;
            return Ok((question, report, inputs));
        };
        let read = collect(asked, reach, folder, (&mut *stream, terminal))?;
        let (question, Collected { report, inputs, writer, .. }) = read;
        for unkept in writer.unkept() {
            let _ = writeln!(stream, "not kept: {}", visible(unkept));
        }
        writer.finish().map_err(|fault| cannot_save(folder, fault))?;
        let _ = writeln!(stream, "{}", visible(&care_of(folder)));
        Ok((question, report, inputs))
    }

    /// A reader of the accounts.
    pub(in super::super) fn begin<'a>(
        reach: &Reach<'_>,
        (stream, terminal): Stream<'a>,
    ) -> Result<FromAws<'a>, Failure> {
        let progress = Progress::new(stream, terminal, reach.args.verbose);
        FromAws::new(reach.args, &reach.config.config, progress)
    }

    /// The question, with the place of the plan or job that it is about.
    fn placed(
        asked: Asked,
        reach: &Reach<'_>,
        live: &mut FromAws<'_>,
    ) -> Result<Question, Failure> {
        let source = match asked.source() {
            Some(vault) => vault.clone(),
            None => {
                let what =
                    asked.sought().map_or("the snapshot".to_owned(), |sought| sought.words());
                live.place(named(reach, &what), asked.facts())?
            }
        };
        let question = asked.at(source);
        live.concerns([&question.request]);
        Ok(question)
    }

    /// What flags say of where something is.
    pub(in super::super) fn named<'n>(reach: &'n Reach<'_>, what: &'n str) -> Named<'n> {
        let region = reach.regions.first().map(String::as_str);
        Named { account: reach.account.as_deref(), region, what }
    }

    /// Reads from AWS what a question needs, and keeps it beside the folder that it will be; goes
    /// on where a run was cut short. A question about no plan and no pair is one about the account.
    pub(in super::super) fn collect(
        asked: Asked,
        reach: &Reach<'_>,
        folder: &Path,
        (stream, terminal): Stream<'_>,
    ) -> Result<(Question, Collected), Failure> {
        let cannot = |fault| cannot_save(folder, fault);
        let whole_account = asked.source().is_none() && asked.sought().is_none();
        // Declared first, since the reader gives it what it reads to the end.
        let mut writer;
        let mut live = begin(reach, (&mut *stream, terminal))?;
        let question = placed(asked, reach, &mut live)?;
        let resumed;
        (writer, resumed) = Writer::begin(folder, jiff::Timestamp::now()).map_err(cannot)?;
        let partial = writer.partial().to_string_lossy().into_owned();
        if let Some(since) = resumed.as_ref().and_then(|resumed| resumed.since.as_ref()) {
            live.say(&format!("goes on with `{partial}`, begun {since}"));
        }
        live.kept_by(&mut writer);
        let read = |documents: &mut dyn Documents| match whole_account {
            false => {
                let (report, inputs) = question.judge(documents)?;
                Ok((report, Vec::new(), inputs))
            }
            true => account::read(&question, reach.regions, documents),
        };
        let judged = match resumed {
            Some(resumed) => read(&mut Resuming { resumed, rest: &mut live }),
            None => read(&mut live),
        };
        if judged.is_err() {
            let words = "what was read stands in";
            live.say(&format!("{words} `{partial}`; the same command goes on with it"));
        }
        drop(live);
        let (report, slots, inputs) = judged?;
        Ok((question, Collected { report, slots, inputs, writer }))
    }
}

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn judge(
    _: Asked,
    _: &Reach<'_>,
    _: Option<&Path>,
    _: (&mut dyn Write, bool),
) -> Result<(Question, Report, Inputs), Failure> {
    Err(reads_no_accounts())
}

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn collect(
    _: Asked,
    _: &Reach<'_>,
    _: &Path,
    _: (&mut dyn Write, bool),
) -> Result<(Question, Collected), Failure> {
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
