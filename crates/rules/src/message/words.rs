//! A text as words: what a message is, freed of how it was pasted.
//!
//! Case, quotes, brackets, white space, line breaks and the punctuation around words are taken
//! off. What the punctuation tells of the structure is kept in flags: where a sentence or a label
//! ends, where a quoted text begins and ends, where a bracket opens.

use std::ops::Range;

/// The words of a text.
#[derive(Debug)]
pub(super) struct Words<'t> {
    text: &'t str,
    folded: String,
    list: Vec<Word>,
}

/// One word.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    /// Where it stands among the folded ones.
    folded: Range<usize>,
    /// Where it stands in the text, without the punctuation around it.
    raw: Range<usize>,
    /// A full stop, question or exclamation mark follows.
    pub(super) stop: bool,
    /// A colon follows.
    pub(super) colon: bool,
    /// A semicolon follows.
    pub(super) semicolon: bool,
    /// A double quote follows.
    pub(super) closes_quote: bool,
    /// A double quote stands in front, and before that `=` or `:`.
    pub(super) value: bool,
    /// A round bracket opens in front.
    pub(super) bracket: bool,
    /// A dash or bar stands apart in front.
    pub(super) dash: bool,
}

impl<'t> Words<'t> {
    /// Reads a text; one pass.
    pub(super) fn read(text: &'t str) -> Self {
        let mut reader = Reader {
            words: Self { text, folded: String::with_capacity(text.len()), list: Vec::new() },
            start: None,
            value: false,
            bracket: false,
            dash: false,
        };
        let mut chars = text.char_indices().peekable();
        let mut previous = ' ';
        while let Some((at, char)) = chars.next() {
            if char.is_ascii_alphanumeric() {
                // Most of a text; asked first, so that a long one is read fast.
                reader.start.get_or_insert(at);
            } else if is_double_quote(char) {
                reader.finish(at);
                if let Some(last) = reader.words.list.last_mut() {
                    last.closes_quote |=
                        !previous.is_whitespace() && !matches!(previous, '=' | ':');
                }
                reader.value |= matches!(previous, '=' | ':') || reader.after_colon();
            } else if is_space(char) {
                reader.finish(at);
            } else if char == '：' {
                reader.finish(at);
                reader.mark(":");
            } else if char == '\\'
                && chars
                    .peek()
                    .is_some_and(|&(_, next)| matches!(next, 'n' | 'r' | 't' | 'N' | 'R' | 'T'))
            {
                // An escape that nobody decoded; `C:\new` loses a letter, which no stem has.
                reader.finish(at);
                chars.next();
            } else if char == '=' && chars.peek().is_some_and(|&(_, next)| is_quote(next)) {
                // `msg='…'` and `msg=\"…\"` of a log.
                reader.finish(at);
                reader.value = true;
            } else {
                reader.start.get_or_insert(at);
            }
            previous = char;
        }
        reader.finish(text.len());
        reader.words
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn word(&self, at: usize) -> Option<&Word> {
        self.list.get(at)
    }

    /// The word in lower case, without quotes; empty past the end.
    pub(super) fn folded(&self, at: usize) -> &str {
        self.list.get(at).and_then(|word| self.folded.get(word.folded.clone())).unwrap_or_default()
    }

    /// What the text has there, from the first to the last of these words; empty for none.
    pub(super) fn raw(&self, range: Range<usize>) -> &'t str {
        let first = self.list.get(range.start);
        let last = range.end.checked_sub(1).and_then(|last| self.list.get(last));
        match (first, last) {
            (Some(first), Some(last)) if range.start < range.end => {
                self.text.get(first.raw.start..last.raw.end).unwrap_or_default()
            }
            _ => "",
        }
    }
}

struct Reader<'t> {
    words: Words<'t>,
    /// Where the chunk began that is being read.
    start: Option<usize>,
    /// What is known of the next word.
    value: bool,
    bracket: bool,
    dash: bool,
}

