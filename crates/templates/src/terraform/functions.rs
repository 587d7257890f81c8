//! The few functions whose result is plain from their arguments.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};
use hcl_edit::expr::{Expression, FuncCall};

use super::evaluate::Evaluator;
use super::module::At;
use crate::image::Decoded;
use crate::tree::unknown;

impl<'a> Evaluator<'a, '_> {
    /// The value of a call.
    pub(super) fn call(&mut self, call: At<'a, FuncCall>, span: Span) -> Node {
        let arguments = &call.node.args;
        if call.node.name.is_namespaced() || arguments.expand_final() {
            return unknown(span);
        }
        match (call.node.name.name.as_str(), arguments.get(0), arguments.len()) {
            // Sets have no order, and for a policy it does not matter.
            ("tolist" | "toset" | "sort" | "distinct", Some(list), 1) => {
                self.list(call.other(list), span)
            }
            ("concat", _, _) => {
                let mut elements = Vec::new();
                for argument in arguments.iter() {
                    match self.value(call.other(argument)) {
                        Node { value: Value::Array(more), .. } => elements.extend(more),
                        other => elements.push(unknown(other.span)),
                    }
                }
                Node { span, value: Value::Array(elements) }
            }
            ("flatten", Some(list), 1) => {
                let list = self.list(call.other(list), span);
                let mut elements = Vec::new();
                flatten(list, &mut elements);
                Node { span, value: Value::Array(elements) }
            }
            _ => unknown(span),
        }
    }

    fn list(&mut self, argument: At<'a, Expression>, span: Span) -> Node {
        match self.value(argument) {
            list @ Node { value: Value::Array(_), .. } => list,
            _ => unknown(span),
        }
    }

    /// The document that a call gives.
    pub(super) fn call_for_document(&mut self, call: At<'a, FuncCall>, span: Span) -> Decoded {
        let arguments = &call.node.args;
        if call.node.name.is_namespaced() || arguments.expand_final() || arguments.len() != 1 {
            return Decoded::unknown(span);
        }
        match (call.node.name.name.as_str(), arguments.get(0)) {
            ("jsonencode", Some(value)) => Decoded::whole(self.value(call.other(value))),
            // White space around a document is none of it.
            ("trimspace" | "chomp" | "tostring", Some(text)) => self.document(call.other(text)),
            _ => Decoded::unknown(span),
        }
    }
}

/// The elements of a list and of the lists in it. The tree is not deep.
fn flatten(node: Node, into: &mut Vec<Node>) {
    match node.value {
        Value::Array(elements) => elements.into_iter().for_each(|element| flatten(element, into)),
        _ => into.push(node),
    }
}
