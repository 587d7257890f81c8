//! The causes of a message that the facts know, with their commands filled.

use super::{Cause, Confirmed, Quota};
use crate::arn::{Arn, VaultArn};
use crate::incident::{Denial, Incident, JobKind};
use crate::message::{Captured, CauseRow, Recognised, placeholder};

/// The causes of a message, in the order of the facts.
pub(super) fn causes(
    known: &Recognised<'_>,
    incident: &Incident,
    denial: Option<&Denial>,
) -> Vec<Cause> {
    let values = Values { captured: &known.captured, incident, denial };
    known.row.causes.iter().map(|row| cause(row, &known.row.id, &values)).collect()
}

fn cause(row: &CauseRow, fact: &str, values: &Values<'_>) -> Cause {
    let fill = |template: &String| placeholder::fill(template, |name| values.of(name));
    let mut facts = vec![fact.to_owned()];
    facts.extend(row.facts.iter().cloned());
    Cause {
        class: row.class.clone(),
        rule: row.rule.clone(),
        reason: row.reason.clone(),
        side: row.side.word().to_owned(),
        rank: 0,
        basis: row.basis.word().to_owned(),
        why: row.why.clone(),
        tell_apart: Some(row.tell_apart.clone()).filter(|text| !text.is_empty()),
        confirm: row.confirm.iter().map(fill).collect(),
        fix: Some(fill(&row.fix)),
        facts,
        quota: row.quota.as_ref().map(|quota| Quota { raised: quota.raised, at: quota.at.clone() }),
        confirmed: Confirmed::NotChecked,
        finding: None,
        labels: Vec::new(),
    }
}

/// What placeholders stand for: the text knows its key, the job its vaults.
struct Values<'a> {
    captured: &'a Captured,
    incident: &'a Incident,
    denial: Option<&'a Denial>,
}

impl Values<'_> {
    fn of(&self, name: &str) -> Option<String> {
        self.of_job(name)
            .or_else(|| self.captured.value(name).map(str::to_owned))
            .or_else(|| self.of_denial(name))
            .or_else(|| self.of_place(name))
    }

    /// What the job says of itself.
    fn of_job(&self, name: &str) -> Option<String> {
        let job = &self.incident.job;
        let vault = |arn: &Option<String>| arn.as_deref()?.parse::<VaultArn>().ok();
        let id = |kind: JobKind| job.id.clone().filter(|_| job.kind == Some(kind));
        let point = |form: &str| {
            let arn = Arn::parse(job.recovery_point.as_deref()?)?;
            arn.resource.strip_prefix(form).map(str::to_owned)
        };
        match name {
            "copy_job" => id(JobKind::Copy),
            "backup_job" => id(JobKind::Backup),
            "source_vault" => vault(&job.source_vault).map(|vault| vault.name),
            "source_account" => vault(&job.source_vault).map(|vault| vault.account),
            "source_region" => vault(&job.source_vault).map(|vault| vault.region),
            "destination_vault" => vault(&job.destination_vault).map(|vault| vault.name),
            "destination_account" => vault(&job.destination_vault).map(|vault| vault.account),
            "destination_region" => vault(&job.destination_vault).map(|vault| vault.region),
            "recovery_point" => job.recovery_point.clone(),
            "snapshot" => point("snapshot/"),
            "image" => point("image/"),
            "resource" => job.resource.clone(),
            "role" => job.role.clone(),
            "role_name" => job.role.as_deref()?.rsplit('/').next().map(str::to_owned),
            _ => None,
        }
    }

    fn of_denial(&self, name: &str) -> Option<String> {
        let denial = self.denial?;
        match name {
            "action" => denial.action.clone(),
            "principal" | "role" => denial.role().or_else(|| denial.principal.clone()),
            "resource" => denial.resource.clone(),
            "key" => denial.resource.clone().filter(|arn| arn.contains(":key/")),
            _ => None,
        }
    }

    /// Account and Region of the job, for want of the text's own.
    fn of_place(&self, name: &str) -> Option<String> {
        let job = &self.incident.job;
        match name {
            "account" => job.account.clone(),
            "region" => job.region.clone(),
            _ => None,
        }
    }
}
