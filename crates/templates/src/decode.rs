//! Documents that stand as text in a string of a file.

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::{Node, Value};

use crate::image::Decoded;
use crate::problem::Problems;

/// The document that a JSON string holds, or the value itself where it is no string.
pub(crate) fn document(node: &Node, sources: &mut Sources, problems: &mut Problems) -> Decoded {
    let Value::String(_) = &node.value else { return Decoded::whole(node.clone()) };
    embedded(node.span, sources, problems).unwrap_or_else(|| Decoded::unknown(node.span))
}

fn embedded(string: Span, sources: &mut Sources, problems: &mut Problems) -> Option<Decoded> {
    let source = sources.get(string.source)?;
    let name = source.name.clone();
    let embedded = json::embedded(&source.text, string)?;
    let id = sources.next_id();
    let reading = json::read(id, &embedded.text);
    sources.add_carried(name, embedded.text, embedded.carrier);
    let damage = problems.add_json(&reading.problems);
    Some(Decoded { node: reading.root, damage })
}
