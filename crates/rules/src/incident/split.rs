//! A stream of documents and lines, cut into its pieces.

/// A part of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// One JSON document, or what should be one.
    Json(&'a str),
    /// Lines without a blank line between them.
    Text(&'a str),
}

/// Behind so many documents that do not close, one has to close in its line.
const UNCLOSED: usize = 32;

/// Cuts a stream. A document that does not close ends where a later line begins with a bracket,
/// so that one cut-off line of JSON Lines does not swallow the others.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut unclosed = 0;
    loop {
        // U+001E stands before each document of a JSON text sequence.
        rest = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '\u{feff}' | '\u{1e}')
        });
        if rest.is_empty() {
            return pieces;
        }
        let piece = if is_json(rest) {
            // Each document that does not close costs a look at all of the rest.
            let within = match unclosed {
                0..UNCLOSED => rest,
                _ => prefix(rest, rest.find('\n').unwrap_or(rest.len())),
            };
            let end = document_end(within).unwrap_or_else(|| {
                unclosed += 1;
                next_document(rest)
            });
            Piece::Json(prefix(rest, end))
        } else {
            Piece::Text(prefix(rest, paragraph_end(rest)))
        };
        let (Piece::Json(taken) | Piece::Text(taken)) = piece;
        rest = rest.get(taken.len()..).unwrap_or_default();
        pieces.push(match piece {
            Piece::Text(text) => Piece::Text(text.trim_end_matches(['\n', '\r'])),
            json => json,
        });
    }
}

/// Whether a text begins as an object or a list of JSON does. `[ERROR]` and `[2026-11-22]` do
/// not.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(inside) = text.strip_prefix('{') {
        return matches!(inside.trim_start().chars().next(), Some('"' | '}' | '\'') | None);
    }
    let inside = text.strip_prefix('[').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(['{', '[', '"', ']']))
}

/// The document that a line carries behind a prefix.
pub(super) fn json_in(line: &str) -> Option<&str> {
    let at = line
        .match_indices('{')
        .map(|(at, _)| at)
        .take(8)
        .find(|&at| line.get(at..).is_some_and(is_json))?;
    let rest = line.get(at..)?;
    Some(prefix(rest, document_end(rest)?))
}

/// Behind the bracket that closes the first one. Strings end with their line at the latest.
fn document_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'\n' => in_string = false,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where a later line begins with a bracket, else the end.
fn next_document(text: &str) -> usize {
    let later = text.match_indices('\n').map(|(at, _)| at + 1);
    let mut later = later.filter(|&at| text.get(at..).is_some_and(is_json));
    later.next().unwrap_or(text.len())
}

/// Where a blank line or a document begins, else the end.
fn paragraph_end(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if end > 0 && (line.trim().is_empty() || is_json(line)) {
            break;
        }
        end += line.len();
    }
    end
}

fn prefix(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_lines() {
        let text = "\u{feff}{\"a\": \"}\\\"{\"}{\"b\":1}\n[{\"c\":1}]\n[ERROR] one\ntwo\n\nthree\n{\"cut\n{\"d\":1}";
        assert_eq!(
            pieces(text),
            [
                Piece::Json("{\"a\": \"}\\\"{\"}"),
                Piece::Json("{\"b\":1}"),
                Piece::Json("[{\"c\":1}]"),
                Piece::Text("[ERROR] one\ntwo"),
                Piece::Text("three"),
                Piece::Json("{\"cut\n"),
                Piece::Json("{\"d\":1}"),
            ]
        );
    }

    #[test]
    fn a_document_behind_a_prefix() {
        assert_eq!(json_in("12:00 {x} INFO {\"a\": {}} more"), Some("{\"a\": {}}"));
        assert_eq!(json_in("no {such} thing"), None);
        assert_eq!(json_in("cut {\"a\""), None);
    }
}
