//! Cases of rules on documents: a text, its kind, and what one rule finds in it.

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::lint::{
    Document, DocumentKind, Finding, Found, Hints, Linter, Owner, documents,
};
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::rule::{DocumentRule, Rule};
use serde::Deserialize;

use crate::cases::blocks;
use crate::facts::facts;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCases {
    /// The cases.
    pub case: Vec<DocumentCase>,
}

/// A document, and what one rule finds in it.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub struct DocumentCase {
    /// What the case shows.
    pub name: String,
    /// The kind of the document.
    pub kind: String,
    /// The whole document.
    pub text: Option<String>,
    /// One statement of a policy that is sound otherwise.
    pub statement: Option<String>,
    /// The account that owns the document.
    pub owner: Option<String>,
    /// `broken`, `undecided`, `holds` or `not-applicable`.
    pub expect: String,
    /// The reason of the first finding.
    pub reason: Option<String>,
    /// The texts under the labels of the first finding, from the first on.
    #[serde(default)]
    pub underlined: Vec<String>,
    /// Parts that the first message has.
    #[serde(default)]
    pub message: Vec<String>,
}

impl DocumentCase {
    /// The text of the document.
    ///
    /// # Panics
    /// Where the case has neither a text nor a statement.
    #[must_use]
    pub fn document(&self) -> String {
        match (&self.text, &self.statement) {
            (Some(text), None) => text.clone(),
            (None, Some(statement)) => {
                format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
            }
            _ => panic!("{}: either a text or a statement", self.name),
        }
    }
}

/// The time as of which documents are judged in tests.
///
/// # Panics
/// Never: the date is one.
#[must_use]
pub fn now() -> jiff::Timestamp {
    "2026-11-22T00:00:00Z".parse().expect("a date")
}

/// Reads the one document of a text.
///
/// # Panics
/// Where the text holds none or several.
#[must_use]
pub fn read(name: &str, text: &str, hints: &Hints) -> (Sources, Document) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    match documents(&mut sources, file, hints) {
        Found::Documents(mut found) if found.len() == 1 => (sources, found.remove(0)),
        other => panic!("{name}: {other:?}"),
    }
}

/// What all rules find in a text.
///
/// # Panics
/// Where the text holds no document.
#[must_use]
pub fn findings(name: &str, text: &str, hints: &Hints) -> (Sources, Vec<Finding>) {
    let (sources, document) = read(name, text, hints);
    let findings = Linter::new(facts(), Some(now())).check(&document);
    (sources, findings)
}

/// Checks what a rule finds in the document of a case. Gives the reasons found.
///
/// # Panics
/// Where it finds something else.
pub fn assert_document_case(rule: &DocumentRule, case: &DocumentCase) -> Vec<&'static str> {
    let at = format!("{} / {}", rule.rule.id(), case.name);
    let kind =
        DocumentKind::parse(&case.kind).unwrap_or_else(|| panic!("{at}: kind {}", case.kind));
    let account = case.owner.as_deref().map(Into::into);
    let hints = Hints { kind: Some(kind), owner: Owner { account, ..Owner::default() } };
    let (sources, all) = findings("case.json", &case.document(), &hints);
    let mut own: Vec<&Finding> = all.iter().filter(|one| std::ptr::eq(one.rule, rule)).collect();
    own.sort_by_key(|one| one.outcome.kind != OutcomeKind::Broken);
    let found = match own.first() {
        Some(first) => first.outcome.kind.word(),
        None if rule.kinds.contains(&kind) => "holds",
        None => "not-applicable",
    };
    let messages: Vec<&str> = own.iter().map(|one| one.outcome.message.as_str()).collect();
    assert_eq!(found, case.expect, "{at}: {messages:?}");
    for finding in &own {
        let outcome = &finding.outcome;
        let reason = outcome.reason.unwrap_or_else(|| panic!("{at}: no reason"));
        assert!(rule.rule.reasons().any(|one| one.name == reason), "{at}: reason `{reason}`");
        assert!(!outcome.labels.is_empty(), "{at}: a finding without a place");
        for fact in &outcome.facts {
            assert!(facts().row(fact).is_some(), "{at}: unknown fact {fact}");
        }
        assert!(!outcome.facts.is_empty(), "{at}: no fact");
        let message = &outcome.message;
        // Names such as KMS and RCPs keep their capitals.
        let name = message.chars().take(2).all(char::is_uppercase);
        let lower = name || !message.starts_with(char::is_uppercase);
        assert!(!message.ends_with('.') && lower, "{at}: {message}");
        for edit in outcome.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(!sources.slice(edit.span).is_empty(), "{at}: an edit of nothing");
        }
    }
    if let Some(first) = own.first() {
        let outcome = &first.outcome;
        if let Some(reason) = &case.reason {
            assert_eq!(outcome.reason, Some(reason.as_str()), "{at}: {messages:?}");
        }
        for (label, expected) in outcome.labels.iter().zip(&case.underlined) {
            assert_eq!(sources.slice(label.span), expected, "{at}");
        }
        assert!(outcome.labels.len() >= case.underlined.len(), "{at}: too few labels");
        for part in &case.message {
            assert!(outcome.message.contains(part.as_str()), "{at}: {}", outcome.message);
        }
    }
    own.iter().filter_map(|one| one.outcome.reason).collect()
}

/// The examples of a page: fenced blocks `json breaks(REASON) KIND` and `json holds KIND`.
///
/// # Panics
/// Where a block says something else.
#[must_use]
pub fn document_examples(rule: &Rule) -> Vec<DocumentCase> {
    let mut cases = Vec::new();
    for (info, body) in blocks(rule.page) {
        let Some(info) = info.strip_prefix("json ") else { continue };
        let (verb, kind) = info.split_once(' ').unwrap_or_else(|| panic!("{}: {info}", rule.id()));
        let (expect, reason) = match verb.split_once('(') {
            Some(("breaks", reason)) => ("broken", Some(reason.trim_end_matches(')').to_owned())),
            None if verb == "holds" => ("holds", None),
            _ => panic!("{}: an example cannot be `{info}`", rule.id()),
        };
        cases.push(DocumentCase {
            name: format!("page: {info}"),
            kind: kind.to_owned(),
            text: Some(body),
            statement: None,
            owner: None,
            expect: expect.to_owned(),
            reason,
            underlined: Vec::new(),
            message: Vec::new(),
        });
    }
    cases
}
