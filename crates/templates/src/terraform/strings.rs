//! Strings with interpolation: values with gaps, and documents written as text.

use std::borrow::Cow;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, Strip, Template};

use super::evaluate::Evaluator;
use super::module::At;
use crate::align::Escapes;
use crate::image::{Decoded, Image};
use crate::tree::{joined, string, to_text};

impl<'a> Evaluator<'a, '_> {
    /// The value of a string with interpolation. One that is nothing but an interpolation has the
    /// value of that, which may be a list.
    pub(super) fn template(&mut self, template: At<'a, Template>, span: Span) -> Node {
        if let Some(Element::Interpolation(only)) = template.node.as_single_element() {
            let Node { value, .. } = self.value(template.other(&only.expr));
            return Node { span, value };
        }
        let mut parts = Vec::new();
        for (index, element) in template.node.iter().enumerate() {
            parts.push(match element {
                Element::Literal(text) => {
                    Text::from(&*stripped(template.node, index, text.as_str()))
                }
                Element::Interpolation(part) => to_text(&self.value(template.other(&part.expr))),
                Element::Directive(_) => Text::unknown(),
            });
        }
        string(joined(&parts), span)
    }

    /// The document in a string without interpolation.
    pub(super) fn text_of_string(&mut self, expression: At<'a, Expression>) -> Decoded {
        let span = expression.place.span(expression.node);
        let Some(text) = expression.node.as_str() else { return Decoded::unknown(span) };
        // The provider takes no text for no document.
        if text.is_empty() {
            return Decoded::whole(Node { span, value: Value::Null });
        }
        let range = expression.node.span().unwrap_or_default();
        let raw = expression.place.raw(range);
        let inside = raw.strip_prefix('"').unwrap_or(raw);
        let inside = inside.strip_suffix('"').unwrap_or(inside);
        let mut image = Image::new(span.source);
        image.literal(text, inside, span.start + 1, Escapes::Backslash);
        image.read(span.start..span.end, self.sources, self.problems)
    }

    /// The document in a string with interpolation.
    pub(super) fn text_of_template(&mut self, template: At<'a, Template>, span: Span) -> Decoded {
        if let Some(Element::Interpolation(only)) = template.node.as_single_element() {
            return self.document(template.other(&only.expr));
        }
        self.text_of(template, span, Escapes::Backslash)
    }

    /// The document in a heredoc.
    pub(super) fn text_of_heredoc(&mut self, template: At<'a, Template>, span: Span) -> Decoded {
        // A heredoc ends with a line end that no interpolation gives.
        if let [Element::Interpolation(only), Element::Literal(rest)] =
            template.node.iter().collect::<Vec<_>>().as_slice()
            && rest.trim().is_empty()
        {
            return self.document(template.other(&only.expr));
        }
        self.text_of(template, span, Escapes::None)
    }

    fn text_of(&mut self, template: At<'a, Template>, span: Span, escapes: Escapes) -> Decoded {
        let mut image = Image::new(span.source);
        for (index, element) in template.node.iter().enumerate() {
            let range = element.span().unwrap_or_default();
            let place = template.place.span_of(range.clone());
            let outer = place.start..place.end;
            match element {
                Element::Literal(text) => {
                    let raw = template.place.raw(range);
                    let text = stripped(template.node, index, text.as_str());
                    image.literal(&text, raw, outer.start, escapes);
                }
                Element::Interpolation(part) => {
                    // `join("\", \"", …)` ends the string that it stands in.
                    let may_break = template.place.raw(range).contains("\\\"");
                    let text = to_text(&self.value(template.other(&part.expr)));
                    match text.known() {
                        Some(_) => image.value(&text, outer),
                        None if may_break => image.gap(outer, true),
                        None => image.value(&text, outer),
                    }
                }
                // A loop or a condition around a part of the text: it may be any text.
                Element::Directive(_) => return Decoded::unknown(span),
            }
        }
        image.read(span.start..span.end, self.sources, self.problems)
    }
}

/// A literal without the white space that `~` beside it takes away.
fn stripped<'t>(template: &Template, index: usize, text: &'t str) -> Cow<'t, str> {
    let strip = |element: Option<&Element>| match element {
        Some(Element::Interpolation(part)) => part.strip,
        _ => Strip::None,
    };
    let before = strip(index.checked_sub(1).and_then(|before| template.get(before)));
    let behind = strip(template.get(index + 1));
    let text = if before.strip_end() { text.trim_start() } else { text };
    Cow::Borrowed(if behind.strip_start() { text.trim_end() } else { text })
}
