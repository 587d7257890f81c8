//! Expressions into the located tree.

use std::collections::HashSet;

use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use super::module::{At, Module};
use crate::document::Assumed;
use crate::image::Decoded;
use crate::problem::{ProblemKind, Problems};
use crate::tree::{string, to_text, unknown};

/// How deep expressions and the references between them are followed. The parser bounds each
/// expression to half of it, and so many levels fit on the stack of a thread.
const MAX_FOLLOWED: usize = 100;

/// What of a module is being worked out.
pub(crate) struct Evaluator<'a, 's> {
    pub(crate) module: &'a Module<'a>,
    pub(crate) sources: &'s mut Sources,
    pub(crate) problems: &'s mut Problems,
    /// Variables whose values the present document rests on.
    pub(crate) assumed: Vec<Assumed>,
    /// The documents that resources have used, by name.
    pub(crate) used_documents: HashSet<&'a str>,
    /// The references that are being followed, so that a circle ends.
    pub(super) following: Vec<(&'static str, &'a str)>,
    depth: usize,
    /// It has been told that something is too deep; what multiplies would tell it many times.
    told_depth: bool,
    /// How many values may still be made: references to references multiply.
    steps: usize,
}

impl<'a, 's> Evaluator<'a, 's> {
    pub(crate) fn new(
        module: &'a Module<'a>,
        sources: &'s mut Sources,
        problems: &'s mut Problems,
    ) -> Self {
        Self {
            module,
            sources,
            problems,
            assumed: Vec::new(),
            used_documents: HashSet::new(),
            following: Vec::new(),
            depth: 0,
            told_depth: false,
            steps: 100_000 + 4 * module.size,
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, expression: At<'a, Expression>) -> Node {
        let span = expression.place.span(expression.node);
        self.deeper(span, |this| this.value_here(expression, span)).unwrap_or_else(|| unknown(span))
    }

    /// The document that an expression gives as JSON text.
    pub(crate) fn document(&mut self, expression: At<'a, Expression>) -> Decoded {
        let span = expression.place.span(expression.node);
        self.deeper(span, |this| this.document_here(expression, span))
            .unwrap_or_else(|| Decoded::unknown(span))
    }

    /// Works something out one level deeper, unless that is too deep or too much.
    fn deeper<T>(&mut self, span: Span, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.steps == 0 {
            return None;
        }
        self.steps -= 1;
        if self.steps == 0 {
            self.problems.add(ProblemKind::TooLarge, span);
            return None;
        }
        if self.depth >= MAX_FOLLOWED {
            if !std::mem::replace(&mut self.told_depth, true) {
                self.problems.add(ProblemKind::TooDeep, span);
            }
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        Some(result)
    }

    fn value_here(&mut self, expression: At<'a, Expression>, span: Span) -> Node {
        let value = match expression.node {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(*value.value()),
            Expression::Number(_) => {
                let range = expression.node.span().unwrap_or_default();
                Value::Number(expression.place.raw(range).into())
            }
            Expression::String(text) => return string(text.as_str(), span),
            Expression::StringTemplate(template) => {
                return self.template(expression.other(&**template), span);
            }
            Expression::HeredocTemplate(heredoc) => {
                return self.template(expression.other(&heredoc.template), span);
            }
            Expression::Parenthesis(inner) => {
                let inner = self.value(expression.other(inner.inner()));
                return inner;
            }
            Expression::Array(array) => {
                Value::Array(array.iter().map(|one| self.value(expression.other(one))).collect())
            }
            Expression::Object(object) => {
                let members = object.iter().map(|(key, value)| {
                    let (key, key_span) = self.key(expression.other(key));
                    Member { key, key_span, value: self.value(expression.other(value.expr())) }
                });
                Value::Object(members.collect())
            }
            Expression::Traversal(traversal) => {
                return self.reference(expression.other(&**traversal), span);
            }
            Expression::FuncCall(call) => return self.call(expression.other(&**call), span),
            // A condition, a loop, an operator: which value it has, the file does not say.
            Expression::Variable(_)
            | Expression::Conditional(_)
            | Expression::UnaryOp(_)
            | Expression::BinaryOp(_)
            | Expression::ForExpr(_) => Value::Unknown,
        };
        Node { span, value }
    }

    fn key(&mut self, key: At<'a, ObjectKey>) -> (Text, Span) {
        match key.node {
            ObjectKey::Ident(name) => (name.as_str().into(), key.place.span(name)),
            ObjectKey::Expression(expression) => {
                let span = key.place.span(expression);
                (to_text(&self.value(key.other(expression))), span)
            }
        }
    }

    fn document_here(&mut self, expression: At<'a, Expression>, span: Span) -> Decoded {
        match expression.node {
            Expression::Null(_) => Decoded::whole(Node { span, value: Value::Null }),
            Expression::Parenthesis(inner) => self.document(expression.other(inner.inner())),
            Expression::String(_) => self.text_of_string(expression),
            Expression::StringTemplate(template) => {
                self.text_of_template(expression.other(&**template), span)
            }
            Expression::HeredocTemplate(heredoc) => {
                self.text_of_heredoc(expression.other(&heredoc.template), span)
            }
            Expression::FuncCall(call) => self.call_for_document(expression.other(&**call), span),
            Expression::Traversal(traversal) => {
                self.reference_for_document(expression.other(&**traversal), span)
            }
            _ => Decoded::unknown(span),
        }
    }
}
