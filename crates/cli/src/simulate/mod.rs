//! `simulate`: decides requests line by line.

mod question;

pub use question::Question;

use std::io::{self, BufRead, Write};

use copy_preflight_policy::iam::{Catalogue, Decision, DenyKind, Open, Outcome, StatementRef};
use copy_preflight_policy::json;
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::tree::{Node, Value};
use serde::Serialize;

/// The answer to one line.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The line's own id, null where it has none.
    id: serde_json::Value,
    decision: Option<&'static str>,
    kind: Option<&'static str>,
    depends_on: Vec<DependencyJson>,
    deciding: Vec<StatementJson>,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct StatementJson {
    policy: String,
    statement: usize,
    sid: Option<String>,
}

/// What a decision hangs on: a condition key, a policy, or how AWS reads something in one.
#[derive(Debug, Serialize)]
struct DependencyJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    statements: Vec<StatementJson>,
}

/// How the lines went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were answered.
    pub answered: usize,
    /// Lines that could not be read.
    pub unreadable: usize,
}

/// Answers every line of the input, in order, one line of output each. Blank lines are passed
/// over. Memory is that of one line.
///
/// # Errors
/// Those of reading and writing.
pub fn run(
    mut input: impl BufRead,
    mut output: impl Write,
    catalogue: &Catalogue,
) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(tally);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = answer(&line, catalogue);
        if answer.error.is_some() {
            tally.unreadable += 1;
        } else {
            tally.answered += 1;
        }
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
    }
}

/// The answer to one line.
#[must_use]
pub fn answer(line: &[u8], catalogue: &Catalogue) -> Answer {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            let column = error.valid_up_to() + 1;
            return Answer::error(
                serde_json::Value::Null,
                format!("byte {column} of the line is not UTF-8"),
            );
        }
    };
    let reading = json::read(SourceId::new(0), text);
    let id = reading.root.member("id").map_or(serde_json::Value::Null, plain);
    if let Some(problem) = reading.problems.iter().find(|problem| !problem.kind.is_duplicate()) {
        let before = text.get(..problem.span.start as usize).unwrap_or(text);
        let column = before.chars().count() + 1;
        return Answer::error(id, format!("column {column}: {problem}"));
    }
    if let Some(key) = twice(&reading.root) {
        return Answer::error(id, format!("`{key}` stands twice"));
    }
    match Question::read(&reading.root) {
        Ok(question) => Answer::decided(id, &question.decide(catalogue)),
        Err(message) => Answer::error(id, message),
    }
}

/// A member outside the policies that stands twice, so that which one is meant is open.
fn twice(root: &Node) -> Option<&str> {
    let nested =
        ["request", "context", "org", "policies"].into_iter().filter_map(|name| root.member(name));
    let known = root.member("context").and_then(|context| context.member("known"));
    std::iter::once(root).chain(nested).chain(known).find_map(|node| {
        let mut seen = std::collections::HashSet::new();
        node.members().iter().filter_map(|member| member.key.known()).find(|key| !seen.insert(*key))
    })
}

fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::String(text) => text.known().map_or(serde_json::Value::Null, Into::into),
        Value::Number(digits) => {
            serde_json::from_str(digits).unwrap_or_else(|_| digits.as_str().into())
        }
        Value::Bool(value) => (*value).into(),
        _ => serde_json::Value::Null,
    }
}

impl Answer {
    fn error(id: serde_json::Value, error: String) -> Self {
        Self {
            id,
            decision: None,
            kind: None,
            depends_on: Vec::new(),
            deciding: Vec::new(),
            error: Some(error),
        }
    }

    fn decided(id: serde_json::Value, decision: &Decision) -> Self {
        let (name, kind) = match decision.outcome {
            Outcome::Allow => ("allow", None),
            Outcome::Deny(DenyKind::Explicit) => ("deny", Some("explicit")),
            Outcome::Deny(DenyKind::Implicit) => ("deny", Some("implicit")),
            Outcome::Deny(DenyKind::ServiceRule) => ("deny", Some("service-rule")),
            Outcome::Depends => ("depends", None),
        };
        let depends_on = decision.depends_on.iter().map(|dependency| {
            let (key, policy, why) = match &dependency.on {
                Open::Key(key) => (Some(key.to_string()), None, None),
                Open::Policy(place) => (None, Some(place.to_string()), None),
                Open::Policies(group) => (None, Some(group.to_string()), None),
                Open::Reading(place, why) => (None, Some(place.to_string()), Some(why.to_string())),
                Open::Account => {
                    (None, None, Some("which accounts caller and resource belong to".to_owned()))
                }
                Open::Resource => {
                    (None, None, Some("what kind of resource the ARN names".to_owned()))
                }
            };
            DependencyJson {
                key,
                policy,
                why,
                statements: dependency.statements.iter().map(statement).collect(),
            }
        });
        Self {
            id,
            decision: Some(name),
            kind,
            depends_on: depends_on.collect(),
            deciding: decision.deciding.iter().map(statement).collect(),
            error: None,
        }
    }
}

fn statement(reference: &StatementRef) -> StatementJson {
    StatementJson {
        policy: reference.place.to_string(),
        statement: reference.statement,
        sid: reference.sid.as_ref().map(ToString::to_string),
    }
}
