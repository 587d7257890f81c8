//! What a rule on one document sees.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::document::{Element, Problem, Version};
use copy_preflight_policy::iam::principal::{
    PrincipalKind, PrincipalTerm, account_of, is_account_id,
};
use copy_preflight_policy::iam::{Condition, Effect, Policy, Statement, Term};
use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::Node;
use smol_str::SmolStr;

use super::catalogue::{KnownAction, Meaning, catalogue};
use super::document::Document;
use super::keys::{ConditionKeys, KnownKey};
use super::kind::DocumentKind;
use crate::arn::Arn;
use crate::facts::Facts;
use crate::outcome::{Applies, Edit, Fix, Label, Outcome};

/// One document, and what rules judge it by.
pub struct DocumentView<'a> {
    /// The document.
    pub(crate) document: &'a Document,
    /// The facts.
    pub(crate) facts: &'a Facts,
    /// The condition keys that exist.
    pub(crate) keys: &'a ConditionKeys,
    /// The time as of which is judged.
    pub(crate) now: Option<jiff::Timestamp>,
    /// The account that owns the document, where anything says so.
    pub(crate) owner: Option<SmolStr>,
    /// What the values of `Action` come to, by statement: many rules ask, and each value is
    /// looked up in the catalogue once.
    meanings: Vec<Vec<Meaning>>,
}

impl<'a> DocumentView<'a> {
    pub(super) fn new(
        document: &'a Document,
        facts: &'a Facts,
        keys: &'a ConditionKeys,
        now: Option<jiff::Timestamp>,
    ) -> Self {
        let statements = document.policy.as_ref().map(|policy| policy.statements.as_slice());
        let of = |statement: &Statement| {
            listed(statement.action.as_ref()).iter().map(|term| catalogue().meaning(term)).collect()
        };
        let meanings = statements.unwrap_or_default().iter().map(of).collect();
        let mut view = Self { document, facts, keys, now, owner: None, meanings };
        view.owner = view.owning_account();
        view
    }

    /// What the document is.
    pub(crate) fn kind(&self) -> DocumentKind {
        self.document.kind
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: DocumentKind) -> bool {
        self.document.kind == kind
    }

