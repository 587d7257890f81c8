//! What a statement allows is not denied by the same policy.

use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{Action, Statement, Term};
use copy_preflight_policy::text::Text;

use crate::lint::conditions::always_holds;
use crate::lint::view::{is_everybody, listed, principals};
use crate::lint::{DocumentKind, DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a statement allows what another statement of the policy always denies, so it can never apply",
    reason_lists: &[&[
        Reason { name: "always-denied", meaning: "a Deny without condition covers the whole statement" },
    ]],
    facts: &["policy-language-grammar"],
    page: include_str!("allow_denied_again.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let denies: Vec<&Statement> = view.denies().filter(|one| always(view, one)).collect();
    let mut found = Vec::new();
    for allow in view.allows().filter(|one| !listed(one.action.as_ref()).is_empty()) {
        let Some(deny) = denies.iter().find(|deny| covers(view, deny, allow)) else { continue };
        let outcome =
            Outcome::broken("always-denied", "everything that this allows is denied again");
        let outcome = outcome.label(view.label(allow.effect_span, "never applies"));
        let outcome = outcome.label(view.label(deny.effect_span, "denies it without condition"));
        found.push(outcome.help(
            "a Deny wins over every Allow: bound it by a condition, or remove one of the two",
        ));
    }
    found
}

fn always(view: &DocumentView<'_>, deny: &Statement) -> bool {
    deny.doubt.is_none()
        && deny.conditions.iter().all(|condition| always_holds(view, deny, condition).is_some())
}

fn covers(view: &DocumentView<'_>, deny: &Statement, allow: &Statement) -> bool {
    let actions = listed(deny.action.as_ref());
    let resources = listed(deny.resource.as_ref());
    let action = |term: &Term| actions.iter().any(|pattern| includes(pattern, term));
    let resource = |term: &Term| {
        resources.iter().any(|one| one.text.known() == Some("*") || same(&one.text, &term.text))
    };
    let allowed = listed(allow.resource.as_ref());
    let on_resource = match view.is(DocumentKind::TrustPolicy) {
        true => true,
        false => !allowed.is_empty() && allowed.iter().all(resource),
    };
    listed(allow.action.as_ref()).iter().all(action) && on_resource && whom(view, deny, allow)
}

/// Whether the Deny is about everybody whom the Allow is about.
fn whom(view: &DocumentView<'_>, deny: &Statement, allow: &Statement) -> bool {
    if !view.kind().has_principal() {
        return true;
    }
    let mut wanted = principals(allow).peekable();
    wanted.peek().is_some()
        && wanted.all(|term| {
            principals(deny).any(|other| {
                is_everybody(other)
                    || (other.kind == term.kind && same(&other.term.text, &term.term.text))
            })
        })
}

/// Whether a pattern of actions certainly holds another value of `Action`.
fn includes(pattern: &Term, term: &Term) -> bool {
    let (Some(wide), Some(narrow)) = (pattern.text.known(), term.text.known()) else {
        return false;
    };
    if wide == "*" || wide.eq_ignore_ascii_case(narrow) {
        return true;
    }
    let service =
        |text: &str| text.split_once(':').map(|(service, _)| service.to_ascii_lowercase());
    if wide.ends_with(":*") && service(wide) == service(narrow) {
        return true;
    }
    !narrow.contains(['*', '?'])
        && Action::parse(narrow).is_some_and(|action| matches_action(pattern, &action).is_true())
}

/// Whether two texts are known and the same.
fn same(one: &Text, other: &Text) -> bool {
    one.known().is_some() && one == other
}
