//! The form in which the policies of one account's path stand in one file.
//!
//! `{"policy_type", "account_id", "levels": [{"target", "policies": [{"id", "attach_order",
//! "content"}]}]}`, the root first. Other members are ignored.

use std::sync::Arc;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::{Node, Value};

use super::given::{Given, GivenLevel, GivenPolicy, characters, not_a_policy, too_long};
use super::limits::Limits;

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// How many mistakes of one file are told.
const TOLD: usize = 20;

/// Reads the file.
///
/// # Errors
/// All that keeps it from being used, each with its place. AWS refuses a policy with a key that
/// stands twice, so that is one of them.
pub fn read(
    sources: &mut Sources,
    name: &str,
    text: &str,
    limits: &Limits,
) -> Result<Given, Vec<Fault>> {
    let file = sources.add(name, text);
    let reading = json::read(file, text);
    refuse(&reading.problems)?;
    let mut root = reading.root;
    if !matches!(root.value, Value::Object(_)) {
        return fault(root.span, format!("the file is {}; expected an object", root.kind()));
    }
    let policy_type = required(&root, "policy_type", "the file")?.to_owned();
    let account = required(&root, "account_id", "the file")?.to_owned();
    let mut given = Given { policy_type, account, ..Given::default() };
    let Some(levels) = take(&mut root, "levels") else {
        return fault(root.span, "the file has no `levels`".to_owned());
    };
    for level in elements(levels, "`levels`")? {
        given.path.push(read_level(sources, level, limits)?);
    }
    given.measure(limits);
    Ok(given)
}

fn read_level(
    sources: &mut Sources,
    mut level: Node,
    limits: &Limits,
) -> Result<GivenLevel, Vec<Fault>> {
    object(&level, "a level")?;
    let target = required(&level, "target", "the level")?.to_owned();
    let mut policies = Vec::new();
    if let Some(list) = take(&mut level, "policies") {
        for policy in elements(list, "`policies`")? {
            policies.push(read_policy(sources, policy, limits)?);
        }
    }
    Ok(GivenLevel { target, policies })
}

fn read_policy(
    sources: &mut Sources,
    mut policy: Node,
    limits: &Limits,
) -> Result<GivenPolicy, Vec<Fault>> {
    object(&policy, "a policy of a level")?;
    let id = required(&policy, "id", "the policy")?.to_owned();
    let order = policy.member("attach_order").and_then(Node::as_i64);
    let Some(content) = take(&mut policy, "content") else {
        return fault(policy.span, format!("the policy `{id}` has no `content`"));
    };
    let (content, characters) = document(sources, content, limits)?;
    Ok(GivenPolicy { id, order, content: Arc::new(content), characters })
}

/// A document as AWS answers it, a string of JSON, or as people write it.
fn document(
    sources: &mut Sources,
    node: Node,
    limits: &Limits,
) -> Result<(Node, usize), Vec<Fault>> {
    let (content, length) = match &node.value {
        Value::String(_) => {
            let Some(source) = sources.get(node.span.source) else {
                return fault(node.span, "the document cannot be read".to_owned());
            };
            let name = source.name.clone();
            let Some(embedded) = json::embedded(&source.text, node.span) else {
                return fault(node.span, "the document cannot be read".to_owned());
            };
            let id = sources.next_id();
            let reading = json::read(id, &embedded.text);
            let length = embedded.text.chars().count();
            sources.add_carried(name, embedded.text, embedded.carrier);
            refuse(&reading.problems)?;
            (reading.root, Some(length))
        }
        _ => (node, None),
    };
    if let Some(message) = not_a_policy(&content) {
        return fault(content.span, message);
    }
    let length = length.unwrap_or_else(|| characters(sources, &content));
    if let Some(message) = too_long(length, limits) {
        return fault(content.span, message);
    }
    Ok((content, length))
}

fn refuse(problems: &[json::Problem]) -> Result<(), Vec<Fault>> {
    let told = problems
        .iter()
        // A byte order mark, which Windows tools write, leaves the text what it is.
        .filter(|problem| problem.kind != json::ProblemKind::ByteOrderMark)
        .take(TOLD)
        .map(|problem| Fault { span: problem.span, message: problem.to_string() });
    let told: Vec<Fault> = told.collect();
    if told.is_empty() { Ok(()) } else { Err(told) }
}

fn required<'a>(node: &'a Node, member: &str, what: &str) -> Result<&'a str, Vec<Fault>> {
    match node.member(member) {
        Some(value) => match value.as_str() {
            Some(text) => Ok(text),
            None => fault(value.span, format!("`{member}` is {}; expected a string", value.kind())),
        },
        None => fault(node.span, format!("{what} has no `{member}`")),
    }
}

fn object(node: &Node, what: &str) -> Result<(), Vec<Fault>> {
    match node.value {
        Value::Object(_) => Ok(()),
        _ => fault(node.span, format!("{what} is an object, and this is {}", node.kind())),
    }
}

fn elements(node: Node, what: &str) -> Result<Vec<Node>, Vec<Fault>> {
    match node.value {
        Value::Array(elements) => Ok(elements),
        _ => fault(node.span, format!("{what} is a list, and this is {}", node.kind())),
    }
}

/// Takes a member out of its object, so that a large document is not copied.
fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Value::Object(members) = &mut node.value else { return None };
    let member = members.iter_mut().find(|member| member.key.known() == Some(key))?;
    let nothing = Node { span: member.value.span, value: Value::Null };
    Some(std::mem::replace(&mut member.value, nothing))
}

fn fault<T>(span: Span, message: String) -> Result<T, Vec<Fault>> {
    Err(vec![Fault { span, message }])
}
