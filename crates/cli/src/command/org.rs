//! `org effective`: the effective policies of accounts.

use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::effective::levels::{self, Fault};
use copy_preflight_rules::effective::snapshot::{self, Organization};
use copy_preflight_rules::effective::{Comparison, Given, Limits, Standing, compare, judge};
use copy_preflight_rules::inputs::Inputs;

use super::judge::deliver;
use super::{Failure, facts_of_rules};
use crate::Exit;
use crate::args::{EffectiveArgs, ListFormat};
use crate::output::effective::{Shown, human, json};
use crate::output::human::Style;
use crate::snapshot::{Snapshot, decode};

pub(super) fn effective(
    args: &EffectiveArgs,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let file = args.output.as_deref().filter(|path| path.as_os_str() != "-");
    let style = if file.is_some() { Style::PLAIN } else { style };
    let (text, worst) = match (&args.levels, &args.snapshot) {
        (Some(path), _) => of_levels(args, path, input, style)?,
        (None, Some(path)) => of_snapshot(args, path, style)?,
        (None, None) => return Err(Failure::Usage("--levels or --snapshot is needed".to_owned())),
    };
    deliver(&text, file, output)?;
    Ok(if args.exit_zero && worst != Exit::Unable { Exit::Fine } else { worst })
}

fn of_levels(
    args: &EffectiveArgs,
    path: &Path,
    input: &mut dyn BufRead,
    style: Style,
) -> Result<(String, Exit), Failure> {
    let mut sources = Sources::new();
    let limits = Limits::of(facts_of_rules(None)?.as_ref());
    let given = read_levels(path, input, &mut sources, &limits)?;
    let judged = judge(&given, &limits);
    let shown = Shown { judged: &judged, comparison: None, problems: &[], sources: &sources };
    let text = page(args, shown, style, true)?;
    let text = text.ok_or_else(|| unsaid(args))?;
    Ok((text, exit(judged.standing(), None)))
}

fn of_snapshot(args: &EffectiveArgs, path: &Path, style: Style) -> Result<(String, Exit), Failure> {
    let root = path.to_string_lossy();
    let folder =
        Snapshot::open(path).map_err(|fault| Failure::Io(format!("snapshot `{root}`"), fault))?;
    let mut inputs = Inputs::new();
    let load = |addresses: Vec<_>, inputs: &mut Inputs| {
        addresses.iter().for_each(|address| folder.load(address, inputs));
    };
    load(snapshot::wanted(), &mut inputs);
    load(snapshot::wanted_policies(&inputs), &mut inputs);
    let accounts =
        if args.account.is_empty() { snapshot::accounts(&inputs) } else { args.account.clone() };
    if accounts.is_empty() {
        return Err(Failure::Usage(format!("snapshot `{root}` lists no account")));
    }
    if args.account.is_empty() && !args.all && accounts.len() > 1 {
        let number = accounts.len();
        let message = format!("the snapshot has {number} accounts: give --account ID or --all");
        return Err(Failure::Usage(message));
    }
    let kind = &args.policy_type;
    load(accounts.iter().map(|account| snapshot::answer_of(account, kind)).collect(), &mut inputs);
    let limits = Limits::of(facts_of_rules(None)?.as_ref());
    let organization = Organization::read(&inputs, kind, limits);
    let (mut text, mut worst, mut judged_any, mut said) = (String::new(), Exit::Fine, false, false);
    for account in &accounts {
        let (given, problems) = match organization.given(account) {
            Ok(given) => (given, disabled(&inputs, kind)),
            Err(troubles) => {
                let faults: Vec<String> = troubles.iter().map(ToString::to_string).collect();
                rule_off(args, style, &mut text);
                text.push_str(&unjudged(args, account, &faults, style)?);
                worst = worse(worst, Exit::Undecided);
                continue;
            }
        };
        judged_any = true;
        let judged = judge(&given, &limits);
        let answer = snapshot::aws_answer(&inputs, account, kind);
        let comparison = answer.map(|answer| compare(&judged, answer));
        let shown = Shown {
            judged: &judged,
            comparison: comparison.as_ref(),
            problems: &problems,
            sources: &inputs.sources,
        };
        if let Some(page) = page(args, shown, style, accounts.len() == 1)? {
            rule_off(args, style, &mut text);
            text.push_str(&page);
            said = true;
        }
        worst = worse(worst, exit(judged.standing(), comparison.as_ref()));
    }
    if !judged_any {
        worst = Exit::Unable;
    } else if !said {
        return Err(unsaid(args));
    }
    Ok((text, worst))
}

