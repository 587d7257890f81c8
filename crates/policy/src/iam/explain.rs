//! What a decision rests on: the statements that decide it, or what it hangs on.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::condition::Condition;
use super::document::Effect;
use super::evaluate::{
    Decision, DenyKind, Dependency, Evaluation, Found, Group, Observer, Open, Outcome, Place,
    Policies, StatementRef, has_boundary,
};
use super::grant::Grant;
use super::request::Request;
use super::statement::{StatementPart, is_open};
use super::variable;
use crate::Truth;

/// Everything that matched or may match.
#[derive(Default)]
pub(crate) struct Trace<'a> {
    found: Vec<Found<'a>>,
    unknown: Vec<Open>,
    grants: Vec<(usize, &'a Grant, Truth)>,
}

impl<'a> Observer<'a> for Trace<'a> {
    fn statement(&mut self, found: Found<'a>) {
        self.found.push(found);
    }

    fn unknown(&mut self, open: Open) {
        self.unknown.push(open);
    }

    fn grant(&mut self, index: usize, grant: &'a Grant, allows: Truth) {
        self.grants.push((index, grant, allows));
    }
}

pub(crate) fn explain(
    outcome: Outcome,
    evaluation: &Evaluation,
    trace: &Trace<'_>,
    request: &Request,
    policies: &Policies<'_>,
) -> Decision {
    let mut decision =
        Decision { outcome, deciding: Vec::new(), depends_on: Vec::new(), lacking: Vec::new() };
    match outcome {
        Outcome::Deny(DenyKind::ServiceRule) => {}
        Outcome::Deny(DenyKind::Explicit) => {
            // After refinement no single statement need be certain: then each that may match is
            // one that decides.
            let certain = trace.deciding(Effect::Deny, Truth::True);
            decision.deciding = if certain.is_empty() {
                trace.deciding(Effect::Deny, Truth::Unknown)
            } else {
                certain
            };
        }
        Outcome::Deny(DenyKind::Implicit) => {
            let lacking = evaluation.gates.iter().filter(|(_, allow)| allow.is_false());
            decision.lacking = lacking.map(|&(group, _)| group).collect();
            decision.lacking.sort_unstable();
        }
        Outcome::Allow => {
            let certain = trace.deciding(Effect::Allow, Truth::True);
            decision.deciding = if certain.is_empty() {
                trace.deciding(Effect::Allow, Truth::Unknown)
            } else {
                certain
            };
            for &(index, grant, _) in trace.grants.iter().filter(|(_, _, allows)| allows.is_true())
            {
                decision.deciding.push(grant_ref(index, grant));
            }
        }
        Outcome::Depends => {
            decision.depends_on = trace.open_questions(evaluation, request, policies);
        }
    }
    decision
}

impl Trace<'_> {
    fn deciding(&self, effect: Effect, truth: Truth) -> Vec<StatementRef> {
        self.found
            .iter()
            .filter(|found| found.statement.effect == effect && found.matched.any() == truth)
            .map(Found::reference)
            .collect()
    }

    fn open_questions(
        &self,
        evaluation: &Evaluation,
        request: &Request,
        policies: &Policies<'_>,
    ) -> Vec<Dependency> {
        let mut open = Questions::default();
        let allow_is_open = !evaluation.grant.is_true();
        let is_open_gate = |group: Group| evaluation.gates.iter().any(|&(gate, _)| gate == group);
        for unknown in &self.unknown {
            // A policy that is not known may deny; a grant can only allow.
            if *unknown != Open::Policies(Group::Grants) || allow_is_open {
                open.ask(unknown.clone(), None);
            }
        }
        for found in &self.found {
            let matters = match found.statement.effect {
                Effect::Deny => found.matched.any().is_unknown(),
                Effect::Allow => {
                    found.matched.is_open() && allow_is_open && is_open_gate(found.place.group())
                }
                Effect::Unknown => true,
            };
            if matters {
                ask_of_statement(found, request, policies, &mut open);
            }
        }
        for &(index, grant, allows) in &self.grants {
            if allows.is_unknown() && allow_is_open {
                let reading = Open::Reading(
                    Place::Grant(index),
                    "whether this grant covers the request".into(),
                );
                open.ask(reading, Some(grant_ref(index, grant)));
            }
        }
        if evaluation.same_account.is_unknown() || evaluation.service_rule.is_unknown() {
            open.ask(Open::Account, None);
        }
        if evaluation.kind_is_open {
            open.ask(Open::Resource, None);
        }
        if open.asked.is_empty() {
            // Whether these policies apply at all is what is open.
            for &(group, _) in evaluation.gates.iter().filter(|(_, allow)| allow.is_unknown()) {
                open.ask(Open::Policies(group), None);
            }
        }
        open.into_dependencies()
    }
}

