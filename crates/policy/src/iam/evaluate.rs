//! The decision: all policies of a request together.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>,
//! for KMS <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>.
//!
//! | what is certain                            | decision            |
//! |--------------------------------------------|---------------------|
//! | some Deny matches                          | deny, explicit      |
//! | some policy that must allow does not       | deny, implicit      |
//! | all that must allow do, and no Deny may    | allow               |
//! | none of these                              | depends             |

use std::collections::HashSet;
use std::fmt;

use smol_str::SmolStr;

use super::document::{Effect, Policy, Statement};
use super::explain::{self, Trace};
use super::grant::Grant;
use super::principal::Classes;
use super::refine;
use super::request::{CallerKind, Request};
use super::statement::PolicyKind;
use crate::Truth;
use crate::source::Span;
use crate::text::{PieceRef, Text};

/// The policies that may concern a request. `None` and empty mean that there are none; what is
/// not known is said so.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The policy of the resource: a key policy, a vault's access policy, a trust policy.
    pub resource: Option<Document<'a>>,
    /// The identity policies of the caller.
    pub identity: Documents<'a>,
    /// The permissions boundary of the caller.
    pub boundary: Option<Documents<'a>>,
    /// The session policies of the caller.
    pub session: Option<Documents<'a>>,
    /// The service control policies of the caller's account: the root's, each OU's, the
    /// account's.
    pub scp: Option<Levels<'a>>,
    /// The resource control policies of the resource's account, by level.
    pub rcp: Option<Levels<'a>>,
    /// The policy of the VPC endpoint that the call enters through.
    pub endpoint: Option<Document<'a>>,
    /// The grants on the key.
    pub grants: Grants<'a>,
}

/// One policy, or the knowledge that there is one that was not read.
#[derive(Debug, Clone, Copy)]
pub enum Document<'a> {
    /// A policy.
    Known(&'a Policy),
    /// It may say anything.
    Unknown,
}

/// Several policies, or the knowledge that which ones is not known.
#[derive(Debug, Clone)]
pub enum Documents<'a> {
    /// These policies.
    Known(Vec<Document<'a>>),
    /// Any number, which may say anything.
    Unknown,
}

/// Policies by level, or the knowledge that they were not read.
#[derive(Debug, Clone)]
pub enum Levels<'a> {
    /// From the root to the account; each level must allow.
    Known(Vec<Documents<'a>>),
    /// They may say anything.
    Unknown,
}

/// The grants on a key, or the knowledge that they were not read.
#[derive(Debug, Clone, Copy)]
pub enum Grants<'a> {
    /// These grants.
    Known(&'a [Grant]),
    /// They may allow anything.
    Unknown,
}

impl Default for Documents<'_> {
    fn default() -> Self {
        Self::Known(Vec::new())
    }
}

impl Default for Grants<'_> {
    fn default() -> Self {
        Self::Known(&[])
    }
}

/// What AWS's service lists say, as far as the decision needs it.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Service prefixes whose resources stand under resource control policies.
    pub rcp_services: HashSet<SmolStr>,
    /// Names, in lower case, of the KMS operations that work across accounts; on others a key
    /// policy has no effect for a foreign principal.
    pub kms_cross_account: HashSet<SmolStr>,
    /// Condition keys in lower case that have one value; a trailing `*` stands for any name.
    pub single_valued_keys: HashSet<SmolStr>,
}

impl Catalogue {
    /// Whether a key certainly has at most one value.
    pub(crate) fn is_single_valued(&self, key: &str) -> bool {
        if self.single_valued_keys.contains(key) {
            return true;
        }
        // Families such as `aws:principaltag/*` and `kms:encryptioncontext:*`.
        let families =
            key.char_indices().filter(|&(at, character)| at > 0 && matches!(character, '/' | ':'));
        families.filter_map(|(at, _)| key.get(..=at)).any(|family| {
            let family = format!("{family}*");
            self.single_valued_keys.contains(family.as_str())
        })
    }
}

