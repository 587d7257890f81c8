//! Whether a statement is about a request.

use super::context::ContextValue;
use super::document::{Doubt, Element, Statement, Term, Version, variable_in_arn_prefix};
use super::pattern::{Case, Part, Pattern};
use super::principal::{Classes, PrincipalKind};
use super::request::{Action, Request};
use super::variable::{self, Unresolved, Wildcards};
use crate::Truth;
use crate::source::Span;
use crate::text::at_colon;

/// What a policy is attached to; it decides which elements it must have and how they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// The policy of a KMS key.
    Key,
    /// The access policy of a backup vault.
    Vault,
    /// The policy of another resource.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// An identity policy, a permissions boundary or a session policy.
    Identity,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// The policy of a VPC endpoint.
    Endpoint,
}

impl PolicyKind {
    /// Whether statements say whom they are about.
    fn has_principal(self) -> bool {
        !matches!(self, Self::Identity | Self::Scp)
    }
}

/// An empty `NotAction` or `NotResource` excepts nothing, while AWS says that a statement with an
/// empty list does nothing.
const EMPTY_NEGATION: Truth = Truth::Unknown;

/// One part of a statement that does not match, or of which it cannot be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// The part.
    pub part: StatementPart,
    /// Where it stands.
    pub span: Span,
    /// False or unknown.
    pub truth: Truth,
}

/// The parts of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementPart {
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// The condition with this index.
    Condition(usize),
    /// Something the grammar does not allow.
    Doubt(Doubt),
}

impl Statement {
    /// Whether the statement is about the request, by the way in which it names the caller.
    pub(crate) fn matches(
        &self,
        kind: PolicyKind,
        request: &Request,
        has_boundary: Truth,
        version: Version,
    ) -> Classes {
        let action = self.matches_action(kind, &request.action);
        if action.is_false() {
            return Classes::NONE;
        }
        let resource = action & self.matches_resource(kind, request, version);
        if resource.is_false() {
            return Classes::NONE;
        }
        let principal = self.matches_principal(kind, request, has_boundary);
        if principal == Classes::NONE {
            return Classes::NONE;
        }
        let mut rest = resource;
        for condition in &self.conditions {
            rest = rest & condition.holds(&request.context, version);
            if rest.is_false() {
                return Classes::NONE;
            }
        }
        if self.doubt.is_some() {
            rest = rest.at_most_unknown();
        }
        principal.and(rest)
    }

    /// The parts that keep the statement from matching with certainty, in the order of
    /// evaluation.
    #[must_use]
    pub fn mismatches(
        &self,
        kind: PolicyKind,
        request: &Request,
        has_boundary: Truth,
        version: Version,
    ) -> Vec<Mismatch> {
        let element_span = |element: &Option<Element>| {
            element.as_ref().map_or(self.span, |element| match element.terms.as_slice() {
                [] => element.key_span,
                [first, .., last] => first.span.to(last.span),
                [only] => only.span,
            })
        };
        let principal_span = self.principal.as_ref().map_or(self.span, |principal| match principal
            .terms
            .as_slice()
        {
            [] => principal.key_span,
            [first, .., last] => first.term.span.to(last.term.span),
            [only] => only.term.span,
        });
        let mut found = vec![
            Mismatch {
                part: StatementPart::Action,
                span: element_span(&self.action),
                truth: self.matches_action(kind, &request.action),
            },
            Mismatch {
                part: StatementPart::Resource,
                span: element_span(&self.resource),
                truth: self.matches_resource(kind, request, version),
            },
            Mismatch {
                part: StatementPart::Principal,
                span: principal_span,
                truth: self.matches_principal(kind, request, has_boundary).any(),
            },
        ];
        for (index, condition) in self.conditions.iter().enumerate() {
            found.push(Mismatch {
                part: StatementPart::Condition(index),
                span: condition.span,
                truth: condition.holds(&request.context, version),
            });
        }
        if let Some(doubt) = &self.doubt {
            found.push(Mismatch {
                part: StatementPart::Doubt(doubt.clone()),
                span: doubt.span,
                truth: Truth::Unknown,
            });
        }
        found.retain(|mismatch| !mismatch.truth.is_true());
        found
    }

    fn matches_action(&self, kind: PolicyKind, action: &Action) -> Truth {
        let Some(element) = &self.action else {
            // KMS accepts such a statement, and it does nothing. Others refuse it.
            // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
            let ineffective = kind == PolicyKind::Key && !self.open_elements;
            return if ineffective { Truth::False } else { Truth::Unknown };
        };
        if element.negated && element.terms.is_empty() {
            return EMPTY_NEGATION;
        }
        if !self.glance.may_name(action.glance) {
            return element.negated.into();
        }
        let named = Truth::any(element.terms.iter().map(|term| {
            let matched = matches_action(term, action);
            // AWS Backup has no wildcard in the actions of a vault's access policy. Whether it
            // refuses or ignores one is not documented.
            // https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
            if kind == PolicyKind::Vault && term.wildcards {
                matched.at_most_unknown()
            } else {
                matched
            }
        }));
        if element.negated { !named } else { named }
    }

