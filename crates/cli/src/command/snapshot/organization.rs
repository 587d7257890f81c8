//! `snapshot take --organization`: reads what judging a whole organization needs, and saves it.

use std::io::Write;
use std::path::Path;

use copy_preflight_rules::inputs::Absence;
use serde::Serialize;

use super::counted;
use super::redact::{RedactedJson, tell};
use crate::args::{ListFormat, LiveArgs, TakeArgs};
use crate::command::live::{cannot_save, care_of};
use crate::command::{Failure, pretty};
use crate::config::Located;
use crate::output::human::Style;
use crate::output::plain::Lines;
use crate::snapshot::gather::Gathered;
use crate::snapshot::redact::Redacted;
use crate::snapshot::write::Writer;
use crate::{Exit, Streams};

/// What stands for an account where several have one cause.
const ANY: &str = "ACCOUNT";

/// How many lines of one kind a person is shown.
const SHOWN: usize = 10;

#[derive(Debug, Serialize)]
struct OrganizationJson {
    schema: &'static str,
    snapshot: String,
    /// Null where `describe-organization` was refused.
    organization: Option<String>,
    complete: bool,
    accounts: AccountsJson,
    calls: usize,
    gaps: Vec<GapJson>,
    /// Documents that only a person fetches.
    by_hand: Vec<ByHandJson>,
    problems: Vec<ProblemJson>,
    not_kept: Vec<String>,
    /// Null where nothing was to be replaced.
    redacted: Option<RedactedJson>,
}

#[derive(Debug, Serialize)]
struct AccountsJson {
    listed: usize,
    entered: usize,
    not_entered: Vec<NotEnteredJson>,
    inactive: Vec<InactiveJson>,
    foreign: Vec<String>,
    unjudged: Vec<UnjudgedJson>,
}