    /// The policy; `None` for documents of other languages.
    pub(crate) fn policy(&self) -> Option<&'a Policy> {
        self.document.policy.as_ref()
    }

    /// The statements; none for documents of other languages.
    pub(crate) fn statements(&self) -> &'a [Statement] {
        self.policy().map(|policy| policy.statements.as_slice()).unwrap_or_default()
    }

    /// The statements that allow.
    pub(crate) fn allows(&self) -> impl Iterator<Item = &'a Statement> {
        self.statements().iter().filter(|one| one.effect == Effect::Allow)
    }

    /// The statements that deny.
    pub(crate) fn denies(&self) -> impl Iterator<Item = &'a Statement> {
        self.statements().iter().filter(|one| one.effect == Effect::Deny)
    }

    /// All conditions, each with its statement.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&'a Statement, &'a Condition)> {
        let of =
            |statement: &'a Statement| statement.conditions.iter().map(move |c| (statement, c));
        self.statements().iter().flat_map(of)
    }

    /// Whether every part of the policy was read and understood, so that what is not there is
    /// certainly missing.
    pub(crate) fn is_whole(&self) -> bool {
        self.policy().is_some_and(|policy| {
            policy.doubt.is_none()
                && policy.statements.iter().all(|one| {
                    one.doubt.is_none() && !one.open_elements && one.effect != Effect::Unknown
                })
        })
    }

    /// Whether `${…}` is a variable here.
    pub(crate) fn has_variables(&self) -> bool {
        self.policy().is_some_and(|policy| policy.version != Version::V2008)
    }

    /// A label in this document.
    pub(crate) fn label(&self, span: Span, note: impl Into<String>) -> Label {
        Label { slot: self.document.name.clone(), span, note: note.into() }
    }

    /// A replacement of one place.
    pub(crate) fn edit(
        &self,
        summary: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        applies: Applies,
    ) -> Fix {
        Fix {
            summary: summary.into(),
            statement: None,
            edits: vec![Edit { slot: self.document.name.clone(), span, text: text.into() }],
            applies,
        }
    }

    /// The known actions that the statement spells out, each with the value that names it.
    /// Values that stand for every action of a service, or are not known, are left out.
    pub(crate) fn spelled_actions<'s>(
        &'s self,
        statement: &'a Statement,
    ) -> impl Iterator<Item = (&'a Term, &'s [&'static KnownAction])> + use<'s, 'a> {
        let meanings = self.meanings.get(statement.index).map(Vec::as_slice).unwrap_or_default();
        listed(statement.action.as_ref()).iter().zip(meanings).filter_map(|(term, meaning)| {
            match meaning {
                Meaning::Actions(actions) => Some((term, actions.as_slice())),
                _ => None,
            }
        })
    }

    /// What the grammar does not allow; nothing for documents of other languages.
    pub(crate) fn problems(&self) -> &'a [Problem] {
        self.policy().map(|policy| policy.problems.as_slice()).unwrap_or_default()
    }

    /// The bracket that opens the document: the whole of it would underline everything.
    pub(crate) fn opening(&self) -> Span {
        let Span { source, start, end } = self.document.root.span;
        Span::new(source, start, start.saturating_add(1).min(end))
    }

    /// The outcome with what a person may have meant in the place of a text.
    pub(crate) fn did_you_mean(&self, outcome: Outcome, place: Span, meant: &str) -> Outcome {
        let summary = format!("write `{meant}`");
        let fix = self.edit(summary, place, format!("\"{meant}\""), Applies::Review);
        outcome.help(format!("did you mean `{meant}`?")).fix(fix)
    }

    /// What two statements of one Sid come to, for each that is not the first.
    pub(crate) fn repeated_sids(&self, reason: &'static str) -> Vec<Outcome> {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        let mut found = Vec::new();
        for sid in self.statements().iter().filter_map(|one| one.sid.as_ref()) {
            let Some(text) = sid.text.known().filter(|text| !text.is_empty()) else { continue };
            match seen.iter().find(|(other, _)| *other == text) {
                Some((_, first)) => {
                    let message = format!("two statements have the Sid `{text}`");
                    let outcome = Outcome::broken(reason, message);
                    let outcome = outcome.label(self.label(sid.span, "again"));
                    found.push(outcome.label(self.label(*first, "first here")));
                }
                None => seen.push((text, sid.span)),
            }
        }
        found
    }

    /// What is known of a condition's key.
    pub(crate) fn key(&self, condition: &Condition) -> Option<&'a KnownKey> {
        self.keys.find(condition.folded_key())
    }

    /// Every string of the document, keys left out, in the order of the text.
    pub(crate) fn strings(&self, mut found: impl FnMut(&'a str, Span)) {
        fn walk<'n>(node: &'n Node, found: &mut impl FnMut(&'n str, Span)) {
            if let Some(text) = node.as_str() {
                found(text, node.span);
            }
            node.elements().iter().for_each(|element| walk(element, found));
            node.members().iter().for_each(|member| walk(&member.value, found));
        }
        walk(&self.document.root, &mut found);
    }

    fn owning_account(&self) -> Option<SmolStr> {
        let owner = &self.document.owner;
        if let Some(account) = &owner.account {
            return Some(account.clone());
        }
        if let Some(arn) = owner.arn.as_deref().and_then(Arn::parse) {
            return Some(arn.account.into());
        }
        match self.kind() {
            DocumentKind::KeyPolicy => self.administering_account(),
            _ => None,
        }
    }

    /// The one account whose root may administer the key: the key's own, since no other can.
    fn administering_account(&self) -> Option<SmolStr> {
        let mut found: Option<&str> = None;
        for statement in self.allows().filter(|one| may_do(one, "kms:PutKeyPolicy").is_true()) {
            for term in principals(statement) {
                let Some(account) = term.term.text.known().and_then(account_of) else { continue };
                match found {
                    Some(other) if other != account => return None,
                    _ => found = Some(account),
                }
            }
        }
        found.map(SmolStr::from)
    }

    /// Whether a principal belongs to another account than the owner; unknown where either is.
    pub(crate) fn is_foreign(&self, term: &PrincipalTerm) -> Truth {
        match (account_in(term), &self.owner) {
            (Some(account), Some(owner)) => (account != owner.as_str()).into(),
            _ => Truth::Unknown,
        }
    }
}

/// The principals of a statement; none where it names whom it is not about.
pub(crate) fn principals(statement: &Statement) -> impl Iterator<Item = &PrincipalTerm> {
    let listed = statement.principal.as_ref().filter(|principal| !principal.negated);
    listed.into_iter().flat_map(|principal| &principal.terms)
}

/// Whether a term is everybody.
pub(crate) fn is_everybody(term: &PrincipalTerm) -> bool {
    term.kind == PrincipalKind::Aws && term.term.text.known() == Some("*")
}

/// The account that an AWS principal belongs to, where it can be read.
pub(crate) fn account_in(term: &PrincipalTerm) -> Option<&str> {
    if term.kind != PrincipalKind::Aws {
        return None;
    }
    account_of_principal(term.term.text.known()?)
}

/// The account in the ARN of a principal, or the account id itself.
pub(crate) fn account_of_principal(text: &str) -> Option<&str> {
    match Arn::parse(text) {
        Some(arn) => is_account_id(arn.account).then_some(arn.account),
        None => is_account_id(text).then_some(text),
    }
}

/// Whether a statement's actions hold this one, conditions left aside.
pub(crate) fn may_do(statement: &Statement, action: &str) -> Truth {
    let Some(element) = &statement.action else {
        return if statement.open_elements { Truth::Unknown } else { Truth::False };
    };
    let Some(action) = copy_preflight_policy::iam::Action::parse(action) else {
        return Truth::Unknown;
    };
    let listed = Truth::any(
        element
            .terms
            .iter()
            .map(|term| copy_preflight_policy::iam::statement::matches_action(term, &action)),
    );
    if element.negated { !listed } else { listed }
}

/// The values of an element that lists what it is about; none of one that lists exceptions.
pub(crate) fn listed(element: Option<&Element>) -> &[Term] {
    match element {
        Some(element) if !element.negated => element.terms.as_slice(),
        _ => &[],
    }
}

/// The account, Region and resource of an ARN in a term, where all of it is known.
pub(crate) fn arn_of(term: &Term) -> Option<Arn<'_>> {
    term.text.known().and_then(Arn::parse)
}
