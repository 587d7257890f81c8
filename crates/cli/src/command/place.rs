//! Where a plan or a copy job is that is asked about by its id alone.

use copy_preflight_policy::iam::principal::is_account_id;
use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::Address;

use super::Failure;
use crate::config::{FILE_NAME, Located};
use crate::snapshot::Snapshot;

/// What has an id and no ARN.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sought<'a> {
    /// A copy job.
    CopyJob(&'a str),
    /// A backup plan.
    BackupPlan(&'a str),
}

impl Sought<'_> {
    /// What it is, in words.
    pub(super) fn words(self) -> String {
        match self {
            Self::CopyJob(id) => format!("copy job `{id}`"),
            Self::BackupPlan(id) => format!("backup plan `{id}`"),
        }
    }

    fn is_at(self, address: &Address) -> Option<(&String, &String)> {
        match (self, address) {
            (Self::CopyJob(wanted), Address::CopyJob { account, region, id })
            | (Self::BackupPlan(wanted), Address::BackupPlan { account, region, id })
                if id.eq_ignore_ascii_case(wanted) =>
            {
                Some((account, region))
            }
            _ => None,
        }
    }
}

/// The account and Region in whose folder a snapshot holds it.
pub(super) fn saved(
    sought: Sought<'_>,
    snapshot: &Snapshot,
    facts: &Facts,
) -> Result<VaultArn, Failure> {
    let addresses = match sought {
        Sought::CopyJob(_) => snapshot.copy_jobs(),
        Sought::BackupPlan(_) => snapshot.backup_plans(),
    };
    let found = addresses.iter().find_map(|address| sought.is_at(address));
    let Some((account, region)) = found else {
        return Err(Failure::Usage(format!(
            "the snapshot holds no {}: name a vault of its account and Region with \
             `--source-vault`, to learn what is missing",
            sought.words()
        )));
    };
    Ok(at(account, region, facts))
}

/// An account and Region, as the ARN of a vault has them.
pub(crate) fn at(account: &str, region: &str, facts: &Facts) -> VaultArn {
    let partition = facts.partition(region).and_then(|row| row.text("partition"));
    VaultArn {
        partition: partition.unwrap_or("aws").to_owned(),
        region: region.to_owned(),
        account: account.to_owned(),
        // A plan names its vaults and a job has their ARNs: of this one only the place counts.
        name: "Default".to_owned(),
    }
}

/// The id of an account that a flag names: by its id, or by its name in a config.
pub(super) fn account_id(named: &str, config: &Located) -> Result<String, Failure> {
    if is_account_id(named) {
        return Ok(named.to_owned());
    }
    let accounts = &config.config.accounts;
    if let Some(account) = accounts.iter().find(|one| one.name.as_deref() == Some(named)) {
        return Ok(account.id.get_ref().clone());
    }
    let names: Vec<String> = accounts
        .iter()
        .filter_map(|account| account.name.as_ref().map(|name| format!("`{name}`")))
        .collect();
    Err(Failure::Usage(match (&config.path, names.is_empty()) {
        (Some(path), false) => format!(
            "`{named}` is no account id, and no name in {}: it has {}",
            path.display(),
            names.join(", ")
        ),
        _ => format!(
            "`{named}` is no account id, and no {FILE_NAME} here names accounts: an account id has \
             twelve digits"
        ),
    }))
}
