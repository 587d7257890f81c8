//! Arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use copy_preflight_rules::arn::{CallerArn, KeyArn, RoleArn, VaultArn};

/// Will this AWS Backup copy work? Know before you enable the rule.
#[derive(Debug, Parser)]
#[command(name = "copy-preflight", bin_name = "copy-preflight", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge copies from a source vault to a destination vault
    Check(Box<CheckArgs>),
    /// Tell why a copy failed: the causes, which of them holds, and the fix
    Explain(Box<ExplainArgs>),
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
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// The folder of saved AWS answers; left out, the accounts themselves are read
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Keep what is read as a snapshot
    #[arg(long, value_name = "DIR", conflicts_with = "snapshot")]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// Also print why each gate holds
    #[arg(long)]
    pub(crate) explain_clear: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Whose credentials read which account.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct LiveArgs {
    /// The profile that reads the account of the source vault
    #[arg(long, value_name = "NAME")]
    pub(crate) source_profile: Option<String>,
    /// The profile that reads the account of the destination vault
    #[arg(long, value_name = "NAME")]
    pub(crate) destination_profile: Option<String>,
    /// The profile that reads the management account of the organization
    #[arg(long, value_name = "NAME")]
    pub(crate) management_profile: Option<String>,
    /// A role to assume in each account that the credentials at hand are not of
    #[arg(long, value_name = "NAME")]
    pub(crate) assume_role_name: Option<String>,
    /// The external id that the trust policy of the role asks for
    #[arg(long, value_name = "ID", requires = "assume_role_name")]
    pub(crate) external_id: Option<String>,
    /// Show each call with its duration and request id
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Which copies, and how they are judged.
#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The vault that the copy leaves; with a backup plan or copy job, account and Region of it
    #[arg(long, value_name = "ARN")]
    pub(crate) source_vault: VaultArn,
    /// The vault that the copy enters
    #[arg(
        long,
        value_name = "ARN",
        required_unless_present_any = ["backup_plan", "backup_plan_id", "copy_job"]
    )]
    pub(crate) destination_vault: Vec<VaultArn>,
    /// The resource type, as AWS Backup names it (EBS, RDS, "Storage Gateway", …)
    #[arg(long, value_name = "TYPE")]
    pub(crate) resource_type: Vec<String>,
    /// The variant of the type, as `facts copy-support` names it
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
    /// A key that encrypts the source; an image has one for each of its volumes
    #[arg(long, value_name = "ARN")]
    pub(crate) source_key: Vec<KeyArn>,
    /// The source is not encrypted
    #[arg(long, conflicts_with = "source_key")]
    pub(crate) source_unencrypted: bool,
    /// The role that AWS Backup assumes in the source account
    #[arg(long, value_name = "ARN")]
    pub(crate) role: Option<RoleArn>,
    /// Who starts the copy job on demand: a role, or a session of one
    #[arg(long, value_name = "ARN")]
    pub(crate) caller: Option<CallerArn>,
    /// An existing recovery point
    #[arg(long, value_name = "ARN")]
    pub(crate) recovery_point: Option<String>,
    /// A backup plan, as `aws backup get-backup-plan` prints it; selections may stand in it under
    /// `BackupSelections`
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["recovery_point", "delete_after_days", "cold_after_days"]
    )]
    pub(crate) backup_plan: Option<PathBuf>,
    /// The id of a backup plan, read with its selections from the account of the source vault
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["backup_plan", "recovery_point", "delete_after_days", "cold_after_days"]
    )]
    pub(crate) backup_plan_id: Option<String>,
    /// The id of a copy job in the account of the source vault: its vaults, its recovery point
    /// and its role are judged
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["backup_plan", "backup_plan_id", "recovery_point", "destination_vault"]
    )]
    pub(crate) copy_job: Option<String>,
    /// Days after which the copy is deleted; -1 keeps the source's expiry, left out inherits
    /// the source's lifecycle
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) delete_after_days: Option<i64>,
    /// Days after which the copy moves to cold storage
    #[arg(long, value_name = "N")]
    pub(crate) cold_after_days: Option<i64>,
    /// State what no document shows
    #[arg(long, value_name = "ID=VALUE")]
    pub(crate) answer: Vec<String>,
    /// Rows of facts that take the place of those that ship, as TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// Judge as of this day or moment
    #[arg(long, value_name = "DATE")]
    pub(crate) now: Option<String>,
    /// A clear verdict that rests on inferred facts is undecided
    #[arg(long)]
    pub(crate) strict: bool,
    /// How sure a fault must be to block
    #[arg(long, value_enum, default_value_t = FailOn::Inferred, value_name = "CERTAINTY")]
    pub(crate) fail_on_certainty: FailOn,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Read what a pair needs from AWS, and save it
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
pub(crate) struct TakeArgs {
    /// The folder to write; it must not exist yet
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// Replace account and organization ids, emails, and account names
    #[arg(long)]
    pub(crate) redact: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
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
#[command(mut_arg("source_vault", |arg| arg.required(false)))]
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

#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    /// Also print the trust policy of a role that this account assumes
    #[arg(long, value_name = "ACCOUNT", value_parser = account_id)]
    pub(crate) trust: Option<String>,
    /// The external id that the trust policy asks for
    #[arg(long, value_name = "ID", requires = "trust")]
    pub(crate) external_id: Option<String>,
    /// The partition in ARNs: aws, aws-cn, aws-us-gov
    #[arg(long, value_name = "NAME", default_value = "aws")]
    pub(crate) partition: String,
    /// The form of the policies
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

fn account_id(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("an account id has twelve digits".to_owned()),
    }
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

#[derive(Debug, Args)]
#[command(after_help = "Without a message, a file or a job, standard input is read.")]
pub(crate) struct ExplainArgs {
    /// What AWS said; the JSON of a job, an event or a record is read too. `-` for standard input
    #[arg(conflicts_with_all = ["file", "batch", "copy_job", "failed"])]
    pub(crate) message: Option<String>,
    /// Messages, jobs, events, notifications or CloudTrail records, one after the other
    #[arg(long, value_name = "FILE", conflicts_with_all = ["batch", "copy_job", "failed"])]
    pub(crate) file: Option<PathBuf>,
    /// JSON Lines of `{"id", "message"}` or `{"id", "event"}`; one line of JSON out for each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["copy_job", "failed"])]
    pub(crate) batch: Option<PathBuf>,
    /// A copy job of the snapshot
    #[arg(long, value_name = "ID", requires = "snapshot", conflicts_with = "failed")]
    pub(crate) copy_job: Option<String>,
    /// All failed copy jobs of the snapshot
    #[arg(long, requires = "snapshot")]
    pub(crate) failed: bool,
    /// Only jobs that ended in this time: 7d, 12h, 2w, or since a date
    #[arg(long, value_name = "TIME", requires = "failed")]
    pub(crate) since: Option<String>,
    /// The folder of saved AWS answers, which show which cause holds
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// State what no document shows
    #[arg(long, value_name = "ID=VALUE", requires = "snapshot")]
    pub(crate) answer: Vec<String>,
    /// Rows of facts that take the place of those that ship, as TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// Judge as of this day or moment
    #[arg(long, value_name = "DATE")]
    pub(crate) now: Option<String>,
    /// The form of the explanation; a batch is answered in JSON where nothing is said
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ListFormat>,
    /// Write the explanation to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 0 also where something is not recognised
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Merge the policies above accounts: what is in force, what was ignored, the copies it plans
    Effective(EffectiveArgs),
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

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The file of lines; left out or `-` for standard input
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// The id of a rule, to read its page
    pub(crate) id: Option<String>,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// A table, or the id of a row
    pub(crate) name: Option<String>,
    /// Rows of facts that take the place of those that ship, as TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
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
