//! Whether a principal may use a key for the steps of a copy.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{
    Action, Decision, DenyKind, Document, Documents, Grant, Grants, Outcome as Decided, Place,
    Policies, Policy, StatementRef,
};
use copy_preflight_policy::tree::Node;

use super::subject::{copy_role, missing_document, rest, without_policy};
use crate::arn::KeyArn;
use crate::explain::{add_open, name_unread, near_miss, open_reason, statement_span};
use crate::facts::{CopySupport, Decides, Step, StepPrincipal, StepResource};
use crate::identity::RolePolicies;
use crate::outcome::{Missing, Outcome, OutcomeKind};
use crate::reasons;
use crate::requests::{Asked, Form, KeyPart, Who, ask, key_request, routes, unread_of_caller};
use crate::rule::Reason;
use crate::view::{Filled, Gap, Slot, View};

/// The reasons that these outcomes can have.
pub(crate) const REASONS: [Reason; 11] = [
    reasons::NO_STATEMENT,
    reasons::MISSING_ACTION,
    reasons::OTHER_RESOURCE,
    reasons::CONDITION_FAILS,
    reasons::EXPLICIT_DENY,
    Reason {
        name: "identity-denies",
        meaning: "the policies of the principal itself do not allow it",
    },
    reasons::FORMS_DIFFER,
    Reason {
        name: "contested-action",
        meaning: "only an action is missing of which AWS's pages do not agree whether the copy needs it",
    },
    reasons::UNKNOWN_KEY,
    reasons::AMBIGUOUS,
    reasons::POLICY_NOT_VALID,
];

/// Who uses keys for a copy, with the policies of its own.
pub(crate) struct KeyUser<'a> {
    who: Who,
    /// What a message calls it.
    caller: &'static str,
    identity: RolePolicies<'a>,
    principal: StepPrincipal,
}

impl<'a> KeyUser<'a> {
    /// The copy role.
    ///
    /// # Errors
    /// The undecided outcome where it or one of its policies is not known; `key` says which key
    /// then cannot be judged.
    pub(crate) fn copy_role(view: &View<'a>, key: &str) -> Result<Self, Outcome> {
        let (_, identity) = copy_role(view, &format!("whether the copy role may use {key}"))?;
        let who = Who::copy_role(view);
        Ok(Self { who, caller: "the copy role", identity, principal: StepPrincipal::CopyRole })
    }

    /// The service-linked role of the destination account.
    ///
    /// # Errors
    /// The undecided outcome where the facts lack its policy.
    pub(crate) fn service_linked_role(view: &View<'a>) -> Result<Self, Outcome> {
        let who = Who::destination_service_linked_role(view);
        let identity = who.role.as_ref().and_then(|role| RolePolicies::service_linked(view, role));
        let identity = identity.ok_or_else(|| {
            Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the policy of the service-linked role is not known",
            )
        })?;
        let caller = "the destination account's service-linked role";
        let principal = StepPrincipal::DestinationServiceLinkedRole;
        Ok(Self { who, caller, identity, principal })
    }
}

/// A key, who uses it, and what for.
pub(crate) struct KeyUse<'v, 'a> {
    pub(crate) view: &'v View<'a>,
    pub(crate) support: &'a CopySupport,
    /// The part that the key plays, `source-key[0]`.
    pub(crate) part: &'v str,
    pub(crate) key: &'v KeyArn,
    pub(crate) user: &'v KeyUser<'a>,
    pub(crate) resource: StepResource,
    pub(crate) aws_says: &'static str,
}

/// One action of a step with its decision.
struct Judged<'a> {
    step: &'a Step,
    action: Action,
    asked: Asked,
}

