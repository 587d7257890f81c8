//! Arguments of `explain`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{ListFormat, LiveArgs, PlaceArgs};

/// Flags that by themselves say that accounts are read.
const ACCOUNTS: [&str; 5] =
    ["live", "source_profile", "destination_profile", "management_profile", "assume_role_name"];

#[derive(Debug, Args)]
#[command(after_help = "\
Without a message, a file or a job, standard input is read. Accounts are read only where a profile, \
a role or --live asks for it, or where a job is named and no snapshot.")]
#[command(group(ArgGroup::new("accounts").multiple(true).args(ACCOUNTS)))]
#[command(mut_arg("account", |arg| arg.conflicts_with("snapshot")))]
#[command(mut_arg("region", |arg| arg.conflicts_with("snapshot")))]
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
    /// A copy job of the snapshot, else of the account
    #[arg(long, value_name = "ID", conflicts_with = "failed")]
    pub(crate) copy_job: Option<String>,
    /// All failed copy jobs of the snapshot, else of the account and Region, by their causes
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only jobs that ended in this time: 7d, 12h, 2w, or since a date
    #[arg(long, value_name = "TIME", requires = "failed")]
    pub(crate) since: Option<String>,
    /// The folder of saved AWS answers, which show which cause holds
    #[arg(long, value_name = "DIR", conflicts_with = "accounts")]
    pub(crate) snapshot: Option<PathBuf>,
    /// State what no document shows
    #[arg(long, value_name = "ID=VALUE")]
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
    /// Read the accounts, which shows which cause holds; with the credentials at hand where no
    /// flag names others
    #[arg(long, help_heading = "Accounts")]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) credentials: LiveArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

impl ExplainArgs {
    /// Whether accounts are to be read.
    pub(crate) fn reads_accounts(&self) -> bool {
        let LiveArgs {
            source_profile,
            destination_profile,
            management_profile,
            assume_role_name,
            ..
        } = &self.credentials;
        let named = [source_profile, destination_profile, management_profile, assume_role_name];
        let job = (self.copy_job.is_some() || self.failed) && self.snapshot.is_none();
        self.live || job || named.into_iter().any(Option::is_some)
    }
}
