//! The key of a vault whose backups AWS Backup fully manages.
//!
//! AWS Backup works on it under grants that were made with the vault, and which of several
//! principals asks is not documented. What AWS does say is what breaks a copy: a Deny, a revoked
//! grant, a disabled key. So a Deny is looked for first, with every principal that may ask.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::document::Effect;
use copy_preflight_policy::iam::statement::{Mismatch, PolicyKind, StatementPart};
use copy_preflight_policy::iam::{
    Action, Document, Documents, Outcome as Decided, Policies, Policy, Request, Statement, decide,
};
use copy_preflight_policy::source::Span;

use crate::arn::KeyArn;
use crate::explain::{name_span, near_miss, value_span};
use crate::facts::{Certainty, CopySupport, Facts};
use crate::outcome::{Label, Outcome};
use crate::parts::subject::{missing_document, rest, without_policy};
use crate::reasons;
use crate::requests::{KeyPart, Route, Who, key_request, service_key_request};
use crate::rule::Reason;
use crate::says;
use crate::view::{Filled, Slot, View};

/// The reasons that these outcomes can have.
pub(crate) const REASONS: [Reason; 4] = [
    reasons::EXPLICIT_DENY,
    Reason {
        name: "deny-may-reach",
        meaning: "a Deny reaches, or may reach, a principal that AWS Backup may use; which one it uses is not documented",
    },
    Reason {
        name: "own-account-left-out",
        meaning: "the key policy does not let the vault's own account use the key, and whom AWS Backup needs there is not documented",
    },
    reasons::POLICY_NOT_VALID,
];

/// The facts that these outcomes rest on.
pub(crate) const BREAKS: &str = "encryption-vault-key-default-policy";
const DENY: &str = "encryption-key-policy-deny-or-revoked-grant";

/// The key of a vault and the principals that may use it.
pub(crate) struct VaultKeyUse<'v, 'a> {
    pub(crate) view: &'v View<'a>,
    pub(crate) support: &'a CopySupport,
    /// The part that the key plays, `destination-key`.
    pub(crate) part: &'static str,
    /// What the rows on the steps call it.
    pub(crate) resource: &'static str,
    pub(crate) key: &'v KeyArn,
    /// The name of the vault.
    pub(crate) vault: &'v str,
    /// A principal of the account that owns the vault.
    pub(crate) owner: Who,
}

/// How far a Deny reaches.
struct Reach<'p> {
    statement: &'p Statement,
    truth: Truth,
    /// The part that leaves it open.
    open: Option<Span>,
}

