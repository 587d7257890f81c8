//! The calls of a copy that are no calls on keys: on recovery points, vaults and roles.
//!
//! A document is read only where a decision hangs on what it says: a call is first judged with
//! what is known without documents, and as long as the decision depends on a key that a document
//! shows, that document is read and the call judged again.

use copy_preflight_policy::iam::{
    Action, Context, ContextValue, Open, Outcome as Decided, Policies, Request,
};
use copy_preflight_policy::text::Text;

use copy_preflight_policy::tree::Value;
use smol_str::SmolStr;

use crate::facts::{CallOf, CopySupport, Step, StepPrincipal, StepResource};
use crate::organization;
use crate::outcome::Missing;
use crate::requests::{
    Asked, Form, Route, Who, add_tags, arn_of_form, ask, base_context, is_air_gapped,
};
use crate::view::{Gap, Slot, View};

/// One action of a step.
pub(crate) struct Call<'a> {
    /// The step.
    pub(crate) step: &'a Step,
    /// What is asked for.
    pub(crate) action: Action,
    target: Target,
}

impl Call<'_> {
    /// Whether the call is about the recovery point, so that the policy of the source vault has a
    /// say in it.
    pub(crate) fn is_on_recovery_point(&self) -> bool {
        self.target == Target::RecoveryPoint
    }
}

/// What a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Target {
    RecoveryPoint,
    /// The snapshots of an image, one for each volume.
    ImageSnapshots,
    DestinationVault,
    CopyRole,
}

/// A call with the decision on it.
pub(crate) struct Judged {
    /// The decision.
    pub(crate) asked: Asked,
    /// Documents that it hangs on and that were not read.
    pub(crate) missing: Vec<Missing>,
    /// Facts that stood in for documents.
    pub(crate) facts: Vec<&'static str>,
}

/// What documents show of the context of a call, each read only on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    PrincipalOrganization,
    PrincipalPath,
    ResourceOrganization,
    ResourceTags,
    CopyTargetPath,
    /// Whether the source vault is air-gapped, which decides the form of the point's ARN.
    SourceVault,
}

/// The tag that AWS Backup sets on its own snapshots and images.
const OWN_TAG: &str = "aws:backup:source-resource";
/// The fact that it sets it.
const OWN_TAG_FACT: &str = "steps-share-tag-of-backup";

/// The calls of the copy role on the recovery point and the destination vault.
///
/// # Errors
/// What is missing to tell which calls there are.
pub(crate) fn copy_role_calls<'a>(
    view: &View<'a>,
    support: &CopySupport,
) -> Result<Vec<Call<'a>>, Missing> {
    let copy = &view.copy;
    let applies = |step: &Step, across: bool| {
        step.applies(&support.resource_type, support.fully_managed.value, across)
    };
    let of_role = view.facts.steps().iter().filter(|step| {
        step.principal == StepPrincipal::CopyRole
            && matches!(step.resource, StepResource::RecoveryPoint | StepResource::DestinationVault)
    });
    let mut steps: Vec<&'a Step> = Vec::new();
    for step in of_role {
        if applies(step, copy.is_cross_account()) {
            steps.push(step);
            continue;
        }
        let only_air_gapped =
            !copy.is_cross_account() && step.also_into_air_gapped && applies(step, true);
        if only_air_gapped {
            let slot = Slot::destination_vault(copy);
            let vault = view.read(&slot).map_err(|gap| gap.missing())?;
            if is_air_gapped(view, &vault) {
                steps.push(step);
            }
        }
    }
    let calls = steps.into_iter().flat_map(|step| {
        step.actions.iter().filter_map(move |name| {
            Some(Call { step, action: Action::parse(name)?, target: target(step, name, support) })
        })
    });
    Ok(calls.collect())
}