impl<'a> KeyUse<'_, 'a> {
    /// Judges all steps on the key.
    pub(crate) fn judge(&self) -> Outcome {
        let slot = Slot::key_policy(self.part, self.key);
        let filled = match self.view.read(&slot) {
            Ok(filled) => filled,
            Err(gap) => return self.no_policy(&gap),
        };
        let Some(document) = filled.document() else {
            let key = format!("key `{}`", self.key.id);
            return without_policy(&filled, &key, "expected a member `Policy`");
        };
        let policy = &document.policy;
        let judged = self.ask_all(policy, Grants::default());
        let refused =
            judged.iter().any(|one| matches!(one.asked.outcome, Decided::Deny(DenyKind::Implicit)));
        if !refused {
            return self.conclude(&filled, policy, &judged);
        }
        // What the policy leaves out a grant may give.
        let grants_slot = Slot::key_grants(self.part, self.key);
        let (grants, missing) = self.grants(&grants_slot);
        let with_grants = grants.as_deref().map_or(Grants::Unknown, Grants::Known);
        let judged = self.ask_all(policy, with_grants);
        let outcome = self.conclude(&filled, policy, &judged);
        match missing {
            Some(missing) if outcome.kind == OutcomeKind::Undecided && outcome.missing.is_empty() => {
                Outcome {
                    message: format!(
                        "the policy of key `{}` keeps {} out, and whether a grant lets it in was not read",
                        self.key.id, self.user.caller
                    ),
                    reason: Some(reasons::DOCUMENT_MISSING.name),
                    ..outcome
                }
                .missing(missing)
            }
            _ => outcome,
        }
    }

    fn no_policy(&self, gap: &Gap<'_>) -> Outcome {
        missing_document(
            format!(
                "whether {} may use key `{}` cannot be told: its policy {}",
                self.user.caller,
                self.key.id,
                gap.words()
            ),
            vec![gap.missing()],
        )
    }

    /// The grants on the key; `None` and what is missing where they were not read.
    fn grants(&self, slot: &Slot) -> (Option<Vec<Grant>>, Option<Missing>) {
        match self.view.read(slot) {
            Ok(filled) => {
                let list = filled.root().member("Grants").map(Node::elements).unwrap_or_default();
                (Some(list.iter().map(Grant::read).collect()), None)
            }
            Err(gap) => (None, Some(gap.missing())),
        }
    }

    fn ask_all(&self, policy: &Policy, grants: Grants<'_>) -> Vec<Judged<'a>> {
        let copy = &self.view.copy;
        let policies = |action: &str| Policies {
            resource: Some(Document::Known(policy)),
            identity: match self.is_asked_of_identity(action) {
                true => self.user.identity.identity(),
                false => Documents::Known(vec![Document::Known(self.view.facts.allow_all())]),
            },
            boundary: self.user.identity.boundary().filter(|_| self.is_asked_of_identity(action)),
            grants,
            ..Policies::default()
        };
        let mut all: Vec<&Policy> = vec![policy];
        all.extend(self.user.identity.all());
        let steps = self.view.facts.steps().iter().filter(|step| {
            step.principal == self.user.principal
                && step.resource == self.resource
                && step.applies(
                    &self.support.resource_type,
                    self.support.fully_managed.value,
                    copy.is_cross_account(),
                )
        });
        steps
            .flat_map(|step| step.actions.iter().map(move |action| (step, action)))
            .filter_map(|(step, name)| {
                let action = Action::parse(name)?;
                let forms = routes(self.view, step, name, self.support).into_iter().map(|route| {
                    let request = key_request(
                        self.view,
                        &self.user.who,
                        action.clone(),
                        KeyPart { name: self.part, key: self.key },
                        &route,
                        self.support,
                        &all,
                    );
                    (route, request)
                });
                let asked = ask(self.view, &policies(name), forms);
                Some(Judged { step, action, asked })
            })
            .collect()
    }

    /// Whether the policies of the principal itself have to allow an action. On the key of an
    /// air-gapped vault AWS asks the role for a few and the key policy for all; of the policy of
    /// the service-linked role, which lacks most of them, nothing.
    fn is_asked_of_identity(&self, action: &str) -> bool {
        let air_gapped = [StepResource::AirGappedSourceKey, StepResource::AirGappedDestinationKey];
        if !air_gapped.contains(&self.resource) {
            return true;
        }
        if self.user.principal == StepPrincipal::DestinationServiceLinkedRole {
            return false;
        }
        let row = self.view.facts.row("steps-air-gapped-identity");
        row.is_none_or(|row| row.strings("actions").any(|one| one == action))
    }

    /// The worst of what was decided: a fault before an open question before all is well.
    fn conclude(&self, filled: &Filled<'_>, policy: &Policy, judged: &[Judged<'a>]) -> Outcome {
        let denied = |one: &&Judged<'_>| matches!(one.asked.outcome, Decided::Deny(_));
        let decides = |one: &&Judged<'_>| one.step.decides == Decides::Yes;
        let faults: Vec<&Judged<'_>> = judged.iter().filter(denied).filter(decides).collect();
        if let Some(worst) = faults.first() {
            let outcome = self.broken(filled, policy, worst, &faults);
            return self.cite(outcome, judged);
        }
        let open = judged.iter().find(|one| one.asked.outcome == Decided::Depends && decides(one));
        let contested = judged.iter().find(|one| one.asked.outcome != Decided::Allow);
        if let Some(one) = open.or(contested) {
            let outcome = self.undecided(filled, policy, one);
            return self.cite(outcome, judged);
        }
        let outcome = match policy.problems.first() {
            Some(problem) => Outcome::undecided(
                reasons::POLICY_NOT_VALID.name,
                format!(
                    "the policy of key `{}` would do, but AWS refuses it as it stands",
                    self.key.id
                ),
            )
            .label(filled.label(problem.span, problem.kind.to_string())),
            None => self.allowed(filled, policy, judged),
        };
        self.cite(outcome, judged)
    }

    fn cite(&self, mut outcome: Outcome, judged: &[Judged<'_>]) -> Outcome {
        for one in judged.iter().filter(|one| one.step.decides == Decides::Yes) {
            outcome = outcome.rests_on(&one.step.fact, one.step.certainty);
        }
        for fact in &self.user.identity.facts {
            outcome = outcome.cites(fact);
        }
        outcome
    }

    fn allowed(&self, filled: &Filled<'_>, policy: &Policy, judged: &[Judged<'_>]) -> Outcome {
        let mut holds =
            Outcome::holds(format!("{} may use key `{}`", self.user.caller, self.key.id));
        let mut seen: Vec<usize> = Vec::new();
        for form in judged.iter().flat_map(|one| &one.asked.forms) {
            for reference in
                form.decision.deciding.iter().filter(|one| one.place == Place::Resource)
            {
                if !seen.contains(&reference.statement) {
                    seen.push(reference.statement);
                    holds = holds.label(
                        filled.label(statement_span(policy, reference), "this statement allows it"),
                    );
                }
            }
        }
        holds
    }

    fn broken(
        &self,
        filled: &Filled<'_>,
        policy: &Policy,
        worst: &Judged<'_>,
        faults: &[&Judged<'_>],
    ) -> Outcome {
        let names: Vec<String> =
            faults.iter().map(|one| format!("`{}`", one.action.text)).collect();
        let names = names.join(", ");
        let key = &self.key.id;
        let Some(form) = worst.asked.worst() else {
            return Outcome::undecided(reasons::AMBIGUOUS.name, "nothing was asked");
        };
        if worst.asked.outcome == Decided::Deny(DenyKind::Explicit) {
            return self.explicitly_denied(filled, policy, form, &names);
        }
        if !form.decision.lacking.contains(&copy_preflight_policy::iam::Group::Resource) {
            return Outcome::broken(
                "identity-denies",
                format!("the policies of {} do not allow {names} on key `{key}`", self.user.caller),
            )
            .help(format!(
                "allow {names} on `{}` in the policies of {}",
                self.key, self.user.caller
            ))
            .aws_says(self.aws_says);
        }
        let near = near_miss(policy, PolicyKind::Key, &form.request, self.user.caller);
        let (reason, label) = match near {
            Some(near) => (near.reason, filled.label(near.span, near.note)),
            None => (
                reasons::NO_STATEMENT.name,
                filled.label(policy.span, "no statement allows anything"),
            ),
        };
        let route = match reason {
            "condition-fails" => format!(" ({})", form.route.words()),
            _ => String::new(),
        };
        let condition = if faults.iter().any(|one| one.action.text == "kms:CreateGrant") {
            ", CreateGrant with `\"Bool\": {\"kms:GrantIsForAWSResource\": \"true\"}`"
        } else {
            ""
        };
        Outcome::broken(
            reason,
            format!(
                "the policy of key `{key}` does not let {} use it: {names} refused{route}",
                self.user.caller
            ),
        )
        .label(label)
        .help(format!(
            "allow {names} to `arn:{}:iam::{}:root`{condition}",
            self.key.partition, self.user.who.account
        ))
        .aws_says(self.aws_says)
    }

    fn explicitly_denied(
        &self,
        filled: &Filled<'_>,
        policy: &Policy,
        form: &Form,
        names: &str,
    ) -> Outcome {
        let mut broken = Outcome::broken(
            reasons::EXPLICIT_DENY.name,
            format!("a Deny keeps {} from {names} on key `{}`", self.user.caller, self.key.id),
        )
        .help(format!(
            "except {} from this Deny; neither an Allow nor a grant overrides it",
            self.user.caller
        ))
        .aws_says(self.aws_says);
        for reference in form.decision.deciding.iter().filter(|one| one.place == Place::Resource) {
            broken = broken
                .label(filled.label(statement_span(policy, reference), "this statement applies"));
        }
        broken
    }

    fn undecided(&self, filled: &Filled<'_>, policy: &Policy, one: &Judged<'_>) -> Outcome {
        let action = &one.action.text;
        let key = &self.key.id;
        let Some(form) = one.asked.worst() else {
            return Outcome::undecided(reasons::AMBIGUOUS.name, "nothing was asked");
        };
        if one.asked.differ() {
            let allowed =
                one.asked.forms.iter().find(|form| form.decision.outcome == Decided::Allow);
            let allowed = allowed.map(|form| form.route.words()).unwrap_or_default();
            let mut outcome = Outcome::undecided(
                reasons::FORMS_DIFFER.name,
                format!("key `{key}` allows `{action}` {allowed}, but not {}", form.route.words()),
            )
            .help("allow both forms: AWS does not say which one AWS Backup makes");
            if let Some(near) = near_miss(policy, PolicyKind::Key, &form.request, self.user.caller)
            {
                outcome = outcome.label(filled.label(near.span, near.note));
            }
            return outcome.cites("steps-describe-key-twice").cites("steps-via-service-region");
        }
        if let Some(doubt) = &policy.doubt {
            return Outcome::undecided(
                reasons::AMBIGUOUS.name,
                format!("the policy of key `{key}` cannot be judged"),
            )
            .label(filled.label(doubt.span, doubt.kind.to_string()));
        }
        if one.step.decides == Decides::Unknown {
            let mut outcome = Outcome::undecided(
                "contested-action",
                format!("key `{key}` does not let {} call `{action}`; AWS's pages do not agree whether the copy needs it", self.user.caller),
            )
            .help(format!("allow `{action}` as well, as AWS recommends"));
            if let Some(near) = near_miss(policy, PolicyKind::Key, &form.request, self.user.caller)
            {
                outcome = outcome.label(filled.label(near.span, near.note));
            }
            return add_open(outcome, filled, policy, &form.decision).cites(&one.step.fact);
        }
        let outcome = Outcome::undecided(
            open_reason(&form.decision),
            format!(
                "whether {} may call `{action}` on key `{key}` cannot be told",
                self.user.caller
            ),
        );
        let outcome = add_open(outcome, filled, policy, &form.decision);
        let outcome = self.label_grants(outcome, &form.decision);
        let unread = self.unread(&form.decision, &outcome);
        rest(self.view, name_unread(outcome, unread), &one.step.fact)
    }

    /// The grants that may allow it.
    fn label_grants(&self, mut outcome: Outcome, decision: &Decision) -> Outcome {
        let references = decision.depends_on.iter().flat_map(|dependency| &dependency.statements);
        let grants: Vec<&StatementRef> =
            references.filter(|one| matches!(one.place, Place::Grant(_))).collect();
        if grants.is_empty() {
            return outcome;
        }
        if let Ok(filled) = self.view.read(&Slot::key_grants(self.part, self.key)) {
            for grant in grants {
                let note = "whether this grant covers the calls of a copy is not known";
                outcome = outcome.label(filled.label(grant.span, note));
            }
        }
        outcome
    }

    /// The answers that would tell the condition keys it hangs on, and that were not read.
    fn unread(&self, decision: &Decision, outcome: &Outcome) -> Vec<Missing> {
        let hangs_on = |prefix: &str| {
            outcome.depends_on.iter().any(|key| {
                key.get(..prefix.len()).is_some_and(|key| key.eq_ignore_ascii_case(prefix))
            })
        };
        let slots = [
            ("aws:ResourceTag/", Slot::key_tags(self.part, self.key)),
            ("kms:ResourceAliases", Slot::key_aliases(self.part, self.key)),
        ];
        let gaps = slots.iter().filter(|(key, _)| hangs_on(key));
        let mut missing = unread_of_caller(self.view, &self.user.who, decision);
        missing.extend(gaps.filter_map(|(_, slot)| Some(self.view.read(slot).err()?.missing())));
        missing
    }
}
