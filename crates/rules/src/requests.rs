//! The requests of a copy: who asks what of which key or vault, in which context.
//!
//! What is known of the context comes from the documents and from the facts on the steps of a
//! copy; what neither tells stays unknown.

use std::cell::RefCell;

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, ContextValue, Decision, DenyKind, Open,
    Outcome as Decided, Policies, Policy, Request, Statement, decide,
};
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::Node;

use crate::arn::{KeyArn, RoleArn};
use crate::facts::{CallOf, CopySupport, Row, Step, StepResource, Via};
use crate::inputs::Address;
use crate::organization;
use crate::outcome::Missing;
use crate::view::{Filled, Slot, View};

/// The principal of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// Its account.
    pub(crate) account: String,
    /// Its role; `None` for the copy role where nobody named it.
    pub(crate) role: Option<RoleArn>,
    /// Role or service-linked role.
    pub(crate) kind: CallerKind,
    /// The slot of the organization that the account is in.
    pub(crate) organization: Slot,
}

impl Who {
    /// The role that AWS Backup assumes in the source account.
    pub(crate) fn copy_role(view: &View<'_>) -> Self {
        Self {
            account: view.copy.source.account.clone(),
            role: view.copy.role.clone(),
            kind: kind_of(view.copy.role.as_ref()),
            organization: Slot::source_organization(view.copy),
        }
    }

    /// The service-linked role of AWS Backup in the destination account.
    pub(crate) fn destination_service_linked_role(view: &View<'_>) -> Self {
        let vault = &view.copy.destination;
        Self {
            account: vault.account.clone(),
            role: Some(RoleArn::service_linked(&vault.partition, &vault.account)),
            kind: CallerKind::ServiceLinkedRole,
            organization: Slot::destination_organization(view.copy),
        }
    }

    /// A role that starts a copy job.
    pub(crate) fn role(role: &RoleArn) -> Self {
        let account = role.account.clone();
        Self {
            organization: Slot::named(
                "caller-organization",
                Address::Organization { account: account.clone() },
            ),
            account,
            role: Some(role.clone()),
            kind: kind_of(Some(role)),
        }
    }

    /// The caller as the evaluator sees it: a session whose name is not known.
    pub(crate) fn caller(&self, view: &View<'_>, partition: &str) -> Caller {
        view.memo.caller(self, partition)
    }

    fn caller_anew(&self, partition: &str) -> Caller {
        let name = self.role.as_ref().map(|role| format!("{}/", role.name)).unwrap_or_default();
        let session = format!("arn:{partition}:sts::{}:assumed-role/{name}", self.account);
        Caller {
            kind: self.kind,
            principal: Text::from_pieces([Piece::Known(session.into()), Piece::Gap]),
            account: Some(self.account.as_str().into()),
            role_arn: self.role.as_ref().map(|role| role.to_string().into()),
        }
    }

    /// `aws:PrincipalArn`: the role with its path, never the session.
    pub(crate) fn principal_arn(&self, partition: &str) -> Text {
        match &self.role {
            Some(role) => role.to_string().into(),
            None => {
                let known = format!("arn:{partition}:iam::{}:role/", self.account);
                Text::from_pieces([Piece::Known(known.into()), Piece::Gap])
            }
        }
    }
}

/// The path tells a service-linked role, which stands outside SCPs and RCPs.
fn kind_of(role: Option<&RoleArn>) -> CallerKind {
    match role {
        Some(role) if role.path.starts_with("/aws-service-role/") => CallerKind::ServiceLinkedRole,
        _ => CallerKind::Role,
    }
}

/// How a call reaches the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// AWS Backup calls it itself.
    Direct,
    /// A service calls on in the session of the role; `kms:ViaService` names it.
    Forwarded(String),
}

impl Route {
    /// Whether AWS Backup itself stands in `kms:ViaService`.
    fn is_of_backup(&self) -> bool {
        matches!(self, Self::Forwarded(service) if service.starts_with("backup."))
    }

    /// The route in a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Direct => "called directly".to_owned(),
            Self::Forwarded(service) => format!("through {service}"),
        }
    }
}

/// The answers to the forms in which one request may be made.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What all forms agree on; depends where they differ.
    pub(crate) outcome: Decided,
    /// Each form with its decision.
    pub(crate) forms: Vec<Form>,
}

/// One form of a request with its decision.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) route: Route,
    pub(crate) request: Request,
    pub(crate) decision: Decision,
}

