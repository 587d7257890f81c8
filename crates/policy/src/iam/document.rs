//! Policy documents: the elements of the IAM policy language, each with its place.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
//!
//! Reading never fails. What the grammar does not allow is kept as a [`Problem`], and the
//! statement that holds it can no longer match with certainty.

mod lower;
mod problem;

pub use lower::Integrity;
pub(crate) use lower::variable_in_arn_prefix;
pub use problem::{Problem, ProblemKind};

use std::sync::OnceLock;

use smol_str::SmolStr;

use super::condition::Condition;
use super::context::folded;
use super::glance::Glance;
use super::principal::Principal;
use crate::few::Few;
use crate::source::Span;
use crate::text::{PieceRef, Text};

/// A policy document.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The whole document.
    pub span: Span,
    /// The version of the policy language.
    pub version: Version,
    /// The statements in their order.
    pub statements: Vec<Statement>,
    /// What the grammar does not allow, in the order of the text.
    pub problems: Vec<Problem>,
    /// Why nothing can be said of the document as a whole: it could not be read to its end,
    /// or members stand twice in it and AWS does not say which one counts.
    pub doubt: Option<Doubt>,
    /// Gathered when they are first asked for.
    named_keys: OnceLock<NamedKeys>,
}

/// The condition keys that the statements of a policy name, each once: a policy may have many
/// statements, and what it asks for is looked up for every request.
#[derive(Debug, Clone, Default)]
struct NamedKeys {
    /// INVARIANT: in lower case and unique.
    keys: Vec<SmolStr>,
    /// Whether a condition is on a key that is not known.
    open: bool,
}

/// The version of the policy language; it decides whether `${…}` is a variable.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, or no version: variables are plain text.
    V2008,
    /// `2012-10-17`: variables are replaced.
    V2012,
    /// Another version, or one that is not known.
    Other,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its place in the list, counted from 0.
    pub index: usize,
    /// The whole statement.
    pub span: Span,
    /// The statement id.
    pub sid: Option<Term>,
    /// Allow or Deny.
    pub effect: Effect,
    /// Where the effect stands; the statement where it has none.
    pub effect_span: Span,
    /// Whom the statement is about; `None` where it says nothing of it.
    pub principal: Option<Principal>,
    /// The actions it is about.
    pub action: Option<Element>,
    /// Which actions its list may name.
    pub(crate) glance: Glance,
    /// The resources it is about.
    pub resource: Option<Element>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<Condition>,
    /// Whether a member has a key that is not understood, so that an element that seems to be
    /// missing may be there.
    pub open_elements: bool,
    /// Why the statement cannot match with certainty: it holds something the grammar does not
    /// allow, so that AWS may refuse it or read it in a way that is not written down.
    pub doubt: Option<Doubt>,
}

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`, in this spelling.
    Allow,
    /// `Deny`, in this spelling.
    Deny,
    /// Neither; it may be either.
    Unknown,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub struct Element {
    /// Whether the statement is about everything but what is listed.
    pub negated: bool,
    /// The key, for a label on the whole element.
    pub key_span: Span,
    /// The values.
    pub terms: Few<Term>,
}

/// One string of a policy.
#[derive(Debug, Clone)]
pub struct Term {
    /// The string; a number or Boolean in its digits or letters.
    pub text: Text,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether `${` stands in it.
    pub variables: bool,
    /// Whether `*` or `?` stands in it, or may stand in a gap. Most texts have none, and what
    /// wildcards bring with them need not be asked of those.
    pub(crate) wildcards: bool,
}

/// Why a certain answer is not possible, and the place that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What stands there.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
}

const WILDCARD: u8 = 1;
const DOLLAR: u8 = 2;

/// Whether a text has variables, and whether it has wildcards.
fn specials(text: &str) -> (bool, bool) {
    let found = text.bytes().fold(0, |found, byte| found | special(byte));
    (found & DOLLAR != 0 && text.contains("${"), found & WILDCARD != 0)
}

/// What a character means in a pattern. Most texts have no such character, so this has no branch
/// for each of them.
fn special(byte: u8) -> u8 {
    match byte {
        b'*' | b'?' => WILDCARD,
        b'$' => DOLLAR,
        _ => 0,
    }
}

impl Term {
    pub(crate) fn new(text: Text, span: Span) -> Self {
        let (variables, wildcards) = match text.known() {
            Some(known) => specials(known),
            None => text.pieces().fold((false, false), |(variables, wildcards), piece| {
                let (more_variables, more_wildcards) = match piece {
                    PieceRef::Known(text) => specials(text),
                    PieceRef::Gap => (false, true),
                };
                (variables | more_variables, wildcards | more_wildcards)
            }),
        };
        Self { text, span, variables, wildcards }
    }
}

impl NamedKeys {
    fn of(statements: &[Statement]) -> Self {
        let mut named = Self::default();
        for statement in statements {
            for condition in &statement.conditions {
                named.open |= condition.key.known().is_none();
                named.keys.push(condition.key_folded.clone());
            }
            let elements = [&statement.action, &statement.resource];
            let terms = elements.into_iter().flatten().flat_map(|element| &element.terms);
            let values = statement.conditions.iter().flat_map(|condition| &condition.values);
            for term in terms.chain(values).filter(|term| term.variables) {
                super::variable::keys(term).for_each(|key| named.keys.push(folded(key)));
            }
        }
        named.keys.sort_unstable();
        named.keys.dedup();
        named
    }
}

impl Policy {
    /// Whether a condition or a variable names a key that begins like this, without regard to
    /// case.
    #[must_use]
    pub fn mentions_key(&self, prefix: &str) -> bool {
        let begins = |key: &SmolStr| {
            key.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
        };
        let named = self.named_keys.get_or_init(|| NamedKeys::of(&self.statements));
        named.open || named.keys.iter().any(begins)
    }

    /// The Sid of a statement, where it has a known one.
    #[must_use]
    pub fn sid(&self, statement: usize) -> Option<SmolStr> {
        let sid = self.statements.get(statement)?.sid.as_ref()?;
        sid.text.known().map(SmolStr::from)
    }
}
