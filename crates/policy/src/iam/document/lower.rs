//! From the located tree to a policy.

use std::sync::OnceLock;

use super::{Doubt, Effect, Element, Policy, Problem, ProblemKind, Statement, Term, Version};
use crate::duplicates;
use crate::few::Few;
use crate::iam::condition::{Condition, Operator};
use crate::iam::glance::Glance;
use crate::iam::principal::{Principal, PrincipalKind, PrincipalTerm};
use crate::source::Span;
use crate::text::{Text, at_colon};
use crate::tree::{Member, Node, Value};

/// Whether the tree holds the whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// All of it was read.
    Whole,
    /// Something could not be read, first at this place; the rest was kept.
    Damaged(Span),
}

impl Policy {
    /// Reads a policy from a tree.
    ///
    /// The result always has the statements that could be understood. Where the tree is
    /// damaged, is no object, or has members that stand twice, [`Policy::doubt`] says so.
    #[must_use]
    pub fn read(node: &Node, integrity: Integrity) -> Self {
        let mut reader = Reader { problems: Vec::new(), doubt: None };
        if let Integrity::Damaged(span) = integrity {
            reader.doubt_document(ProblemKind::Damaged, span);
        }
        let (version, statements) = reader.policy(node);
        Self {
            span: node.span,
            version,
            named_keys: OnceLock::new(),
            statements,
            problems: reader.problems,
            doubt: reader.doubt,
        }
    }
}

struct Reader {
    problems: Vec<Problem>,
    doubt: Option<Doubt>,
}

/// What one statement has gathered so far.
#[derive(Default)]
struct Flaws {
    doubt: Option<Doubt>,
}

impl Reader {
    fn problem(&mut self, kind: ProblemKind, span: Span, related: Option<Span>) {
        self.problems.push(Problem { kind, span, related });
    }

    fn doubt_document(&mut self, kind: ProblemKind, span: Span) {
        self.doubt.get_or_insert(Doubt { kind, span });
    }

    /// Notes a problem of a statement; the statement is in doubt unless its meaning is plain.
    fn flaw(&mut self, flaws: &mut Flaws, kind: ProblemKind, span: Span) {
        if !kind.leaves_meaning() {
            flaws.doubt.get_or_insert_with(|| Doubt { kind: kind.clone(), span });
        }
        self.problem(kind, span, None);
    }

    fn policy(&mut self, node: &Node) -> (Version, Vec<Statement>) {
        let Value::Object(members) = &node.value else {
            let kind = match node.value {
                Value::Unknown => ProblemKind::Damaged,
                _ => ProblemKind::NotAnObject(node.kind()),
            };
            self.problem(kind.clone(), node.span, None);
            self.doubt_document(kind, node.span);
            return (Version::Other, Vec::new());
        };
        self.duplicates(members);
        let mut version = Version::V2008;
        let mut statements = Vec::new();
        let mut has_statement = false;
        for member in members {
            match member.key.known() {
                Some("Version") => version = self.version(&member.value),
                Some("Id") => {}
                Some("Statement") => {
                    has_statement = true;
                    self.statements(&member.value, &mut statements);
                }
                Some(key) => {
                    let kind = ProblemKind::UnknownElement(key.into());
                    self.problem(kind.clone(), member.key_span, None);
                    self.doubt_document(kind, member.key_span);
                }
                None => {
                    let kind = ProblemKind::UnknownElement(member.key.to_string().into());
                    self.doubt_document(kind, member.key_span);
                }
            }
        }
        if !has_statement {
            self.problem(ProblemKind::MissingElement("Statement"), node.span, None);
        }
        (version, statements)
    }

    /// Members that stand twice put the whole document in doubt: a reader that keeps the last
    /// one would hide the first.
    fn duplicates(&mut self, members: &[Member]) {
        duplicates::report(members, |key, later, first| {
            let kind = ProblemKind::DuplicateMember(key.into());
            self.problem(kind.clone(), later, Some(first));
            self.doubt_document(kind, later);
        });
    }