/// What the policies decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed.
    Allow,
    /// Denied.
    Deny(DenyKind),
    /// It depends on what is not known.
    Depends,
}

/// Why a request is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenyKind {
    /// A Deny matches.
    Explicit,
    /// A policy that must allow does not.
    Implicit,
    /// The service refuses it whatever the policies say.
    ServiceRule,
}

/// A decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// The statements and grants that decide it: for a Deny those that deny, for an Allow those
    /// that allow.
    pub deciding: Vec<StatementRef>,
    /// For [`Outcome::Depends`]: what it hangs on.
    pub depends_on: Vec<Dependency>,
    /// For an implicit Deny: the groups of policies none of which allows.
    pub lacking: Vec<Group>,
}

/// A statement, or a grant, by the policy it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatementRef {
    /// The policy.
    pub place: Place,
    /// The index of the statement in its policy; 0 for a grant.
    pub statement: usize,
    /// Its Sid, where it has one.
    pub sid: Option<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// A policy among [`Policies`]; indices count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The resource's policy.
    Resource,
    /// The identity policy with this index.
    Identity(usize),
    /// The boundary with this index.
    Boundary(usize),
    /// The session policy with this index.
    Session(usize),
    /// Level and index of a service control policy.
    Scp(usize, usize),
    /// Level and index of a resource control policy.
    Rcp(usize, usize),
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The grant with this index.
    Grant(usize),
}

/// Policies of which one must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The resource's policy.
    Resource,
    /// The identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// A level of service control policies.
    Scp(usize),
    /// A level of resource control policies.
    Rcp(usize),
    /// The service control policies of all levels.
    EveryScp,
    /// The resource control policies of all levels.
    EveryRcp,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The grants on the key.
    Grants,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(index) => write!(f, "identity[{index}]"),
            Self::Boundary(index) => write!(f, "boundary[{index}]"),
            Self::Session(index) => write!(f, "session[{index}]"),
            Self::Scp(level, index) => write!(f, "scp[{level}][{index}]"),
            Self::Rcp(level, index) => write!(f, "rcp[{level}][{index}]"),
            Self::Grant(index) => write!(f, "grants[{index}]"),
            Self::Resource | Self::Endpoint => self.group().fmt(f),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource => f.write_str("resource"),
            Self::Identity => f.write_str("identity"),
            Self::Boundary => f.write_str("boundary"),
            Self::Session => f.write_str("session"),
            Self::Scp(level) => write!(f, "scp[{level}]"),
            Self::Rcp(level) => write!(f, "rcp[{level}]"),
            Self::EveryScp => f.write_str("scp"),
            Self::EveryRcp => f.write_str("rcp"),
            Self::Endpoint => f.write_str("vpce"),
            Self::Grants => f.write_str("grants"),
        }
    }
}

impl Place {
    /// The group that the policy belongs to.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Self::Resource => Group::Resource,
            Self::Identity(_) => Group::Identity,
            Self::Boundary(_) => Group::Boundary,
            Self::Session(_) => Group::Session,
            Self::Scp(level, _) => Group::Scp(level),
            Self::Rcp(level, _) => Group::Rcp(level),
            Self::Endpoint => Group::Endpoint,
            Self::Grant(_) => Group::Grants,
        }
    }
}

/// What a decision hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The thing that is not known.
    pub on: Open,
    /// The statements that make it matter; empty where a whole policy is not known.
    pub statements: Vec<StatementRef>,
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open {
    /// The value or presence of a condition key, as the policy writes it.
    Key(SmolStr),
    /// What a policy says, which was not read or not understood.
    Policy(Place),
    /// Which policies there are and what they say.
    Policies(Group),
    /// How AWS reads something that stands in a policy; the text says what.
    Reading(Place, SmolStr),
    /// Which account owns the resource, or which the caller belongs to.
    Account,
    /// What kind of resource the ARN names.
    Resource,
}