/// A line between accounts, for a person.
fn rule_off(args: &EffectiveArgs, style: Style, text: &mut String) {
    if args.format == ListFormat::Human && !text.is_empty() {
        let line = "-".repeat(style.width.min(80));
        text.push_str(&format!("\n{line}\n\n"));
    }
}

/// One account; `None` where no policy says anything under `--why`.
fn page(
    args: &EffectiveArgs,
    shown: Shown<'_>,
    style: Style,
    alone: bool,
) -> Result<Option<String>, Failure> {
    let why = args.why.as_deref();
    Ok(match (args.format, why) {
        (ListFormat::Json, _) => {
            let json = json::effective(shown, why);
            let text = if alone {
                serde_json::to_string_pretty(&json)
            } else {
                serde_json::to_string(&json)
            };
            Some(text.map_err(|fault| Failure::Usage(fault.to_string()))? + "\n")
        }
        (ListFormat::Human, Some(path)) => human::why(shown, style, path),
        (ListFormat::Human, None) => Some(human::effective(shown, style)),
    })
}

/// An account of which nothing can be said.
fn unjudged(
    args: &EffectiveArgs,
    account: &str,
    faults: &[String],
    style: Style,
) -> Result<String, Failure> {
    match args.format {
        ListFormat::Json => {
            let json = json::unjudged(account, &args.policy_type, faults);
            let text = serde_json::to_string(&json);
            Ok(text.map_err(|fault| Failure::Usage(fault.to_string()))? + "\n")
        }
        ListFormat::Human => Ok(human::unjudged(account, &args.policy_type, faults, style)),
    }
}

/// A word on a policy type that the root does not have.
fn disabled(inputs: &Inputs, policy_type: &str) -> Vec<String> {
    match snapshot::is_enabled(inputs, policy_type) {
        Some(true) => Vec::new(),
        Some(false) => vec![format!(
            "{policy_type} is not enabled on the root: no policy of this type is in force"
        )],
        None => vec![format!(
            "organization/roots.json was not read: whether {policy_type} is enabled is not known"
        )],
    }
}

fn exit(standing: Standing, comparison: Option<&Comparison>) -> Exit {
    let differs = comparison.is_some_and(|comparison| !comparison.differences.is_empty());
    match standing {
        Standing::Invalid => Exit::Failed,
        _ if differs => Exit::Failed,
        Standing::Ambiguous => Exit::Undecided,
        Standing::Valid => Exit::Fine,
    }
}

fn worse(one: Exit, other: Exit) -> Exit {
    match (one, other) {
        (Exit::Failed, _) | (_, Exit::Failed) => Exit::Failed,
        (Exit::Undecided, _) | (_, Exit::Undecided) => Exit::Undecided,
        _ => Exit::Fine,
    }
}

fn unsaid(args: &EffectiveArgs) -> Failure {
    let path = args.why.as_deref().unwrap_or_default();
    Failure::Usage(format!("no policy says anything of `{path}`"))
}

fn read_levels(
    path: &Path,
    input: &mut dyn BufRead,
    sources: &mut Sources,
    limits: &Limits,
) -> Result<Given, Failure> {
    let shown = match path.to_string_lossy() {
        name if name == "-" => "standard input".to_owned(),
        name => name.into_owned(),
    };
    let fail = |fault| Failure::Io(shown.clone(), fault);
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).map_err(fail)?;
        bytes
    } else {
        fs::read(path).map_err(fail)?
    };
    let text = decode(&bytes).map_err(|fault| Failure::Usage(format!("{shown}: {fault}")))?;
    levels::read(sources, &shown, text, limits).map_err(|faults| refused(&faults, sources))
}

/// All that is wrong with a file, a line each.
fn refused(faults: &[Fault], sources: &Sources) -> Failure {
    let line = |fault: &Fault| {
        let outer = sources.outermost(fault.span);
        let place = sources.get(outer.source).map(|source| {
            let position = source.position(outer.start);
            format!("{}:{}:{}: ", source.name, position.line, position.column)
        });
        format!("{}{}", place.unwrap_or_default(), fault.message)
    };
    Failure::Input(faults.iter().map(line).collect())
}
