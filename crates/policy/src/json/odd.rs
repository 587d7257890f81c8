//! What stands where white space, a key or a value belongs and is none.

use std::ops::Range;

use super::problem::{ProblemKind, Quotes};
use super::reader::{Reader, excerpt, key_excerpt};
use super::recovery::HORIZON;
use super::scan;
use super::string::ends_string;
use crate::text::Text;
use crate::tree::{Node, Value};

impl<'a> Reader<'a> {
    /// Tells and skips comments and white space of other languages.
    #[cold]
    pub(super) fn odd_space(&mut self) {
        loop {
            let start = self.at;
            let rest = self.rest();
            let comment = ["//", "/*", "#"].into_iter().find(|&opening| rest.starts_with(opening));
            if let Some(opening) = comment {
                let ending = if opening == "/*" { "*/" } else { "\n" };
                let inside = rest.get(opening.len()..).unwrap_or_default();
                let found = memchr::memmem::find(inside.as_bytes(), ending.as_bytes());
                let length = match found {
                    Some(length) if opening == "/*" => length + ending.len(),
                    Some(length) => inside.get(..length).unwrap_or_default().trim_end().len(),
                    None => inside.trim_end().len(),
                };
                self.at = start + opening.len() + length;
                if found.is_none() && opening == "/*" {
                    self.at = self.text.len();
                    self.cut_off = true;
                    self.report(ProblemKind::UnclosedComment, start..start + opening.len());
                } else {
                    self.report(ProblemKind::Comment(opening), start..self.at);
                }
            } else if let Some(space) = rest.chars().next().filter(|&c| is_odd_space(c)) {
                let run = rest.len() - rest.trim_start_matches(space).len();
                self.at += run;
                self.report(ProblemKind::WhiteSpace(space), start..self.at);
            } else {
                return;
            }
            self.at = scan::space_end(self.text.as_bytes(), self.at);
        }
    }

    /// Reads a key that does not begin with `"`. Without one it is empty, and not known.
    #[cold]
    pub(super) fn odd_key(&mut self) -> Text {
        let start = self.at;
        if let Some(text) = self.other_quotes() {
            return text;
        }
        let mut word = self.word_here(|c| !matches!(c, ':' | '=' | '/' | '#'));
        if word.is_empty() {
            if !self.follows_bare(start) {
                let end = start + self.rest().chars().next().map_or(0, char::len_utf8);
                self.report(ProblemKind::MissingKey, start..end);
            }
            return Text::unknown();
        }
        if self.byte(start + word.len()) == Some(b':') {
            // Condition keys hold colons: the one that separates is then the last one.
            let horizon = self.rest().floor_char_boundary(HORIZON);
            let all = word_of(self.slice(start..start + horizon), |c| c != '=');
            let behind = self.slice(start + all.len()..self.text.len());
            let is_quoted = behind
                .strip_prefix('"')
                .is_some_and(|behind| behind.trim_start_matches(' ').starts_with(':'));
            if is_quoted || all.ends_with(':') {
                word = all.trim_end_matches(':');
            }
        }
        self.at += word.len();
        self.closing_quote_of_word();
        self.report(ProblemKind::UnquotedKey(excerpt(word)), start..self.at);
        word.into()
    }

    /// Tells that no colon stands behind a key. Whether a value stands here all the same.
    #[cold]
    pub(super) fn colon_missing(&mut self, key: &Text, key_range: Range<usize>) -> bool {
        match self.peek() {
            // What is open is told when its loop meets the end.
            None => false,
            // No key stood there, and that has been told.
            Some(_) if key_range.is_empty() => true,
            Some(b',' | b']' | b'}') => {
                self.missing_value(key, key_range);
                false
            }
            Some(b'=') => {
                let arrow = if self.rest().starts_with("=>") { 2 } else { 1 };
                let kind = ProblemKind::MissingColon(key_excerpt(key));
                self.report(kind, self.at..self.at + arrow);
                self.at += arrow;
                true
            }
            Some(_) => {
                self.report(ProblemKind::MissingColon(key_excerpt(key)), key_range);
                true
            }
        }
    }