impl Asked {
    /// Whether the forms are decided differently, each for itself.
    pub(crate) fn differ(&self) -> bool {
        self.outcome == Decided::Depends
            && self.forms.iter().all(|form| form.decision.outcome != Decided::Depends)
    }

    /// The form to explain: the first that is not allowed, else the first.
    pub(crate) fn worst(&self) -> Option<&Form> {
        let refused = |form: &&Form| form.decision.outcome != Decided::Allow;
        self.forms.iter().find(refused).or(self.forms.first())
    }
}

/// Asks the evaluator for all forms of a request.
pub(crate) fn ask(
    view: &View<'_>,
    policies: &Policies<'_>,
    forms: impl IntoIterator<Item = (Route, Request)>,
) -> Asked {
    let forms: Vec<Form> = forms
        .into_iter()
        .map(|(route, request)| {
            let decision = decide(&request, policies, view.facts.catalogue());
            Form { route, request, decision }
        })
        .collect();
    let outcome =
        forms.iter().map(|form| form.decision.outcome).reduce(|one, other| match (one, other) {
            (Decided::Allow, Decided::Allow) => Decided::Allow,
            (Decided::Deny(one), Decided::Deny(other)) => {
                Decided::Deny(if one == other { one } else { DenyKind::Implicit })
            }
            _ => Decided::Depends,
        });
    Asked { outcome: outcome.unwrap_or(Decided::Depends), forms }
}

/// The routes by which a step uses a key of a type.
///
/// Which Region stands in `kms:ViaService` of a copy between Regions is not known, so both are
/// asked (`steps-via-service-region`). `kms:DescribeKey` may be called directly as well
/// (`steps-describe-key-twice`).
pub(crate) fn routes(
    view: &View<'_>,
    step: &Step,
    action: &str,
    support: &CopySupport,
) -> Vec<Route> {
    let service = match step.via {
        Via::Type => support.via_service.value.as_str(),
        Via::Backup => "backup",
        Via::None => return vec![Route::Direct],
        Via::Unknown => "backup",
    };
    let mut routes = Vec::new();
    // For the keys of air-gapped vaults AWS documents the route of every call.
    let documented = matches!(
        step.resource,
        StepResource::AirGappedSourceKey | StepResource::AirGappedDestinationKey
    );
    if step.via == Via::Unknown || (action == "kms:DescribeKey" && !documented) {
        routes.push(Route::Direct);
    }
    for region in [&view.copy.source.region, &view.copy.destination.region] {
        let route = Route::Forwarded(format!("{service}.{region}.amazonaws.com"));
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    routes
}

/// A key by the part that it plays, `source-key[0]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPart<'k> {
    pub(crate) name: &'k str,
    pub(crate) key: &'k KeyArn,
}

/// A request on a key.
pub(crate) fn key_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    part: KeyPart<'_>,
    route: &Route,
    support: &CopySupport,
    policies: &[&Policy],
) -> Request {
    let key = part.key;
    let mut context = base_context(view, who, &action, route, policies);
    let known = |text: &str| ContextValue::Known(Text::from(text));
    context.set("kms:CallerAccount", known(&who.account));
    // A key is used in its own Region alone.
    context.set("aws:RequestedRegion", known(&key.region));
    add_key_properties(view, &action, part, policies, &mut context);
    let service = match route.is_of_backup() {
        true => "backup",
        false => support.via_service.value.as_str(),
    };
    if *context.value("kms:EncryptionContextKeys") != ContextValue::Absent
        && let Some(keys) = encryption_context_keys(view, service)
    {
        context.set("kms:EncryptionContextKeys", keys);
    }
    if action.text == "kms:CreateGrant" {
        context.set("kms:GrantIsForAWSResource", known("true"));
        if !route.is_of_backup()
            && let Some(operations) = grant_operations(view, support)
        {
            context.set("kms:GrantOperations", operations);
        }
    }
    Request::new(
        action,
        key.to_string().into(),
        Some(key.account.as_str().into()),
        who.caller(view, &key.partition),
        context,
    )
}

/// The principal of the service that works on the keys of vaults, asking for a key.
pub(crate) fn service_key_request(
    view: &View<'_>,
    service: &str,
    action: Action,
    part: KeyPart<'_>,
    policies: &[&Policy],
) -> Request {
    let known = |text: &str| ContextValue::Known(Text::from(text));
    // Which other keys its calls carry is not documented.
    let absent = view.facts.absent_keys(&action, CallOf::Anybody);
    let mut context = Context::open().without(absent);
    context.set("aws:PrincipalIsAWSService", known("true"));
    context.set("aws:PrincipalServiceName", known(service));
    add_key_properties(view, &action, part, policies, &mut context);
    Request::new(
        action,
        part.key.to_string().into(),
        Some(part.key.account.as_str().into()),
        Caller::service(service),
        context,
    )
}

