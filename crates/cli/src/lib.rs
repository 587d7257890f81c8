//! The command line: arguments, files and snapshots, renderers, exit codes.

mod args;
mod command;
mod init;
#[cfg(feature = "live")]
mod live;

pub mod config;
pub mod documents;
pub mod intent;
pub mod lint;
pub mod simulate;
pub mod snapshot;

pub mod output;

use std::ffi::OsString;
use std::io::{BufRead, Write};

use clap::Parser;

/// The streams of a run and what is known of the terminal.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn BufRead,
    /// Standard output: results.
    pub output: &'a mut dyn Write,
    /// Standard error: everything else.
    pub error: &'a mut dyn Write,
    /// How a person sees standard output.
    pub style: output::human::Style,
    /// Whether a person sees standard error, so that progress is of use.
    pub error_is_terminal: bool,
}

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Clear, or nothing to report.
    Fine = 0,
    /// Blocked, or findings that fail.
    Failed = 1,
    /// The tool could not do its work.
    Unable = 2,
    /// Undecided, and nothing blocked.
    Undecided = 3,
    /// Ended by ctrl-C.
    Interrupted = 130,
}

/// Runs the tool with arguments, the name of the program first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, streams: Streams<'_>) -> Exit {
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render();
            // Help and version go to standard output and are no failure.
            let written = if error.use_stderr() {
                write!(streams.error, "{text}").map(|()| Exit::Unable)
            } else {
                write!(streams.output, "{text}").map(|()| Exit::Fine)
            };
            return written.unwrap_or(Exit::Unable);
        }
    };
    let Streams { input, output, error, style, error_is_terminal } = streams;
    let streams = Streams { input, output, error: &mut *error, style, error_is_terminal };
    match command::run(cli, streams) {
        Ok(exit) => exit,
        Err(command::Failure::Interrupted) => Exit::Interrupted,
        Err(failure) => {
            // A reader that went away, such as `head`, is no failure of ours to report.
            if !failure.is_broken_pipe() {
                for line in failure.lines() {
                    let _ = writeln!(error, "error: {}", output::plain::visible(&line));
                }
            }
            Exit::Unable
        }
    }
}
