//! What a user brings when a copy has failed: a line of text, a job, an event, a notification, a
//! CloudTrail record. Read into incidents, each with what AWS said and what job it is about.
//!
//! Nothing is judged here; [`crate::explanation`] does that.

mod split;

mod shape;

mod encoded;
mod event;
mod job;
mod notice;
mod trail;

mod denial;

pub use denial::{Denial, Refusal, RefusedBy, read as denial_in};
pub use job::{Job, JobKind};
pub use trail::is_refusal;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Source, SourceId};
use copy_preflight_policy::tree::Node;

/// Something that went wrong, or was brought as if it had.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Incident {
    /// The id that the line carries, for lines that do.
    pub id: Option<Node>,
    /// What AWS said, as it was given; `None` where nothing says it.
    pub message: Option<String>,
    /// Whether there is something to explain.
    pub condition: Condition,
    /// What is known of the job.
    pub job: Job,
    /// The error code, where one stands beside the message.
    pub code: Option<String>,
    /// The denial that a record shows without words; a text is read for one when it is explained.
    pub denial: Option<Denial>,
    /// The message that AWS encoded, since it shows policies; what it says, AWS decodes.
    pub encoded: Option<String>,
    /// The backup policy of the organization made a plan that is not valid.
    pub invalid_plan: bool,
    /// What AWS Support asks for: name and value.
    pub support: Vec<(&'static str, String)>,
    /// What to bring or to run, known from the kind of document alone.
    pub next: Vec<String>,
}

/// Whether there is something to explain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Condition {
    /// It failed, or nothing says that it did not.
    #[default]
    Failed,
    /// It did not fail; the words say what it did.
    Fine(String),
    /// It cannot be read; the words say why.
    Unreadable(String),
}

impl Incident {
    /// An incident of which only the text is known.
    #[must_use]
    pub fn text(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }

    /// An incident that cannot be read.
    #[must_use]
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self { condition: Condition::Unreadable(why.into()), ..Self::default() }
    }

    /// Something that did not fail.
    fn fine(what: impl Into<String>) -> Self {
        Self { condition: Condition::Fine(what.into()), ..Self::default() }
    }

    /// Keeps what AWS Support asks for.
    fn support(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = value
            && !self.support.iter().any(|(_, known)| *known == value)
        {
            self.support.push((name, value));
        }
    }
}

/// Reads one thing: JSON in any of the shapes, or else one message, line breaks and all.
#[must_use]
pub fn read_one(text: &str) -> Vec<Incident> {
    if split::is_json(text.trim_start()) {
        return read_json(text, &|_| false);
    }
    embedded_or_text(text, 0)
}

/// Reads a file or a stream: JSON documents, one after the other or one a line, and lines of text
/// between them.
///
/// Lines of text without a blank line between them are one message that was wrapped, except where
/// at least two of them are messages that are `known` by themselves.
pub fn read_all(text: &str, known: &dyn Fn(&str) -> bool) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for piece in split::pieces(text) {
        match piece {
            split::Piece::Json(text) => incidents.extend(read_json(text, known)),
            split::Piece::Text(text) => paragraph(text, known, &mut incidents),
        }
    }
    incidents
}

/// Reads a line of a batch: `{"id", "message"}` or `{"id", "event"}`.
#[must_use]
pub fn read_line(text: &str) -> Vec<Incident> {
    if !text.trim_start().starts_with('{') {
        return vec![Incident::unreadable(
            "a line of a batch is an object with `id` and `message` or `event`",
        )];
    }
    read_json(text, &|_| false)
}

/// Reads a document that has been read into a tree, such as an answer in a snapshot.
#[must_use]
pub fn read_tree(node: &Node) -> Vec<Incident> {
    shape::read(node, 0)
}

/// Longer paragraphs are logs, not one message that was wrapped.
const WRAPPED_LINES: usize = 12;

fn paragraph(text: &str, known: &dyn Fn(&str) -> bool, incidents: &mut Vec<Incident>) {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > 1 {
        let is_one = |line: &&&str| known(line) || split::json_in(line).is_some();
        if lines.len() > WRAPPED_LINES || lines.iter().filter(is_one).count() > 1 {
            incidents.extend(lines.iter().flat_map(|line| embedded_or_text(line, 0)));
            return;
        }
    }
    incidents.extend(embedded_or_text(text, 0));
}

/// A text that may carry a JSON document behind a log prefix.
fn embedded_or_text(text: &str, depth: usize) -> Vec<Incident> {
    // A document in a string, as queues and logs print it.
    let quoted = text.trim().strip_prefix('"').is_some_and(|inside| inside.starts_with(['{', '[']));
    if quoted && depth < shape::MAX_NESTING {
        let reading = json::read(SourceId::new(0), text);
        if reading.problems.is_empty()
            && let Some(inside) = reading.root.as_str()
        {
            return shape::embedded(inside, depth + 1);
        }
    }
    if depth < shape::MAX_NESTING
        && let Some(document) = split::json_in(text)
    {
        let reading = json::read(SourceId::new(0), document);
        let sound = reading.problems.iter().all(|problem| shape::is_harmless(&problem.kind));
        if sound && let Some(incidents) = shape::known(&reading.root, depth + 1) {
            return incidents;
        }
    }
    if let Some(incident) = notice::of_text(text, None) {
        return vec![incident];
    }
    let mut incident = Incident::text(text);
    encoded::find(&mut incident);
    incident.support("request id", request_id(text));
    vec![incident]
}

fn read_json(text: &str, known: &dyn Fn(&str) -> bool) -> Vec<Incident> {
    let reading = json::read(SourceId::new(0), text);
    let fault = reading.problems.iter().find(|problem| !shape::is_harmless(&problem.kind));
    let id = reading.root.member("id").filter(|_| shape::is_line(&reading.root)).cloned();
    if let Some(fault) = fault {
        // A text that begins like JSON and is none: `[ERROR] …`, `{reason} …`.
        if known(text) {
            return vec![Incident::text(text.trim_end())];
        }
        let position = Source::alone("", text).position(fault.span.start);
        let why = format!("line {}, column {}: {fault}", position.line, position.column);
        return vec![Incident { id, ..Incident::unreadable(why) }];
    }
    let mut incidents = shape::read(&reading.root, 0);
    for incident in &mut incidents {
        incident.id = incident.id.take().or_else(|| id.clone());
    }
    incidents
}

/// The id of the request, as services and their clients write it.
fn request_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    for name in ["request id:", "requestid:", "request-id:", "request id "] {
        let Some(at) = lower.find(name) else { continue };
        let rest = text.get(at + name.len()..)?.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let id = rest.get(..end.unwrap_or(rest.len()))?;
        if id.len() >= 8 {
            return Some(id.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests;