/// The calls of the person or program that starts a copy job.
pub(crate) fn caller_calls<'a>(view: &View<'a>, support: &CopySupport) -> Vec<Call<'a>> {
    let steps = view.facts.steps().iter().filter(|step| step.principal == StepPrincipal::Caller);
    steps
        .flat_map(|step| {
            step.actions.iter().filter_map(move |name| {
                Some(Call {
                    step,
                    action: Action::parse(name)?,
                    target: target(step, name, support),
                })
            })
        })
        .collect()
}

fn target(step: &Step, action: &str, support: &CopySupport) -> Target {
    match step.resource {
        StepResource::DestinationVault => Target::DestinationVault,
        StepResource::CopyRole => Target::CopyRole,
        // An image is shared, and so is each snapshot behind it.
        _ if support.resource_type == "EC2" && action == "ec2:ModifySnapshotAttribute" => {
            Target::ImageSnapshots
        }
        _ => Target::RecoveryPoint,
    }
}

/// Decides a call of the copy role.
///
/// Only the policies of the caller are asked, so the resource counts as its account's own: what
/// the policy of a vault in another account says is asked by another rule.
pub(crate) fn judge<'a>(
    view: &View<'a>,
    who: &Who,
    support: &CopySupport,
    call: &Call<'a>,
    policies: &Policies<'_>,
) -> Judged {
    let mut known = Known::new(view, who, call);
    loop {
        let requests = known.requests(&known.resources(support));
        let asked = ask(view, policies, requests.into_iter().map(|one| (Route::Direct, one)));
        let Some(next) = known.next(&asked) else {
            return Judged { asked, missing: known.missing, facts: known.facts };
        };
        known.read(next);
    }
}

/// Whose policies are asked of a call, beside the principal's own account and role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    /// The SCPs that bind the principal.
    Guardrails,
    /// The policies of its role.
    Identity,
}

/// A principal, what it calls, and who is asked.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallQuestion {
    asking: Asking,
    who: Who,
    action: SmolStr,
    step: String,
    target: Target,
}

/// As [`judge`]; what all types of resources have in common is asked once.
///
/// INVARIANT: the policies are those of the principal in the sense of `asking`, so that nothing
/// but the question and what is read here has a say.
pub(crate) fn judge_of_any_type<'a>(
    view: &View<'a>,
    asking: Asking,
    who: &Who,
    support: &CopySupport,
    call: &Call<'a>,
    policies: &Policies<'_>,
) -> Judged {
    let memory = view.memory();
    if memory.remembers() {
        let question = CallQuestion {
            asking,
            who: who.clone(),
            action: call.action.text.clone(),
            step: call.step.fact.clone(),
            target: call.target,
        };
        // A request on a resource of which nothing is known is allowed only where one on every
        // resource is.
        let is_allowed = || {
            let known = Known::new(view, who, call);
            let requests = known.requests(&known.resource_of_any_type());
            let asked = ask(view, policies, requests.into_iter().map(|one| (Route::Direct, one)));
            asked.outcome == Decided::Allow
        };
        if view.find_part(&memory.calls_of_any_type, question, is_allowed).value {
            let asked = Asked { outcome: Decided::Allow, forms: Vec::new() };
            return Judged { asked, missing: Vec::new(), facts: Vec::new() };
        }
    }
    judge(view, who, support, call, policies)
}

/// What is known of a call so far.
struct Known<'v, 'a> {
    view: &'v View<'a>,
    who: &'v Who,
    call: &'v Call<'a>,
    context: Context,
    air_gapped_source: Option<bool>,
    asked_for: Vec<Family>,
    missing: Vec<Missing>,
    facts: Vec<&'static str>,
}