/// What a key shows of itself in every request: its account, and where a policy asks for them
/// its tags and aliases.
fn add_key_properties(
    view: &View<'_>,
    action: &Action,
    part: KeyPart<'_>,
    policies: &[&Policy],
    context: &mut Context,
) {
    context.set("aws:ResourceAccount", ContextValue::Known(part.key.account.as_str().into()));
    if asks_for(policies, action, "aws:ResourceTag/") {
        add_tags(view, &Slot::key_tags(part.name, part.key), context);
    }
    if asks_for(policies, action, "kms:ResourceAliases")
        && let Ok(filled) = view.read(&Slot::key_aliases(part.name, part.key))
        && let Some(aliases) = filled.root().member("Aliases")
    {
        let names = aliases.elements().iter().map(|alias| {
            alias.member("AliasName").and_then(Node::as_str).map_or_else(Text::unknown, Text::from)
        });
        context.set("kms:ResourceAliases", ContextValue::Many(names.collect()));
    }
}

/// Whether a statement that can be about the action asks for a key that begins like this.
fn asks_for(policies: &[&Policy], action: &Action, prefix: &str) -> bool {
    let begins =
        |key: &str| key.get(..prefix.len()).is_some_and(|key| key.eq_ignore_ascii_case(prefix));
    let asks = |statement: &Statement| {
        let elements = [&statement.action, &statement.resource].into_iter().flatten();
        let terms = elements.flat_map(|element| &element.terms);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        // A variable may name the key; which one it names does not matter here.
        statement.conditions.iter().any(|condition| condition.key.known().is_none_or(begins))
            || terms.chain(values).any(|term| term.variables)
    };
    policies
        .iter()
        .filter(|policy| policy.mentions_key(prefix))
        .any(|policy| policy.statements.iter().any(|one| asks(one) && may_be_about(one, action)))
}

fn may_be_about(statement: &Statement, action: &Action) -> bool {
    statement.action.as_ref().is_some_and(|element| {
        let named = Truth::any(element.terms.iter().map(|term| matches_action(term, action)));
        !(if element.negated { !named } else { named }).is_false()
    })
}

/// The keys of the encryption context that a service sends, as far as they are documented;
/// there may be others.
fn encryption_context_keys(view: &View<'_>, service: &str) -> Option<ContextValue> {
    let row = view.facts.row("steps-encryption-context")?;
    let cell = match service {
        "ec2" => "ebs",
        service => service,
    };
    let mut keys: Vec<Text> = row.strings(cell).map(Text::from).collect();
    if keys.is_empty() {
        return None;
    }
    keys.push(Text::unknown());
    Some(ContextValue::Many(keys))
}

/// The operations that a service asks for in the grants of a type, where it publishes them.
fn grant_operations(view: &View<'_>, support: &CopySupport) -> Option<ContextValue> {
    let row = view.facts.row("organization-key-grant-operations")?;
    let published = row.strings("resource_types").any(|one| one == support.resource_type);
    published.then(|| ContextValue::Many(published_operations(row).map(Text::from).collect()))
}

/// The operations that RDS publishes, each by its own name.
pub(crate) fn published_operations(row: &Row) -> impl Iterator<Item = &str> {
    row.strings("operations").flat_map(|operation| match operation {
        "ReEncrypt*" => vec!["ReEncryptFrom", "ReEncryptTo"],
        operation => vec![operation],
    })
}

/// A request on the destination vault.
pub(crate) fn vault_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    policies: &[&Policy],
) -> Request {
    let vault = &view.copy.destination;
    let mut context = base_context(view, who, &action, &Route::Direct, policies);
    context.set("aws:ResourceAccount", ContextValue::Known(vault.account.as_str().into()));
    if mention(policies, "aws:ResourceTag/") {
        add_tags(view, &Slot::destination_vault_tags(view.copy), &mut context);
    }
    Request::new(
        action,
        vault.to_string().into(),
        Some(vault.account.as_str().into()),
        who.caller(view, &vault.partition),
        context,
    )
}

fn mention(policies: &[&Policy], prefix: &str) -> bool {
    policies.iter().any(|policy| policy.mentions_key(prefix))
}

