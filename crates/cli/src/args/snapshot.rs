//! Arguments of `snapshot`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ListFormat, LiveArgs, QuestionArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Read what a pair, a plan or an account needs from AWS, and save it
    Take(Box<TakeArgs>),
    /// Tell what a snapshot holds
    Show(ShowArgs),
    /// Tell what a pair still needs, and the commands that fetch it
    Check(Box<SnapshotCheckArgs>),
    /// Tell what changed between two snapshots, and which verdicts changed with it
    Diff(Box<DiffArgs>),
    /// Copy a snapshot with other account and organization ids
    Redact(RedactArgs),
}

#[derive(Debug, Args)]
// The account or the organization is the question where no pair is named.
#[command(mut_arg("source_vault", |arg| {
    arg.required_unless_present_any(["account", "organization"])
}))]
#[command(mut_arg("destination_vault", |arg| {
    arg.required_unless_present_any(["account", "organization"])
}))]
pub(crate) struct TakeArgs {
    /// The folder to write; it must not exist yet
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// Read what judging a whole organization needs, with credentials of its management account or
    /// of a delegated administrator, and in its accounts with the role that is named
    #[arg(
        long,
        conflicts_with_all = [
            "source_vault", "backup_plan_id", "copy_job", "account", "region", "source_profile",
            "destination_profile"
        ]
    )]
    pub(crate) organization: bool,
    /// Replace account and organization ids, emails, and account names
    #[arg(long)]
    pub(crate) redact: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// Read what all copies of an account need: the account of the credentials, or one by its id
    /// or its name in copy-preflight.toml. With a plan or job, the account that it is in
    #[arg(
        long,
        value_name = "ACCOUNT",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with = "source_vault",
        help_heading = "Accounts"
    )]
    pub(crate) account: Option<String>,
    /// A Region of the account; left out, that of the credentials
    #[arg(
        long,
        value_name = "REGION",
        value_parser = super::live::region,
        conflicts_with = "source_vault",
        help_heading = "Accounts"
    )]
    pub(crate) region: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The snapshot
    pub(crate) folder: PathBuf,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotCheckArgs {
    /// The snapshot; a folder that does not exist yet is empty
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
// Without a pair only documents are compared.
#[command(mut_arg("source_vault", |arg| arg.required_unless_present("before")))]
#[command(mut_arg("destination_vault", |arg| {
    arg.required_unless_present("before").requires("source_vault")
}))]
pub(crate) struct DiffArgs {
    /// The older snapshot
    pub(crate) before: PathBuf,
    /// The newer snapshot
    pub(crate) after: PathBuf,
    #[command(flatten)]
    pub(crate) question: Option<QuestionArgs>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    /// The snapshot
    pub(crate) folder: PathBuf,
    /// The folder to write; it must not exist yet
    pub(crate) copy: PathBuf,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}
