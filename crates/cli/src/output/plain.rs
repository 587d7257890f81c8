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

/// Writes a text in lines of this width, with what stands before the first and before the others.
pub(super) fn wrap(page: &mut String, width: usize, (first, rest): (&str, &str), text: &str) {
    let text = visible(text);
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    for line in textwrap::wrap(&text, options) {
        page.push_str(&line);
        page.push('\n');
    }
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
