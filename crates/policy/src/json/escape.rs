//! The inside of a string, piece by piece: characters that stand for themselves and escapes.

use std::ops::Range;

use super::scan;

/// What stands next in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Characters that stand for themselves.
    Plain,
    /// A control character that should have been escaped; a line break of two bytes is one.
    Control(u8),
    /// An escape sequence and the character it stands for.
    Escape(char),
    /// An escape sequence that stands for nothing.
    Broken(Broken),
    /// The closing quote.
    Quote,
    /// The end of the text.
    End,
}

/// What is wrong with an escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// No escape is written with this character.
    Character,
    /// Four hexadecimal digits do not follow.
    Digits,
    /// One half of a surrogate pair.
    Half,
}

/// Walks through a string.
#[derive(Debug, Clone)]
pub(super) struct Chunks<'a> {
    text: &'a str,
    at: usize,
    quote: u8,
}

impl<'a> Chunks<'a> {
    /// Begins behind the opening quote, at `from`. The closing one is `quote`.
    pub(super) fn new(text: &'a str, from: usize, quote: u8) -> Self {
        Self { text, at: from, quote }
    }

    /// The next chunk and its bytes in the text; they follow each other without a gap.
    #[inline]
    pub(super) fn next(&mut self) -> (Range<usize>, Chunk) {
        let start = self.at;
        let (end, chunk) = match self.byte(start) {
            None => (start, Chunk::End),
            Some(b'\\') => self.escape(start),
            Some(byte) if byte == self.quote => (start + 1, Chunk::Quote),
            Some(b'\r') if self.byte(start + 1) == Some(b'\n') => {
                (start + 2, Chunk::Control(b'\n'))
            }
            Some(byte) if byte < 0x20 => (start + 1, Chunk::Control(byte)),
            Some(_) => (self.plain_end(), Chunk::Plain),
        };
        self.at = end;
        (start..end, chunk)
    }

    #[inline]
    fn plain_end(&self) -> usize {
        if self.quote == b'"' {
            return scan::plain_end(self.text.as_bytes(), self.at);
        }
        // A string in other quotes is a mistake, and `"` stands for itself in it.
        let mut end = self.at;
        while self.byte(end).is_some_and(|byte| byte >= 0x20 && byte != b'\\' && byte != self.quote)
        {
            end += 1;
        }
        end
    }

    fn escape(&self, start: usize) -> (usize, Chunk) {
        let plain = match self.byte(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            Some(byte) if byte == self.quote => char::from(byte),
            _ => {
                let escaped = self.text.get(start + 1..).and_then(|rest| rest.chars().next());
                // A line break behind a backslash is a mistake of its own.
                let length = escaped.filter(|c| !c.is_control()).map_or(0, char::len_utf8);
                let end = start + 1 + length;
                return (end, Chunk::Broken(Broken::Character));
            }
        };
        (start + 2, Chunk::Escape(plain))
    }

    fn unicode_escape(&self, start: usize) -> (usize, Chunk) {
        let end = start + 6;
        let Some(first) = self.hexadecimal(start + 2) else {
            let digits = (start + 2..end)
                .take_while(|&at| self.byte(at).is_some_and(|byte| byte.is_ascii_hexdigit()));
            return (start + 2 + digits.count(), Chunk::Broken(Broken::Digits));
        };
        if let Some(character) = char::from_u32(first) {
            return (end, Chunk::Escape(character));
        }
        let second =
            if self.slice(end..end + 2) == r"\u" { self.hexadecimal(end + 2) } else { None };
        match second {
            Some(second @ 0xdc00..0xe000) if first < 0xdc00 => {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                // INVARIANT: two halves of ten bits give at most 0x10ffff, never a surrogate.
                (end + 6, Chunk::Escape(char::from_u32(code).unwrap_or_default()))
            }
            _ => (end, Chunk::Broken(Broken::Half)),
        }
    }

    fn hexadecimal(&self, from: usize) -> Option<u32> {
        (from..from + 4)
            .try_fold(0, |code, at| Some(code * 16 + char::from(self.byte(at)?).to_digit(16)?))
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }
}
