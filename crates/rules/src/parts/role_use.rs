//! Whether the policies of a role allow the calls that it makes for a copy.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{
    Decision, DenyKind, Document, Group, Open, Outcome as Decided, Place, Policies, Policy,
};
use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;

use crate::calls::{Asking, Call, Judged, judge, judge_of_any_type};
use crate::explain::{help_with_keys, near_miss_among, open_place, open_reason, statement_span};
use crate::facts::{CopySupport, Decides, FactCertainty};
use crate::identity::{RolePolicies, RolePolicy};
use crate::outcome::{Label, Missing, Outcome, OutcomeKind};
use crate::reasons;
use crate::requests::{Form, Who};
use crate::rule::Reason;
use crate::view::{Filled, View};

/// The reasons that these outcomes can have.
pub(crate) const REASONS: [Reason; 10] = [
    reasons::MISSING_ACTION,
    reasons::OTHER_RESOURCE,
    reasons::CONDITION_FAILS,
    reasons::EXPLICIT_DENY,
    Reason {
        name: "boundary-refuses",
        meaning: "the permissions boundary of the role does not allow it",
    },
    Reason {
        name: "point-not-known",
        meaning: "a statement is about some recovery points, and whether the copied one is among them is not known",
    },
    reasons::UNKNOWN_KEY,
    reasons::AMBIGUOUS,
    reasons::DOCUMENT_MISSING,
    reasons::SOURCES_CONTRADICT,
];

/// The access policy of the source vault, which has a say in calls on its recovery points.
pub(crate) enum SourceVault<'a> {
    /// There is none, or another rule asks it.
    Silent,
    /// The answer that holds it.
    Policy(Filled<'a>),
    /// It was not read.
    Unread(Missing),
}

impl<'a> SourceVault<'a> {
    fn policy(&self) -> Option<&'a Policy> {
        match self {
            Self::Policy(filled) => filled.document().map(|document| &document.policy),
            Self::Silent | Self::Unread(_) => None,
        }
    }

    fn document(&self) -> Option<Document<'a>> {
        match self {
            Self::Silent => None,
            Self::Policy(_) => Some(self.policy().map_or(Document::Unknown, Document::Known)),
            Self::Unread(_) => Some(Document::Unknown),
        }
    }
}

/// A role, its policies, and the calls that it makes.
pub(crate) struct RoleUse<'v, 'a> {
    pub(crate) view: &'v View<'a>,
    pub(crate) support: &'v CopySupport,
    pub(crate) who: Who,
    /// What a message calls the principal.
    pub(crate) caller: &'static str,
    pub(crate) role: &'v str,
    pub(crate) identity: &'v RolePolicies<'a>,
    pub(crate) vault: SourceVault<'a>,
    /// What AWS says when a call to AWS Backup is refused.
    pub(crate) aws_says: Option<&'static str>,
}

