//! A guardrail reaches whom it is meant for.

use copy_preflight_policy::iam::Statement;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::Scp, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a guardrail is aimed at a principal that it never binds",
    reason_lists: &[&[
        Reason { name: "service-linked-role", meaning: "service-linked roles stand outside SCPs and RCPs" },
        Reason { name: "service-principal", meaning: "service principals stand outside SCPs" },
    ]],
    facts: &["organization-slr-outside-guardrails", "organization-scp-exempt"],
    page: include_str!("guardrail_without_effect.md"),
}

/// Keys whose value says who calls.
const CALLER: [&str; 2] = ["aws:principalarn", "aws:userid"];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.denies().filter_map(|statement| judge(view, statement)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement) -> Option<Outcome> {
    let aimed = statement.conditions.iter().find(|condition| {
        let plain = !condition.operator.negated && !condition.operator.if_exists;
        plain
            && CALLER.contains(&condition.folded_key())
            && !condition.values.is_empty()
            && condition.values.iter().all(|value| {
                value.text.known().is_some_and(|text| text.contains(":role/aws-service-role/"))
            })
    });
    if let Some(condition) = aimed {
        let message = "no SCP or RCP binds a service-linked role, so this Deny does nothing";
        let outcome = Outcome::broken("service-linked-role", message);
        let outcome = outcome.label(view.label(condition.span, "only service-linked roles"));
        return Some(outcome.help(
            "guard the resource: a Deny in the key policy or in the vault's access policy binds it",
        ));
    }
    let service = statement.conditions.iter().find(|condition| {
        view.is(DocumentKind::Scp)
            && !condition.operator.negated
            && !condition.operator.if_exists
            && condition.folded_key() == "aws:principalisawsservice"
            && condition.values.iter().all(|value| value.text.known() == Some("true"))
    })?;
    let message = "no SCP binds a service principal, so this Deny does nothing";
    let outcome = Outcome::broken("service-principal", message);
    let outcome = outcome.label(view.label(service.span, "only services"));
    Some(outcome.help("an RCP binds service principals, for the services that RCPs reach"))
}