#[derive(Debug, Serialize)]
struct NotEnteredJson {
    account: String,
    code: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct InactiveJson {
    account: String,
    state: String,
}

#[derive(Debug, Serialize)]
struct UnjudgedJson {
    account: String,
    why: Vec<String>,
}

#[derive(Debug, Serialize)]
struct GapJson {
    file: String,
    why: &'static str,
    code: Option<String>,
    message: Option<String>,
    account: Option<String>,
    permission: &'static str,
    command: String,
}

#[derive(Debug, Serialize)]
struct ByHandJson {
    permission: &'static str,
    documents: usize,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    path: String,
    message: String,
}

pub(super) fn run(args: TakeArgs, config: &Located, streams: Streams<'_>) -> Result<Exit, Failure> {
    let Streams { output, error, style, error_is_terminal, .. } = streams;
    let folder = args.folder;
    let (gathered, writer) = read((&args.live, config), &folder, (error, error_is_terminal))?;
    let not_kept = writer.unkept().to_vec();
    let (manifest, redacted) = match args.redact {
        true => writer.finish_redacted().map(|(manifest, redacted)| (manifest, Some(redacted))),
        false => writer.finish().map(|manifest| (manifest, None)),
    }
    .map_err(|fault| cannot_save(&folder, fault))?;
    let left_out = redacted.as_ref().is_some_and(|redacted| !redacted.left_out.is_empty());
    let complete = gathered.is_complete() && not_kept.is_empty() && !left_out;
    let taken =
        Taken { folder: &folder, gathered, calls: manifest.calls.len(), not_kept, redacted };
    let text = match args.format {
        ListFormat::Json => pretty(&taken.json(complete))?,
        ListFormat::Human => taken.human(style, complete),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(if complete { Exit::Fine } else { Exit::Undecided })
}

/// Reads from AWS, and keeps it beside the folder that it will be; goes on where a run was cut
/// short.
#[cfg(feature = "live")]
fn read(
    (args, config): (&LiveArgs, &Located),
    folder: &Path,
    (stream, terminal): (&mut dyn Write, bool),
) -> Result<(Gathered, Writer), Failure> {
    use copy_preflight_rules::inputs::Address;

    use crate::command::live::{Reach, reading};
    use crate::snapshot::gather::{Asker, Fault, gather};
    use crate::snapshot::write::Resuming;

    let cannot = |fault| cannot_save(folder, fault);
    let facts = crate::command::facts_of_rules(None)?;
    let reach = Reach::of(args, config, None, &[])?;
    // Declared first, since the reader gives it what it reads to the end.
    let mut writer;
    let mut live = reading::begin(&reach, (&mut *stream, terminal))?;
    let resumed;
    (writer, resumed) = Writer::begin(folder, jiff::Timestamp::now()).map_err(cannot)?;
    let partial = writer.partial().to_string_lossy().into_owned();
    if let Some(since) = resumed.as_ref().and_then(|resumed| resumed.since.as_ref()) {
        live.say(&format!("goes on with `{partial}`, begun {since}"));
    }
    let begun = writer.begun().map_err(cannot)?;
    live.kept_by(&mut writer);
    let resumed = resumed.unwrap_or(begun);
    let known = resumed.texts([Address::ManagementOrganization, Address::OrganizationRoots]);
    let caller = live.begin_organization(&facts, &known)?;
    let caller = caller.map_err(|error| Failure::Usage(error.message))?;
    let asker = Asker {
        account: caller.account,
        partition: caller.partition,
        enters: args.assume_role_name.is_some() || !reach.config.config.accounts.is_empty(),
    };
    let gathered = gather(&mut Resuming { resumed, rest: &mut live }, &asker, &facts);
    if matches!(gathered, Err(Fault::Stop(_))) {
        let words = "what was read stands in";
        live.say(&format!("{words} `{partial}`; the same command goes on with it"));
    }
    drop(live);
    match gathered {
        Ok(gathered) => Ok((gathered, writer)),
        Err(Fault::Stop(stop)) => Err(stop.into()),
        Err(Fault::NoAccounts(absence)) => {
            let said = absence.and_then(|absence| absence.message);
            Err(Failure::Usage(format!(
                "the accounts of the organization cannot be listed: {}",
                said.unwrap_or_else(|| "AWS lists none".to_owned())
            )))
        }
        Err(Fault::NotOfIt(account)) => Err(Failure::Usage(format!(
            "the credentials are of account {account}, which the organization in `{partial}` does \
             not list: remove that folder, or use credentials of its organization"
        ))),
    }
}

/// This build cannot.
#[cfg(not(feature = "live"))]
fn read(
    _: (&LiveArgs, &Located),
    _: &Path,
    _: (&mut dyn Write, bool),
) -> Result<(Gathered, Writer), Failure> {
    Err(crate::command::live::reads_no_accounts())
}

/// What there is to tell.
struct Taken<'t> {
    folder: &'t Path,
    gathered: Gathered,
    calls: usize,
    not_kept: Vec<String>,
    redacted: Option<Redacted>,
}

impl Taken<'_> {
    fn json(&self, complete: bool) -> OrganizationJson {
        let found = &self.gathered;
        let not_entered = found.not_entered.iter().map(|(account, absence)| NotEnteredJson {
            account: account.clone(),
            code: absence.code.clone(),
            message: absence.message.clone(),
        });
        let inactive = found.inactive.iter().map(|(account, state)| InactiveJson {
            account: account.clone(),
            state: state.clone(),
        });
        let unjudged = found
            .unjudged
            .iter()
            .map(|(account, why)| UnjudgedJson { account: account.clone(), why: why.clone() });
        let gaps = found.gaps.iter().map(|(address, absence)| {
            let call = address.call();
            let path = address.path();
            GapJson {
                file: if address.is_folder() { path } else { format!("{path}.json") },
                why: absence.why.word(),
                code: absence.code.clone(),
                message: absence.message.clone(),
                account: call.account,
                permission: call.permission,
                command: call.command,
            }
        });
        let by_hand = found
            .by_hand
            .iter()
            .map(|(permission, documents)| ByHandJson { permission, documents: *documents });
        let problems = found
            .problems
            .iter()
            .map(|(path, message)| ProblemJson { path: path.clone(), message: message.clone() });
        OrganizationJson {
            schema: "copy-preflight/snapshot-organization/v1",
            snapshot: self.folder.to_string_lossy().into_owned(),
            organization: found.organization.clone(),
            complete,
            accounts: AccountsJson {
                listed: found.accounts,
                entered: found.entered.len(),
                not_entered: not_entered.collect(),
                inactive: inactive.collect(),
                foreign: found.foreign.iter().cloned().collect(),
                unjudged: unjudged.collect(),
            },
            calls: self.calls,
            gaps: gaps.collect(),
            by_hand: by_hand.collect(),
            problems: problems.collect(),
            not_kept: self.not_kept.clone(),
            redacted: self.redacted.as_ref().map(RedactedJson::of),
        }
    }