    fn version(&mut self, node: &Node) -> Version {
        match node.as_str() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            Some(other) => {
                self.problem(ProblemKind::InvalidVersion(other.into()), node.span, None);
                Version::Other
            }
            None => {
                if !matches!(node.value, Value::String(_) | Value::Unknown) {
                    self.problem(ProblemKind::WrongType("Version", node.kind()), node.span, None);
                }
                Version::Other
            }
        }
    }

    fn statements(&mut self, node: &Node, into: &mut Vec<Statement>) {
        match &node.value {
            Value::Array(elements) => {
                into.reserve_exact(elements.len());
                for element in elements {
                    self.statement(element, into);
                }
            }
            _ => self.statement(node, into),
        }
    }

    fn statement(&mut self, node: &Node, into: &mut Vec<Statement>) {
        let Value::Object(members) = &node.value else {
            let kind = ProblemKind::WrongType("Statement", node.kind());
            if node.value != Value::Unknown {
                self.problem(kind.clone(), node.span, None);
            }
            self.doubt_document(kind, node.span);
            return;
        };
        self.duplicates(members);
        let mut flaws = Flaws::default();
        let mut statement = Statement {
            index: into.len(),
            span: node.span,
            sid: None,
            effect: Effect::Unknown,
            effect_span: node.span,
            principal: None,
            action: None,
            glance: Glance::ANY,
            resource: None,
            conditions: Vec::new(),
            open_elements: false,
            doubt: None,
        };
        let mut has_effect = false;
        for member in members {
            let value = &member.value;
            let Some(key) = member.key.known() else {
                statement.open_elements = true;
                let kind = ProblemKind::UnknownElement(member.key.to_string().into());
                flaws.doubt.get_or_insert(Doubt { kind, span: member.key_span });
                continue;
            };
            match key {
                "Sid" => statement.sid = self.sid(value),
                "Effect" => {
                    has_effect = true;
                    statement.effect_span = value.span;
                    statement.effect = self.effect(value, &mut flaws);
                }
                "Principal" | "NotPrincipal" => {
                    let negated = key == "NotPrincipal";
                    if statement.principal.is_some() {
                        self.flaw(
                            &mut flaws,
                            ProblemKind::BothElements("Principal", "NotPrincipal"),
                            member.key_span,
                        );
                    }
                    let both = statement.principal.is_some();
                    let mut principal = self.principal(member, negated, &mut flaws);
                    if both {
                        // Which of the two counts is open, so anybody may be meant.
                        let term = Term::new(Text::unknown(), member.value.span);
                        principal = Principal {
                            negated: false,
                            terms: Few::one(PrincipalTerm { kind: PrincipalKind::Unknown, term }),
                            ..principal
                        };
                    }
                    statement.principal = Some(principal);
                }
                "Action" | "NotAction" => {
                    if statement.action.is_some() {
                        self.flaw(
                            &mut flaws,
                            ProblemKind::BothElements("Action", "NotAction"),
                            member.key_span,
                        );
                    }
                    let element = self.element(member, "Action", key == "NotAction", &mut flaws);
                    let glance = self.check_actions(&element, &mut flaws);
                    let both = statement.action.is_some();
                    statement.glance = if both { Glance::ANY } else { glance };
                    statement.action = Some(either(both, element));
                }
                "Resource" | "NotResource" => {
                    if statement.resource.is_some() {
                        self.flaw(
                            &mut flaws,
                            ProblemKind::BothElements("Resource", "NotResource"),
                            member.key_span,
                        );
                    }
                    let element =
                        self.element(member, "Resource", key == "NotResource", &mut flaws);
                    self.check_resources(&element, &mut flaws);
                    statement.resource = Some(either(statement.resource.is_some(), element));
                }
                "Condition" => self.conditions(value, &mut statement.conditions, &mut flaws),
                other => {
                    statement.open_elements = true;
                    self.flaw(
                        &mut flaws,
                        ProblemKind::UnknownElement(other.into()),
                        member.key_span,
                    );
                }
            }
        }
        if !has_effect {
            self.flaw(&mut flaws, ProblemKind::MissingElement("Effect"), node.span);
        }
        if statement.effect == Effect::Allow
            && let Some(principal) = &statement.principal
            && principal.negated
        {
            self.flaw(&mut flaws, ProblemKind::AllowWithNotPrincipal, principal.key_span);
        }
        statement.doubt = flaws.doubt;
        into.push(statement);
    }

    fn sid(&mut self, node: &Node) -> Option<Term> {
        match &node.value {
            Value::String(text) => Some(Term::new(text.clone(), node.span)),
            Value::Unknown => None,
            _ => {
                self.problem(ProblemKind::WrongType("Sid", node.kind()), node.span, None);
                None
            }
        }
    }

    fn effect(&mut self, node: &Node, flaws: &mut Flaws) -> Effect {
        match node.as_str() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(other) => {
                self.flaw(flaws, ProblemKind::InvalidEffect(other.into()), node.span);
                Effect::Unknown
            }
            None => {
                if !matches!(node.value, Value::String(_) | Value::Unknown) {
                    self.flaw(flaws, ProblemKind::WrongType("Effect", node.kind()), node.span);
                }
                Effect::Unknown
            }
        }
    }

    fn element(
        &mut self,
        member: &Member,
        name: &'static str,
        negated: bool,
        flaws: &mut Flaws,
    ) -> Element {
        let terms = self.strings(&member.value, name, flaws, |term| term);
        Element { negated, key_span: member.key_span, terms }
    }

    /// A string or a list of strings. What is neither becomes an unknown string, so that it may
    /// match anything.
    fn strings<T>(
        &mut self,
        node: &Node,
        name: &'static str,
        flaws: &mut Flaws,
        wrap: impl Fn(Term) -> T,
    ) -> Few<T> {
        Few::of(items(node), |item| {
            let text = match &item.value {
                Value::String(text) => text.clone(),
                Value::Unknown => Text::unknown(),
                _ => {
                    self.flaw(flaws, ProblemKind::WrongType(name, item.kind()), item.span);
                    Text::unknown()
                }
            };
            wrap(Term::new(text, item.span))
        })
    }

    /// Checks the actions of a list; gives which ones it may name.
    fn check_actions(&mut self, element: &Element, flaws: &mut Flaws) -> Glance {
        let mut glance = Glance::default();
        for term in &element.terms {
            let named = match term.text.known().map(|text| (text, at_colon(text))) {
                None | Some(("*", _)) => Glance::ANY,
                Some((text, Some((service, _))))
                    if term.wildcards && service.contains(['*', '?']) =>
                {
                    self.flaw(flaws, ProblemKind::WildcardInService(text.into()), term.span);
                    Glance::ANY
                }
                Some((_, Some((service, name)))) if !service.is_empty() && !name.is_empty() => {
                    Glance::action(service, name)
                }
                Some((text, _)) => {
                    self.flaw(flaws, ProblemKind::InvalidAction(text.into()), term.span);
                    Glance::ANY
                }
            };
            glance = glance.or(named);
        }
        glance
    }

    fn check_resources(&mut self, element: &Element, flaws: &mut Flaws) {
        for term in element.terms.iter().filter(|term| term.variables) {
            if variable_in_arn_prefix(term) {
                self.flaw(flaws, ProblemKind::VariableInArnPrefix, term.span);
            }
        }
    }

    fn principal(&mut self, member: &Member, negated: bool, flaws: &mut Flaws) -> Principal {
        let mut terms = Few::default();
        match &member.value.value {
            Value::Object(kinds) => {
                self.duplicates(kinds);
                for entry in kinds {
                    let kind = match entry.key.known() {
                        Some("AWS") => PrincipalKind::Aws,
                        Some("Service") => PrincipalKind::Service,
                        Some("Federated") => PrincipalKind::Federated,
                        Some("CanonicalUser") => PrincipalKind::CanonicalUser,
                        Some(other) => {
                            self.flaw(
                                flaws,
                                ProblemKind::UnknownPrincipalKind(other.into()),
                                entry.key_span,
                            );
                            PrincipalKind::Unknown
                        }
                        None => PrincipalKind::Unknown,
                    };
                    let wrap = |term| PrincipalTerm { kind, term };
                    terms.append(self.strings(&entry.value, "Principal", flaws, wrap));
                }
            }
            // A string or list in the place of the map: `*` is everybody, anything else is read
            // as AWS principal.
            _ => {
                let wrap = |term| PrincipalTerm { kind: PrincipalKind::Aws, term };
                terms = self.strings(&member.value, "Principal", flaws, wrap);
                for PrincipalTerm { term, .. } in &terms {
                    if let Some(text) = term.text.known()
                        && text != "*"
                    {
                        self.flaw(flaws, ProblemKind::BarePrincipal(text.into()), term.span);
                    }
                }
            }
        }
        Principal { negated, key_span: member.key_span, terms }
    }

    fn conditions(&mut self, node: &Node, into: &mut Vec<Condition>, flaws: &mut Flaws) {
        let Value::Object(operators) = &node.value else {
            self.no_condition(node, flaws);
            return;
        };
        self.duplicates(operators);
        for entry in operators {
            let name = entry.key.known();
            let operator = name.map_or(Operator::OPEN, Operator::parse);
            match name {
                Some(name) if !operator.is_known() => {
                    self.flaw(flaws, ProblemKind::UnknownOperator(name.into()), entry.key_span);
                }
                Some(_) => {}
                None => {
                    let kind = ProblemKind::UnknownElement(entry.key.to_string().into());
                    flaws.doubt.get_or_insert(Doubt { kind, span: entry.key_span });
                }
            }
            let Value::Object(keys) = &entry.value.value else {
                self.no_condition(&entry.value, flaws);
                continue;
            };
            self.condition_keys(keys);
            for member in keys {
                let values = self.condition_values(&member.value, flaws);
                into.push(Condition::new(operator, entry.key_span, member, values));
            }
        }
    }

    /// A value in the place of conditions. One that is not known leaves the statement in doubt,
    /// and is no mistake of the document.
    fn no_condition(&mut self, node: &Node, flaws: &mut Flaws) {
        let kind = ProblemKind::WrongType("Condition", node.kind());
        if node.value == Value::Unknown {
            flaws.doubt.get_or_insert(Doubt { kind, span: node.span });
        } else {
            self.flaw(flaws, kind, node.span);
        }
    }

    /// Keys of one operator that differ only in case are one key twice.
    fn condition_keys(&mut self, keys: &[Member]) {
        self.duplicates(keys);
        duplicates::report_folded(keys, |key, later, first| {
            if first.key != later.key {
                let kind = ProblemKind::DuplicateConditionKey(key.into());
                self.problem(kind.clone(), later.key_span, Some(first.key_span));
                self.doubt_document(kind, later.key_span);
            }
        });
    }

    /// As [`Reader::strings`], but numbers and Booleans may stand without quotes.
    fn condition_values(&mut self, node: &Node, flaws: &mut Flaws) -> Few<Term> {
        Few::of(items(node), |item| {
            let text = match &item.value {
                Value::String(text) => text.clone(),
                Value::Number(digits) => Text::Known(digits.clone()),
                Value::Bool(value) => Text::from(if *value { "true" } else { "false" }),
                Value::Unknown => Text::unknown(),
                _ => {
                    self.flaw(flaws, ProblemKind::WrongType("Condition", item.kind()), item.span);
                    Text::unknown()
                }
            };
            let term = Term::new(text, item.span);
            if term.variables && crate::iam::variable::is_malformed(&term) {
                self.flaw(flaws, ProblemKind::MalformedVariable, term.span);
            }
            term
        })
    }
}

/// The elements of a list, or the value that stands in the place of one.
fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::Array(elements) => elements,
        _ => std::slice::from_ref(node),
    }
}

/// An element beside its negation: which of the two counts is open, so anything may be meant.
fn either(both: bool, element: Element) -> Element {
    if !both {
        return element;
    }
    let span = element.terms.first().map_or(element.key_span, |term| term.span);
    Element { negated: false, terms: Few::one(Term::new(Text::unknown(), span)), ..element }
}

/// Whether a `${` stands before the fifth colon.
pub(crate) fn variable_in_arn_prefix(term: &Term) -> bool {
    let Some(text) = term.text.known() else { return false };
    match text.split_once("${") {
        Some((before, _)) => before.matches(':').count() < 5,
        None => false,
    }
}
