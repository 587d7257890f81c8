//! `completions` and `man`: made from the arguments, so that they say what the tool takes.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Failure;
use crate::Exit;
use crate::args::Cli;

pub(super) fn completions(shell: Shell, output: &mut dyn Write) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "copy-preflight", &mut script);
    output.write_all(&script).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

/// One page for the tool and one for each command.
pub(super) fn man(folder: &Path) -> Result<Exit, Failure> {
    let shown = folder.to_string_lossy();
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|fault| Failure::Io(format!("cannot write man pages to `{shown}`"), fault))?;
    Ok(Exit::Fine)
}
