//! Arguments of `org`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CopiesArgs, JudgingArgs, ListFormat, OutputArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Merge the policies above accounts: what is in force, what was ignored, the copies it plans
    Effective(EffectiveArgs),
    /// Tell why a backup policy gives accounts no jobs: roles, vaults, opt-in, validity, and more
    Check(OrgCheckArgs),
    /// Judge every copy that backup policies plan: what stops how many, and the matrix
    Copies(Box<CopiesArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct OrgCheckArgs {
    /// The folder of saved AWS answers
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: PathBuf,
    /// An account of the snapshot; left out, all are judged
    #[arg(long, value_name = "ID")]
    pub(crate) account: Vec<String>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("of").required(true).args(["levels", "snapshot"])))]
pub(crate) struct EffectiveArgs {
    /// The policies of one account, level by level from the root; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) levels: Option<PathBuf>,
    /// The folder of saved AWS answers
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// An account of the snapshot
    #[arg(long, value_name = "ID", requires = "snapshot", conflicts_with = "all")]
    pub(crate) account: Vec<String>,
    /// All accounts of the snapshot
    #[arg(long, requires = "snapshot")]
    pub(crate) all: bool,
    /// The type of the policies of the snapshot
    #[arg(long, value_name = "TYPE", default_value = "BACKUP_POLICY", conflicts_with = "levels")]
    pub(crate) policy_type: String,
    /// Tell which document and line set a value, and which one was ignored
    #[arg(long, value_name = "PATH")]
    pub(crate) why: Option<String>,
    /// The form of the answer; more than one account is answered in JSON Lines
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    /// Write the answer to a file; `-` for standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 0 also where a policy is invalid or ambiguous
    #[arg(long)]
    pub(crate) exit_zero: bool,
}
