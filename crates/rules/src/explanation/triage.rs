//! AccessDenied: who refused what to whom, and so which document to look into.

use copy_preflight_policy::iam::Statement;

use super::Cause;
use crate::arn::{Arn, KeyArn, VaultArn};
use crate::facts::{Facts, Row};
use crate::incident::{Denial, Incident, Job, Refusal, RefusedBy};
use crate::inputs::Address;

/// The causes of a denial; `None` where the action is no step of a copy.
pub(super) fn causes(
    denial: &Denial,
    message: &str,
    incident: &Incident,
    facts: &Facts,
) -> Option<Vec<Cause>> {
    let action = denial.action.as_deref()?;
    let steps: Vec<&Row> = facts.rows().iter().filter(|row| is_step(row, action)).collect();
    if steps.is_empty() {
        return None;
    }
    let case = Case { denial, action, message, job: &incident.job, facts };
    let mut causes = match action.split_once(':').map(|(service, _)| service) {
        Some("kms") => case.of_key(),
        Some("backup") => case.of_vault(),
        Some("iam") => vec![case.of_caller()],
        _ => case.of_service(),
    };
    // A cause rests on the steps that are its own, so that no other resource is cited.
    let actor = case.actor();
    for cause in &mut causes {
        if denial.refused_by.is_none() {
            "wording".clone_into(&mut cause.basis);
        }
        let of_side = |row: &&&Row| {
            let resource = row.text("resource").unwrap_or_default();
            let side = match resource {
                _ if !action.starts_with("kms:") => true,
                "source-key" | "source-vault-key" => cause.side == "source",
                _ => cause.side == "destination",
            };
            side && actor.fits(row.text("principal").unwrap_or_default())
        };
        cause.facts = steps.iter().filter(of_side).map(|row| row.id.clone()).collect();
    }
    Some(causes)
}

/// Whether a refused action can be one of a copy.
///
/// AWS Backup's roles also ask for what every program asks for, such as `ec2:DescribeInstances`.
/// Such a refusal is one of a copy where the principal or a job says so, or where the policy that
/// AWS wrote for the role lists the action beside one that copies.
pub(super) fn is_of_a_copy(denial: &Denial, incident: &Incident, facts: &Facts) -> bool {
    let Some(action) = denial.action.as_deref() else { return true };
    let steps = |action: &str| facts.rows().iter().any(|row| is_step(row, action));
    let principal = denial.principal.as_deref().unwrap_or_default().to_ascii_lowercase();
    if incident.job.kind.is_some() || principal.contains("backup") || steps(action) {
        return true;
    }
    let beside = |statement: &Statement| {
        let listed = statement.action.iter().flat_map(|element| &element.terms);
        let listed: Vec<&str> = listed.filter_map(|term| term.text.known()).collect();
        listed.iter().any(|one| one.eq_ignore_ascii_case(action))
            && listed.iter().any(|one| steps(one))
    };
    let role = facts.managed_policy(COPY_ROLE_POLICY);
    role.is_some_and(|role| role.policy.statements.iter().any(beside))
}

/// What AWS wrote for the copy role.
const COPY_ROLE_POLICY: &str = "AWSBackupServiceRolePolicyForBackup";

/// The organization's backup policy made a plan that is not valid.
pub(super) fn invalid_plan(incident: &Incident) -> Cause {
    let account = incident.job.account.as_deref().unwrap_or("ACCOUNT");
    let mut cause = Cause::new(
        "authoring-error",
        None,
        "organization",
        "the effective backup policy of the account gives a plan that AWS Backup refuses; no job \
         starts, and the record does not say what is wrong",
    );
    cause.confirm = vec![
        format!(
            "aws organizations list-effective-policy-validation-errors --account-id {account} \
             --policy-type BACKUP_POLICY"
        ),
        format!(
            "aws organizations describe-effective-policy --policy-type BACKUP_POLICY --target-id \
             {account}"
        ),
    ];
    cause.fix = Some(
        "correct the backup policy at the level that the validation error names; attached \
         policies are merged, so one part alone can look right"
            .to_owned(),
    );
    cause.rank = 1;
    cause
}

/// Whether a row is a step whose calls hold this action.
fn is_step(row: &Row, action: &str) -> bool {
    let same = |pattern: &str| match pattern.strip_suffix('*') {
        Some(stem) => {
            action.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
        }
        None => pattern.eq_ignore_ascii_case(action),
    };
    row.table == "steps" && row.text("principal").is_some() && row.strings("actions").any(same)
}

