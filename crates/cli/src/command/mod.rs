//! The commands.

mod check;
mod copies;
mod delivery;
mod documentation;
mod explain;
mod facts;
mod init;
mod judge;
mod lint;
mod live;
mod org;
mod org_check;
mod permissions;
pub(crate) mod place;
mod question;
mod rules;
mod schema;
mod simulate;
mod snapshot;

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fmt, fs};

use copy_preflight_policy::source::Source;
use copy_preflight_rules::facts::{Facts, FactsError};

use crate::args::{Cli, Command, OrgCommand};
use crate::config::{ConfigError, Located};
use crate::documents::Stop;
use crate::{Exit, Streams};

/// Why the tool could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A stream or file.
    Io(String, io::Error),
    /// Something that the user gave.
    Usage(String),
    /// What is wrong with a file that the user gave, with its places.
    Input(Vec<String>),
    /// The facts that ship with the tool.
    Facts(FactsError),
    /// Ctrl-C.
    Interrupted,
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Interrupted => Self::Interrupted,
            Stop::Keep(what, fault) => Self::Io(what, fault),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(fault: ConfigError) -> Self {
        Self::Usage(fault.to_string())
    }
}

impl Failure {
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(_, fault) if fault.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The message, in lines that stand by themselves.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Input(lines) => lines.clone(),
            _ => vec![self.to_string()],
        }
    }

    fn output(fault: io::Error) -> Self {
        Self::Io("standard output".to_owned(), fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(what, fault) => write!(f, "{what}: {fault}"),
            Self::Usage(message) => f.write_str(message),
            Self::Input(lines) => f.write_str(&lines.join("\n")),
            Self::Facts(fault) => write!(f, "{fault}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// The facts that ship with the tool, read once.
static FACTS: LazyLock<Result<Facts, FactsError>> = LazyLock::new(Facts::embedded);

/// Those that rules rest on, read once: a check starts without the others.
static FACTS_OF_RULES: LazyLock<Result<Facts, FactsError>> = LazyLock::new(Facts::of_rules);

fn facts() -> Result<&'static Facts, Failure> {
    FACTS.as_ref().map_err(|fault| Failure::Facts(fault.clone()))
}

/// The facts that rules rest on, with the rows of a file over them where one is given. Such a
/// file may name any fact that ships, so all are read for it.
fn facts_of_rules(file: Option<&Path>) -> Result<Cow<'static, Facts>, Failure> {
    match file {
        Some(_) => facts_over(file),
        None => FACTS_OF_RULES
            .as_ref()
            .map(Cow::Borrowed)
            .map_err(|fault| Failure::Facts(fault.clone())),
    }
}

/// The facts that ship with the tool, with the rows of a file over them where one is given.
fn facts_over(file: Option<&Path>) -> Result<Cow<'static, Facts>, Failure> {
    let facts = facts()?;
    let Some(path) = file else { return Ok(Cow::Borrowed(facts)) };
    let shown = path.to_string_lossy();
    let text = fs::read_to_string(path).map_err(|fault| Failure::Io(shown.to_string(), fault))?;
    facts.with_overrides(&text).map(Cow::Owned).map_err(|error| {
        let place = error.place.and_then(|place| u32::try_from(place.start).ok());
        let place = place.map(|start| {
            let position = Source::alone(shown.as_ref(), text.as_str()).position(start);
            format!(":{}:{}", position.line, position.column)
        });
        Failure::Usage(format!("{shown}{}: {}", place.unwrap_or_default(), error.fault))
    })
}

/// A form of output as JSON, ended by a line break.
fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|fault| Failure::Usage(format!("the answer cannot be written as JSON: {fault}")))
}

pub(crate) fn run(cli: Cli, streams: Streams<'_>) -> Result<Exit, Failure> {
    let Streams { input, output, error, style, error_is_terminal } = streams;
    let Cli { command, config: named } = cli;
    let config = || Located::find(named.as_deref(), &env::current_dir().unwrap_or_default());
    match command {
        Command::Check(args) => {
            let streams = Streams { input, output, error, style, error_is_terminal };
            check::run(*args, &config()?, streams)
        }
        Command::Lint(args) => {
            let streams = Streams { input, output, error, style, error_is_terminal };
            lint::run(&args, &config()?, streams)
        }
        Command::Init(args) => init::run(&args, named.as_deref(), output, style),
        Command::Explain(args) => {
            let streams = Streams { input, output, error, style, error_is_terminal };
            explain::run(&args, &config()?, streams)
        }
        Command::Snapshot(command) => {
            let streams = Streams { input, output, error, style, error_is_terminal };
            snapshot::run(command, &config()?, streams)
        }
        Command::Permissions(args) => permissions::run(args, output, style),
        Command::Org(OrgCommand::Copies(args)) => {
            let streams = Streams { input, output, error, style, error_is_terminal };
            copies::run(&args, &config()?, streams)
        }
        Command::Org(OrgCommand::Effective(args)) => org::effective(&args, input, output, style),
        Command::Org(OrgCommand::Check(args)) => org_check::run(&args, &config()?, output, style),
        Command::Simulate(args) => simulate::run(&args, input, output),
        Command::Rules(args) => rules::run(&args, output, style),
        Command::Facts(args) => facts::run(&args, output, style),
        Command::Schema(args) => schema::run(&args, output),
        Command::Completions { shell } => documentation::completions(shell, output),
        Command::Man { folder } => documentation::man(&folder),
    }
}
