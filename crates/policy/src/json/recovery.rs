//! What to make of the next character between two brackets when the grammar does not permit it.

use super::problem::{Container, ProblemKind};
use super::reader::{Open, Reader};
use super::scan;
use crate::tree::{Node, Value};

/// How far ahead and back the text is looked at, in bytes, where it may be looked at again.
pub(super) const HORIZON: usize = 256;

/// What was read last between the brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// The opening bracket.
    Opening,
    /// A comma, at this byte.
    Comma(usize),
    /// A comma that was told to be wrong.
    WrongComma,
    /// A member or an element.
    Item,
    /// Something that was told to be wrong. Whether a comma stood there is left open.
    Mistake,
}

impl Before {
    pub(super) fn permits_comma(self) -> bool {
        matches!(self, Self::Item | Self::Mistake)
    }

    pub(super) fn permits_item(self) -> bool {
        self != Self::Item
    }
}

/// How reading between the brackets goes on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// With a member or an element, at the character at hand.
    Item,
    /// With whatever comes next; something was skipped.
    Skipped(Before),
    /// Not at all: the object or list ends, behind this byte.
    End(usize),
}

impl Container {
    /// Whether a member or element may begin so, mistakes in it included.
    #[inline]
    pub(super) fn begins_item(self, byte: u8) -> bool {
        match self {
            Self::Object => {
                matches!(
                    byte,
                    b'"' | b'\'' | b'`' | b':' | b'$' | b'@' | b'*' | b'<' | b'-' | 0x80..
                ) || scan::is_word(byte)
            }
            Self::List => !matches!(byte, b',' | b':' | b']' | b'}'),
        }
    }
}