/// Who made the call, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    ServiceLinkedRole,
    CopyRole,
    Unknown,
}

impl Actor {
    /// Whether a step's principal can be this one.
    fn fits(self, principal: &str) -> bool {
        match self {
            Self::ServiceLinkedRole => principal == "destination-service-linked-role",
            Self::CopyRole => principal == "copy-role",
            Self::Unknown => true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::ServiceLinkedRole => "the destination account's service-linked role",
            Self::CopyRole => "the copy role",
            Self::Unknown => "the caller",
        }
    }
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    Destination,
    Unknown,
}

struct Case<'a> {
    denial: &'a Denial,
    action: &'a str,
    message: &'a str,
    job: &'a Job,
    facts: &'a Facts,
}

impl Case<'_> {
    fn actor(&self) -> Actor {
        let Some(principal) = self.denial.principal.as_deref() else { return Actor::Unknown };
        if principal.contains("AWSServiceRoleForBackup") {
            return Actor::ServiceLinkedRole;
        }
        // `arn:aws:sts::…:assumed-role/NAME/SESSION` has no path; `…:role/PATH/NAME` may.
        let name = match principal.split_once(":assumed-role/") {
            Some((_, rest)) => rest.split('/').next(),
            None => principal.split_once(":role/").and_then(|(_, rest)| rest.rsplit('/').next()),
        };
        let role = self.job.role.as_deref().and_then(|role| role.rsplit('/').next());
        match name {
            Some("AWSBackupDefaultServiceRole") => Actor::CopyRole,
            Some(name) if role == Some(name) => Actor::CopyRole,
            _ => Actor::Unknown,
        }
    }

    fn principal_account(&self) -> Option<&str> {
        let arn = Arn::parse(self.denial.principal.as_deref()?)?;
        Some(arn.account).filter(|account| !account.is_empty())
    }

    /// Source and destination account, as the job names them.
    fn accounts(&self) -> Option<(&str, &str)> {
        let source = Arn::parse(self.job.source_vault.as_deref()?)?.account;
        let destination = Arn::parse(self.job.destination_vault.as_deref()?)?.account;
        Some((source, destination))
    }

    fn key(&self) -> Option<KeyArn> {
        self.denial.resource.as_deref()?.parse().ok()
    }

    fn key_side(&self) -> Side {
        let Some(key) = self.denial.resource.as_deref().and_then(Arn::parse) else {
            return Side::Unknown;
        };
        if key.account.is_empty() {
            return Side::Unknown;
        }
        match (self.accounts(), self.actor(), self.principal_account()) {
            (Some((source, destination)), ..) if source != destination => {
                if key.account == source {
                    Side::Source
                } else if key.account == destination {
                    Side::Destination
                } else {
                    Side::Unknown
                }
            }
            (Some(_), ..) => Side::Unknown,
            (None, Actor::ServiceLinkedRole, Some(account)) if account == key.account => {
                Side::Destination
            }
            (None, Actor::ServiceLinkedRole, Some(_)) => Side::Source,
            // The copy role is of the source account.
            (None, _, Some(account)) if account == key.account => Side::Source,
            _ => Side::Unknown,
        }
    }

    /// Whether backups of the type are encrypted with the key of their vault.
    fn is_fully_managed(&self) -> bool {
        let Some(name) = self.job.resource_type.as_deref() else { return false };
        let mut rows = self.facts.variants(name).peekable();
        rows.peek().is_some() && rows.all(|row| row.fully_managed.value)
    }

    fn of_key(&self) -> Vec<Cause> {
        let sides: &[Side] = match self.key_side() {
            Side::Source => &[Side::Source],
            Side::Destination => &[Side::Destination],
            Side::Unknown => &[Side::Source, Side::Destination],
        };
        let by = self.denial.refused_by;
        let mut causes = Vec::new();
        for &side in sides {
            match by {
                Some(RefusedBy::Resource) | None => causes.extend(self.key_policy(side)),
                Some(RefusedBy::Identity | RefusedBy::Boundary) => {
                    let rule = match (side, self.actor()) {
                        (_, Actor::ServiceLinkedRole) => None,
                        (Side::Destination, _) => Some("destination-key-refuses-copy"),
                        _ => Some("source-key-refuses-copy-role"),
                    };
                    causes.push(self.identity(rule, side_word(side)));
                }
                Some(_) => {}
            }
        }
        match by {
            Some(RefusedBy::ServiceControl | RefusedBy::ResourceControl) => {
                causes.push(self.guardrail());
            }
            Some(RefusedBy::Session | RefusedBy::VpcEndpoint) => causes.push(self.of_caller()),
            None => {
                let rule = (self.actor() != Actor::ServiceLinkedRole)
                    .then_some("source-key-refuses-copy-role");
                causes.push(self.identity(rule, "source"));
                causes.push(self.guardrail());
            }
            _ => {}
        }
        causes
    }

    /// The policy of the key, and what AWS refuses in the same words.
    fn key_policy(&self, side: Side) -> Vec<Cause> {
        let cross = self.accounts().map(|(source, destination)| source != destination);
        let (class, rule) = match side {
            Side::Destination => ("destination-key-policy", "destination-key-refuses-copy"),
            _ if self.is_fully_managed() => ("source-key-policy", "source-vault-key-refuses-copy"),
            _ if cross == Some(false) || (cross.is_none() && self.actor() == Actor::CopyRole) => {
                ("source-key-policy", "source-key-refuses-copy-role")
            }
            _ => ("source-key-policy", "source-key-refuses-destination"),
        };
        let (action, actor) = (self.action, self.actor().words());
        let verb = match self.denial.refusal {
            Some(Refusal::Explicit) => "denies",
            _ => "does not allow",
        };
        let word = side_word(side);
        let mut policy = Cause::new(
            class,
            Some(rule),
            word,
            format!("the policy of the {word} key {verb} {action} for {actor}"),
        );
        let key = self.key();
        policy.confirm.push(match &key {
            Some(key) => Address::KeyPolicy(key.clone()).call().command,
            None => "aws kms get-key-policy --key-id KEY --policy-name default".to_owned(),
        });
        policy.fix = Some(match (side, self.denial.refusal) {
            (_, Some(Refusal::Explicit)) => {
                format!("narrow the Deny statement of the key policy so that it spares {actor}")
            }
            (Side::Destination, _) => format!(
                "allow {action} in the policy of the destination key, for the account or {actor}"
            ),
            _ => format!(
                "allow {action} in the policy of the source key for {actor}; where accounts \
                 differ, name the destination account: kms:DescribeKey, kms:ReEncrypt* and \
                 kms:CreateGrant with kms:GrantIsForAWSResource"
            ),
        });
        let mut causes = vec![policy];
        let explicit = self.denial.refusal == Some(Refusal::Explicit);
        let described = match &key {
            Some(key) => Address::Key(key.clone()).call().command,
            None => "aws kms describe-key --key-id KEY".to_owned(),
        };
        if side != Side::Destination
            && !explicit
            && !self.is_fully_managed()
            && cross != Some(false)
        {
            let mut managed = Cause::new(
                "aws-managed-source-key",
                Some("source-key-aws-managed"),
                "source",
                "the source is under an AWS managed key, whose policy admits its own account only",
            );
            managed.tell_apart = Some("describe-key shows KeyManager AWS".to_owned());
            managed.confirm.push(described.clone());
            managed.fix = Some(
                "no policy can share that key: copy the snapshot under a customer managed key, \
                 and back the resource up under it"
                    .to_owned(),
            );
            causes.push(managed);
        }
        if self.message.to_ascii_lowercase().contains("does not exist") {
            let rule = match side {
                Side::Destination => "destination-key-unusable",
                _ => "source-key-unusable",
            };
            let mut gone = Cause::new(
                "key-disabled-or-deleted",
                Some(rule),
                word,
                "the key is not in this Region, or is gone",
            );
            gone.tell_apart = Some("describe-key answers NotFoundException".to_owned());
            gone.confirm.push(described);
            gone.fix = Some("name a key that exists in the Region".to_owned());
            causes.push(gone);
        }
        causes
    }

    fn of_vault(&self) -> Vec<Cause> {
        let action = self.action.to_ascii_lowercase();
        let into = action == "backup:copyintobackupvault";
        if !into && action != "backup:copyfrombackupvault" {
            return match self.denial.refused_by {
                Some(RefusedBy::ServiceControl | RefusedBy::ResourceControl) => {
                    vec![self.guardrail()]
                }
                _ => vec![self.of_caller()],
            };
        }
        match self.denial.refused_by {
            Some(RefusedBy::Resource) => self.vault_policy(into),
            Some(RefusedBy::ServiceControl | RefusedBy::ResourceControl) => vec![self.guardrail()],
            Some(RefusedBy::Identity | RefusedBy::Boundary) => {
                vec![self.identity(Some("source-role-cannot-copy"), "source")]
            }
            Some(RefusedBy::Session | RefusedBy::VpcEndpoint) => vec![self.of_caller()],
            None => {
                let mut causes = self.vault_policy(into);
                causes.push(self.guardrail());
                causes.push(self.identity(Some("source-role-cannot-copy"), "source"));
                causes
            }
        }
    }

    fn vault_policy(&self, into: bool) -> Vec<Cause> {
        let (side, rule, vault) = if into {
            ("destination", "vault-policy-refuses-source", &self.job.destination_vault)
        } else {
            ("source", "source-vault-policy-denies-copy", &self.job.source_vault)
        };
        let named = self.denial.resource.as_deref().and_then(|arn| arn.parse::<VaultArn>().ok());
        let vault = named.or_else(|| vault.as_deref()?.parse().ok());
        let (action, actor) = (self.action, self.actor().words());
        let explicit = self.denial.refusal == Some(Refusal::Explicit);
        let verb = if explicit { "denies" } else { "does not allow" };
        let mut policy = Cause::new(
            "vault-policy-denies",
            Some(rule),
            side,
            format!("the access policy of the {side} vault {verb} {action} for {actor}"),
        );
        policy.confirm.push(match &vault {
            Some(vault) => Address::VaultPolicy(vault.clone()).call().command,
            None => {
                "aws backup get-backup-vault-access-policy --backup-vault-name VAULT".to_owned()
            }
        });
        policy.fix = Some(if explicit || !into {
            format!("narrow the Deny statement of the vault policy so that it spares {actor}")
        } else {
            "allow backup:CopyIntoBackupVault in the destination vault's policy to the source \
             account, or to the organization by aws:PrincipalOrgID"
                .to_owned()
        });
        let mut causes = vec![policy];
        if into && !explicit {
            let mut missing = Cause::new(
                "destination-vault-missing",
                Some("destination-vault-missing"),
                "destination",
                "the vault does not exist in that account and Region: AWS Backup answers with the \
                 same refusal",
            );
            "wording".clone_into(&mut missing.basis);
            missing.tell_apart =
                Some("describe-backup-vault, asked by an administrator there, fails".to_owned());
            missing.confirm.push(match &vault {
                Some(vault) => Address::Vault(vault.clone()).call().command,
                None => "aws backup describe-backup-vault --backup-vault-name VAULT".to_owned(),
            });
            missing.fix =
                Some("create the vault, or correct the ARN in the copy action".to_owned());
            causes.push(missing);
        }
        causes
    }

    /// Calls of EC2, RDS and FSx: those that share, and those that copy.
    fn of_service(&self) -> Vec<Cause> {
        let rule = match self.actor() {
            Actor::ServiceLinkedRole => "service-linked-role-missing",
            _ => "source-role-cannot-copy",
        };
        let side = match self.actor() {
            Actor::ServiceLinkedRole => "destination",
            _ => "source",
        };
        match self.denial.refused_by {
            Some(RefusedBy::ServiceControl | RefusedBy::ResourceControl) => vec![self.guardrail()],
            Some(RefusedBy::Session | RefusedBy::VpcEndpoint) => vec![self.of_caller()],
            Some(_) => vec![self.identity(Some(rule), side)],
            None => vec![self.identity(Some(rule), side), self.guardrail()],
        }
    }

    /// The policies of the principal, or its boundary.
    fn identity(&self, rule: Option<&str>, side: &str) -> Cause {
        let (action, actor) = (self.action, self.actor());
        let boundary = self.denial.refused_by == Some(RefusedBy::Boundary);
        let explicit = self.denial.refusal == Some(Refusal::Explicit);
        let what = if boundary { "permissions boundary" } else { "policies" };
        let verb = match (explicit, boundary) {
            (true, true) => "denies",
            (true, false) => "deny",
            (false, true) => "does not allow",
            (false, false) => "do not allow",
        };
        let why = format!("the {what} of {} {verb} {action}", actor.words());
        let mut cause = Cause::new("role-missing-permission", rule, side, why);
        let role = self.role();
        cause.confirm.push(format!(
            "aws iam simulate-principal-policy --policy-source-arn {} --action-names {action} \
             --resource-arns {}",
            role.as_deref().unwrap_or("ROLE-ARN"),
            self.denial.resource.as_deref().unwrap_or("'*'"),
        ));
        cause.fix = Some(match actor {
            Actor::ServiceLinkedRole => "the policy of the service-linked role is AWS's own and \
                cannot be changed: look for the role in the destination account, and at the key \
                and vault it is asked to use"
                .to_owned(),
            _ if explicit || boundary => {
                format!("change the {what} so that {action} is allowed on the resource")
            }
            _ => format!(
                "allow {action}: attach AWSBackupServiceRolePolicyForBackup to the role, or add the \
                 action to its own policy"
            ),
        });
        cause
    }

    fn guardrail(&self) -> Cause {
        let resource = self.denial.refused_by == Some(RefusedBy::ResourceControl);
        let (kind, filter) = if resource {
            ("RCP", "RESOURCE_CONTROL_POLICY")
        } else {
            ("SCP", "SERVICE_CONTROL_POLICY")
        };
        let (action, actor) = (self.action, self.actor());
        let verb = match self.denial.refusal {
            Some(Refusal::Implicit) => "allows",
            _ => "denies",
        };
        let subject = if verb == "allows" { format!("no {kind}") } else { format!("an {kind}") };
        let mut cause = Cause::new(
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
            format!("{subject} {verb} {action} for {}", actor.words()),
        );
        if actor == Actor::ServiceLinkedRole {
            cause.tell_apart = Some("an SCP does not bind a service-linked role".to_owned());
        }
        // An RCP is attached above the account of the resource.
        let account = self.denial.resource.as_deref().and_then(Arn::parse).map(|arn| arn.account);
        let account = account.filter(|account| resource && !account.is_empty());
        let account = account.or_else(|| self.principal_account()).unwrap_or("ACCOUNT");
        let policy = self.denial.policy.as_deref().and_then(|arn| arn.rsplit('/').next());
        cause.confirm.push(match policy {
            Some(id) => format!("aws organizations describe-policy --policy-id {id}"),
            None => format!(
                "aws organizations list-policies-for-target --target-id {account} --filter {filter}"
            ),
        });
        if policy.is_none() {
            cause.tell_apart = cause.tell_apart.or_else(|| {
                Some("ask for each OU up to the root as well; policies above bind too".to_owned())
            });
        }
        cause.fix = Some(match self.denial.refusal {
            Some(Refusal::Implicit) => format!(
                "let an {kind} of every level allow {action}, from the root down to the account"
            ),
            _ => format!("exempt {} in the statement that denies {action}", actor.words()),
        });
        cause
    }

    /// The call of a person or a script, which no rule of a copy judges.
    fn of_caller(&self) -> Cause {
        let action = self.action;
        let (what, fix) = match self.denial.refused_by {
            Some(RefusedBy::Session) => (
                "the session policy with which the role was assumed",
                "assume the role without that session policy, or add the action to it",
            ),
            Some(RefusedBy::VpcEndpoint) => (
                "the policy of the VPC endpoint",
                "allow the action in the endpoint's policy; AWS Backup itself does not come \
                 through it, so this is the call of a person or a script",
            ),
            Some(RefusedBy::Resource) => {
                ("the policy of the resource", "allow the caller in the policy of the resource")
            }
            _ => ("the policies of whoever starts the copy", "allow the action to the caller"),
        };
        let mut cause = Cause::new(
            "role-missing-permission",
            None,
            "unknown",
            format!("{what} refuses {action}"),
        );
        cause.confirm.push(match &self.denial.endpoint {
            Some(endpoint) if self.denial.refused_by == Some(RefusedBy::VpcEndpoint) => {
                format!("aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {endpoint}")
            }
            _ => format!(
                "aws iam simulate-principal-policy --policy-source-arn {} --action-names {action}",
                self.role().as_deref().unwrap_or("PRINCIPAL-ARN")
            ),
        });
        cause.fix = Some(fix.to_owned());
        cause
    }

    /// The ARN of the principal as IAM takes it.
    fn role(&self) -> Option<String> {
        let role = self.denial.role()?;
        // A session's ARN leaves the path of its role out; the job has it.
        let of_job = self.job.role.as_deref().filter(|of_job| {
            let same = |one: &str, other: &str| {
                one.rsplit('/').next() == other.rsplit('/').next()
                    && Arn::parse(one).map(|arn| arn.account)
                        == Arn::parse(other).map(|arn| arn.account)
            };
            same(of_job, &role)
        });
        Some(of_job.map_or(role, str::to_owned))
    }
}

fn side_word(side: Side) -> &'static str {
    match side {
        Side::Destination => "destination",
        _ => "source",
    }
}
