//! Strings and keys, and where one ends that has no end.

use std::ops::Range;

use smol_str::SmolStr;

use super::escape::{Broken, Chunk, Chunks};
use super::problem::{ProblemKind, Quotes};
use super::reader::Reader;
use super::scan;
use crate::text::{Piece, Text};

/// What was found ahead of the place of reading, so that no text is searched twice.
#[derive(Debug, Default)]
pub(super) struct Lookahead {
    /// The first quote behind the place that was last asked for.
    quote: usize,
    /// No double, single or backward quote before these places ends a string on its line.
    no_end_before: [usize; 3],
}

impl Reader<'_> {
    /// Reads a string in double quotes that begins here.
    #[inline]
    pub(super) fn string(&mut self) -> Text {
        let start = self.at;
        let end = scan::plain_end(self.text.as_bytes(), start + 1);
        if self.byte(end) == Some(b'"') && self.byte(end + 1).is_none_or(scan::may_follow_string) {
            self.at = end + 1;
            return Text::Known(SmolStr::new(self.slice(start + 1..end)));
        }
        self.quoted(b'"')
    }

    /// Reads a string with escapes or mistakes in it, in quotes of one byte.
    pub(super) fn quoted(&mut self, quote: u8) -> Text {
        let start = self.at;
        let mut chunks = Chunks::new(self.text, start + 1, quote);
        let mut pieces = Vec::new();
        let mut told = 0_u32;
        self.buffer.clear();
        loop {
            let (range, chunk) = chunks.next();
            match chunk {
                Chunk::Plain => self.buffer.push_str(self.slice(range)),
                Chunk::Escape(character) => self.buffer.push(character),
                Chunk::Broken(broken) => {
                    let found = self.slice(range.clone()).into();
                    let kind = match broken {
                        Broken::Character => ProblemKind::Escape(found),
                        Broken::Digits => ProblemKind::UnicodeEscape(found),
                        Broken::Half => ProblemKind::LoneSurrogate(found),
                    };
                    self.report(kind, range);
                    pieces.push(Piece::Known(self.buffer.as_str().into()));
                    pieces.push(Piece::Gap);
                    self.buffer.clear();
                }
                Chunk::Control(b'\n') if quote != b'"' || !self.goes_on(range.end) => {
                    return self.unclosed_string(start, range.start);
                }
                Chunk::Control(code) => {
                    // One line break too many comes with others; one of each is told.
                    if told & (1 << code) == 0 {
                        self.report(ProblemKind::ControlCharacter(code), range.clone());
                        told |= 1 << code;
                    }
                    self.buffer.push_str(self.slice(range));
                }
                Chunk::End => return self.unclosed_string(start, range.start),
                Chunk::Quote => {
                    self.at = range.end;
                    if let Some(text) = self.odd_end(start, range, quote) {
                        return text;
                    }
                    break;
                }
            }
        }
        if pieces.is_empty() {
            return Text::Known(SmolStr::new(&self.buffer));
        }
        pieces.push(Piece::Known(self.buffer.as_str().into()));
        Text::from_pieces(pieces)
    }

    /// Whether a string with a line break goes on behind it, at `from`: then the next quote is
    /// an escaped one or stands where a string may end. Otherwise it begins the next string.
    pub(super) fn goes_on(&mut self, from: usize) -> bool {
        if self.lookahead.quote < from {
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            self.lookahead.quote = from + memchr::memchr(b'"', rest).unwrap_or(rest.len());
        }
        let quote = self.lookahead.quote;
        quote < self.text.len()
            && (self.byte(quote - 1) == Some(b'\\') || ends_string(self.text, quote))
    }

    /// A string that is not closed on its line: it ends there, without the punctuation that
    /// belongs behind it.
    fn unclosed_string(&mut self, start: usize, line_end: usize) -> Text {
        let content = self.slice(start + 1..line_end);
        let count = |bracket| content.matches(bracket).count();
        let mut surplus_braces = count('}').saturating_sub(count('{'));
        let mut surplus_brackets = count(']').saturating_sub(count('['));
        let kept = content.trim_end_matches(|c: char| {
            let surplus = match c {
                '}' => &mut surplus_braces,
                ']' => &mut surplus_brackets,
                ',' => return true,
                _ => return c.is_whitespace(),
            };
            let is_surplus = *surplus > 0;
            *surplus = surplus.saturating_sub(1);
            is_surplus
        });
        // A key takes the colon and the bracket behind it along.
        let key = kept.strip_suffix(['{', '[']).and_then(|key| key.trim_end().strip_suffix(':'));
        let end = start + 1 + key.unwrap_or(kept).len();
        self.report_with(ProblemKind::UnclosedString, start..end, line_end..line_end);
        self.at = end;
        self.cut_off |= self.rest().trim_start_matches([',', ' ', '\t', '\r', '\n']).is_empty();
        self.beginning(start + 1..end)
    }

    /// A string whose closing quote stands directly before a word: either the quote opens the
    /// next string, or it is a character of this one. `None` where neither is likely.
    fn odd_end(&mut self, start: usize, closing: Range<usize>, quote: u8) -> Option<Text> {
        if self.peek().is_none_or(scan::may_follow_string) {
            return None;
        }
        let content = self.slice(start + 1..closing.start);
        let is_mark = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '[' | '{');
        if quote == b'"' && content.trim_end().ends_with([',', ':', '[', '{']) {
            let end = start + 1 + content.trim_end_matches(is_mark).len();
            self.report_with(ProblemKind::UnclosedString, start..end, closing);
            self.at = end;
            return Some(self.beginning(start + 1..end));
        }
        self.at = self.last_quote(closing.end, quote)? + 1;
        match quote {
            // In other quotes the apostrophe of a word is no mistake once the quotes are right.
            b'\'' => self.report(ProblemKind::WrongQuotes(Quotes::Single), start..self.at),
            b'`' => self.report(ProblemKind::WrongQuotes(Quotes::Backtick), start..self.at),
            _ => self.report(ProblemKind::UnescapedQuote, closing.clone()),
        }
        Some(self.beginning(start + 1..closing.start))
    }

    /// The first quote on the line from `from` on that stands where a string ends.
    fn last_quote(&mut self, from: usize, quote: u8) -> Option<usize> {
        let [double, single, backward] = &mut self.lookahead.no_end_before;
        let no_end_before = match quote {
            b'"' => double,
            b'\'' => single,
            _ => backward,
        };
        if from < *no_end_before {
            return None;
        }
        let mut at = from;
        loop {
            match self.text.as_bytes().get(at) {
                Some(&byte) if byte == quote && ends_string(self.text, at) => return Some(at),
                Some(b'\\') => at += 2,
                None | Some(b'\n') => break,
                Some(_) => at += 1,
            }
        }
        *no_end_before = at;
        None
    }

    /// A string of which only the beginning is known.
    fn beginning(&self, range: Range<usize>) -> Text {
        let mut chunks = Chunks::new(self.slice(0..range.end), range.start, b'"');
        let mut known = String::new();
        loop {
            let (range, chunk) = chunks.next();
            match chunk {
                Chunk::Plain | Chunk::Control(_) => known.push_str(self.slice(range)),
                Chunk::Escape(character) => known.push(character),
                Chunk::Broken(_) | Chunk::Quote | Chunk::End => break,
            }
        }
        Text::from_pieces([Piece::Known(known.into()), Piece::Gap])
    }
}

/// Whether what follows the quote at this byte is what follows a string.
pub(super) fn ends_string(text: &str, quote: usize) -> bool {
    let behind = text.as_bytes().get(quote + 1..).unwrap_or_default();
    let next = behind.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(next, None | Some(b',' | b':' | b']' | b'}' | b'\n' | b'\r'))
}