/// Decides a request.
#[must_use]
pub fn decide(request: &Request, policies: &Policies<'_>, catalogue: &Catalogue) -> Decision {
    let mut trace = Trace::default();
    let (kind, other) = resource_kinds(request);
    let mut evaluation = evaluate(request, policies, catalogue, kind, &mut trace);
    evaluation.kind_is_open = other.is_some();
    let outcome = match agreed(evaluation.outcome(), other, request, policies, catalogue) {
        Outcome::Depends => {
            refine::refine(request, policies, catalogue).unwrap_or(Outcome::Depends)
        }
        outcome => outcome,
    };
    explain::explain(outcome, &evaluation, &trace, request, policies)
}

/// The outcome alone: what [`decide`] gives before it looks for alternatives that agree.
pub(crate) fn evaluate_outcome(
    request: &Request,
    policies: &Policies<'_>,
    catalogue: &Catalogue,
) -> Outcome {
    let (kind, other) = resource_kinds(request);
    let outcome = evaluate(request, policies, catalogue, kind, &mut Silent).outcome();
    agreed(outcome, other, request, policies, catalogue)
}

/// The outcome that also holds where the resource is of another kind.
fn agreed(
    outcome: Outcome,
    other: Option<PolicyKind>,
    request: &Request,
    policies: &Policies<'_>,
    catalogue: &Catalogue,
) -> Outcome {
    match other {
        None => outcome,
        Some(other) => {
            outcome.agree(evaluate(request, policies, catalogue, other, &mut Silent).outcome())
        }
    }
}

impl Outcome {
    /// The outcome of two readings: a deny for whatever reason is a deny.
    pub(crate) fn agree(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allow, Self::Allow) => Self::Allow,
            // That it is explicit only where both say so.
            (Self::Deny(one), Self::Deny(other)) => {
                Self::Deny(if one == other { one } else { DenyKind::Implicit })
            }
            _ => Self::Depends,
        }
    }
}

/// Hears of every statement that matches or may match, and of every policy not known.
pub(crate) trait Observer<'a> {
    fn statement(&mut self, found: Found<'a>);
    fn unknown(&mut self, open: Open);
    fn grant(&mut self, index: usize, grant: &'a Grant, allows: Truth);
}

/// A statement that matches or may match.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) place: Place,
    pub(crate) kind: PolicyKind,
    pub(crate) policy: &'a Policy,
    pub(crate) statement: &'a Statement,
    pub(crate) matched: Classes,
}

struct Silent;

impl<'a> Observer<'a> for Silent {
    fn statement(&mut self, _: Found<'a>) {}
    fn unknown(&mut self, _: Open) {}
    fn grant(&mut self, _: usize, _: &'a Grant, _: Truth) {}
}

/// What the policies say together.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    /// Whether the service refuses it by itself.
    pub(crate) service_rule: Truth,
    /// Whether some Deny matches.
    pub(crate) deny: Truth,
    /// Whether everything that must allow does.
    pub(crate) grant: Truth,
    /// Whether caller and resource share an account.
    pub(crate) same_account: Truth,
    /// Whether the ARN leaves open what kind of resource it names.
    pub(crate) kind_is_open: bool,
    /// The groups that do not certainly allow, with what they say.
    pub(crate) gates: Vec<(Group, Truth)>,
}

impl Evaluation {
    fn outcome(&self) -> Outcome {
        match (self.service_rule, self.deny, self.grant) {
            (Truth::True, _, _) => Outcome::Deny(DenyKind::ServiceRule),
            (_, Truth::True, _) => Outcome::Deny(DenyKind::Explicit),
            (_, _, Truth::False) => Outcome::Deny(DenyKind::Implicit),
            (Truth::False, Truth::False, Truth::True) => Outcome::Allow,
            _ => Outcome::Depends,
        }
    }
}

/// What one group of policies says.
#[derive(Debug, Clone, Copy)]
struct Said {
    allow: Classes,
    deny: Truth,
}

impl Said {
    const NOTHING: Self = Self { allow: Classes::NONE, deny: Truth::False };
    const ANYTHING: Self = Self { allow: Classes::all(Truth::Unknown), deny: Truth::Unknown };

