//! An RCP has the form that Organizations takes.

use copy_preflight_policy::iam::{Effect, Statement, Term};

use crate::lint::catalogue::catalogue;
use crate::lint::view::{is_everybody, listed};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an RCP has an element or value that Organizations refuses",
    reason_lists: &[&[
        Reason { name: "allows", meaning: "an RCP of one's own can only deny" },
        Reason { name: "principal", meaning: "the principal of an RCP is everybody" },
        Reason { name: "not-action", meaning: "an RCP lists its actions" },
        Reason { name: "service", meaning: "RCPs do not reach the service" },
    ]],
    facts: &["policy-language-rcp-language", "rcp-services-list"],
    page: include_str!("rcp_language.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.statements().iter().flat_map(|statement| judge(view, statement)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement) -> Vec<Outcome> {
    let mut found = Vec::new();
    let told = |reason, message: String, span, note: &str, help: &str| {
        Outcome::broken(reason, message).label(view.label(span, note)).help(help)
    };
    if statement.effect == Effect::Allow {
        if is_full_access(statement) {
            return found;
        }
        let message = "an RCP of your own cannot allow".to_owned();
        let help =
            "write what is denied; `RCPFullAWSAccess`, which is always attached, allows the rest";
        found.push(told("allows", message, statement.effect_span, "only `Deny`", help));
    }
    if let Some(principal) = &statement.principal {
        let everybody = !principal.negated && principal.terms.iter().all(is_everybody);
        let open = principal.terms.iter().any(|term| term.term.text.known().is_none());
        if !everybody && !open {
            let message = "the principal of an RCP is `*`".to_owned();
            let help = "write `\"Principal\": \"*\"`, and say whom it spares with `aws:PrincipalArn` or \
                        `aws:PrincipalOrgID` in a condition";
            found.push(told("principal", message, principal.key_span, "only `*`", help));
        }
    }
    let Some(element) = &statement.action else { return found };
    if element.negated {
        let message = "an RCP has no `NotAction`".to_owned();
        let help = "list the actions that are denied";
        found.push(told("not-action", message, element.key_span, "not supported", help));
        return found;
    }
    let reached = &view.facts.catalogue().rcp_services;
    for term in &element.terms {
        let Some((service, _)) = term.text.known().and_then(|text| text.split_once(':')) else {
            continue;
        };
        let service = service.to_ascii_lowercase();
        if reached.contains(service.as_str()) || !catalogue().has_service(&service) {
            continue;
        }
        let message = format!("RCPs do not reach `{service}`");
        let help = match service.as_str() {
            "backup" => {
                "guard vaults by their access policies, and copies by an SCP on the copy role"
            }
            _ => "guard the service by an SCP, or by the policies of its resources",
        };
        found.push(told("service", message, term.span, "no effect in an RCP", help));
    }
    found
}

/// `RCPFullAWSAccess`, which AWS attaches itself.
fn is_full_access(statement: &Statement) -> bool {
    let star = |terms: &[Term]| terms.iter().all(|term| term.text.known() == Some("*"));
    statement.conditions.is_empty()
        && star(listed(statement.action.as_ref()))
        && star(listed(statement.resource.as_ref()))
}
