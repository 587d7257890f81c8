//! The policies that guard an account, as far as they were read.

use copy_preflight_policy::iam::{Document, Documents, Policies};

use crate::organization::{self, GuardKind, Guardrails, Guards, Listed};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::view::{Slot, View};

/// The fact that neither SCPs nor RCPs bind in the management account.
pub(crate) const EXEMPT: &str = "organization-scp-exempt";

/// The policies of one kind that guard an account; or the outcome where there are none, or where
/// not enough of them is known.
pub(crate) struct Guarded<'a> {
    pub(crate) guardrails: Guardrails<'a>,
    pub(crate) parents: Vec<String>,
    pub(crate) account: String,
}

impl<'a> Guarded<'a> {
    pub(crate) fn read(
        view: &View<'a>,
        kind: GuardKind,
        slot: &Slot,
        account: &str,
    ) -> Result<Self, Outcome> {
        let question =
            GuardedQuestion { kind, organization: slot.clone(), account: account.to_owned() };
        let found = || find(view, kind, slot, account);
        match &view.find_part(&view.memory().guarded, question, found).value {
            Ok((parents, found)) => Ok(Self {
                guardrails: Guardrails::listed(view, kind, found),
                parents: parents.clone(),
                account: account.to_owned(),
            }),
            Err(outcome) => Err(outcome.clone()),
        }
    }

    pub(crate) fn guards(&self, view: &View<'a>, kind: GuardKind) -> Guards<'_, 'a> {
        self.guardrails.of(view, kind, &self.parents, &self.account)
    }
}

/// Which policies guard whom.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct GuardedQuestion {
    kind: GuardKind,
    organization: Slot,
    account: String,
}

/// The root and the OUs above an account, and the policies that guard it there; or why that
/// cannot be told.
pub(crate) type Found = Result<(Vec<String>, Listed), Outcome>;

fn find(view: &View<'_>, kind: GuardKind, slot: &Slot, account: &str) -> Found {
    let organization = match view.read(slot) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => {
            return Err(Outcome::not_applicable(format!(
                "account {account} is in no organization"
            )));
        }
        Err(gap) => {
            ask_ahead(view);
            return Err(missing_document(
                format!(
                    "whether guardrails bind account {account} cannot be told: its organization {}",
                    gap.words()
                ),
                vec![gap.missing()],
            ));
        }
    };
    match organization::management_account(&organization) {
        Some(management) if management == account => {
            return Err(Outcome::not_applicable(format!(
                "account {account} manages the organization, where neither SCPs nor RCPs bind"
            ))
            .cites(EXEMPT));
        }
        Some(_) => {}
        None => {
            return Err(Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer does not name the management account, which no guardrail binds",
            )
            .label(
                organization
                    .label(organization.root().span, "expected `Organization.MasterAccountId`"),
            ));
        }
    }
    let lacking = |missing| {
        missing_document(
            format!("the {} that guard account {account} were not all read", kind.plural()),
            vec![missing],
        )
    };
    ask_ahead(view);
    let parents = organization::parents(view, account).map_err(lacking)?;
    let mut levels: Vec<&str> = parents.iter().map(String::as_str).collect();
    levels.push(account);
    let guardrails = match Guardrails::read(view, kind, &levels) {
        Ok(guardrails) if guardrails.has(kind) => guardrails,
        Ok(_) => return Err(without_policies(view, kind)),
        Err(missing) => {
            let outcome = without_policies(view, kind);
            return Err(if outcome.kind == OutcomeKind::Holds {
                outcome
            } else {
                lacking(missing)
            });
        }
    };
    Ok((parents, guardrails.into_listed()))
}

/// Wants at once what is needed next, where nobody looked yet: it comes in the same round.
fn ask_ahead(view: &View<'_>) {
    for slot in
        [Slot::organization_accounts(), Slot::organization_tree(), Slot::organization_policies()]
    {
        view.peek(&slot);
    }
}

/// No policy of the kind is listed: right where the organization does not use the kind.
fn without_policies(view: &View<'_>, kind: GuardKind) -> Outcome {
    let slot = Slot::organization_roots();
    let roots = match view.read(&slot) {
        Ok(roots) => roots,
        Err(gap) => {
            return missing_document(
                format!(
                    "no {} is listed, and whether the organization uses them was not read",
                    kind.singular()
                ),
                vec![gap.missing()],
            );
        }
    };
    if organization::has_policy_type(&roots, kind) {
        return Outcome::undecided(
            "list-not-whole",
            format!("the organization uses {}, and none is listed", kind.plural()),
        )
        .missing(Slot::organization_policies().missing(crate::inputs::Why::NotFetched, None));
    }
    Outcome::holds(format!("the organization does not use {}", kind.plural()))
}

/// For the evaluator: all that is not a guardrail allows everything.
pub(crate) fn policies<'a>(
    view: &View<'a>,
    kind: GuardKind,
    guards: &Guards<'_, 'a>,
) -> Policies<'a> {
    let everything = || Document::Known(view.facts.admit_all());
    let mut policies = Policies {
        resource: Some(everything()),
        identity: Documents::Known(vec![Document::Known(view.facts.allow_all())]),
        ..Policies::default()
    };
    match kind {
        GuardKind::Scp => policies.scp = Some(guards.levels()),
        GuardKind::Rcp => policies.rcp = Some(guards.levels()),
    }
    policies
}
