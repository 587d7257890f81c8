//! Principals: which callers an element is about, and how directly it names them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::document::Term;
use super::pattern::{text_equals, texts_equal};
use super::request::{Caller, CallerKind};
use crate::Truth;
use crate::few::Few;
use crate::source::Span;
use crate::text::Text;

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Whether the statement is about everybody but those listed.
    pub negated: bool,
    /// The key, for a label on the whole element.
    pub key_span: Span,
    /// The values in their order.
    pub terms: Few<PrincipalTerm>,
}

/// One value with the key of the map it stands under.
#[derive(Debug, Clone)]
pub struct PrincipalTerm {
    /// The key of the map.
    pub kind: PrincipalKind,
    /// The value.
    pub term: Term,
}

/// The key of the map that a principal stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Accounts, roles, users and sessions; `*` outside a map reads as this kind too.
    Aws,
    /// A service principal.
    Service,
    /// An identity provider: only trust policies can name one, no caller here is one.
    Federated,
    /// A canonical user id: only S3 knows them.
    CanonicalUser,
    /// A key that does not exist, or is not known.
    Unknown,
}

/// How an element names a caller. The classes matter because an Allow for an account only
/// delegates to that account, and an Allow for a role is still limited by its boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes {
    /// `*`.
    pub(crate) wild: Truth,
    /// The session, the user or the service itself.
    pub(crate) direct: Truth,
    /// The role of the session.
    pub(crate) role: Truth,
    /// The account.
    pub(crate) account: Truth,
}

impl Classes {
    pub(crate) const NONE: Self = Self::all(Truth::False);

    pub(crate) const fn all(value: Truth) -> Self {
        Self { wild: value, direct: value, role: value, account: value }
    }

    pub(crate) const fn wild(value: Truth) -> Self {
        Self { wild: value, ..Self::NONE }
    }

    pub(crate) fn any(self) -> Truth {
        self.wild | self.direct | self.role | self.account
    }

    /// Whether some way of naming the caller is open.
    pub(crate) fn is_open(self) -> bool {
        [self.wild, self.direct, self.role, self.account].iter().any(|class| class.is_unknown())
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            wild: self.wild | other.wild,
            direct: self.direct | other.direct,
            role: self.role | other.role,
            account: self.account | other.account,
        }
    }

    pub(crate) fn and(self, truth: Truth) -> Self {
        Self {
            wild: self.wild & truth,
            direct: self.direct & truth,
            role: self.role & truth,
            account: self.account & truth,
        }
    }
}

impl Principal {
    /// Matches a caller. `has_boundary` tells whether a permissions boundary is attached to it.
    pub(crate) fn matches(&self, caller: &Caller, has_boundary: Truth) -> Classes {
        let mut classes = Classes::NONE;
        for term in &self.terms {
            classes = classes.or(term.matches(caller));
        }
        if self.negated { Classes::wild(excludes(classes, has_boundary)) } else { classes }
    }
}

/// Whether a `NotPrincipal` that names the caller like this still applies to it.
///
/// AWS asks for identity **and** account to be listed; "otherwise the policy might deny access
/// to the entire account", so one without the other leaves it open. A caller with a permissions
/// boundary is always denied.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn excludes(named: Classes, has_boundary: Truth) -> Truth {
    let identity = named.wild | named.direct | named.role;
    let applies = match (identity, named.account) {
        (Truth::True, Truth::True) => Truth::False,
        (Truth::False, Truth::False) => Truth::True,
        _ => Truth::Unknown,
    };
    match has_boundary {
        Truth::True => Truth::True,
        Truth::Unknown => applies | Truth::Unknown,
        Truth::False => applies,
    }
}

impl PrincipalTerm {
    /// How this value names the caller.
    pub(crate) fn matches(&self, caller: &Caller) -> Classes {
        match self.kind {
            PrincipalKind::Service => {
                let named = match caller.kind {
                    CallerKind::Service => texts_equal(&self.term.text, &caller.principal),
                    _ => Truth::False,
                };
                Classes { direct: named, ..Classes::NONE }
            }
            PrincipalKind::Federated | PrincipalKind::CanonicalUser => Classes::NONE,
            PrincipalKind::Unknown => Classes::all(Truth::Unknown),
            PrincipalKind::Aws => self.matches_aws(caller),
        }
    }

