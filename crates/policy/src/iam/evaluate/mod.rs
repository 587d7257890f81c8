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

mod applies;
mod decision;
mod policies;
mod walk;

use applies::{rcp_applies, resource_kinds, scp_applies, service_rule};
use policies::attached;
use walk::{Said, Silent, Walk};

use super::explain::{self, Trace};
use super::refine;
use super::request::{CallerKind, Request};
use super::statement::PolicyKind;
use crate::Truth;

pub use decision::{Decision, DenyKind, Dependency, Group, Open, Outcome, Place, StatementRef};
pub(crate) use policies::has_boundary;
pub use policies::{Catalogue, Document, Documents, Grants, Levels, Policies};
pub(crate) use walk::{Found, Observer};

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
