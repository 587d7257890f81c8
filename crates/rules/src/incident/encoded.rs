//! Encoded authorization messages, and what decoding gives.

use copy_preflight_policy::tree::{Node, Value};

use super::denial::{Denial, Refusal, RefusedBy};
use super::shape::text;
use super::{Condition, Incident, read_one};

/// Looks for an encoded message; what it says is for the caller's permissions to decode.
pub(super) fn find(incident: &mut Incident) {
    let Some(message) = &incident.message else { return };
    let lower = message.to_ascii_lowercase();
    const LABEL: &str = "encoded authorization failure message:";
    let Some(at) = lower.find(LABEL) else { return };
    let encoded = message.get(at + LABEL.len()..).and_then(|rest| rest.split_whitespace().next());
    let encoded = encoded.map(|word| word.trim_matches(['"', '\'', '.', '`']));
    let encoded = encoded.filter(|word| word.len() > 40).map(str::to_owned);
    incident.next.extend(by_hand(encoded.as_deref()));
    incident.encoded = encoded;
}

/// How a person decodes it.
fn by_hand(encoded: Option<&str>) -> [String; 2] {
    let encoded = encoded.unwrap_or("MESSAGE");
    [
        "the message is encoded; decode it in the account that was refused and explain the output:"
            .to_owned(),
        format!("aws sts decode-authorization-message --encoded-message {encoded}"),
    ]
}

impl Incident {
    /// The incident with what its encoded message says, as `sts decode-authorization-message`
    /// tells it. What is no such answer changes nothing.
    #[must_use]
    pub fn decoded(mut self, answer: &str) -> Self {
        let Some(read) = read_one(answer).into_iter().next() else { return self };
        if read.denial.is_none() && !matches!(read.condition, Condition::Fine(_)) {
            return self;
        }
        let by_hand = by_hand(self.encoded.take().as_deref());
        self.next.retain(|line| !by_hand.contains(line));
        self.message = read.message.or(self.message);
        Self { denial: read.denial, condition: read.condition, ..self }
    }
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
