//! What is known of the context of a request.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{Action, Context, ContextValue, Policy, Statement};
use copy_preflight_policy::text::Text;

use super::{Route, Who};
use crate::facts::CallOf;
use crate::organization;
use crate::view::{Slot, View};

/// What is known of the context keys of every request of a principal: those that name it,
/// those that only other calls carry, and those that the action does not have.
pub(crate) fn base_context(
    view: &View<'_>,
    who: &Who,
    action: &Action,
    route: &Route,
    policies: &[&Policy],
) -> Context {
    let call = match route {
        Route::Direct => CallOf::Copy,
        Route::Forwarded(_) => CallOf::CopyForwarded,
    };
    let asks = Asks::of(policies);
    let question = ContextQuestion { who: who.clone(), route: route.clone(), asks };
    let any_action = || context_of_any_action(view, who, route, asks);
    let kept = view.find_part(&view.memory().contexts, question, any_action);
    kept.value.clone().without(view.facts.absent_keys(action, call))
}

/// What is known whatever the action is.
fn context_of_any_action(view: &View<'_>, who: &Who, route: &Route, asks: Asks) -> Context {
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let mut context = Context::open();
    match route {
        Route::Direct => {
            context.set("kms:ViaService", ContextValue::Absent);
            context.set("aws:ViaAWSService", known("false"));
        }
        Route::Forwarded(service) => {
            context.set("kms:ViaService", known(service));
            context.set("aws:ViaAWSService", known("true"));
        }
    }
    let partition = &view.copy.source.partition;
    context.set("aws:PrincipalArn", ContextValue::Known(who.principal_arn(partition)));
    context.set("aws:PrincipalAccount", known(&who.account));
    context.set("aws:PrincipalType", known("AssumedRole"));
    context.set("aws:PrincipalIsAWSService", known("false"));
    for key in ["aws:userid", "aws:RequestedRegion", "aws:CurrentTime", "aws:EpochTime"] {
        context.set(key, ContextValue::Present);
    }
    if view.copy.source.region == view.copy.destination.region {
        context.set("aws:RequestedRegion", known(&view.copy.source.region));
    }
    if let Some(now) = view.now {
        context.set("aws:CurrentTime", known(&now.to_string()));
        context.set("aws:EpochTime", known(&now.as_second().to_string()));
    }
    add_organization(view, who, &mut context, asks);
    context
}

/// Whose requests, how they reach the service, and what of the organization policies ask for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ContextQuestion {
    who: Who,
    route: Route,
    asks: Asks,
}

/// Whether policies ask for the organization of the principal, and for its path there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Asks {
    organization: bool,
    paths: bool,
}

impl Asks {
    fn of(policies: &[&Policy]) -> Self {
        Self {
            organization: mention(policies, "aws:PrincipalOrg"),
            paths: mention(policies, "aws:PrincipalOrgPaths"),
        }
    }
}

/// The organization of the principal's account and its path there, as far as a policy asks.
fn add_organization(view: &View<'_>, who: &Who, context: &mut Context, asks: Asks) {
    if !asks.organization {
        return;
    }
    let filled = match view.read(&who.organization) {
        Ok(filled) => filled,
        Err(gap) => {
            if gap.is_not_found() {
                context.set("aws:PrincipalOrgID", ContextValue::Absent);
                context.set("aws:PrincipalOrgPaths", ContextValue::Absent);
            }
            return;
        }
    };
    let Some(id) = organization::id(&filled) else { return };
    context.set("aws:PrincipalOrgID", ContextValue::Known(id.into()));
    context.set("aws:PrincipalOrgPaths", ContextValue::Present);
    if !asks.paths {
        return;
    }
    if let Some(path) = organization_path(view, id, &who.account) {
        context.set("aws:PrincipalOrgPaths", ContextValue::Many(vec![path.into()]));
    }
}

/// The path of the destination account in its organization, as `backup:CopyTargetOrgPaths` has it.
pub(super) fn target_path(view: &View<'_>) -> ContextValue {
    let filled = match view.read(&Slot::destination_organization(&view.copy)) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => return ContextValue::Absent,
        Err(_) => return ContextValue::Unknown,
    };
    let path = organization::id(&filled)
        .and_then(|id| organization_path(view, id, &view.copy.destination.account));
    path.map_or(ContextValue::Present, |path| ContextValue::Many(vec![path.into()]))
}

/// The path of an account, as condition keys have it.
fn organization_path(view: &View<'_>, organization: &str, account: &str) -> Option<String> {
    let parents = organization::parents(view, account).ok()?;
    Some(organization::path(organization, &parents))
}

pub(crate) fn add_tags(view: &View<'_>, slot: &Slot, context: &mut Context) {
    let Ok(filled) = view.read(slot) else { return };
    let Some(tags) = crate::tags::read(filled.root()) else { return };
    context.set_family("aws:ResourceTag/", ContextValue::Absent);
    for tag in tags {
        context.set(&format!("aws:ResourceTag/{}", tag.key), ContextValue::Known(tag.value.into()));
    }
}

/// Whether a statement that can be about the action asks for a key that begins like this.
pub(super) fn asks_for(policies: &[&Policy], action: &Action, prefix: &str) -> bool {
    let begins =
        |key: &str| key.get(..prefix.len()).is_some_and(|key| key.eq_ignore_ascii_case(prefix));
    let asks = |statement: &Statement| {
        let elements = [&statement.action, &statement.resource].into_iter().flatten();
        let terms = elements.flat_map(|element| &element.terms);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        // A variable may name the key; which one it names does not matter here.
        statement.conditions.iter().any(|condition| condition.key.known().is_none_or(begins))
            || terms.chain(values).any(|term| term.variables)
    };
    policies
        .iter()
        .filter(|policy| policy.mentions_key(prefix))
        .any(|policy| policy.statements.iter().any(|one| asks(one) && may_be_about(one, action)))
}

fn may_be_about(statement: &Statement, action: &Action) -> bool {
    statement.action.as_ref().is_some_and(|element| {
        let named = Truth::any(element.terms.iter().map(|term| matches_action(term, action)));
        !(if element.negated { !named } else { named }).is_false()
    })
}

pub(super) fn mention(policies: &[&Policy], prefix: &str) -> bool {
    policies.iter().any(|policy| policy.mentions_key(prefix))
}