impl<'a> RoleUse<'_, 'a> {
    /// Judges all calls: a fault before an open question before all is well.
    pub(crate) fn judge(&self, calls: &[Call<'a>]) -> Outcome {
        let policies = |call: &Call<'_>| Policies {
            identity: self.identity.identity(),
            boundary: self.identity.boundary(),
            resource: self.vault.document().filter(|_| call.is_on_recovery_point()),
            ..Policies::default()
        };
        let judge = |call: &Call<'a>| {
            let policies = policies(call);
            match policies.resource {
                None => judge_of_any_type(
                    self.view,
                    Asking::Identity,
                    &self.who,
                    self.support,
                    call,
                    &policies,
                ),
                Some(_) => judge(self.view, &self.who, self.support, call, &policies),
            }
        };
        let judged: Vec<(&Call<'a>, Judged)> =
            calls.iter().map(|call| (call, judge(call))).collect();
        let outcome = self.conclude(&judged);
        self.cite(outcome, &judged)
    }

    fn conclude(&self, judged: &[(&Call<'a>, Judged)]) -> Outcome {
        let decided = |one: &&(&Call<'a>, Judged)| {
            matches!(one.1.asked.outcome, Decided::Deny(_)) && one.0.step.decides == Decides::Yes
        };
        let faults: Vec<&(&Call<'a>, Judged)> = judged.iter().filter(decided).collect();
        if let Some((_, worst)) = faults.first() {
            let names: Vec<String> =
                faults.iter().map(|(call, _)| format!("`{}`", call.action.text)).collect();
            return match worst.asked.worst() {
                Some(form) => self.refused(&faults, form, &names.join(", ")),
                None => Outcome::undecided(reasons::AMBIGUOUS.name, "nothing was asked"),
            };
        }
        match judged.iter().find(|(_, one)| one.asked.outcome != Decided::Allow) {
            Some((call, open)) => self.open(call, open),
            None => Outcome::holds(format!(
                "the policies of {} allow {}",
                self.caller,
                judged
                    .iter()
                    .map(|(call, _)| format!("`{}`", call.action.text))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        }
    }

    fn cite(&self, mut outcome: Outcome, judged: &[(&Call<'a>, Judged)]) -> Outcome {
        let broken = outcome.kind == OutcomeKind::Broken;
        let counts =
            |one: &&(&Call<'a>, Judged)| !broken || matches!(one.1.asked.outcome, Decided::Deny(_));
        let sure = |one: &(&Call<'a>, Judged)| {
            one.0.step.decides == Decides::Yes
                && one.0.step.certainty == FactCertainty::Documented
                && one.1.facts.is_empty()
        };
        // One fault suffices: a broken outcome rests on the calls that are refused, and on those
        // of them that are documented where there are any.
        let suffices = broken && judged.iter().filter(counts).any(sure);
        for one in judged.iter().filter(counts) {
            let (call, judged) = one;
            if suffices && !sure(one) {
                outcome = outcome.cites(&call.step.fact);
                continue;
            }
            outcome = outcome.rests_on(&call.step.fact, call.step.certainty);
            for fact in &judged.facts {
                outcome = outcome.rests_on(fact, self.view.facts.certainty(fact));
            }
        }
        for fact in &self.identity.facts {
            outcome = outcome.cites(fact);
        }
        outcome
    }

    /// The policy that a decision names.
    fn policy(&self, place: Place) -> Option<&'a Policy> {
        match place {
            Place::Resource => self.vault.policy(),
            _ => self.identity.named(place).map(|policy| policy.policy),
        }
    }

    fn label(&self, place: Place, span: Span, note: impl Into<String>) -> Option<Label> {
        match (place, &self.vault) {
            (Place::Resource, SourceVault::Policy(filled)) => Some(filled.label(span, note)),
            _ => self.identity.named(place)?.label(span, note),
        }
    }

    fn denied(&self, faults: &[&(&Call<'a>, Judged)], form: &Form) -> Outcome {
        let names: Vec<String> = faults
            .iter()
            .filter(|(_, one)| one.asked.outcome == Decided::Deny(DenyKind::Explicit))
            .map(|(call, _)| format!("`{}`", call.action.text))
            .collect();
        let names = names.join(", ");
        let by_vault = form.decision.deciding.iter().all(|one| one.place == Place::Resource);
        let message = if by_vault {
            let vault = &self.view.copy.source.name;
            format!(
                "a Deny in the access policy of vault `{vault}` keeps {} from {names}",
                self.caller
            )
        } else {
            format!("a Deny in the policies of {} keeps it from {names}", self.caller)
        };
        let mut broken = Outcome::broken(reasons::EXPLICIT_DENY.name, message)
            .help("except what the copy needs from this Deny; no Allow overrides it");
        for reference in &form.decision.deciding {
            let Some(policy) = self.policy(reference.place) else { continue };
            let span = statement_span(policy, reference);
            broken.labels.extend(self.label(reference.place, span, "this statement applies"));
        }
        broken
    }

    fn refused(&self, faults: &[&(&Call<'a>, Judged)], form: &Form, names: &str) -> Outcome {
        let says = |outcome: Outcome| {
            let of_backup = faults.iter().any(|(call, _)| call.action.service() == "backup");
            match self.aws_says.filter(|_| of_backup) {
                Some(says) => outcome.aws_says(says),
                None => outcome,
            }
        };
        if form.decision.outcome == Decided::Deny(DenyKind::Explicit) {
            return says(self.denied(faults, form));
        }
        let by_boundary = form.decision.lacking.contains(&Group::Boundary)
            && !form.decision.lacking.contains(&Group::Identity);
        let (policies, what, verb): (Vec<&RolePolicy<'_>>, _, _) = match self.identity.limit() {
            Some(limit) if by_boundary => (vec![limit], "the permissions boundary", "does"),
            _ => (self.identity.attached().iter().collect(), "the policies", "do"),
        };
        let near = near_miss_among(
            policies.iter().map(|one| one.policy),
            PolicyKind::Identity,
            &form.request,
            self.caller,
        );
        let (reason, label, named) = match near {
            Some((index, near)) => {
                let policy = policies.get(index);
                let label = policy.and_then(|policy| policy.label(near.span, near.note));
                (near.reason, label, policy.map(|policy| policy.name.clone()))
            }
            None => (reasons::MISSING_ACTION.name, None, None),
        };
        let reason = if by_boundary { "boundary-refuses" } else { reason };
        let wanted = wanted(faults);
        let of_condition = reason == reasons::CONDITION_FAILS.name;
        let help = match named {
            Some(name) if of_condition => format!(
                "the statement in `{name}` would allow it; correct its condition, or allow {wanted} in a policy of `{}`",
                self.role
            ),
            _ if by_boundary => format!(
                "allow {names} in the permissions boundary of `{}`; the boundary alone gives nothing, so keep the role's policy",
                self.role
            ),
            _ => format!("allow {wanted} in a policy of `{}`", self.role),
        };
        let mut broken = Outcome::broken(
            reason,
            format!("{what} of {} `{}` {verb} not allow {names}", self.caller, self.role),
        )
        .help(help);
        broken.labels.extend(label);
        says(broken)
    }

    fn open(&self, call: &Call<'a>, one: &Judged) -> Outcome {
        let action = &call.action.text;
        let message =
            format!("whether the policies of {} allow `{action}` cannot be told", self.caller);
        if !one.missing.is_empty() {
            let mut outcome = Outcome::undecided(reasons::DOCUMENT_MISSING.name, message);
            outcome.missing.clone_from(&one.missing);
            return outcome;
        }
        let Some(form) = one.asked.worst() else {
            return Outcome::undecided(reasons::AMBIGUOUS.name, message);
        };
        if let SourceVault::Unread(missing) = &self.vault
            && on_vault(&form.decision)
        {
            return Outcome::undecided(reasons::DOCUMENT_MISSING.name, message)
                .missing(missing.clone());
        }
        let mut outcome = if call.is_on_recovery_point() && hangs_on_point(form) {
            Outcome::undecided("point-not-known", format!("{message} before the recovery point exists"))
                .help("name a point with `--recovery-point ARN`; a statement about single points does not settle those to come")
        } else {
            Outcome::undecided(open_reason(&form.decision), message)
        };
        for dependency in &form.decision.depends_on {
            if let Open::Policy(place) = dependency.on
                && let Some(policy) = self.policy(place)
                && let Some(doubt) = &policy.doubt
            {
                outcome.labels.extend(self.label(place, doubt.span, doubt.kind.to_string()));
            }
            for reference in &dependency.statements {
                let Some(policy) = self.policy(reference.place) else { continue };
                let (span, note) = open_place(policy, &dependency.on, reference);
                outcome.labels.extend(self.label(reference.place, span, note));
            }
        }
        help_with_keys(outcome.hangs_on(&form.decision))
    }
}

/// Whether only the ARN of the point, which is partly known, leaves it open.
fn hangs_on_point(form: &Form) -> bool {
    form.request.resource.known().is_none()
        && form.decision.depends_on.iter().all(|one| matches!(one.on, Open::Reading(..)))
}

/// Whether a decision hangs on what the policy of the vault says.
fn on_vault(decision: &Decision) -> bool {
    let mut on = decision.depends_on.iter().map(|dependency| &dependency.on);
    on.any(|on| *on == Open::Policy(Place::Resource))
}

/// What has to be allowed: the actions, by what they are about.
fn wanted(faults: &[&(&Call<'_>, Judged)]) -> String {
    let mut by_resource: Vec<(Option<String>, Vec<String>)> = Vec::new();
    for (call, one) in faults {
        let resource = one.asked.worst().map(|form| &form.request.resource);
        // Nothing is to be said of a resource that nobody named.
        let resource = resource.filter(|text| **text != Text::unknown()).map(ToString::to_string);
        let action = format!("`{}`", call.action.text);
        match by_resource.iter_mut().find(|(same, _)| *same == resource) {
            Some((_, actions)) => actions.push(action),
            None => by_resource.push((resource, vec![action])),
        }
    }
    let parts: Vec<String> = by_resource
        .into_iter()
        .map(|(resource, actions)| {
            let on = resource.map(|resource| format!(" on `{resource}`")).unwrap_or_default();
            format!("{}{on}", actions.join(", "))
        })
        .collect();
    parts.join(", and ")
}
