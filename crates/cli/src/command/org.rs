//! `org effective`: the effective policy of accounts.

use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::effective::levels::{self, Fault};
use copy_preflight_rules::effective::{Standing, judge};

use super::Failure;
use super::judge::deliver;
use crate::Exit;
use crate::args::{EffectiveArgs, ListFormat};
use crate::output::effective::{Shown, json};
use crate::output::human::Style;
use crate::snapshot::decode;

pub(super) fn effective(
    args: &EffectiveArgs,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let mut sources = Sources::new();
    let path = args.levels.as_deref().unwrap_or(Path::new("-"));
    let given = of_file(path, input, &mut sources)?;
    let judged = judge(&given);
    let shown = Shown { judged: &judged, comparison: None, problems: &[], sources: &sources };
    let text = match args.format {
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(&json::effective(shown));
            json.map_err(|fault| Failure::Usage(fault.to_string()))? + "\n"
        }
        ListFormat::Human => String::new(),
    };
    let _ = style;
    deliver(&text, args.output.as_deref(), output)?;
    Ok(match judged.standing() {
        _ if args.exit_zero => Exit::Fine,
        Standing::Valid => Exit::Fine,
        Standing::Invalid => Exit::Failed,
        Standing::Ambiguous => Exit::Undecided,
    })
}

fn of_file(
    path: &Path,
    input: &mut dyn BufRead,
    sources: &mut Sources,
) -> Result<copy_preflight_rules::effective::Given, Failure> {
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
    levels::read(sources, &shown, text).map_err(|faults| refused(&faults, sources))
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
    let lines: Vec<String> = faults.iter().map(line).collect();
    Failure::Input(lines)
}