impl<'a> VaultKeyUse<'_, 'a> {
    /// The answer that holds the key's policy, and the policy.
    ///
    /// # Errors
    /// The undecided outcome where there is none.
    pub(crate) fn policy(&self) -> Result<(Filled<'a>, &'a Policy), Outcome> {
        let slot = Slot::key_policy(self.part, self.key);
        let filled = match self.view.read(&slot) {
            Ok(filled) => filled,
            Err(gap) => {
                return Err(missing_document(
                    format!(
                        "what the key of vault `{}` allows cannot be told: its policy {}",
                        self.vault,
                        gap.words()
                    ),
                    vec![gap.missing()],
                )
                .cites(BREAKS));
            }
        };
        match filled.document() {
            Some(document) => Ok((filled.clone(), &document.policy)),
            None => {
                let key = format!("key `{}`", self.key.id);
                Err(without_policy(&filled, &key, "expected a member `Policy`"))
            }
        }
    }

    /// The outcome where something stands in the way, or the policy leaves the vault's own
    /// account out; `None` where AWS names nothing that would break the copy.
    pub(crate) fn obstacle(&self, filled: &Filled<'a>, policy: &'a Policy) -> Option<Outcome> {
        if let Some(doubt) = &policy.doubt {
            return Some(
                Outcome::undecided(
                    reasons::AMBIGUOUS.name,
                    format!("the policy of key `{}` cannot be judged", self.key.id),
                )
                .label(filled.label(doubt.span, doubt.kind.to_string())),
            );
        }
        if let Some(denied) = self.denied(filled, policy) {
            return Some(denied);
        }
        if !self.allows(policy, &self.owner) {
            return Some(
                Outcome::undecided(
                    "own-account-left-out",
                    format!(
                        "the key of vault `{}` does not let account {} use it; whom AWS Backup needs there is not documented",
                        self.vault, self.owner.account
                    ),
                )
                .label(self.near(filled, policy, &self.owner, "the vault's own account"))
                .help(format!(
                    "let the account in as the default key policy does: `arn:{}:iam::{}:root` with `kms:*`",
                    self.key.partition, self.owner.account
                ))
                .cites(BREAKS),
            );
        }
        let problem = policy.problems.first()?;
        Some(
            Outcome::undecided(
                reasons::POLICY_NOT_VALID.name,
                format!(
                    "the policy of key `{}` would do, but AWS refuses it as it stands",
                    self.key.id
                ),
            )
            .label(filled.label(problem.span, problem.kind.to_string())),
        )
    }

    fn denied(&self, filled: &Filled<'_>, policy: &Policy) -> Option<Outcome> {
        if policy.statements.iter().all(|statement| statement.effect == Effect::Allow) {
            return None;
        }
        let mut open: Vec<Reach<'_>> = Vec::new();
        for action in self.actions() {
            let by_principal: Vec<Vec<Reach<'_>>> =
                self.requests(policy, action).iter().map(|forms| reach(policy, forms)).collect();
            let hits = |reaches: &Vec<Reach<'_>>| reaches.iter().any(|one| one.truth.is_true());
            if by_principal.iter().all(hits) {
                let statements: Vec<&Statement> = by_principal
                    .iter()
                    .flatten()
                    .filter(|one| one.truth.is_true())
                    .map(|one| one.statement)
                    .collect();
                return Some(self.broken(filled, action, &statements));
            }
            for one in by_principal.into_iter().flatten() {
                if !open.iter().any(|seen| seen.statement.index == one.statement.index) {
                    open.push(one);
                }
            }
        }
        if open.is_empty() {
            return None;
        }
        let mut outcome = Outcome::undecided(
            "deny-may-reach",
            format!("a Deny in the policy of key `{}` reaches, or may reach, whom AWS Backup uses there", self.key.id),
        )
        .help("except the copy role, the service-linked role and `backup-storage.amazonaws.com` from this Deny")
        .cites(BREAKS)
        .cites(DENY);
        for one in &open {
            let (span, note) = match one.open {
                Some(span) => (span, "whether this holds for AWS Backup's calls is not known"),
                None => (
                    name_span(one.statement),
                    "this reaches one of the principals that AWS Backup may use",
                ),
            };
            outcome = outcome.label(filled.label(span, note));
        }
        Some(outcome)
    }

    fn broken(&self, filled: &Filled<'_>, action: &Action, statements: &[&Statement]) -> Outcome {
        let mut broken = Outcome::broken(
            reasons::EXPLICIT_DENY.name,
            format!(
                "a Deny keeps everybody whom AWS Backup may use from `{}` on key `{}`",
                action.text, self.key.id
            ),
        )
        .help("except AWS Backup from this Deny; neither an Allow nor a grant overrides it")
        .aws_says(says::KEY_REFUSED);
        let mut seen: Vec<usize> = Vec::new();
        for statement in statements {
            if !seen.contains(&statement.index) {
                seen.push(statement.index);
                broken = broken.label(filled.label(name_span(statement), "this statement applies"));
            }
        }
        let mut broken = rest(self.view, rest(self.view, broken, BREAKS), DENY);
        // That a Deny breaks the copy is documented, that these are all who may ask is not.
        broken.certainty = broken.certainty.max(Certainty::Inferred);
        broken
    }

    /// Whether the key policy lets a principal use the key for all that the copy may need; what
    /// its own policies say is taken as granted.
    pub(crate) fn allows(&self, policy: &Policy, who: &Who) -> bool {
        let policies = Policies {
            resource: Some(Document::Known(policy)),
            identity: Documents::Known(vec![Document::Known(self.view.facts.allow_all())]),
            ..Policies::default()
        };
        self.actions().all(|action| {
            self.forms(policy, who, action).iter().all(|request| {
                decide(request, &policies, self.view.facts.catalogue()).outcome == Decided::Allow
            })
        })
    }

    /// What keeps the policy from letting a principal use the key.
    pub(crate) fn near(
        &self,
        filled: &Filled<'_>,
        policy: &Policy,
        who: &Who,
        caller: &str,
    ) -> Label {
        let near = self.actions().find_map(|action| {
            let forms = self.forms(policy, who, action);
            forms.iter().find_map(|request| near_miss(policy, PolicyKind::Key, request, caller))
        });
        match near {
            Some(near) => filled.label(near.span, near.note),
            None => filled.label(policy.span, format!("does not let {caller} use the key")),
        }
    }

    /// What the copy may need of the key, by the rows on its steps.
    fn actions(&self) -> impl Iterator<Item = &'a Action> {
        let facts: &'a Facts = self.view.facts;
        facts.fully_managed_actions(self.resource)
    }

    /// The forms of a request by each principal that may make it.
    fn requests(&self, policy: &Policy, action: &Action) -> Vec<Vec<Request>> {
        let service = self
            .view
            .facts
            .row("steps-backup-storage")
            .and_then(|row| row.text("service_principal"));
        let part = KeyPart { name: self.part, key: self.key };
        let mut requests: Vec<Vec<Request>> = service
            .iter()
            .map(|service| {
                vec![service_key_request(self.view, service, action.clone(), part, &[policy])]
            })
            .collect();
        for who in [Who::copy_role(self.view), Who::destination_service_linked_role(self.view)] {
            requests.push(self.forms(policy, &who, action));
        }
        requests
    }

    fn forms(&self, policy: &Policy, who: &Who, action: &Action) -> Vec<Request> {
        let copy = &self.view.copy;
        let mut regions = vec![&copy.source.region];
        if copy.is_cross_region() {
            regions.push(&copy.destination.region);
        }
        let part = KeyPart { name: self.part, key: self.key };
        regions
            .into_iter()
            .map(|region| {
                let route = Route::Forwarded(format!("backup.{region}.amazonaws.com"));
                key_request(self.view, who, action.clone(), part, &route, self.support, &[policy])
            })
            .collect()
    }
}