    fn or(self, other: Self) -> Self {
        Self { allow: self.allow.or(other.allow), deny: self.deny | other.deny }
    }
}

fn evaluate<'a>(
    request: &Request,
    policies: &Policies<'a>,
    catalogue: &Catalogue,
    resource_kind: PolicyKind,
    observer: &mut impl Observer<'a>,
) -> Evaluation {
    let same = request.same_account();
    let mut walk = Walk { request, observer, has_boundary: has_boundary(policies) };

    let resource = policies
        .resource
        .map_or(Said::NOTHING, |document| walk.document(document, Place::Resource, resource_kind));
    let is_service = request.caller.kind == CallerKind::Service;
    let identity = walk.documents(&policies.identity, PolicyKind::Identity, Place::Identity);
    let boundary = attached(&policies.boundary)
        .map(|set| walk.documents(set, PolicyKind::Identity, Place::Boundary));
    let session = attached(&policies.session)
        .map(|set| walk.documents(set, PolicyKind::Identity, Place::Session));
    let grants =
        if resource_kind == PolicyKind::Key { walk.grants(policies.grants) } else { Truth::False };

    let mut gates = Vec::new();
    let mut deny = resource.deny | identity.deny;
    let mut limit = |said: Option<Said>, group| {
        let Some(said) = said else { return Truth::True };
        deny = deny | said.deny;
        if !said.allow.any().is_true() {
            gates.push((group, said.allow.any()));
        }
        said.allow.any()
    };
    let limits = limit(boundary, Group::Boundary) & limit(session, Group::Session);
    let identity_path = identity.allow.any() & limits;

    let named = resource.allow;
    let own_account = {
        let direct = named.wild | named.direct | (named.role & limits);
        let by_identity = match resource_kind {
            // A key and a role have to trust the account before its policies count.
            PolicyKind::Key | PolicyKind::Trust => named.account & identity_path,
            _ => identity_path,
        };
        direct | by_identity
    };
    let across_accounts =
        if is_service { named.wild | named.direct } else { named.any() & identity_path };
    let mut grant = match same {
        Truth::True => own_account,
        Truth::False => across_accounts,
        Truth::Unknown => own_account.agree(across_accounts),
    } | grants;
    if !grant.is_true() {
        let own = same.is_true() && !matches!(resource_kind, PolicyKind::Key | PolicyKind::Trust);
        let by_identity = own && identity.allow.any().is_true();
        if named.is_open() {
            gates.push((Group::Resource, Truth::Unknown));
        } else if !named.any().is_true() && !by_identity {
            gates.push((Group::Resource, named.any()));
        }
        if !is_service && !identity.allow.any().is_true() {
            gates.push((Group::Identity, identity.allow.any()));
        }
    } else {
        gates.clear();
    }

    let mut guard = |group, said: Said, applies: Truth| {
        // Where it is not known whether the guardrail applies it may allow all the same.
        let allow = said.allow.any() | (!applies).agree(Truth::False);
        deny = deny | (said.deny & applies);
        if !allow.is_true() {
            gates.push((group, allow));
        }
        grant = grant & allow;
    };
    if let Some(levels) = &policies.scp {
        let applies = scp_applies(request);
        if !applies.is_false() {
            walk.levels(levels, PolicyKind::Scp, Place::Scp, |group, said| {
                guard(group, said, applies);
            });
        }
    }
    if let Some(levels) = &policies.rcp {
        let applies = rcp_applies(request, catalogue);
        if !applies.is_false() {
            walk.levels(levels, PolicyKind::Rcp, Place::Rcp, |group, said| {
                guard(group, said, applies);
            });
        }
    }
    if let Some(endpoint) = policies.endpoint
        && !request.via_vpc_endpoint.is_false()
    {
        let said = walk.document(endpoint, Place::Endpoint, PolicyKind::Endpoint);
        guard(Group::Endpoint, said, request.via_vpc_endpoint);
    }

    Evaluation {
        service_rule: service_rule(request, catalogue, resource_kind, same),
        deny,
        grant,
        same_account: same,
        kind_is_open: false,
        gates,
    }
}

