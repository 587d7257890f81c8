//! Arguments of `check`: which copies, whose credentials.

use std::path::PathBuf;

use clap::Args;
use copy_preflight_rules::arn::{CallerArn, KeyArn, RoleArn, VaultArn};

use super::{FailOn, LiveArgs, OutputArgs, PlaceArgs};

#[derive(Debug, Args)]
#[command(mut_arg("account", |arg| arg.conflicts_with_all(["source_vault", "snapshot"])))]
#[command(mut_arg("region", |arg| arg.conflicts_with_all(["source_vault", "snapshot"])))]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// The folder of saved AWS answers; left out, the accounts themselves are read
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Keep what is read as a snapshot
    #[arg(long, value_name = "DIR", conflicts_with = "snapshot")]
    pub(crate) save: Option<PathBuf>,
    /// Also print why each gate holds
    #[arg(long)]
    pub(crate) explain_clear: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Which copies, and how they are judged.
#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The vault that the copy leaves; of a backup plan or copy job, account and Region
    #[arg(
        long,
        value_name = "ARN",
        required_unless_present_any = ["backup_plan_id", "copy_job"]
    )]
    pub(crate) source_vault: Option<VaultArn>,
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
    #[arg(long, value_name = "ARN", value_parser = recovery_point)]
    pub(crate) recovery_point: Option<String>,
    /// A backup plan, as `aws backup get-backup-plan` prints it; selections may stand in it under
    /// `BackupSelections`
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["recovery_point", "delete_after_days", "cold_after_days"]
    )]
    pub(crate) backup_plan: Option<PathBuf>,
    /// The id of a backup plan, read with its selections from its account
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["backup_plan", "recovery_point", "delete_after_days", "cold_after_days"]
    )]
    pub(crate) backup_plan_id: Option<String>,
    /// The id of a copy job: its vaults, its recovery point and its role are judged
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
}

/// How copies are judged. Beside [`QuestionArgs`], never in them: a part of the arguments that may
/// be left out holds none that stand in others.
#[derive(Debug, Args)]
pub(crate) struct JudgingArgs {
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

fn recovery_point(text: &str) -> Result<String, String> {
    match text.starts_with("arn:") && text.split(':').count() > 5 {
        true => Ok(text.to_owned()),
        false => Err("a recovery point is named by its ARN, such as \
                      `arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718`"
            .to_owned()),
    }
}