pub(crate) fn add_tags(view: &View<'_>, slot: &Slot, context: &mut Context) {
    let Ok(filled) = view.read(slot) else { return };
    let Some(tags) = crate::tags::read(filled.root()) else { return };
    context.set_family("aws:ResourceTag/", ContextValue::Absent);
    for tag in tags {
        context.set(&format!("aws:ResourceTag/{}", tag.key), ContextValue::Known(tag.value.into()));
    }
}

/// Whether an answer of `backup describe-backup-vault` shows a logically air-gapped vault. The
/// member is left out in Regions that have no such vaults.
pub(crate) fn is_air_gapped(view: &View<'_>, vault: &Filled<'_>) -> bool {
    let air_gapped =
        view.facts.row("prerequisites-air-gapped-detection").and_then(|row| row.text("vault_type"));
    let shown = vault.root().member("VaultType").and_then(Node::as_str);
    shown.is_some() && shown == air_gapped
}

/// An ARN of which only the form is known: a gap where the form has `*`.
pub(crate) fn arn_of_form(view: &View<'_>, form: &str) -> Text {
    let source = &view.copy.source;
    let form = form
        .replace("{partition}", &source.partition)
        .replace("{region}", &source.region)
        .replace("{account}", &source.account);
    let mut pieces = Vec::new();
    for (index, known) in form.split('*').enumerate() {
        if index > 0 {
            pieces.push(Piece::Gap);
        }
        pieces.push(Piece::Known(known.into()));
    }
    Text::from_pieces(pieces)
}

/// The request to let a recovery point leave its vault. The point of a future backup has an ARN
/// of which only the form is known.
pub(crate) fn copy_from_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    point: Text,
    policies: &[&Policy],
) -> Request {
    let (source, destination) = (&view.copy.source, &view.copy.destination);
    let mut context = base_context(view, who, &action, &Route::Direct, policies);
    context.set("aws:ResourceAccount", ContextValue::Known(source.account.as_str().into()));
    let target = Text::from(destination.to_string());
    context.set("backup:CopyTargets", ContextValue::Many(vec![target]));
    if asks_for(policies, &action, "backup:CopyTargetOrgPaths") {
        context.set("backup:CopyTargetOrgPaths", target_path(view));
    }
    Request::new(
        action,
        point,
        Some(source.account.as_str().into()),
        who.caller(view, &source.partition),
        context,
    )
}

/// Whether policies ask for the organization of the principal, and for its path there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asks {
    organization: bool,
    paths: bool,
}

impl Asks {
    fn of(policies: &[&Policy]) -> Self {
        Self {
            organization: mention(policies, "aws:PrincipalOrg"),
            paths: mention(policies, "aws:PrincipalOrgPaths"),
        }
    }
}

/// What the many requests of one copy share, each made once.
///
/// INVARIANT: what [`context_of_any_action`] and [`Who::caller_anew`] give: the copy and the
/// documents of a view do not change.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    contexts: RefCell<Vec<(Who, Route, Asks, Context)>>,
    callers: RefCell<Vec<(Who, String, Caller)>>,
}

impl Memo {
    fn context(&self, view: &View<'_>, who: &Who, route: &Route, asks: Asks) -> Context {
        let known = self.contexts.borrow().iter().find_map(|(of, by, when, context)| {
            (*when == asks && by == route && of == who).then(|| context.clone())
        });
        known.unwrap_or_else(|| {
            let context = context_of_any_action(view, who, route, asks);
            let entry = (who.clone(), route.clone(), asks, context.clone());
            self.contexts.borrow_mut().push(entry);
            context
        })
    }

    fn caller(&self, who: &Who, partition: &str) -> Caller {
        let known = self.callers.borrow().iter().find_map(|(of, within, caller)| {
            (within == partition && of == who).then(|| caller.clone())
        });
        known.unwrap_or_else(|| {
            let caller = who.caller_anew(partition);
            self.callers.borrow_mut().push((who.clone(), partition.to_owned(), caller.clone()));
            caller
        })
    }
}

/// What is known of the context keys of every request of a principal: those that name it,
/// those that only other calls carry, and those that the action does not have.
pub(crate) fn base_context(
    view: &View<'_>,
    who: &Who,
    action: &Action,
    route: &Route,
    policies: &[&Policy],
) -> Context {
    let call = match route {
        Route::Direct => CallOf::Copy,
        Route::Forwarded(_) => CallOf::CopyForwarded,
    };
    view.memo
        .context(view, who, route, Asks::of(policies))
        .without(view.facts.absent_keys(action, call))
}

