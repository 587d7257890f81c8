//! Where each character of a decoded string stands in the text that it was decoded from.
//!
//! Parsers of templates give the value of a string and the range it stands in. Formats differ in
//! what they leave out in between: escapes, indentation, line ends. Walking through both side by
//! side finds the place of every character without knowing the format; what cannot be followed
//! maps to the whole range.

use copy_preflight_policy::source::Segment;

/// Whether a backslash begins an escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// It does.
    Backslash,
    /// It stands for itself.
    None,
}

/// Collects segments; verbatim neighbours become one.
#[derive(Debug, Default)]
pub(crate) struct Segments(Vec<Segment>);

impl Segments {
    pub(crate) fn into_list(self) -> Vec<Segment> {
        self.0
    }

    /// `inner_length` bytes that stand in `outer_length` bytes; one for one where `verbatim`.
    pub(crate) fn push(&mut self, segment: Segment) {
        match self.0.last_mut() {
            Some(last)
                if last.verbatim
                    && segment.verbatim
                    && last.outer + last.outer_length == segment.outer
                    && last.inner + last.inner_length == segment.inner =>
            {
                last.inner_length += segment.inner_length;
                last.outer_length += segment.outer_length;
            }
            _ => self.0.push(segment),
        }
    }
}

/// Adds where `decoded`, which begins at `inner`, stands in `raw`, which begins at `outer`.
pub(crate) fn align(
    decoded: &str,
    raw: &str,
    (inner, outer): (u32, u32),
    escapes: Escapes,
    into: &mut Segments,
) {
    let mut walk = Walk { raw, at: 0, escapes };
    let mut decoded_at = 0_u32;
    for character in decoded.chars() {
        let length = character.len_utf8() as u32;
        let Some((start, end, verbatim)) = walk.find(character) else {
            // INVARIANT: the rest has at least this character.
            into.push(Segment {
                inner: inner + decoded_at,
                inner_length: decoded.len() as u32 - decoded_at,
                outer,
                outer_length: raw.len() as u32,
                verbatim: false,
            });
            return;
        };
        into.push(Segment {
            inner: inner + decoded_at,
            inner_length: length,
            outer: outer + start as u32,
            outer_length: (end - start) as u32,
            verbatim,
        });
        decoded_at += length;
    }
}

struct Walk<'a> {
    raw: &'a str,
    at: usize,
    escapes: Escapes,
}

impl Walk<'_> {
    /// The range of this character, and whether it stands for itself there.
    fn find(&mut self, character: char) -> Option<(usize, usize, bool)> {
        loop {
            let found = self.peek()?;
            let start = self.at;
            if found == '\\' && self.escapes == Escapes::Backslash {
                let behind = self.raw.get(start + 1..)?;
                let escaped = behind.chars().next()?;
                if matches!(escaped, '\n' | '\r') {
                    // The line goes on.
                    self.at += 1 + escaped.len_utf8();
                    continue;
                }
                let length = match escaped {
                    'u' if character.len_utf16() == 2 => 12,
                    'u' => 6,
                    'U' => 10,
                    'x' => 4,
                    other => 1 + other.len_utf8(),
                };
                self.at = (start + length).min(self.raw.len());
                return Some((start, self.at, false));
            }
            self.at += found.len_utf8();
            if found == character {
                return Some((start, self.at, true));
            }
            if character == ' ' && found.is_whitespace() {
                // A folded line end, with the indentation behind it.
                while self.peek().is_some_and(char::is_whitespace) {
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                return Some((start, self.at, false));
            }
            // Indentation, or one half of a doubled character.
            if !found.is_whitespace() && !matches!(found, '$' | '%' | '\'' | '"') {
                return None;
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.raw.get(self.at..)?.chars().next()
    }
}

#[cfg(test)]
mod tests {
    use copy_preflight_policy::source::{Carrier, Sources, Span};

    use super::*;

    /// Checks what each of these parts of the decoded text is in the raw one.
    #[track_caller]
    fn case(decoded: &str, raw: &str, escapes: Escapes, parts: &[(&str, &str)]) {
        let mut sources = Sources::new();
        let outer = sources.add("raw", format!("##{raw}"));
        let mut segments = Segments::default();
        align(decoded, raw, (0, 2), escapes, &mut segments);
        let end = 2 + raw.len() as u32;
        let carrier = Carrier::decoded(outer, segments.into_list(), end);
        let inner = sources.add_carried("decoded", decoded, carrier);
        for (part, expected) in parts {
            let at = decoded.find(part).unwrap_or_default() as u32;
            let span = Span::new(inner, at, at + part.len() as u32);
            assert_eq!(sources.slice(sources.outermost(span)), *expected, "{part} in {raw}");
        }
    }

    #[test]
    fn each_format_leaves_out_something() {
        // Escapes of JSON, YAML and Terraform.
        case(
            "{\"a\"\n\u{e9}\u{1f600}}",
            r#"{\"a\"\n\u00e9\ud83d\ude00}"#,
            Escapes::Backslash,
            &[
                ("\"a\"", r#"\"a\""#),
                ("\n", r"\n"),
                ("\u{e9}", r"\u00e9"),
                ("\u{1f600}", r"\ud83d\ude00"),
                ("}", "}"),
            ],
        );
        // An indented block, with lines that end as on Windows.
        case(
            "{\n  \"a\": 1\n}\n",
            "    {\r\n      \"a\": 1\r\n    }\r\n",
            Escapes::None,
            &[("{", "{"), ("\"a\"", "\"a\""), ("1", "1"), ("}", "}")],
        );
        // Folded lines and doubled quotes.
        case("a b's", "a\n   b''s", Escapes::None, &[("a", "a"), ("b", "b"), ("s", "s")]);
        // A line that goes on.
        case("ab", "a\\\n  b", Escapes::Backslash, &[("a", "a"), ("b", "b")]);
        // Escaped interpolation.
        case("x${a}", "x$${a}", Escapes::None, &[("x", "x"), ("{a}", "{a}")]);
        // What cannot be followed is the whole.
        case("abc", "aXc", Escapes::None, &[("a", "a"), ("b", "aXc"), ("c", "aXc")]);
        case("abc", "a", Escapes::None, &[("bc", "a")]);
    }
}
