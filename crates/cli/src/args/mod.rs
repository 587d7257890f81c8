//! Arguments.

mod check;
mod copies;
mod explain;
mod init;
mod lint;
mod lists;
mod live;
mod org;
mod permissions;
mod snapshot;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use check::{CheckArgs, JudgingArgs, QuestionArgs};
pub(crate) use copies::CopiesArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use init::InitArgs;
pub(crate) use lint::{LintArgs, LintFormat};
pub(crate) use lists::{FactsArgs, RulesArgs, SchemaArgs, SimulateArgs};
pub(crate) use live::{LiveArgs, PlaceArgs};
pub(crate) use org::{EffectiveArgs, OrgCheckArgs, OrgCommand};
pub(crate) use permissions::PermissionsArgs;
pub(crate) use snapshot::{
    DiffArgs, RedactArgs, ShowArgs, SnapshotCheckArgs, SnapshotCommand, TakeArgs,
};

/// Will this AWS Backup copy work? Know before you enable the rule.
#[derive(Debug, Parser)]
#[command(name = "copy-preflight", bin_name = "copy-preflight", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The config; left out, the first `copy-preflight.toml` upward from here
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge copies from a source vault to a destination vault
    Check(Box<CheckArgs>),
    /// Judge the policies of a repository by themselves, without credentials
    Lint(Box<LintArgs>),
    /// Tell why a copy failed: the causes, which of them holds, and the fix
    Explain(Box<ExplainArgs>),
    /// Write a first `copy-preflight.toml` from what a repository holds
    Init(InitArgs),
    /// Save AWS answers, and review, compare and redact what was saved
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Print the IAM policies that a live run needs
    Permissions(PermissionsArgs),
    /// What the policies of an organization come to
    #[command(subcommand)]
    Org(OrgCommand),
    /// Decide requests against policies, one JSON line each
    Simulate(SimulateArgs),
    /// List the rules, or show the page of one
    Rules(RulesArgs),
    /// List the AWS facts that the rules rest on
    Facts(FactsArgs),
    /// List the JSON Schemas of the config and the forms of output, or print one
    Schema(SchemaArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder
    Man {
        /// The folder
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Write the report to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 0 also where the verdict is blocked or undecided
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person, with the deciding text underlined
    Human,
    /// One line a finding
    Concise,
    /// The whole report
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For a person
    Human,
    /// For a script
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only documented faults block
    Documented,
    /// Inferred faults block too
    Inferred,
}
