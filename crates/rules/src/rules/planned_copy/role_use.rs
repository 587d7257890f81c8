//! Whether the policies of a role allow the calls that it makes for a copy.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{DenyKind, Group, Open, Outcome as Decided, Policies};

use crate::calls::{Call, Judged, judge};
use crate::explain::{help_with_keys, near_miss_among, open_place, open_reason};
use crate::facts::{CopySupport, Decides};
use crate::identity::{RolePolicies, RolePolicy};
use crate::outcome::Outcome;
use crate::reasons;
use crate::requests::{Form, Who};
use crate::rule::Reason;
use crate::view::View;

/// The reasons that these outcomes can have.
pub(super) const REASONS: [Reason; 9] = [
    reasons::MISSING_ACTION,
    reasons::OTHER_RESOURCE,
    reasons::CONDITION_FAILS,
    reasons::EXPLICIT_DENY,
    Reason {
        name: "boundary-refuses",
        meaning: "the permissions boundary of the role does not allow it",
    },
    reasons::UNKNOWN_KEY,
    reasons::AMBIGUOUS,
    reasons::DOCUMENT_MISSING,
    reasons::SOURCES_CONTRADICT,
];

/// A role, its policies, and the calls that it makes.
pub(super) struct RoleUse<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) support: &'v CopySupport,
    pub(super) who: Who,
    /// What a message calls the principal.
    pub(super) caller: &'static str,
    pub(super) role: &'v str,
    pub(super) identity: &'v RolePolicies<'a>,
    /// What AWS says when a call to AWS Backup is refused.
    pub(super) aws_says: Option<&'static str>,
}

impl<'a> RoleUse<'_, 'a> {
    /// Judges all calls: a fault before an open question before all is well.
    pub(super) fn judge(&self, calls: &[Call<'a>]) -> Outcome {
        let policies = Policies {
            identity: self.identity.identity(),
            boundary: self.identity.boundary(),
            ..Policies::default()
        };
        let judged: Vec<(&Call<'a>, Judged)> = calls
            .iter()
            .map(|call| (call, judge(self.view, &self.who, self.support, call, &policies)))
            .collect();
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
        let broken = outcome.kind == crate::outcome::OutcomeKind::Broken;
        for (call, one) in judged {
            // One fault suffices: a broken outcome rests on the calls that are refused.
            if broken && !matches!(one.asked.outcome, Decided::Deny(_)) {
                continue;
            }
            outcome = outcome.rests_on(&call.step.fact, call.step.certainty);
            for fact in &one.facts {
                outcome = outcome.rests_on(fact, self.view.facts.certainty(fact));
            }
        }
        for fact in &self.identity.facts {
            outcome = outcome.cites(fact);
        }
        outcome
    }

    fn refused(&self, faults: &[&(&Call<'a>, Judged)], form: &Form, names: &str) -> Outcome {
        let says = |outcome: Outcome| {
            let of_backup = faults.iter().any(|(call, _)| call.action.service() == "backup");
            match self.aws_says.filter(|_| of_backup) {
                Some(says) => outcome.aws_says(says),
                None => outcome,
            }
        };
        let resource = form.request.resource.to_string();
        if form.decision.outcome == Decided::Deny(DenyKind::Explicit) {
            let mut broken = Outcome::broken(
                reasons::EXPLICIT_DENY.name,
                format!("a Deny in the policies of {} keeps it from {names}", self.caller),
            )
            .help("except what the copy needs from this Deny; no Allow overrides it");
            for reference in &form.decision.deciding {
                let Some(policy) = self.identity.named(reference.place) else { continue };
                let statement = policy.policy.statements.get(reference.statement);
                let span = statement.map_or(reference.span, |statement| statement.effect_span);
                broken.labels.extend(policy.label(span, "this statement applies"));
            }
            return says(broken);
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
        let of_condition = reason == reasons::CONDITION_FAILS.name;
        let help = match named {
            Some(name) if of_condition => format!(
                "the statement in `{name}` would allow it; correct its condition, or allow {names} on `{resource}` in a policy of `{}`",
                self.role
            ),
            _ if by_boundary => format!(
                "allow {names} in the permissions boundary of `{}`; the boundary alone gives nothing, so keep the role's policy",
                self.role
            ),
            _ => format!("allow {names} on `{resource}` in a policy of `{}`", self.role),
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
        let mut outcome = Outcome::undecided(open_reason(&form.decision), message);
        for dependency in &form.decision.depends_on {
            if let Open::Policy(place) = dependency.on
                && let Some(policy) = self.identity.named(place)
                && let Some(doubt) = &policy.policy.doubt
            {
                outcome.labels.extend(policy.label(doubt.span, doubt.kind.to_string()));
            }
            for reference in &dependency.statements {
                let Some(policy) = self.identity.named(reference.place) else { continue };
                let (span, note) = open_place(policy.policy, &dependency.on, reference);
                outcome.labels.extend(policy.label(span, note));
            }
        }
        help_with_keys(outcome.hangs_on(&form.decision))
    }
}