impl Found<'_> {
    fn reference(&self) -> StatementRef {
        StatementRef {
            place: self.place,
            statement: self.statement.index,
            sid: self.policy.sid(self.statement.index),
            span: self.statement.span,
        }
    }
}

fn grant_ref(index: usize, grant: &Grant) -> StatementRef {
    StatementRef { place: Place::Grant(index), statement: 0, sid: None, span: grant.span }
}

#[derive(Default)]
struct Questions {
    asked: BTreeMap<Open, Vec<StatementRef>>,
}

impl Questions {
    fn ask(&mut self, open: Open, statement: Option<StatementRef>) {
        let statements = self.asked.entry(open).or_default();
        if let Some(statement) = statement
            && !statements.contains(&statement)
        {
            statements.push(statement);
        }
    }

    fn into_dependencies(self) -> Vec<Dependency> {
        self.asked.into_iter().map(|(on, statements)| Dependency { on, statements }).collect()
    }
}

fn ask_of_statement(
    found: &Found<'_>,
    request: &Request,
    policies: &Policies<'_>,
    open: &mut Questions,
) {
    let has_boundary = has_boundary(policies);
    let mismatches =
        found.statement.mismatches(found.kind, request, has_boundary, found.policy.version);
    let reading = |text: &str| Open::Reading(found.place, text.into());
    for mismatch in mismatches {
        let questions = match mismatch.part {
            StatementPart::Condition(index) => match found.statement.conditions.get(index) {
                Some(condition) => condition_questions(condition, request, &reading),
                None => continue,
            },
            StatementPart::Action => vec![reading("how the action pattern is read")],
            StatementPart::Resource => resource_questions(found, request, &reading),
            StatementPart::Principal => vec![reading(match &found.statement.principal {
                Some(principal) if principal.negated => {
                    "whether `NotPrincipal` excepts a caller that it does not name both as identity and as account"
                }
                _ => "whether the principal is the caller",
            })],
            StatementPart::Doubt(doubt) => vec![reading(&doubt.kind.to_string())],
        };
        for question in questions {
            open.ask(question, Some(found.reference()));
        }
    }
    if found.matched.is_open() && found.matched.any().is_true() {
        // It is about the caller; whether as account only, or as role or session, is open.
        let question = reading("whether the principal names the caller itself or its account only");
        open.ask(question, Some(found.reference()));
    }
    if found.statement.effect == Effect::Unknown && found.statement.doubt.is_none() {
        open.ask(reading("whether the statement allows or denies"), Some(found.reference()));
    }
}

fn condition_questions(
    condition: &Condition,
    request: &Request,
    reading: &dyn Fn(&str) -> Open,
) -> Vec<Open> {
    let Some(key) = condition.key.known() else {
        return vec![reading("which key the condition is about")];
    };
    let mut keys = Vec::new();
    if is_open(request.context.value(key)) {
        keys.push(Open::Key(SmolStr::from(key)));
    }
    keys.extend(open_variables(&condition.values, request));
    if keys.is_empty() {
        keys.push(reading(&format!("how the condition on `{key}` is read")));
    }
    keys
}

fn resource_questions(
    found: &Found<'_>,
    request: &Request,
    reading: &dyn Fn(&str) -> Open,
) -> Vec<Open> {
    let terms = found.statement.resource.as_ref().map_or(&[][..], |element| &element.terms);
    let mut keys: Vec<Open> = open_variables(terms, request).collect();
    if keys.is_empty() {
        keys.push(reading("whether the resource pattern covers the resource"));
    }
    keys
}

fn open_variables<'a>(
    terms: &'a [super::document::Term],
    request: &'a Request,
) -> impl Iterator<Item = Open> + 'a {
    terms
        .iter()
        .filter(|term| term.variables)
        .flat_map(variable::keys)
        .filter(|key| is_open(request.context.value(key)))
        .map(|key| Open::Key(SmolStr::from(key)))
}