    /// Reads on where a value belongs and punctuation or the end stands.
    #[cold]
    pub(super) fn odd_place_of_value(&mut self, key: &Text, key_range: Range<usize>) -> Node {
        let start = self.at;
        if self.peek() == Some(b':') {
            while self.peek() == Some(b':') {
                self.at += 1;
                self.space();
            }
            self.report(ProblemKind::UnexpectedColon, start..start + 1);
        } else if self.peek().is_some() && !key_range.is_empty() {
            self.missing_value(key, key_range);
        }
        match self.peek() {
            None | Some(b',' | b']' | b'}') => {
                Node { span: self.span(start..start), value: Value::Unknown }
            }
            Some(_) => self.value(),
        }
    }

    fn missing_value(&mut self, key: &Text, key_range: Range<usize>) {
        let end = key_range.end;
        if !self.follows_bare(key_range.start) {
            self.report(ProblemKind::MissingValue(key_excerpt(key)), key_range);
        }
        self.bare_end = Some(end);
    }

    /// Whether only a comma stands between here and a member that is but a key or a value: all
    /// members of a list that lost its bracket are, and one mistake.
    fn follows_bare(&self, start: usize) -> bool {
        self.bare_end.is_some_and(|end| self.slice(end..start).trim() == ",")
    }

    /// Reads something that does not begin as a value of JSON does.
    #[cold]
    pub(super) fn odd_value(&mut self) -> Value {
        if let Some(text) = self.other_quotes() {
            return Value::String(text);
        }
        let start = self.at;
        let rest = self.rest();
        let digits = rest.trim_start_matches(['+', '.']);
        if rest.len() - digits.len() == 1 && digits.starts_with(|c: char| c.is_ascii_digit()) {
            return self.odd_number();
        }
        let word = self.word_here(|c| c != ';').trim_end_matches(':');
        if word.is_empty() {
            self.unexpected();
            return Value::Unknown;
        }
        self.at += word.len();
        let kind = match word {
            "True" | "TRUE" => ProblemKind::Misspelled { found: word.into(), meant: "true" },
            "False" | "FALSE" => ProblemKind::Misspelled { found: word.into(), meant: "false" },
            "None" | "nil" | "Null" | "NULL" => {
                ProblemKind::Misspelled { found: word.into(), meant: "null" }
            }
            "undefined" | "NaN" | "Infinity" | "+Infinity" => ProblemKind::NoSuchValue(word.into()),
            _ => {
                self.words_behind();
                self.closing_quote_of_word();
                ProblemKind::UnquotedValue(excerpt(self.slice(start..self.at)))
            }
        };
        self.report(kind, start..self.at);
        Value::Unknown
    }

