//! Which kind of document a tree is, by the members it has.

use copy_preflight_policy::json::{self, ProblemKind};
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::tree::{Node, Value};

use super::{Condition, Incident, embedded_or_text, encoded, event, job, notice, split, trail};

/// So many documents may stand in strings of one another: an event in a notification in a queue
/// message in a record takes three.
pub(super) const MAX_NESTING: usize = 8;

/// What of a document is read when nothing fits.
const SHAPES: &str = "bring the output of `aws backup describe-copy-job --copy-job-id ID`, or the \
    message alone; lists of jobs, EventBridge events, SNS messages and CloudTrail records are read \
    too";

/// Reads a document.
pub(super) fn read(node: &Node, depth: usize) -> Vec<Incident> {
    known(node, depth).unwrap_or_else(|| {
        let mut incident = Incident::default();
        incident.next.push(format!("this is {} without a message that is known", node.kind()));
        incident.next.push(SHAPES.to_owned());
        vec![incident]
    })
}

/// Reads a document of a known shape; `None` for any other.
pub(super) fn known(node: &Node, depth: usize) -> Option<Vec<Incident>> {
    match &node.value {
        Value::String(_) => node.as_str().map(|text| embedded(text, depth)),
        Value::Array(elements) => {
            Some(elements.iter().flat_map(|element| read(element, depth)).collect())
        }
        Value::Object(_) => object(node, depth),
        _ => None,
    }
}

fn object(node: &Node, depth: usize) -> Option<Vec<Incident>> {
    let has = |name: &str| node.member(name).is_some();
    let list = |name: &str| node.member(name).filter(|list| matches!(list.value, Value::Array(_)));
    if let Some(detail) = node.member("detail").filter(|_| has("detail-type")) {
        return Some(event::read(node, detail, depth));
    }
    if let Some(inner) = node.member("CopyJob").or_else(|| node.member("BackupJob")) {
        return Some(vec![job::read(inner)]);
    }
    for name in ["CopyJobs", "BackupJobs", "Snapshots"] {
        if let Some(list) = list(name) {
            let incidents = list.elements().iter().map(|one| match name {
                "Snapshots" => event::snapshot(one),
                _ => job::read(one),
            });
            return Some(failed_of(incidents.collect(), name));
        }
    }
    for name in ["Records", "Events", "Messages"] {
        if let Some(list) = list(name) {
            let incidents = list.elements().iter().flat_map(|one| read(one, depth));
            return Some(failed_of(incidents.collect(), name));
        }
    }
    if ["CopyJobId", "copyJobId", "BackupJobId", "backupJobId"].into_iter().any(has)
        || has("SourceBackupVaultArn")
    {
        return Some(vec![job::read(node)]);
    }
    if let Some(inner) = node.member("Sns") {
        return Some(notice::read(inner, depth));
    }
    let is_notice = text(node, "Type").as_deref() == Some("Notification");
    if has("Message") && (has("TopicArn") || has("MessageAttributes") || is_notice) {
        return Some(notice::read(node, depth));
    }
    if has("eventName") && has("eventSource") {
        return Some(vec![trail::read(node)]);
    }
    if has("SnapshotId") && has("StateMessage") {
        return Some(vec![event::snapshot(node)]);
    }
    if let Some(decoded) = encoded::decoded(node) {
        return Some(vec![decoded]);
    }
    for name in ["body", "Body", "CloudTrailEvent", "DecodedMessage"] {
        if let Some(text) = node.member(name).and_then(Node::as_str) {
            return Some(embedded(text, depth));
        }
    }
    if let Some(inner) = node.member("event").or_else(|| node.member("Error")) {
        return known(inner, depth);
    }
    for name in ["message", "Message", "StatusMessage", "statusMessage", "errorMessage"] {
        if let Some(text) = node.member(name).and_then(Node::as_str) {
            let code = ["code", "Code", "__type", "errorCode"];
            let code = code.into_iter().find_map(|name| node.member(name)?.as_str());
            let mut incidents = embedded(text, depth);
            for incident in &mut incidents {
                incident.code = incident.code.take().or_else(|| code.map(str::to_owned));
            }
            return Some(incidents);
        }
    }
    None
}

/// Of a list only what failed; one word where nothing did.
fn failed_of(incidents: Vec<Incident>, name: &str) -> Vec<Incident> {
    let all = incidents.len();
    let failed: Vec<Incident> = incidents
        .into_iter()
        .filter(|incident| !matches!(incident.condition, Condition::Fine(_)))
        .collect();
    if !failed.is_empty() {
        return failed;
    }
    let what = match all {
        0 => format!("`{name}` is an empty list"),
        1 => format!("the one entry of `{name}` did not fail"),
        _ => format!("none of the {all} entries of `{name}` failed"),
    };
    vec![Incident::fine(what)]
}

/// A string that may be a document itself.
pub(super) fn embedded(text: &str, depth: usize) -> Vec<Incident> {
    if split::is_json(text.trim_start()) && depth < MAX_NESTING {
        let reading = json::read(SourceId::new(0), text);
        if reading.problems.iter().all(|problem| is_harmless(&problem.kind)) {
            return read(&reading.root, depth + 1);
        }
    }
    embedded_or_text(text, depth)
}

/// Mistakes that leave no doubt about what is meant.
pub(super) fn is_harmless(kind: &ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::ByteOrderMark
            | ProblemKind::WhiteSpace(_)
            | ProblemKind::Comment(_)
            | ProblemKind::TrailingComma(_)
            | ProblemKind::ControlCharacter(_)
            | ProblemKind::LoneSurrogate(_)
            | ProblemKind::Duplicate(_)
    )
}

/// Whether an object is a line of a batch, whose `id` is the user's. The `id` of an event is not.
pub(super) fn is_line(node: &Node) -> bool {
    node.member("detail-type").is_none()
        && (node.member("message").is_some() || node.member("event").is_some())
}

/// The text of a member that is a string or a number; `None` where it is empty or of another
/// kind, such as the `{}` that events have where an ARN should be.
pub(super) fn text(node: &Node, name: &str) -> Option<String> {
    match &node.member(name)?.value {
        Value::String(text) => text.known().filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(digits) => Some(digits.to_string()),
        _ => None,
    }
}

/// As [`text`], under the name of the API or that of events, which begins with a small letter.
pub(super) fn either(node: &Node, name: &str) -> Option<String> {
    text(node, name).or_else(|| {
        let mut characters = name.chars();
        let first = characters.next()?.to_ascii_lowercase();
        text(node, &format!("{first}{}", characters.as_str()))
    })
}
