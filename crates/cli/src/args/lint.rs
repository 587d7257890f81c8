//! Arguments of `lint`: which files, and what becomes of the findings.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use copy_preflight_rules::lint::DocumentKind;
use copy_preflight_rules::rule::Level;

/// What is said of planned copies, below the flags.
const PLANNED_COPIES: &str = "\
Planned copies:
  The planned copies of `copy-preflight.toml` are judged by the rules of `check`, as far as the
  documents decide that the config gives for them. A rule that lacks a document is counted and
  fails nothing: `check` asks for the rest. A copy that a document stops is a finding on its line;
  one that a document leaves open ends the run with 3.";

#[derive(Debug, Args)]
#[command(after_help = PLANNED_COPIES)]
pub(crate) struct LintArgs {
    /// Files and folders; `-` is standard input. In folders ignore files are respected
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the documents are, where their content and names do not tell
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<DocumentKind>,
    /// The account that owns the documents, where neither they nor the config tell
    #[arg(long, value_name = "ID", value_parser = account)]
    pub(crate) account: Option<String>,
    /// The least level at which a finding fails the run
    #[arg(long, value_enum, default_value_t = FailOnLevel::Error, value_name = "LEVEL")]
    pub(crate) fail_on: FailOnLevel,
    /// Tell only what is new since this revision of git, or since the version before that this
    /// folder holds: findings, planned copies that are no longer permitted, and who is newly let in
    #[arg(long, value_name = "REV|DIR", conflicts_with = "write_baseline")]
    pub(crate) base: Option<String>,
    /// Leave out the findings that this file lists
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings into a file for `--baseline`, and fail on none
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Judge as of this day or moment
    #[arg(long, value_name = "DATE")]
    pub(crate) now: Option<String>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = LintFormat::Human)]
    pub(crate) format: LintFormat,
    /// In SARIF also the rules that hold and those that do not concern a document
    #[arg(long)]
    pub(crate) sarif_all: bool,
    /// Write the report to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 0 also where findings fail the run
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

fn kind(word: &str) -> Result<DocumentKind, String> {
    DocumentKind::parse(word).ok_or_else(|| {
        let known: Vec<&str> = DocumentKind::ALL.into_iter().map(DocumentKind::word).collect();
        format!("there are {}", known.join(", "))
    })
}

fn account(id: &str) -> Result<String, String> {
    match copy_preflight_policy::iam::principal::is_account_id(id) {
        true => Ok(id.to_owned()),
        false => Err("an account id has twelve digits".to_owned()),
    }
}

/// The least level that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnLevel {
    /// It does not work
    Error,
    /// It lets in more than it should
    Security,
    /// Something that one should know
    Warning,
    /// It works, and could be better
    Suggestion,
}

impl FailOnLevel {
    /// The level of findings.
    pub(crate) fn level(self) -> Level {
        match self {
            Self::Error => Level::Error,
            Self::Security => Level::Security,
            Self::Warning => Level::Warning,
            Self::Suggestion => Level::Suggestion,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For a person, with the deciding text underlined
    Human,
    /// One line a finding
    Concise,
    /// The whole report
    Json,
    /// For code scanning
    Sarif,
    /// Annotations of a GitHub workflow, the rest in the summary of its step
    Github,
    /// For test reports of CI systems
    Junit,
}