    /// Tells and skips a value that is nested too deeply.
    #[cold]
    pub(super) fn too_deep(&mut self) -> Value {
        self.report(ProblemKind::TooDeep, self.at..self.at + 1);
        let mut levels = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => levels += 1,
                b'}' | b']' => levels -= 1,
                _ => {}
            }
            self.at = self.text.len().min(self.at + 1);
            if levels == 0 {
                break;
            }
        }
        Value::Unknown
    }

    /// Tells and skips characters that mean nothing here; at least one.
    #[cold]
    pub(super) fn unexpected(&mut self) {
        let start = self.at;
        let word = self.word_here(|c| c != ':').len();
        let character = self.rest().chars().next().map_or(0, char::len_utf8);
        self.at = start + word.max(character);
        let kind = match self.byte(start) {
            Some(bracket @ (b']' | b'}')) => ProblemKind::UnexpectedBracket(bracket.into()),
            _ => ProblemKind::Unexpected(excerpt(self.slice(start..self.at))),
        };
        self.report(kind, start..self.at);
    }

    /// The bytes of what stands here and is read next: a string or a word, or one character.
    #[cold]
    pub(super) fn token(&self) -> Range<usize> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            let end = scan::plain_end(self.text.as_bytes(), start + 1);
            return start..end + usize::from(self.byte(end) == Some(b'"'));
        }
        let is_word = |&byte: &u8| scan::is_word(byte);
        let bytes = self.rest().as_bytes();
        let word = bytes.iter().take(HORIZON).take_while(|byte| is_word(byte)).count();
        let character = self.rest().chars().next().map_or(0, char::len_utf8);
        start..start + word.max(character)
    }

    /// The word that stands here. For a linear time the caller skips what this has looked at.
    pub(super) fn word_here(&self, belongs: impl Fn(char) -> bool) -> &'a str {
        word_of(self.rest(), belongs)
    }

    /// Reads a string in quotes of other languages.
    fn other_quotes(&mut self) -> Option<Text> {
        let start = self.at;
        let opening = self.rest().chars().next()?;
        let (text, quotes) = match opening {
            '\'' => (self.quoted(b'\''), Quotes::Single),
            '`' => (self.quoted(b'`'), Quotes::Backtick),
            _ => (self.typographic(opening)?, Quotes::Typographic),
        };
        // An end that was not found is the greater mistake, and has been told.
        if text.known().is_some() {
            self.report(ProblemKind::WrongQuotes(quotes), start..self.at);
        }
        Some(text)
    }

    fn typographic(&mut self, opening: char) -> Option<Text> {
        let start = self.at;
        let ends = typographic_ends(opening)?;
        let inside = self.rest().get(opening.len_utf8()..).unwrap_or_default();
        let end = inside.find(|c| c == '\n' || ends.contains(&c));
        let content = inside.get(..end.unwrap_or(inside.len())).unwrap_or_default();
        let closing = inside.get(content.len()..).and_then(|behind| behind.chars().next());
        self.at += opening.len_utf8() + content.len();
        let Some(closing) = closing.filter(|&closing| closing != '\n') else {
            self.report_with(ProblemKind::UnclosedString, start..self.at, self.at..self.at);
            self.cut_off |= self.rest().trim_start().is_empty();
            return Some(Text::unknown());
        };
        self.at += closing.len_utf8();
        Some(content.into())
    }

    /// Skips the quote of a word whose opening quote was forgotten.
    fn closing_quote_of_word(&mut self) {
        if self.peek() == Some(b'"') && ends_string(self.text, self.at) {
            self.at += 1;
        }
    }

    /// Skips further words on the line: a string without quotes may have spaces.
    fn words_behind(&mut self) {
        loop {
            let spaces = self.rest().len() - self.rest().trim_start_matches(' ').len();
            let start = self.at + spaces;
            if spaces == 0 || !self.byte(start).is_some_and(scan::is_word) {
                return;
            }
            let end = self.at;
            self.at = start;
            let word = self.word_here(|_| true);
            if word.ends_with(':') {
                self.at = end;
                return;
            }
            self.at += word.len();
        }
    }

    /// Goes to the closing quote of a string, or in front of the line end where there is none.
    fn skip_string(&mut self) {
        let mut at = self.at + 1;
        loop {
            at = scan::plain_end(self.text.as_bytes(), at);
            match self.byte(at) {
                Some(b'"') | None => break,
                Some(b'\\') => at += 2,
                Some(b'\n') if !self.goes_on(at + 1) => break,
                Some(_) => at += 1,
            }
        }
        self.at = at.min(self.text.len());
    }
}

/// The word at the beginning of a text, up to white space, quotes or brackets; a template's
/// `${…}` is part of it.
fn word_of(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let mut in_braces = false;
    let mut previous = ' ';
    for (length, c) in text.char_indices() {
        let is_brace = match c {
            '{' if previous == '$' => true,
            '}' if in_braces => true,
            _ => false,
        };
        if is_brace {
            in_braces = c == '{';
        } else if !belongs(c)
            || c.is_whitespace()
            || c.is_control()
            || matches!(c, ',' | '"' | '\'' | '`' | '{' | '}' | '[' | ']')
            || typographic_ends(c).is_some()
        {
            return text.get(..length).unwrap_or_default();
        }
        previous = c;
    }
    text
}

fn is_odd_space(c: char) -> bool {
    // The zero width space and the byte order mark are no white space to Unicode any more.
    matches!(c, '\u{200b}' | '\u{feff}') || c.is_whitespace() && !" \t\r\n".contains(c)
}

/// What ends a string that this character begins: people mix the quotes of a pair.
fn typographic_ends(opening: char) -> Option<&'static [char]> {
    match opening {
        '“' | '”' | '„' | '‟' => Some(&['“', '”', '‟', '"']),
        '‘' | '’' | '‚' | '‛' => Some(&['‘', '’', '‛', '\'']),
        _ => None,
    }
}
