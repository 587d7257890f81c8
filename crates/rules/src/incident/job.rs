//! Copy jobs and backup jobs, as the API answers them and as events carry them.

use copy_preflight_policy::tree::{Node, Value};

use super::shape::{either, text};
use super::{Condition, Incident, encoded};
use crate::arn::{Arn, ArnError, RoleArn, VaultArn};
use crate::copy::{Lifecycle, SourceKeys};
use crate::plan::Request;

/// What is known of a job. Texts are as AWS gave them; examples of the documentation hold ARNs
/// that are none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Job {
    /// Which kind; `None` where there is no job.
    pub kind: Option<JobKind>,
    /// The id.
    pub id: Option<String>,
    /// The account in which it ran.
    pub account: Option<String>,
    /// The Region in which it ran.
    pub region: Option<String>,
    /// `FAILED`, `COMPLETED`, …
    pub state: Option<String>,
    /// The vault that the copy leaves; of a backup job the vault of the backup.
    pub source_vault: Option<String>,
    /// The vault that the copy enters.
    pub destination_vault: Option<String>,
    /// The recovery point that is copied.
    pub recovery_point: Option<String>,
    /// The role of the job.
    pub role: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// The type of the resource.
    pub resource_type: Option<String>,
    /// What AWS Backup files the message under.
    pub category: Option<String>,
    /// The lifecycle of the copy.
    pub lifecycle: Lifecycle,
    /// When it ended, else when it began.
    pub time: Option<String>,
}

/// Kinds of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// It copies a recovery point.
    Copy,
    /// It makes one.
    Backup,
}

impl JobKind {
    /// The words in output.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Copy => "copy job",
            Self::Backup => "backup job",
        }
    }

    /// The command that describes a job.
    #[must_use]
    pub fn command(self, id: &str, region: Option<&str>) -> String {
        let name = match self {
            Self::Copy => "copy-job",
            Self::Backup => "backup-job",
        };
        let region = region.map(|region| format!(" --region {region}")).unwrap_or_default();
        format!("aws backup describe-{name} --{name}-id {id}{region}")
    }
}

impl Job {
    /// The copy that the job made, to be planned and judged; `None` where the job does not name
    /// two vaults.
    #[must_use]
    pub fn request(&self) -> Option<Result<Request, ArnError>> {
        let source = self.source_vault.as_ref()?;
        let destination = self.destination_vault.as_ref()?;
        Some(source.parse::<VaultArn>().and_then(|source| {
            Ok(Request {
                source,
                destinations: vec![destination.parse()?],
                resource_types: self.resource_type.iter().cloned().collect(),
                variant: None,
                source_keys: SourceKeys::NotGiven,
                role: self.role.as_ref().map(|role| role.parse::<RoleArn>()).transpose()?,
                recovery_point: self.recovery_point.clone(),
                caller: None,
                lifecycle: self.lifecycle,
                backup_plan: None,
                backup_plan_id: None,
                copy_job: None,
            })
        }))
    }
}

impl Job {
    /// When it ended, else when it began; `None` where the text is no time.
    #[must_use]
    pub fn moment(&self) -> Option<jiff::Timestamp> {
        let text = self.time.as_deref()?;
        text.parse().ok().or_else(|| seconds(text))
    }
}

/// The API counts seconds, the CLI writes ISO 8601.
fn seconds(text: &str) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(text.split('.').next()?.parse().ok()?).ok()
}