    fn matches_aws(&self, caller: &Caller) -> Classes {
        let text = &self.term.text;
        let wild = text_equals(text, "*");
        if caller.kind == CallerKind::Service || wild.is_true() {
            return Classes::wild(wild);
        }
        let account = match text.known() {
            Some(known) => match account_of(known) {
                // An account is no principal of its own, not even for its root user.
                Some(account) => {
                    return Classes { account: is_account(account, caller), ..Classes::NONE };
                }
                None => Truth::False,
            },
            None => may_name_account(text, caller),
        };
        let (direct, role) = names_identity(text, caller);
        Classes { wild, direct, role, account }
    }
}

/// Whether a text names the caller itself, and whether it names the role of its session.
pub(crate) fn names_identity(text: &Text, caller: &Caller) -> (Truth, Truth) {
    let itself = texts_equal(text, &caller.principal);
    let is_role = caller.principal.known().is_some_and(|arn| arn.contains(":role/"));
    if is_role {
        // A role stands for any of its sessions; whether it is the one session that is named
        // here cannot be told.
        (names_session_of(text, &caller.principal), itself)
    } else {
        (itself, names_role_of(text, caller))
    }
}

fn names_role_of(text: &Text, caller: &Caller) -> Truth {
    if let Some(role) = &caller.role_arn {
        return text_equals(text, role);
    }
    // A session does not show the path of its role; without the role's ARN only the name
    // can be compared.
    let (Some(role), Some(session)) = (text.known(), caller.principal.known()) else {
        return Truth::Unknown;
    };
    match (role_parts(role), session_parts(session)) {
        (Some((account, path, name)), Some((session_account, session_role))) => {
            let named = account == session_account && name == session_role;
            if named && path.is_empty() {
                Truth::True
            } else {
                Truth::from(named).at_most_unknown()
            }
        }
        _ => Truth::False,
    }
}

/// Whether the account is the caller's.
fn is_account(account: &str, caller: &Caller) -> Truth {
    match &caller.account {
        Some(own) => (own == account).into(),
        None => Truth::Unknown,
    }
}

/// Whether a text with gaps may be the account of the caller, as twelve digits or as ARN of its
/// root.
fn may_name_account(text: &Text, caller: &Caller) -> Truth {
    let Some(account) = &caller.account else { return Truth::Unknown };
    let root = |partition: &str| format!("arn:{partition}:iam::{account}:root");
    let partitions = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"];
    let is_root = Truth::any(partitions.map(|partition| text_equals(text, &root(partition))));
    (text_equals(text, account) | is_root).at_most_unknown()
}

/// The account that a principal names: twelve digits, or the ARN of an account's root.
#[must_use]
pub fn account_of(principal: &str) -> Option<&str> {
    let account = match principal.strip_prefix("arn:") {
        // Most ARNs are no root's, which their end shows at once.
        Some(behind) => {
            let behind = behind.strip_suffix(":root")?;
            let (before, account) = behind.split_at_checked(behind.len().checked_sub(12)?)?;
            let partition = before.strip_suffix(":iam::")?;
            if partition.contains(':') {
                return None;
            }
            account
        }
        None => principal,
    };
    is_account_id(account).then_some(account)
}

/// Whether this is an account id: twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Account, path and name of a role ARN.
fn role_parts(arn: &str) -> Option<(&str, &str, &str)> {
    let (_, behind) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
    let (account, role) = behind.split_once(":role/")?;
    let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
    Some((account, path, name))
}

/// Account and role name of a session ARN.
fn session_parts(arn: &str) -> Option<(&str, &str)> {
    let (_, behind) = arn.strip_prefix("arn:")?.split_once(":sts::")?;
    let (account, session) = behind.split_once(":assumed-role/")?;
    Some((account, session.split_once('/')?.0))
}

/// Whether the text names one session of the role: which sessions the role has is not known.
fn names_session_of(text: &Text, role: &Text) -> Truth {
    let Some((account, _, name)) = role.known().and_then(role_parts) else {
        return Truth::Unknown;
    };
    match text.known() {
        Some(text) => Truth::from(session_parts(text) == Some((account, name))).at_most_unknown(),
        None => Truth::Unknown,
    }
}