impl Reader<'_> {
    fn after_colon(&self) -> bool {
        self.words.list.last().is_some_and(|last| last.colon)
    }

    /// Ends the chunk that is being read.
    fn finish(&mut self, end: usize) {
        let Some(start) = self.start.take() else { return };
        let Some(chunk) = self.words.text.get(start..end) else { return };
        let front = chunk.trim_start_matches(is_around);
        let opening = chunk.len() - front.len();
        let core = front.trim_end_matches(is_around);
        let (before, after) =
            (chunk.get(..opening).unwrap_or_default(), front.get(core.len()..).unwrap_or_default());
        if core.is_empty() {
            self.mark(chunk);
            return;
        }
        let from = self.words.folded.len();
        if core.is_ascii() && !core.contains(['\'', '`']) {
            self.words.folded.push_str(core);
            if let Some(added) = self.words.folded.get_mut(from..) {
                added.make_ascii_lowercase();
            }
        } else {
            let kept = core.chars().filter(|&char| !is_single_quote(char)).map(plain);
            self.words.folded.extend(kept.flat_map(char::to_lowercase));
        }
        let begin = start + opening;
        self.words.list.push(Word {
            folded: from..self.words.folded.len(),
            raw: begin..begin + core.len(),
            value: std::mem::take(&mut self.value),
            bracket: std::mem::take(&mut self.bracket) || before.contains('('),
            dash: std::mem::take(&mut self.dash),
            ..Word::default()
        });
        self.close(after);
    }

    /// Reads punctuation that stands alone.
    fn mark(&mut self, chunk: &str) {
        self.bracket |= chunk.contains('(');
        self.dash |= chunk.contains(['-', '–', '—', '|', '>']);
        // Dots that stand for something left out end nothing.
        let dots = chunk.chars().filter(|char| matches!(char, '.' | '…')).count();
        if dots < 2 && !chunk.contains('…') {
            self.close(chunk);
        }
    }

    /// Notes the punctuation behind the last word.
    fn close(&mut self, punctuation: &str) {
        if let Some(last) = self.words.list.last_mut() {
            last.stop |= punctuation.contains(['.', '!', '?', '。']);
            last.colon |= punctuation.contains(':');
            last.semicolon |= punctuation.contains(';');
        }
    }
}

fn is_space(char: char) -> bool {
    char.is_whitespace() || char.is_control() || matches!(char, '\u{200b}' | '\u{feff}')
}

fn is_quote(char: char) -> bool {
    char == '\\' || is_single_quote(char) || is_double_quote(char)
}

fn is_double_quote(char: char) -> bool {
    matches!(char, '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' | '＂')
}

fn is_single_quote(char: char) -> bool {
    matches!(char, '\'' | '‘' | '’' | '‚' | '‹' | '›' | 'ʼ' | '´' | '`' | '＇')
}

/// Whether a character around a word is none of it.
fn is_around(char: char) -> bool {
    is_single_quote(char)
        || matches!(
            char,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '…'
                | '。'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '<'
                | '>'
                | '*'
                | '|'
                | '\\'
                | '-'
                | '–'
                | '—'
                | '='
                | '•'
                | '#'
        )
}

/// Hyphens of all kinds are one.
fn plain(char: char) -> char {
    match char {
        '\u{2010}' | '\u{2011}' => '-',
        char => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let words = Words::read(text);
        let mut out = Vec::new();
        for at in 0..words.len() {
            let word = words.word(at).unwrap();
            let mut shown = String::new();
            for (flag, mark) in [(word.value, "=\""), (word.bracket, "("), (word.dash, "- ")] {
                shown.push_str(if flag { mark } else { "" });
            }
            shown.push_str(words.folded(at));
            for (flag, mark) in [
                (word.stop, "."),
                (word.colon, ":"),
                (word.semicolon, ";"),
                (word.closes_quote, "\""),
            ] {
                shown.push_str(if flag { mark } else { "" });
            }
            out.push(shown);
        }
        out.join(" ")
    }

    #[test]
    fn what_is_around_words_is_taken_off() {
        for (text, expected) in [
            ("  Access\r\n DENIED\u{a0}trying  ", "access denied trying"),
            ("can't can’t `x`", "cant cant x"),
            ("KMS key [arn:aws:kms:x] does", "kms key arn:aws:kms:x does"),
            ("UnsupportedOperation : Storage", "unsupportedoperation: storage"),
            ("no (Service: AmazonEC2; Status", "no (service: amazonec2; status"),
            (
                "b’* 10: authentication failed SQLSTATE: 28000\\n’",
                "b 10: authentication failed sqlstate: 28000",
            ),
            ("options: .... end ... x.", "options: end x."),
            ("2026-11-22 ERROR - it", "2026-11-22 error - it"),
            ("アクセス：Copy job", "アクセス: copy job"),
            ("level=error msg=\"Token expired\" x=1", "level=error msg =\"token expired\" x=1"),
            (
                r#"{"StatusMessage":"Token expired","State":"FAILED"}"#,
                "statusmessage:\" =\"token expired\" state:\" =\"failed\"",
            ),
            (r#""\"Backup job failed.\"""#, "backup job failed.\""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn the_text_behind_words_is_found_again() {
        let words = Words::read("for the tag key: 'Cost Centre'.");
        assert_eq!(words.raw(4..6), "Cost Centre");
        assert_eq!(words.raw(4..4), "");
        assert_eq!(words.raw(4..9), "");
    }
}