/// The Deny statements that are, or may be, about a request in one of its forms.
fn reach<'p>(policy: &'p Policy, forms: &[Request]) -> Vec<Reach<'p>> {
    let denies = policy.statements.iter().filter(|statement| statement.effect != Effect::Allow);
    denies
        .filter_map(|statement| {
            let by_form: Vec<Vec<Mismatch>> = forms
                .iter()
                .map(|request| {
                    statement.mismatches(PolicyKind::Key, request, Truth::False, policy.version)
                })
                .collect();
            let fails =
                |mismatches: &Vec<Mismatch>| mismatches.iter().any(|one| one.truth.is_false());
            if by_form.iter().all(fails) {
                return None;
            }
            if statement.effect == Effect::Deny && by_form.iter().all(Vec::is_empty) {
                return Some(Reach { statement, truth: Truth::True, open: None });
            }
            let open =
                by_form.iter().find(|mismatches| !fails(mismatches)).and_then(|one| one.first());
            Some(Reach {
                statement,
                truth: Truth::Unknown,
                open: open.map(|one| open_span(statement, one)),
            })
        })
        .collect()
}

fn open_span(statement: &Statement, mismatch: &Mismatch) -> Span {
    match mismatch.part {
        StatementPart::Condition(index) => statement
            .conditions
            .get(index)
            .map_or(mismatch.span, |condition| condition.key_span.to(value_span(condition))),
        _ => mismatch.span,
    }
}