/// What is known whatever the action is.
fn context_of_any_action(view: &View<'_>, who: &Who, route: &Route, asks: Asks) -> Context {
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let mut context = Context::open();
    match route {
        Route::Direct => {
            context.set("kms:ViaService", ContextValue::Absent);
            context.set("aws:ViaAWSService", known("false"));
        }
        Route::Forwarded(service) => {
            context.set("kms:ViaService", known(service));
            context.set("aws:ViaAWSService", known("true"));
        }
    }
    let partition = &view.copy.source.partition;
    context.set("aws:PrincipalArn", ContextValue::Known(who.principal_arn(partition)));
    context.set("aws:PrincipalAccount", known(&who.account));
    context.set("aws:PrincipalType", known("AssumedRole"));
    context.set("aws:PrincipalIsAWSService", known("false"));
    for key in ["aws:userid", "aws:RequestedRegion", "aws:CurrentTime", "aws:EpochTime"] {
        context.set(key, ContextValue::Present);
    }
    if view.copy.source.region == view.copy.destination.region {
        context.set("aws:RequestedRegion", known(&view.copy.source.region));
    }
    if let Some(now) = view.now {
        context.set("aws:CurrentTime", known(&now.to_string()));
        context.set("aws:EpochTime", known(&now.as_second().to_string()));
    }
    add_organization(view, who, &mut context, asks);
    context
}

/// The organization of the principal's account and its path there, as far as a policy asks.
fn add_organization(view: &View<'_>, who: &Who, context: &mut Context, asks: Asks) {
    if !asks.organization {
        return;
    }
    let filled = match view.read(&who.organization) {
        Ok(filled) => filled,
        Err(gap) => {
            if gap.is_not_found() {
                context.set("aws:PrincipalOrgID", ContextValue::Absent);
                context.set("aws:PrincipalOrgPaths", ContextValue::Absent);
            }
            return;
        }
    };
    let Some(id) = organization::id(&filled) else { return };
    context.set("aws:PrincipalOrgID", ContextValue::Known(id.into()));
    context.set("aws:PrincipalOrgPaths", ContextValue::Present);
    if !asks.paths {
        return;
    }
    if let Some(path) = organization_path(view, id, &who.account) {
        context.set("aws:PrincipalOrgPaths", ContextValue::Many(vec![path.into()]));
    }
}

/// The path of the destination account in its organization, as `backup:CopyTargetOrgPaths` has it.
fn target_path(view: &View<'_>) -> ContextValue {
    let filled = match view.read(&Slot::destination_organization(view.copy)) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => return ContextValue::Absent,
        Err(_) => return ContextValue::Unknown,
    };
    let path = organization::id(&filled)
        .and_then(|id| organization_path(view, id, &view.copy.destination.account));
    path.map_or(ContextValue::Present, |path| ContextValue::Many(vec![path.into()]))
}

/// The path of an account, as condition keys have it.
fn organization_path(view: &View<'_>, organization: &str, account: &str) -> Option<String> {
    let parents = organization::parents(view, account).ok()?;
    Some(organization::path(organization, &parents))
}

/// The documents that tell the condition keys which a decision on a vault hangs on, where they
/// were not read: its tags, and what [`unread_of_caller`] names.
pub(crate) fn unread_of_vault(view: &View<'_>, who: &Who, decision: &Decision) -> Vec<Missing> {
    let mut missing = unread_of_caller(view, who, decision);
    if hangs_on(decision, "aws:resourcetag/")
        && let Err(gap) = view.read(&Slot::destination_vault_tags(view.copy))
    {
        missing.push(gap.missing());
    }
    missing
}

/// The documents that tell the condition keys of the caller which a decision hangs on, where they
/// were not read: its organization, and where the account stands in it.
pub(crate) fn unread_of_caller(view: &View<'_>, who: &Who, decision: &Decision) -> Vec<Missing> {
    if !hangs_on(decision, "aws:principalorg") {
        return Vec::new();
    }
    let mut missing: Vec<Missing> =
        view.read(&who.organization).err().map(|gap| gap.missing()).into_iter().collect();
    if hangs_on(decision, "aws:principalorgpaths") {
        missing.extend(organization::parents(view, &who.account).err());
    }
    missing
}

/// Whether a decision hangs on a condition key that begins like this, in lower case.
fn hangs_on(decision: &Decision, prefix: &str) -> bool {
    decision.depends_on.iter().any(|dependency| {
        matches!(&dependency.on, Open::Key(key) if key.to_ascii_lowercase().starts_with(prefix))
    })
}
