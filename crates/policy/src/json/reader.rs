//! The grammar. What fits it is read here; what does not goes to the modules of mistakes.

use std::ops::Range;

use smol_str::SmolStr;

use super::problem::{Container, Problem, ProblemKind};
use super::recovery::{Before, Step};
use super::string::Lookahead;
use super::{MAX_DEPTH, Reading, scan};
use crate::duplicates;
use crate::source::{SourceId, Span};
use crate::text::Text;
use crate::tree::{Member, Node, Value};

/// Behind more mistakes than this nothing is read: a binary file has millions.
const MAX_MISTAKES: usize = 10_000;

/// So many items are not copied where they need not be.
const MANY: usize = 1_000;

/// Characters of user text in a message.
const EXCERPT: usize = 40;

/// A text and how far it has been read.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The objects and lists that stand open, outermost first.
    pub(super) open: Vec<Open>,
    /// Where a string with escapes is put together.
    pub(super) buffer: String,
    pub(super) lookahead: Lookahead,
    /// The text is known to be cut off; what is open then is not told again.
    pub(super) cut_off: bool,
    /// The comma before what comes next is not missed: a mistake that has been told hides it.
    pub(super) comma_hidden: bool,
    /// The list at hand has been found to end before what was read last.
    pub(super) list_ended: bool,
    /// The end of the last member that is but a key or a value.
    pub(super) bare_end: Option<usize>,
    source: SourceId,
    /// The members and elements of all that stands open, outermost first. They move to a list of
    /// their own when their bracket closes, which then has the size it needs: most are small.
    members: Vec<Member>,
    elements: Vec<Node>,
    problems: Vec<Problem>,
    /// How many of them are mistakes.
    mistakes: usize,
}

