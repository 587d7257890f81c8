//! `init`: writes a first config.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use copy_preflight_rules::lint::{Linter, Owner};

use super::Failure;
use crate::Exit;
use crate::args::InitArgs;
use crate::config::FILE_NAME;
use crate::init::{Findings, config, summary};
use crate::lint::suppress::absolute;
use crate::lint::{Settings, documents_of, gather};
use crate::output::human::Style;

pub(super) fn run(
    args: &InitArgs,
    named: Option<&Path>,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    if named.is_some() {
        return Err(Failure::Usage(format!(
            "`init` takes no `--config`: it writes `{FILE_NAME}` into the folder that it reads"
        )));
    }
    let path = args.folder.join(FILE_NAME);
    let path = path.strip_prefix(".").unwrap_or(&path);
    let shown = path.to_string_lossy();
    // Asked before the folder is read, and once more when the file is made.
    if path.symlink_metadata().is_ok() {
        return Err(there_is_one(&shown));
    }
    if !args.folder.is_dir() {
        let folder = args.folder.to_string_lossy();
        return Err(Failure::Usage(format!("`{folder}` is no folder")));
    }
    let findings = look(&args.folder)?;
    write_new(path, &config(&findings)).map_err(|fault| match fault.kind() {
        io::ErrorKind::AlreadyExists => there_is_one(&shown),
        _ => Failure::Io(format!("cannot write `{shown}`"), fault),
    })?;
    let text = summary(&shown, &findings, style.width);
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

fn there_is_one(shown: &str) -> Failure {
    Failure::Usage(format!("`{shown}` is there already, and `init` overwrites nothing"))
}

/// Reads the documents of a folder, by the same detection as `lint`.
fn look(folder: &Path) -> Result<Findings, Failure> {
    let facts = super::facts_of_rules(None)?;
    let linter = Linter::new(facts.as_ref(), None);
    let level = |rule: &'static copy_preflight_rules::rule::Rule| Some(rule.level);
    let settings = Settings {
        linter: &linter,
        level: &level,
        kind: None,
        owner: Owner::default(),
        before: None,
    };
    let gathered = gather(&[folder.to_owned()], &mut io::empty());
    let whole = absolute(folder);
    let mut findings = Findings::default();
    for note in gathered.notes {
        findings.add_unread(format!("{}: {}", note.path, note.message));
    }
    for input in &gathered.inputs {
        let path = absolute(Path::new(&input.shown));
        let path = path.strip_prefix(&whole).unwrap_or(&path).to_string_lossy();
        let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
        match documents_of(input, &settings) {
            Ok(documents) => {
                for document in &documents {
                    findings.add(&path, document);
                }
            }
            Err(fault) => findings.add_unread(format!("{path}: {fault}")),
        }
    }
    Ok(findings)
}

/// Makes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
