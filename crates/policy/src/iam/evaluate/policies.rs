//! The policies that may concern a request, and what AWS's service lists say of it.

use std::collections::HashSet;

use smol_str::SmolStr;

use crate::Truth;
use crate::iam::document::Policy;
use crate::iam::grant::Grant;

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

/// A boundary or session policy that is attached; a set without policies limits nothing.
pub(super) fn attached<'s, 'a>(documents: &'s Option<Documents<'a>>) -> Option<&'s Documents<'a>> {
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