    fn matches_resource(&self, kind: PolicyKind, request: &Request, version: Version) -> Truth {
        let Some(element) = &self.resource else {
            return match kind {
                PolicyKind::Key if !self.open_elements => Truth::False,
                PolicyKind::Trust if !self.open_elements => Truth::True,
                _ => Truth::Unknown,
            };
        };
        if element.negated && element.terms.is_empty() {
            return EMPTY_NEGATION;
        }
        let mut named = Truth::False;
        let mut unresolved = false;
        for term in &element.terms {
            match matches_resource(term, request, version) {
                Ok(matched) => named = named | matched,
                Err(Unresolved) => unresolved = true,
            }
            if named.is_true() {
                break;
            }
        }
        match element.negated {
            false => named,
            // A variable without value matches no resource, in `NotResource` too: that can be
            // read as "nothing is excepted" and as "the statement is about nothing".
            true if unresolved => (!named).agree(Truth::False),
            true => !named,
        }
    }

    fn matches_principal(
        &self,
        kind: PolicyKind,
        request: &Request,
        has_boundary: Truth,
    ) -> Classes {
        match (&self.principal, kind.has_principal()) {
            (Some(principal), true) => {
                let classes = principal.matches(&request.caller, has_boundary);
                let everybody = |kind, text| kind == PrincipalKind::Aws && text == Some("*");
                let everybody = !principal.negated
                    && principal
                        .terms
                        .iter()
                        .all(|term| everybody(term.kind, term.term.text.known()));
                // Organizations has no other principal in a resource control policy.
                if kind == PolicyKind::Rcp && !everybody {
                    classes.and(Truth::Unknown)
                } else {
                    classes
                }
            }
            (None, true) if self.open_elements => Classes::all(Truth::Unknown),
            // A statement that names nobody is about nobody.
            (None, true) => Classes::NONE,
            (None, false) => Classes::wild(Truth::True),
            // The grammar has no principal here.
            (Some(_), false) => Classes::wild(Truth::Unknown),
        }
    }
}

/// Matches the pattern of an action: `*`, or `service:Name` with wildcards in the name.
///
/// AWS's grammar has no wildcard in the service, while Access Analyzer only advises against
/// one; so a pattern that matches by such a wildcard is unknown.
pub fn matches_action(term: &Term, action: &Action) -> Truth {
    let Some(pattern) = term.text.known() else {
        let whole = format!("{}:{}", action.service, action.name);
        let parts = variable::expand_plain(term);
        return parts.matches(&whole.into(), Case::Ignored);
    };
    if !term.wildcards {
        return pattern.eq_ignore_ascii_case(&action.text).into();
    }
    if let Some(name) = behind_service(pattern, &action.service) {
        return glob(name, &action.name);
    }
    match at_colon(pattern) {
        None => (pattern == "*").into(),
        Some((service, name)) if service.contains(['*', '?']) => {
            (glob(service, &action.service) & glob(name, &action.name)).at_most_unknown()
        }
        _ => Truth::False,
    }
}

/// The name in a pattern of an action of this service; a service has no colon in it.
fn behind_service<'a>(pattern: &'a str, service: &str) -> Option<&'a str> {
    // Most patterns are of other services, whose names mostly end elsewhere.
    if pattern.as_bytes().get(service.len()) != Some(&b':') {
        return None;
    }
    let (begin, behind) = pattern.split_at_checked(service.len())?;
    behind.get(1..).filter(|_| begin.eq_ignore_ascii_case(service))
}

fn glob(pattern: &str, folded: &smol_str::SmolStr) -> Truth {
    Pattern::One(Part::Glob(pattern)).matches_str(folded, Case::Ignored)
}

/// Matches the pattern of a resource against the resource of the request.
///
/// # Errors
/// [`Unresolved`] where the pattern names a variable that has no value.
pub(crate) fn matches_resource(
    term: &Term,
    request: &Request,
    version: Version,
) -> Result<Truth, Unresolved> {
    if term.text.known() == Some("*") {
        return Ok(Truth::True);
    }
    let pattern = variable::expand(term, version, &request.context, Wildcards::Apply)?;
    if term.variables && version != Version::V2008 && variable_in_arn_prefix(term) {
        return Ok(Truth::Unknown);
    }
    let matched = pattern.matches(&request.resource, Case::Sensitive);
    if matched.is_true()
        && (wildcard_in_service(term) || pattern.crosses_colon_within_component(&request.resource))
    {
        return Ok(Truth::Unknown);
    }
    Ok(matched)
}

/// Whether the service of an ARN pattern is not spelled out; AWS has no wildcard there.
fn wildcard_in_service(term: &Term) -> bool {
    let mut components =
        term.text.known().into_iter().flat_map(|text| text.as_bytes().split(|&byte| byte == b':'));
    components.nth(2).is_none_or(|service| service.iter().any(|byte| matches!(byte, b'*' | b'?')))
}

/// Whether what is known of a key leaves its value open.
pub(crate) fn is_open(value: &ContextValue) -> bool {
    match value {
        ContextValue::Unknown | ContextValue::Present => true,
        ContextValue::Known(text) => text.known().is_none(),
        ContextValue::Many(texts) => texts.iter().any(|text| text.known().is_none()),
        ContextValue::Absent => false,
    }
}