/// What the services refuse across accounts whatever the policies say.
///
/// AWS Backup: "cross-account access for any action other than `CopyIntoBackupVault`"
/// (<https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html>).
/// KMS: operations outside its list of cross-account operations have no effect
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>).
fn service_rule(request: &Request, catalogue: &Catalogue, kind: PolicyKind, same: Truth) -> Truth {
    // Asking the list costs more than this.
    if request.caller.kind == CallerKind::Service || same.is_true() {
        return Truth::False;
    }
    let action = &request.action;
    let refused = match kind {
        PolicyKind::Vault => !action.is("backup", "copyintobackupvault"),
        PolicyKind::Key => !catalogue.kms_cross_account.contains(&action.name),
        _ => false,
    };
    if refused { !same } else { Truth::False }
}

/// A boundary or session policy that is attached; a set without policies limits nothing.
fn attached<'s, 'a>(documents: &'s Option<Documents<'a>>) -> Option<&'s Documents<'a>> {
    documents.as_ref().filter(|documents| match documents {
        Documents::Known(documents) => !documents.is_empty(),
        Documents::Unknown => true,
    })
}

/// Whether the caller has a permissions boundary.
pub(crate) fn has_boundary(policies: &Policies<'_>) -> Truth {
    match attached(&policies.boundary) {
        None => Truth::False,
        Some(Documents::Known(_)) => Truth::True,
        Some(Documents::Unknown) => Truth::Unknown,
    }
}

/// Service control policies bind the users and roles of member accounts, never service-linked
/// roles, services, or the management account.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
fn scp_applies(request: &Request) -> Truth {
    match request.caller.kind {
        CallerKind::Service | CallerKind::ServiceLinkedRole => Truth::False,
        CallerKind::Role | CallerKind::User => {
            match (&request.caller.account, &request.management_account) {
                (_, None) => Truth::True,
                (Some(account), Some(management)) => (account != management).into(),
                (None, Some(_)) => Truth::Unknown,
            }
        }
    }
}

/// Resource control policies bind everybody but service-linked roles, on the resources of
/// member accounts, for some services; not AWS managed keys, and not `kms:RetireGrant`.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
fn rcp_applies(request: &Request, catalogue: &Catalogue) -> Truth {
    if request.caller.kind == CallerKind::ServiceLinkedRole
        || !catalogue.rcp_services.contains(&request.action.service)
        || request.action.is("kms", "retiregrant")
    {
        return Truth::False;
    }
    let member = match (&request.resource_account, &request.management_account) {
        (_, None) => Truth::True,
        (Some(account), Some(management)) => (account != management).into(),
        (None, Some(_)) => Truth::Unknown,
    };
    member & !request.aws_managed_key
}

/// What kind of policy the resource has, and another kind where its ARN leaves that open. A KMS
/// alias or `*` has none: such actions are governed by identity policies.
fn resource_kinds(request: &Request) -> (PolicyKind, Option<PolicyKind>) {
    match request.action.service.as_str() {
        "kms" => match last_component(&request.resource) {
            Some(last) if last.starts_with("key/") => (PolicyKind::Key, None),
            Some(_) => (PolicyKind::Resource, None),
            None => (PolicyKind::Key, Some(PolicyKind::Resource)),
        },
        "backup" => (PolicyKind::Vault, None),
        "sts" => match last_component(&request.resource) {
            Some(last) if last.starts_with("role/") => (PolicyKind::Trust, None),
            Some(_) => (PolicyKind::Resource, None),
            None => (PolicyKind::Trust, Some(PolicyKind::Resource)),
        },
        _ => (PolicyKind::Resource, None),
    }
}