    fn human(&self, style: Style, complete: bool) -> String {
        let found = &self.gathered;
        let folder = self.folder.to_string_lossy();
        let mut page = Lines::new(style.width);
        let organization = found.organization.as_deref().unwrap_or("organization not read");
        page.wrapped(
            "",
            "  ",
            &format!(
                "{folder}: {organization}, {} of {} read, {}",
                found.entered.len(),
                counted(found.accounts, "account"),
                counted(self.calls, "call")
            ),
        );
        section(
            &mut page,
            "not entered, so nothing in them was read (`copy-preflight permissions --trust \
             ACCOUNT` prints what a role needs):",
            &self.shut(),
        );
        section(&mut page, "not read:", &gaps(found));
        let unjudged = found.unjudged.iter();
        let unjudged = unjudged.map(|(account, why)| format!("{account}: {}", why.join("; ")));
        section(
            &mut page,
            "effective backup policy not known, so nothing that it names was read:",
            &unjudged.collect::<Vec<_>>(),
        );
        let problems = found.problems.iter().map(|(path, message)| format!("{path}: {message}"));
        section(&mut page, "cannot be used:", &problems.collect::<Vec<_>>());
        section(&mut page, "not kept:", &self.not_kept);
        let inactive = found.inactive.iter();
        let inactive = inactive.map(|(account, state)| format!("{account}: {state}"));
        section(&mut page, "not active, left out:", &inactive.collect::<Vec<_>>());
        let foreign: Vec<String> = found.foreign.iter().cloned().collect();
        section(&mut page, "copies go there, and the organization does not have it:", &foreign);
        let by_hand = found.by_hand.iter();
        let by_hand = by_hand.map(|(permission, documents)| {
            format!("{permission}: {}", counted(*documents, "document"))
        });
        section(
            &mut page,
            "never read by this tool; a copy that needs it asks for it:",
            &by_hand.collect::<Vec<_>>(),
        );
        if let Some(redacted) = &self.redacted {
            tell(&mut page, redacted);
        }
        page.line("");
        if !complete {
            page.wrapped(
                "",
                "  ",
                "what needs a missing document stays undecided; for a whole snapshot, take one \
                 anew when the causes above are gone",
            );
        }
        page.wrapped(
            "",
            "  ",
            &format!("next: copy-preflight org effective --snapshot {folder} --all"),
        );
        page.wrapped("", "  ", &care_of(self.folder));
        page.text
    }

    /// Accounts that could not be entered, those of one cause in one line.
    fn shut(&self) -> Vec<String> {
        let mut by_cause: Vec<(String, Vec<&str>)> = Vec::new();
        for (account, absence) in &self.gathered.not_entered {
            let cause = cause(account, absence);
            match by_cause.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, accounts)) => accounts.push(account),
                None => by_cause.push((cause, vec![account])),
            }
        }
        let line = |(cause, accounts): (String, Vec<&str>)| match accounts.as_slice() {
            [only] => format!("{only}: {}", cause.replace(ANY, only)),
            many => format!(
                "{}: {cause}: {}",
                counted(many.len(), "account"),
                many.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ")
                    + if many.len() > SHOWN { ", …" } else { "" }
            ),
        };
        by_cause.into_iter().map(line).collect()
    }
}

/// Why an account could not be entered, without its id, so that equal causes are equal.
fn cause(account: &str, absence: &Absence) -> String {
    let said = absence.message.as_deref().or(absence.code.as_deref()).unwrap_or_default();
    said.replace(account, ANY)
}

/// Documents that were not read: those of one call and one code in one line.
fn gaps(found: &Gathered) -> Vec<String> {
    let mut by_call: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for (address, absence) in &found.gaps {
        let permission = address.call().permission;
        let code = absence.code.as_deref().unwrap_or(absence.why.word());
        let path = address.path();
        match by_call.iter_mut().find(|(one, other, _)| *one == permission && *other == code) {
            Some((_, _, paths)) => paths.push(path),
            None => by_call.push((permission, code, vec![path])),
        }
    }
    let line = |(permission, code, paths): (&str, &str, Vec<String>)| {
        let first = paths.first().map(String::as_str).unwrap_or_default();
        match paths.len() {
            1 => format!("{permission}: {code}: {first}"),
            many => format!("{permission}: {code}: {first} and {} more", many - 1),
        }
    };
    by_call.into_iter().map(line).collect()
}

fn section(page: &mut Lines, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.line("");
    page.wrapped("", "  ", title);
    for line in lines.iter().take(SHOWN) {
        page.wrapped("  ", "    ", line);
    }
    if lines.len() > SHOWN {
        page.line(&format!("  and {} more (--format json lists them)", lines.len() - SHOWN));
    }
}
