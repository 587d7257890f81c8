//! Arguments of `explain`.

use std::path::PathBuf;

use clap::Args;

use super::ListFormat;

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