/// Reads a job.
pub(super) fn read(node: &Node) -> Incident {
    let id = either(node, "CopyJobId");
    let kind = if id.is_some() || either(node, "SourceBackupVaultArn").is_some() {
        JobKind::Copy
    } else {
        JobKind::Backup
    };
    let id = id.or_else(|| either(node, "BackupJobId"));
    let source_vault = either(node, "SourceBackupVaultArn")
        .or_else(|| either(node, "BackupVaultArn").filter(|_| kind == JobKind::Backup));
    let place = source_vault.as_deref().and_then(Arn::parse);
    let account = either(node, "AccountId")
        .or_else(|| place.map(|arn| arn.account.to_owned()))
        .filter(|account| !account.is_empty());
    let region = place.map(|arn| arn.region.to_owned()).filter(|region| !region.is_empty());
    let lifecycle = node
        .member("DestinationRecoveryPointLifecycle")
        .or_else(|| node.member("destinationRecoveryPointLifecycle"));
    let days = |upper: &str| {
        let value = either(lifecycle?, upper)?;
        value.parse().ok()
    };
    let job = Job {
        kind: Some(kind),
        account,
        region,
        // Some events say `status`.
        state: either(node, "State").or_else(|| text(node, "status")),
        destination_vault: either(node, "DestinationBackupVaultArn"),
        recovery_point: either(node, "SourceRecoveryPointArn")
            .or_else(|| either(node, "RecoveryPointArn")),
        role: either(node, "IamRoleArn"),
        resource: either(node, "ResourceArn"),
        resource_type: either(node, "ResourceType"),
        category: either(node, "MessageCategory"),
        lifecycle: Lifecycle {
            delete_after_days: days("DeleteAfterDays"),
            cold_after_days: days("MoveToColdStorageAfterDays"),
        },
        time: either(node, "CompletionDate")
            .or_else(|| either(node, "CreationDate"))
            .map(|time| seconds(&time).map_or(time, |moment| moment.to_string())),
        id,
        source_vault,
    };
    let message = either(node, "StatusMessage");
    let is_parent = ["IsParent", "isParent"]
        .into_iter()
        .any(|name| node.member(name).is_some_and(|one| one.value == Value::Bool(true)));
    of(job, message, is_parent)
}

/// The incident of a job.
pub(super) fn of(job: Job, message: Option<String>, is_parent: bool) -> Incident {
    let mut incident = Incident { message, ..Incident::default() };
    let kind = job.kind.unwrap_or(JobKind::Copy);
    let command = job.id.as_ref().map(|id| kind.command(id, job.region.as_deref()));
    let state = job.state.clone().unwrap_or_default().to_ascii_uppercase();
    match state.as_str() {
        "" | "FAILED" | "FAILING" | "ABORTED" | "ABORTING" | "EXPIRED" => {}
        "PARTIAL" => {
            let id = job.id.as_deref().unwrap_or("ID");
            incident.condition = Condition::Fine(format!(
                "the {} is PARTIAL: some of its members failed, each has a job of its own",
                kind.words()
            ));
            let (list, name) = match kind {
                JobKind::Copy => ("list-copy-jobs", "copy-job"),
                JobKind::Backup => ("list-backup-jobs", "backup-job"),
            };
            incident.next.push(format!("aws backup {list} --by-parent-job-id {id}"));
            incident.next.push(format!("then explain the members whose {name} is FAILED"));
        }
        "CREATED" | "RUNNING" | "PENDING" if kind == JobKind::Copy => {
            incident.condition = Condition::Fine(format!(
                "the copy job is {state} and has not failed: AWS Backup retries a copy for up to \
                 two hours before it gives up"
            ));
            incident.next.extend(command.clone());
        }
        _ => {
            let said = match &incident.message {
                Some(_) => "; AWS left a message, which `explain` takes by itself",
                None => "",
            };
            incident.condition =
                Condition::Fine(format!("the {} is {state} and did not fail{said}", kind.words()));
        }
    }
    if incident.condition == Condition::Failed && incident.message.is_none() {
        match (is_parent, &job.id, command) {
            (true, Some(id), _) => incident.next.push(format!(
                "this is a parent job without a message; its members have one: aws backup \
                 list-copy-jobs --by-parent-job-id {id}"
            )),
            (false, _, Some(command)) => {
                incident.next.push("the message is missing; this command prints it:".to_owned());
                incident.next.push(command);
            }
            _ => incident.next.push("the job carries no StatusMessage".to_owned()),
        }
    }
    if incident.condition == Condition::Failed {
        encoded::find(&mut incident);
    }
    incident.support(
        match kind {
            JobKind::Copy => "copy job id",
            JobKind::Backup => "backup job id",
        },
        job.id.clone(),
    );
    incident.support("account", job.account.clone());
    incident.support("time", job.time.clone());
    incident.job = job;
    incident
}
