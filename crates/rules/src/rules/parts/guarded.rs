//! The policies that guard an account, as far as they were read.

use std::collections::BTreeSet;

use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, Document, Documents, Outcome as Decided, Policies,
    Request, decide,
};
use copy_preflight_policy::text::Text;
use smol_str::SmolStr;

use crate::organization::{self, GuardKind, Guardrails, Guards};
use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;
use crate::rules::parts::subject::missing_document;
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
        Ok(Self { guardrails, parents, account: account.to_owned() })
    }

    pub(crate) fn guards(&self, view: &View<'a>, kind: GuardKind) -> Guards<'_, 'a> {
        self.guardrails.of(view, kind, &self.parents, &self.account)
    }
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

/// Whose guardrails, for whom: the actions that every level allows to anybody in any way.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct SparesQuestion {
    kind: GuardKind,
    organization: Slot,
    account: String,
    caller: CallerKind,
}

/// Whether the policies of one kind that guard an account leave alone all of these actions,
/// whoever of this kind makes which call.
///
/// Most guardrails are about other actions. A request of which nothing but the action is known
/// is allowed only where every request is, so nothing else has to be found out. What this does
/// not tell, the request itself has to be asked for.
pub(crate) fn spares<'c>(
    view: &View<'_>,
    (kind, organization, account): (GuardKind, &Slot, &str),
    caller: CallerKind,
    actions: impl IntoIterator<Item = &'c Action>,
) -> bool {
    if !view.run().remembers() {
        return false;
    }
    let question = SparesQuestion {
        kind,
        organization: organization.clone(),
        account: account.to_owned(),
        caller,
    };
    let spared = || spared(view, (kind, organization, account), caller);
    let spared = view.find_part(&view.run().spared, question, spared);
    actions.into_iter().all(|action| spared.value.contains(&action.text))
}

fn spared(
    view: &View<'_>,
    (kind, organization, account): (GuardKind, &Slot, &str),
    caller: CallerKind,
) -> BTreeSet<SmolStr> {
    let Ok(guarded) = Guarded::read(view, kind, organization, account) else {
        return BTreeSet::new();
    };
    let guards = guarded.guards(view, kind);
    let policies = policies(view, kind, &guards);
    let names = view.facts.steps().iter().flat_map(|step| &step.actions);
    let published = view.facts.row("organization-key-grant-operations");
    let published = published.into_iter().flat_map(crate::requests::published_operations);
    let published: Vec<String> = published.map(|name| format!("kms:{name}")).collect();
    let names: BTreeSet<&str> = names.chain(&published).map(String::as_str).collect();
    let is_allowed = |action: &Action| {
        let caller =
            Caller { kind: caller, principal: Text::unknown(), account: None, role_arn: None };
        let request = Request::new(action.clone(), Text::unknown(), None, caller, Context::open());
        decide(&request, &policies, view.facts.catalogue()).outcome == Decided::Allow
    };
    let actions = names.into_iter().filter_map(Action::parse);
    actions.filter(is_allowed).map(|action| action.text).collect()
}
