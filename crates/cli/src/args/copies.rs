//! Arguments of `org copies`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use copy_preflight_rules::arn::VaultArn;

use super::{JudgingArgs, ListFormat};

#[derive(Debug, Args)]
pub(crate) struct CopiesArgs {
    /// The folder of saved AWS answers
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: PathBuf,
    /// Only copies out of this account
    #[arg(long, value_name = "ID")]
    pub(crate) account: Vec<String>,
    /// Only copies out of accounts below this OU or root
    #[arg(long, value_name = "ID")]
    pub(crate) ou: Vec<String>,
    /// Only copies into this vault
    #[arg(long, value_name = "ARN")]
    pub(crate) destination: Vec<VaultArn>,
    /// Only this part of the accounts, such as 2/8; the parts have no account in common
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    /// The form of the answer; `json` gives a line for each copy
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    /// Write the answer to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 0 also where copies are blocked or undecided
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// One of several disjoint parts of the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which one, from 1 on.
    part: usize,
    /// How many there are.
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shard = text
            .split_once('/')
            .and_then(|(part, of)| Some(Self { part: part.parse().ok()?, of: of.parse().ok()? }));
        shard
            .filter(|shard| (1..=shard.of).contains(&shard.part))
            .ok_or_else(|| "a part is I/N, with I from 1 to N: 2/8".to_owned())
    }
}

impl Shard {
    /// Whether what stands at this place of a list, from 0 on, is of the part.
    pub(crate) fn holds(self, place: usize) -> bool {
        place % self.of == self.part - 1
    }
}