/// What stands behind the last colon, as far as it is certain how it begins.
fn last_component(arn: &Text) -> Option<&str> {
    if let Some(whole) = arn.known() {
        let behind = memchr::memrchr(b':', whole.as_bytes()).map_or(0, |colon| colon + 1);
        return whole.get(behind..);
    }
    let pieces: Vec<PieceRef<'_>> = arn.pieces().collect();
    match pieces.as_slice() {
        [.., PieceRef::Known(last)] => last.rsplit_once(':').map(|(_, behind)| behind),
        // Neither key nor role has a colon in its name: what begins like one is one.
        [PieceRef::Known(first), PieceRef::Gap] => first
            .rsplit(':')
            .next()
            .filter(|last| last.starts_with("key/") || last.starts_with("role/")),
        _ => None,
    }
}

struct Walk<'r, O> {
    request: &'r Request,
    observer: &'r mut O,
    has_boundary: Truth,
}

impl<'a, O: Observer<'a>> Walk<'_, O> {
    fn document(&mut self, document: Document<'a>, place: Place, kind: PolicyKind) -> Said {
        let policy = match document {
            Document::Known(policy) if policy.doubt.is_none() => policy,
            _ => {
                self.observer.unknown(Open::Policy(place));
                return Said::ANYTHING;
            }
        };
        let mut said = Said::NOTHING;
        for statement in &policy.statements {
            let matched = statement.matches(kind, self.request, self.has_boundary, policy.version);
            if matched == Classes::NONE {
                continue;
            }
            self.observer.statement(Found { place, kind, policy, statement, matched });
            match statement.effect {
                Effect::Allow => said.allow = said.allow.or(matched),
                Effect::Deny => said.deny = said.deny | matched.any(),
                Effect::Unknown => {
                    said.allow = said.allow.or(matched.and(Truth::Unknown));
                    said.deny = said.deny | matched.any().at_most_unknown();
                }
            }
        }
        said
    }

    fn documents(
        &mut self,
        documents: &Documents<'a>,
        kind: PolicyKind,
        place: impl Fn(usize) -> Place,
    ) -> Said {
        match documents {
            Documents::Known(documents) => {
                let mut said = Said::NOTHING;
                for (index, &document) in documents.iter().enumerate() {
                    said = said.or(self.document(document, place(index), kind));
                }
                said
            }
            Documents::Unknown => {
                self.observer.unknown(Open::Policies(place(0).group()));
                Said::ANYTHING
            }
        }
    }

    fn levels(
        &mut self,
        levels: &Levels<'a>,
        kind: PolicyKind,
        place: fn(usize, usize) -> Place,
        mut each: impl FnMut(Group, Said),
    ) {
        match levels {
            Levels::Known(levels) => {
                for (level, documents) in levels.iter().enumerate() {
                    let said = self.documents(documents, kind, |index| place(level, index));
                    each(place(level, 0).group(), said);
                }
            }
            Levels::Unknown => {
                let every = if kind == PolicyKind::Scp { Group::EveryScp } else { Group::EveryRcp };
                self.observer.unknown(Open::Policies(every));
                each(every, Said::ANYTHING);
            }
        }
    }

    fn grants(&mut self, grants: Grants<'a>) -> Truth {
        match grants {
            Grants::Known(grants) => {
                let mut result = Truth::False;
                for (index, grant) in grants.iter().enumerate() {
                    let allows = grant.allows(self.request);
                    if !allows.is_false() {
                        self.observer.grant(index, grant, allows);
                    }
                    result = result | allows;
                }
                result
            }
            Grants::Unknown => {
                self.observer.unknown(Open::Policies(Group::Grants));
                Truth::Unknown
            }
        }
    }
}
