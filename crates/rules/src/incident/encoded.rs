//! Encoded authorization messages, and what decoding gives.

use copy_preflight_policy::tree::{Node, Value};

use super::Incident;
use super::denial::{Denial, Refusal, RefusedBy};
use super::shape::text;

/// Looks for an encoded message; what it says is for the caller's permissions to decode.
pub(super) fn find(incident: &mut Incident) {
    let Some(message) = &incident.message else { return };
    let lower = message.to_ascii_lowercase();
    const LABEL: &str = "encoded authorization failure message:";
    let Some(at) = lower.find(LABEL) else { return };
    let encoded = message.get(at + LABEL.len()..).and_then(|rest| rest.split_whitespace().next());
    let encoded = encoded.map(|word| word.trim_matches(['"', '\'', '.', '`']));
    let encoded = encoded.filter(|word| word.len() > 40).unwrap_or("MESSAGE");
    incident.next.push(
        "the message is encoded; decode it in the account that was refused and explain the output:"
            .to_owned(),
    );
    incident.next.push(format!("aws sts decode-authorization-message --encoded-message {encoded}"));
}

/// Reads the decoded message; `None` for any other object.
pub(super) fn decoded(node: &Node) -> Option<Incident> {
    let allowed = node.member("allowed")?;
    let context = node.member("context")?;
    let explicit = node.member("explicitDeny").and_then(Node::as_bool);
    let principal = context.member("principal");
    let mut incident = Incident::default();
    if allowed.value == Value::Bool(true) {
        return Some(Incident::fine("the decoded message says that the request was allowed"));
    }
    let denial = Denial {
        action: text(context, "action"),
        resource: text(context, "resource"),
        principal: principal.and_then(|principal| text(principal, "arn")),
        refused_by: kind_of_statements(node),
        refusal: Some(match explicit {
            Some(true) => Refusal::Explicit,
            Some(false) => Refusal::Implicit,
            None => Refusal::Unknown,
        }),
        ..Denial::default()
    };
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "something".to_owned());
    incident.message = Some(format!(
        "{} is not authorized to perform: {} on resource: {}",
        word(&denial.principal),
        word(&denial.action),
        word(&denial.resource)
    ));
    incident.denial = Some(denial);
    Some(incident)
}

/// The kind of policy that the statements which matched stand in, where the message says it.
fn kind_of_statements(node: &Node) -> Option<RefusedBy> {
    let items = node.member("matchedStatements")?.member("items")?.elements();
    items.iter().find_map(|item| RefusedBy::find(&text(item, "sourcePolicyType")?))
}