/// An object or list that stands open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) container: Container,
    /// The byte of its bracket.
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    /// Begins with a text of at most `u32::MAX` bytes.
    pub(super) fn new(source: SourceId, text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::with_capacity(8),
            buffer: String::new(),
            lookahead: Lookahead::default(),
            cut_off: false,
            comma_hidden: false,
            list_ended: false,
            bare_end: None,
            source,
            members: Vec::with_capacity(12),
            elements: Vec::with_capacity(16),
            problems: Vec::new(),
            mistakes: 0,
        }
    }

    /// Reads the whole text.
    pub(super) fn document(mut self) -> Reading {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.report(ProblemKind::ByteOrderMark, 0..self.at);
        }
        self.space();
        let root = match self.peek() {
            None => {
                if !self.cut_off {
                    self.report(ProblemKind::Empty, 0..self.text.len());
                }
                Node { span: self.span(self.at..self.at), value: Value::Unknown }
            }
            Some(b',' | b':' | b']' | b'}') => {
                let start = self.at;
                self.unexpected();
                Node { span: self.span(start..self.at), value: Value::Unknown }
            }
            Some(_) => self.value(),
        };
        self.space();
        // A text that does not even begin as JSON has one mistake: it is something else.
        if self.at < self.text.len() && root.value != Value::Unknown {
            let token = self.token();
            self.report(ProblemKind::TrailingContent, token);
        }
        // Duplicates are found when their object ends, behind the mistakes inside it.
        self.problems.sort_by_key(|problem| problem.span.start);
        Reading { root, problems: self.problems }
    }

    /// Reads a value of which at least one character stands here.
    #[inline(always)]
    pub(super) fn value(&mut self) -> Node {
        let start = self.at;
        // Most values are strings, which shall not pay for the frames of lists and objects.
        if self.peek() == Some(b'"') {
            let value = Value::String(self.string());
            return Node { span: self.span(start..self.at), value };
        }
        self.other_value()
    }

    /// Reads a value that is no string.
    #[inline(never)]
    fn other_value(&mut self) -> Node {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') if self.open.len() < MAX_DEPTH => return self.object(),
            Some(b'[') if self.open.len() < MAX_DEPTH => return self.list(),
            Some(b'{' | b'[') => self.too_deep(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') if self.word("true") => Value::Bool(true),
            Some(b'f') if self.word("false") => Value::Bool(false),
            Some(b'n') if self.word("null") => Value::Null,
            _ => self.odd_value(),
        };
        Node { span: self.span(start..self.at), value }
    }

    fn object(&mut self) -> Node {
        let start = self.at;
        let from = self.members.len();
        let end = self.contents(Container::Object, |reader| {
            let member = reader.member();
            reader.members.push(member);
        });
        let members = taken(&mut self.members, from);
        duplicates::report(&members, |key, span, first| {
            let key = excerpt(key);
            self.push(Problem { kind: ProblemKind::Duplicate(key), span, related: Some(first) });
        });
        Node { span: self.span(start..end), value: Value::Object(members) }
    }

    fn list(&mut self) -> Node {
        let start = self.at;
        let from = self.elements.len();
        let end = self.contents(Container::List, |reader| {
            let element = reader.value();
            let is_first = reader.elements.len() == from;
            if reader.peek() != Some(b':') || !reader.is_next_key(&element, is_first) {
                reader.elements.push(element);
            }
        });
        let elements = taken(&mut self.elements, from);
        Node { span: self.span(start..end), value: Value::Array(elements) }
    }

    /// Reads from the opening to the closing bracket; `item` reads one member or element. Gives
    /// the end, which is behind the last item where there is no closing bracket.
    #[inline]
    fn contents(&mut self, container: Container, mut item: impl FnMut(&mut Self)) -> usize {
        self.open.push(Open { container, at: self.at });
        self.at += 1;
        let mut before = Before::Opening;
        let mut end;
        loop {
            end = self.at;
            match self.space() {
                Some(b',') if before.permits_comma() => {
                    before = Before::Comma(self.at);
                    self.at += 1;
                    continue;
                }
                Some(byte) if before.permits_item() && container.begins_item(byte) => {}
                Some(byte) if byte == container.closing() && self.closes_too_early() => {
                    let kind = ProblemKind::UnexpectedBracket(byte.into());
                    self.report(kind, self.at..self.at + 1);
                    self.at += 1;
                    before = Before::Mistake;
                    continue;
                }
                Some(byte) if byte == container.closing() => {
                    if let Before::Comma(comma) = before {
                        self.report(ProblemKind::TrailingComma(container), comma..comma + 1);
                    }
                    self.at += 1;
                    end = self.at;
                    break;
                }
                _ => match self.recover(container, before, end) {
                    Step::Item => {}
                    Step::Skipped(now) => {
                        before = now;
                        continue;
                    }
                    Step::End(behind) => {
                        end = behind;
                        break;
                    }
                },
            }
            item(self);
            if self.list_ended {
                self.list_ended = false;
                break;
            }
            before = Before::Item;
        }
        self.open.pop();
        end
    }

    /// Whether the bracket at hand would end the document, and what is behind it belongs there.
    fn closes_too_early(&self) -> bool {
        self.open.len() == 1 && self.fits_behind(0)
    }

    fn member(&mut self) -> Member {
        let start = self.at;
        let key = if self.peek() == Some(b'"') { self.string() } else { self.odd_key() };
        let end = self.at;
        let key_span = self.span(start..end);
        if self.peek() == Some(b':') || self.space() == Some(b':') {
            self.at += 1;
        } else if !self.colon_missing(&key, start..end) {
            let value = Node { span: self.span(end..end), value: Value::Unknown };
            return Member { key, key_span, value };
        }
        let value = match self.space() {
            None | Some(b',' | b':' | b']' | b'}') => self.odd_place_of_value(&key, start..end),
            Some(_) => self.value(),
        };
        if start == end {
            self.bare_end = Some(self.at);
        }
        Member { key, key_span, value }
    }

    fn word(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let found = self.slice(self.at..end) == word && !self.byte(end).is_some_and(scan::is_word);
        if found {
            self.at = end;
        }
        found
    }

    /// Goes to the next character that is neither white space nor part of a comment; gives
    /// its first byte.
    #[inline]
    pub(super) fn space(&mut self) -> Option<u8> {
        self.at = scan::space_end(self.text.as_bytes(), self.at);
        let next = self.peek();
        if let Some(b'/' | b'#' | 0x0b | 0x0c | 0x80..) = next {
            self.odd_space();
            return self.peek();
        }
        next
    }

    /// Adds a mistake in these bytes.
    pub(super) fn report(&mut self, kind: ProblemKind, range: Range<usize>) {
        let span = self.span(range);
        self.push(Problem { kind, span, related: None });
    }

    /// Adds a mistake that a second place explains.
    pub(super) fn report_with(
        &mut self,
        kind: ProblemKind,
        range: Range<usize>,
        related: Range<usize>,
    ) {
        let related = Some(self.span(related));
        self.push(Problem { kind, span: self.span(range), related });
    }

    fn push(&mut self, problem: Problem) {
        if problem.kind.is_duplicate() {
            self.problems.push(problem);
            return;
        }
        self.mistakes += 1;
        if self.mistakes <= MAX_MISTAKES {
            self.problems.push(problem);
        } else if self.mistakes == MAX_MISTAKES + 1 {
            // To all that reads on the text ends here.
            self.text = self.text.get(..problem.span.range().end).unwrap_or_default();
            self.cut_off = true;
            self.problems.push(Problem { kind: ProblemKind::TooMany, ..problem });
        }
    }

    /// Whether the last mistake stands in this span or behind it.
    pub(super) fn is_told(&self, span: Span) -> bool {
        self.problems.last().is_some_and(|last| last.span.start >= span.start)
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        // INVARIANT: offsets fit, since longer texts are not read.
        Span::new(self.source, range.start as u32, range.end as u32)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }
}

/// The items from here on, no longer part of the stack.
fn taken<T>(stack: &mut Vec<T>, from: usize) -> Vec<T> {
    if from > 0 || stack.len() < MANY {
        return stack.split_off(from);
    }
    // Copying these would need their memory twice.
    let mut items = std::mem::take(stack);
    items.shrink_to_fit();
    items
}

/// The beginning of a user's text, fit for a message of one line.
pub(super) fn excerpt(text: &str) -> SmolStr {
    let mut excerpt = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == EXCERPT {
            excerpt.push('…');
            break;
        }
        if character.is_control() {
            excerpt.extend(character.escape_default());
        } else {
            excerpt.push(character);
        }
    }
    excerpt.into()
}

/// The key as a message shows it.
pub(super) fn key_excerpt(key: &Text) -> SmolStr {
    excerpt(&key.to_string())
}