impl Reader<'_> {
    /// Tells the mistake at hand. `end` is behind what was read last.
    #[cold]
    pub(super) fn recover(&mut self, container: Container, before: Before, end: usize) -> Step {
        let Some(byte) = self.peek() else {
            self.ended(container);
            return Step::End(end);
        };
        match byte {
            b',' => {
                if before != Before::WrongComma {
                    self.report(ProblemKind::UnexpectedComma, self.at..self.at + 1);
                }
                self.at += 1;
                Step::Skipped(Before::WrongComma)
            }
            b']' | b'}' => self.wrong_bracket(container, byte, end),
            b':' => {
                self.report(ProblemKind::UnexpectedColon, self.at..self.at + 1);
                self.at += 1;
                self.space();
                if container == Container::Object
                    && !matches!(self.peek(), None | Some(b',' | b':' | b']' | b'}'))
                {
                    // The value of a member that has one already.
                    drop(self.value());
                }
                Step::Skipped(Before::Mistake)
            }
            b'{' if container == Container::Object
                && before != Before::Opening
                && self.outer(1).is_some_and(|outer| outer.container == Container::List) =>
            {
                self.unclosed(container, self.at..self.at + 1);
                self.comma_hidden = true;
                Step::End(end)
            }
            b'{' | b'[' if container == Container::Object => Step::Item,
            _ if before == Before::Item && self.is_item(container, byte) => {
                if !std::mem::take(&mut self.comma_hidden) {
                    let token = self.token();
                    self.report_with(ProblemKind::MissingComma(container), token, end..end);
                }
                Step::Item
            }
            _ => {
                self.unexpected();
                Step::Skipped(Before::Mistake)
            }
        }
    }

    /// Whether the colon behind an element says that the list should have ended before it, and
    /// the element is the next key of the object around. Then the list does end there.
    #[cold]
    pub(super) fn is_next_key(&mut self, element: &Node, is_first: bool) -> bool {
        let in_object = self.outer(1).is_some_and(|outer| outer.container == Container::Object);
        // It is read again as a key, and its own mistakes would be told twice.
        let is_sound = matches!(element.value, Value::String(_)) && !self.is_told(element.span);
        if is_first || !in_object || !is_sound {
            return false;
        }
        self.unclosed(Container::List, element.span.range());
        self.at = element.span.range().start;
        self.comma_hidden = true;
        self.list_ended = true;
        true
    }

    /// The end of the text. What it leaves open is told once, at the innermost bracket.
    fn ended(&mut self, container: Container) {
        if !self.cut_off {
            self.cut_off = true;
            self.unclosed(container, self.at..self.at);
        }
    }

    fn unclosed(&mut self, container: Container, noticed: std::ops::Range<usize>) {
        let opening = self.outer(0).map_or(0, |open| open.at);
        self.report_with(ProblemKind::Unclosed(container), opening..opening + 1, noticed);
    }

    /// A closing bracket of the other kind: it stands for the right one, or the right one is
    /// missing before it, or it is one too many.
    fn wrong_bracket(&mut self, container: Container, bracket: u8, end: usize) -> Step {
        let here = self.at..self.at + 1;
        let outer_fits = self.outer(1).is_some_and(|outer| outer.container.closing() == bracket);
        let missing = outer_fits && self.fits_behind(2);
        let instead = self.fits_behind(1);
        let surplus = self.fits_behind(0);
        // Behind bare members the opening one is missing, and that has been told.
        if surplus && self.bare_end.is_some_and(|end| self.slice(end..self.at).trim().is_empty()) {
            self.at += 1;
            return Step::Skipped(Before::Mistake);
        }
        let is_missing = match (missing, instead) {
            (true, true) => !self.is_indented_as(0) || self.is_indented_as(1),
            (true, false) => true,
            (false, true) => false,
            (false, false) if surplus => {
                self.report(ProblemKind::UnexpectedBracket(bracket.into()), here);
                self.at += 1;
                return Step::Skipped(Before::Mistake);
            }
            (false, false) => self.open.iter().any(|open| open.container.closing() == bracket),
        };
        if is_missing {
            self.unclosed(container, here);
            Step::End(end)
        } else {
            let opening = self.outer(0).map_or(0, |open| open.at);
            let kind = ProblemKind::WrongBracket(container);
            self.report_with(kind, here.clone(), opening..opening + 1);
            self.at = here.end;
            Step::End(here.end)
        }
    }

    /// Whether the text behind the bracket at hand goes on as it should after this bracket has
    /// closed so many objects and lists.
    pub(super) fn fits_behind(&self, closed: usize) -> bool {
        let mut depth = self.open.len().saturating_sub(closed);
        for at in (self.at + 1..).take(HORIZON) {
            let around = depth.checked_sub(1).and_then(|last| self.open.get(last));
            match (self.byte(at), around) {
                (Some(b' ' | b'\n' | b'\r' | b'\t'), _) => {}
                (None, around) => return around.is_none(),
                (Some(_), None) => return false,
                (Some(b','), Some(around)) => return self.begins_at(at + 1, around.container),
                (Some(byte), Some(around)) if byte == around.container.closing() => depth -= 1,
                (Some(_), Some(_)) => return false,
            }
        }
        false
    }

    /// Whether what follows a comma is a member, or an element, as this container has them.
    fn begins_at(&self, from: usize, container: Container) -> bool {
        let horizon = from..self.text.len().min(from + HORIZON);
        let bytes = self.text.as_bytes().get(horizon).unwrap_or_default();
        let start = scan::space_end(bytes, 0);
        let is_key = bytes.get(start) == Some(&b'"') && {
            let end = scan::plain_end(bytes, start + 1);
            bytes.get(scan::space_end(bytes, end + 1)) == Some(&b':')
        };
        is_key == (container == Container::Object)
    }

    /// Whether the bracket at hand begins its line at the indentation of the line on which the
    /// object or list opens that stands so many levels further out.
    fn is_indented_as(&self, levels: usize) -> bool {
        let (here, before) = self.indentation(self.at);
        let there = self.outer(levels).map(|open| self.indentation(open.at).0);
        before.is_empty() && there == Some(here)
    }

    /// The white space at the beginning of the line, and what stands between it and `at`.
    fn indentation(&self, at: usize) -> (usize, &[u8]) {
        let before = self.text.as_bytes().get(at.saturating_sub(HORIZON)..at).unwrap_or_default();
        let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let indentation = scan::space_end(line, 0);
        (indentation, line.get(indentation..).unwrap_or_default())
    }

    fn is_item(&self, container: Container, byte: u8) -> bool {
        match (container, byte) {
            (_, b'"' | b'\'' | b'`') => true,
            (Container::List, b'{' | b'[' | b'-') => true,
            (_, 0x80..) => self.rest().starts_with(['“', '”', '„', '‘', '’']),
            (Container::List, b'0'..=b'9') => true,
            (Container::List, _) => {
                ["true", "false", "null"].iter().any(|&word| self.rest().starts_with(word))
            }
            (Container::Object, byte) => scan::is_word(byte) && self.word_is_key(),
        }
    }

    fn word_is_key(&self) -> bool {
        let word = self.word_here(|c| c != ':').len();
        let behind = scan::space_end(self.text.as_bytes(), self.at + word);
        self.byte(behind) == Some(b':')
    }

    fn outer(&self, levels: usize) -> Option<Open> {
        self.open.iter().rev().nth(levels).copied()
    }
}
