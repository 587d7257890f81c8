//! Text that no terminal acts upon.

use std::borrow::Cow;

/// Makes control characters and characters that reorder text visible, so that nothing a
/// document or a service says can move the cursor, change colours or hide text. Line breaks
/// become visible too.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| picture(character).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|character| picture(character).unwrap_or(character)).collect())
}

/// The picture of a character that a terminal would act upon. One character for one, so that
/// columns stay what they are.
pub(super) fn picture(character: char) -> Option<char> {
    match character {
        '\t' => Some(' '),
        '\0'..='\x1f' => char::from_u32(0x2400 + character as u32),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// A paragraph in lines that fit a width, each ended, with nothing raw in it.
#[must_use]
pub fn wrapped(first: &str, rest: &str, text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let text = visible(text);
    textwrap::wrap(&text, options).into_iter().map(|line| format!("{line}\n")).collect()
}

/// Text of lines that fit a width.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The lines so far, each ended.
    pub text: String,
    width: usize,
}

/// How much of a value is shown to a person.
const LONGEST: usize = 230;

impl Lines {
    /// No lines yet.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    /// A line as it is.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A paragraph, with nothing raw in it.
    pub fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        self.text.push_str(&wrapped(first, rest, text, self.width));
    }

    /// A value, broken anywhere, and cut where it is long.
    pub fn value(&mut self, first: &str, rest: &str, value: &serde_json::Value) {
        let mut text = value.to_string();
        if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(cut);
            text.push('…');
        }
        let mut line = first.to_owned();
        let mut columns = first.len();
        for character in visible(&text).chars() {
            if columns == self.width {
                self.line(&line);
                line = rest.to_owned();
                columns = rest.len();
            }
            line.push(character);
            columns += 1;
        }
        self.line(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(visible("plain é"), "plain é");
        assert_eq!(visible("a\x1b[31mb\nc\td"), "a␛[31mb␊c d");
        assert_eq!(visible("\u{202e}x\u{9b}y"), "\u{fffd}x\u{fffd}y");
    }
}