impl<'v, 'a> Known<'v, 'a> {
    fn new(view: &'v View<'a>, who: &'v Who, call: &'v Call<'a>) -> Self {
        let context = match call.step.principal {
            StepPrincipal::Caller => caller_context(view, who, call),
            _ => role_context(view, who, call),
        };
        Self {
            view,
            who,
            call,
            context,
            air_gapped_source: None,
            asked_for: Vec::new(),
            missing: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// The requests that the call may be: one for each form that its resource may have, in each
    /// Region in which it may be made.
    fn requests(&self, resources: &[Text]) -> Vec<Request> {
        let copy = &self.view.copy;
        let regions: Vec<Option<&str>> = match self.call.step.principal {
            // In which Region IAM sees the passing of a role is not documented.
            StepPrincipal::Caller => vec![None],
            _ if copy.destination.region == copy.source.region => {
                vec![Some(&copy.source.region)]
            }
            _ => vec![Some(&copy.source.region), Some(&copy.destination.region)],
        };
        regions
            .into_iter()
            .flat_map(|region| resources.iter().map(move |resource| (region, resource.clone())))
            .map(|(region, resource)| self.request(region, resource))
            .collect()
    }

    fn request(&self, region: Option<&str>, resource: Text) -> Request {
        let mut context = self.context.clone();
        if let Some(region) = region {
            context.set("aws:RequestedRegion", ContextValue::Known(region.into()));
        }
        Request::new(
            self.call.action.clone(),
            resource,
            Some(self.who.account.as_str().into()),
            self.who.caller(self.view, &self.view.copy.source.partition),
            context,
        )
    }

    fn resources(&self, support: &CopySupport) -> Vec<Text> {
        let copy = &self.view.copy;
        match self.call.target {
            Target::DestinationVault => vec![copy.destination.to_string().into()],
            Target::CopyRole => {
                let role = copy.role.as_ref();
                vec![role.map_or_else(Text::unknown, |role| role.to_string().into())]
            }
            Target::ImageSnapshots => {
                let snapshots = self.view.facts.variants("EBS").next();
                vec![snapshots.map_or_else(Text::unknown, |row| {
                    arn_of_form(self.view, &row.recovery_point_arn)
                })]
            }
            Target::RecoveryPoint => self.recovery_points(support),
        }
    }

    fn resource_of_any_type(&self) -> Vec<Text> {
        match self.call.target {
            Target::DestinationVault => vec![self.view.copy.destination.to_string().into()],
            _ => vec![Text::unknown()],
        }
    }

    fn recovery_points(&self, support: &CopySupport) -> Vec<Text> {
        let of_type = arn_of_form(self.view, &support.recovery_point_arn);
        let is_of_backup = self.call.action.service() == "backup";
        if let Some(arn) = self.view.copy.recovery_point.look() {
            // A point in an air-gapped vault has an ARN of AWS Backup; what is shared and copied
            // is something of the type's service behind it.
            let service = crate::arn::Arn::parse(arn).map(|arn| arn.service);
            return match service {
                Some(service) if is_of_backup || service == self.call.action.service() => {
                    vec![arn.as_str().into()]
                }
                _ => vec![of_type],
            };
        }
        let air_gapped = self
            .view
            .facts
            .row("prerequisites-air-gapped-recovery-point-arn")
            .and_then(|row| row.text("recovery_point_arn"))
            .map(|form| arn_of_form(self.view, form));
        match (air_gapped, self.air_gapped_source) {
            (Some(form), Some(true)) if is_of_backup => vec![form],
            (Some(form), None) if is_of_backup && form != of_type => vec![of_type, form],
            _ => vec![of_type],
        }
    }

    /// What to read next, where the decision hangs on something that a document shows.
    fn next(&self, asked: &Asked) -> Option<Family> {
        let unread = |family: &Family| !self.asked_for.contains(family);
        let open = asked.forms.iter().flat_map(|form| &form.decision.depends_on);
        let by_key = open.filter_map(|dependency| match &dependency.on {
            Open::Key(key) => self.family(key),
            _ => None,
        });
        let forms_differ = asked.forms.iter().any(|one| {
            let region = |form: &Form| form.request.context.value("aws:RequestedRegion").clone();
            asked.forms.iter().any(|other| {
                region(one) == region(other) && one.decision.outcome != other.decision.outcome
            })
        });
        by_key.chain(forms_differ.then_some(Family::SourceVault)).find(unread)
    }

    fn family(&self, key: &str) -> Option<Family> {
        let key = key.to_ascii_lowercase();
        let row = self.view.facts.row(&self.call.step.fact);
        let has_tags = || {
            row.is_some_and(|row| {
                row.strings("context_present").any(|one| one.starts_with("aws:ResourceTag/"))
            })
        };
        match key.as_str() {
            "aws:principalorgid" => Some(Family::PrincipalOrganization),
            "aws:principalorgpaths" => Some(Family::PrincipalPath),
            "aws:resourceorgid" if !self.lacks_resource_keys() => {
                Some(Family::ResourceOrganization)
            }
            "backup:copytargetorgpaths" if is_copy_from(&self.call.action) => {
                Some(Family::CopyTargetPath)
            }
            _ if key.starts_with("aws:resourcetag/") && has_tags() => Some(Family::ResourceTags),
            _ => None,
        }
    }

    fn lacks_resource_keys(&self) -> bool {
        lacks_resource_keys(self.view, &self.call.action)
    }

    fn read(&mut self, family: Family) {
        self.asked_for.push(family);
        let copy = &self.view.copy;
        match family {
            Family::PrincipalOrganization => {
                let slot = self.who.organization.clone();
                self.set_organization("aws:PrincipalOrgID", &slot);
            }
            Family::PrincipalPath => {
                let (slot, account) = (self.who.organization.clone(), self.who.account.clone());
                self.set_path("aws:PrincipalOrgPaths", &slot, &account);
            }
            Family::CopyTargetPath => {
                let slot = Slot::destination_organization(copy);
                self.set_path("backup:CopyTargetOrgPaths", &slot, &copy.destination.account);
            }
            Family::ResourceOrganization => {
                let slot = match self.call.target {
                    Target::DestinationVault => Slot::destination_organization(copy),
                    _ => Slot::source_organization(copy),
                };
                self.set_organization("aws:ResourceOrgID", &slot);
            }
            Family::ResourceTags => self.set_tags(),
            Family::SourceVault => {
                let slot = Slot::source_vault(copy);
                match self.view.read(&slot) {
                    Ok(vault) => self.air_gapped_source = Some(is_air_gapped(self.view, &vault)),
                    Err(gap) => self.missing.push(gap.missing()),
                }
            }
        }
    }

    fn organization(&mut self, slot: &Slot) -> Result<String, Option<Gap<'a>>> {
        match self.view.read(slot) {
            Ok(filled) => organization::id(&filled).map(str::to_owned).ok_or(None),
            Err(gap) => Err(Some(gap)),
        }
    }

    fn set_organization(&mut self, key: &str, slot: &Slot) {
        match self.organization(slot) {
            Ok(id) => self.context.set(key, ContextValue::Known(id.into())),
            Err(Some(gap)) if gap.is_not_found() => self.context.set(key, ContextValue::Absent),
            Err(Some(gap)) => self.missing.push(gap.missing()),
            Err(None) => {}
        }
    }

    fn set_path(&mut self, key: &str, slot: &Slot, account: &str) {
        match (self.organization(slot), organization::parents(self.view, account)) {
            (Ok(id), Ok(parents)) => {
                let path = organization::path(&id, &parents);
                self.context.set(key, ContextValue::Many(vec![path.into()]));
            }
            (Err(Some(gap)), _) if gap.is_not_found() => {
                self.context.set(key, ContextValue::Absent);
            }
            (organization, parents) => {
                let gap = organization.err().flatten();
                self.missing.extend(gap.map(|gap| gap.missing()));
                self.missing.extend(parents.err());
            }
        }
    }

    fn set_tags(&mut self) {
        let copy = &self.view.copy;
        if self.call.target == Target::DestinationVault {
            let slot = Slot::destination_vault_tags(copy);
            self.missing.extend(self.view.read(&slot).err().map(|gap| gap.missing()));
            add_tags(self.view, &slot, &mut self.context);
            return;
        }
        let point = match (copy.recovery_point.look(), self.call.target) {
            (Some(point), Target::RecoveryPoint) => point,
            // What does not exist yet, and what the point does not show.
            _ => {
                self.set_own_tag();
                return;
            }
        };
        let slot = Slot::recovery_point_tags(&copy.source, point);
        match self.view.read(&slot) {
            Ok(answer) => {
                add_tags(self.view, &slot, &mut self.context);
                // EC2 lists the tags that AWS sets. The map that AWS Backup prints is for other
                // types, or was written by hand: what it leaves out of them may be there.
                let lists_own = answer
                    .root()
                    .member("Tags")
                    .is_some_and(|tags| matches!(tags.value, Value::Array(_)));
                if !lists_own && !crate::tags::names(answer.root(), OWN_TAG) {
                    self.set_own_tag();
                }
            }
            Err(gap) => self.missing.push(gap.missing()),
        }
    }

    /// The tag that AWS Backup sets on what it makes, where no document shows whether it did.
    fn set_own_tag(&mut self) {
        self.context.set(&format!("aws:ResourceTag/{OWN_TAG}"), ContextValue::Present);
        self.facts.push(OWN_TAG_FACT);
    }
}

fn is_copy_from(action: &Action) -> bool {
    action.text == "backup:CopyFromBackupVault"
}

/// Whether AWS's pages do not agree that the action carries keys about the resource's account.
fn lacks_resource_keys(view: &View<'_>, action: &Action) -> bool {
    let row = view.facts.row("steps-context-resource-keys-ec2");
    row.is_some_and(|row| row.strings("actions").any(|one| one == action.text))
}

fn role_context(view: &View<'_>, who: &Who, call: &Call<'_>) -> Context {
    let mut context = base_context(view, who, &call.action, &Route::Direct, &[]);
    let copy = &view.copy;
    if !lacks_resource_keys(view, &call.action) {
        let account = match call.target {
            Target::DestinationVault => &copy.destination.account,
            _ => &copy.source.account,
        };
        context.set("aws:ResourceAccount", ContextValue::Known(account.as_str().into()));
        context.set("aws:ResourceOrgID", ContextValue::Present);
    }
    if is_copy_from(&call.action) {
        let target = copy.destination.to_string();
        context.set("backup:CopyTargets", ContextValue::Many(vec![target.into()]));
        context.set("backup:CopyTargetOrgPaths", ContextValue::Present);
    }
    context
}

/// Rows on keys that no call of a role carries, whoever uses the role.
const CALLER_ABSENT: [&str; 2] = ["steps-context-absent", "steps-context-copy-targets"];

/// A person's call may carry anything: network, MFA, session tags.
fn caller_context(view: &View<'_>, who: &Who, call: &Call<'_>) -> Context {
    let copy = &view.copy;
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let absent = view.facts.absent_keys(&call.action, CallOf::Anybody);
    let mut context = Context::open().without(absent);
    let principal = who.principal_arn(&copy.source.partition);
    context.set("aws:PrincipalArn", ContextValue::Known(principal));
    context.set("aws:PrincipalAccount", known(&who.account));
    context.set("aws:PrincipalType", known("AssumedRole"));
    context.set("aws:PrincipalIsAWSService", known("false"));
    context.set("aws:ResourceAccount", known(&copy.source.account));
    for key in ["aws:userid", "aws:RequestedRegion", "aws:CurrentTime", "aws:EpochTime"] {
        context.set(key, ContextValue::Present);
    }
    // What the other rows say of keys is about the calls of AWS Backup, not about a person's.
    let absent = CALLER_ABSENT.iter().filter_map(|row| view.facts.row(row));
    for key in absent.flat_map(|row| row.strings("keys")) {
        context.set(key, ContextValue::Absent);
    }
    if let Some(now) = view.now {
        context.set("aws:CurrentTime", known(&now.to_string()));
        context.set("aws:EpochTime", known(&now.as_second().to_string()));
    }
    if call.target == Target::CopyRole {
        let service = view
            .facts
            .row("prerequisites-copy-role-trust")
            .and_then(|row| row.text("service_principal"));
        if let Some(service) = service {
            context.set("iam:PassedToService", known(service));
        }
    }
    context
}
