//! Strings that may be known only in part.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

/// A string value: known, known in pieces with gaps, or (one gap) not known at all.
///
/// JSON gives known strings. A template gives pieces where a reference stands whose value is
/// not in the file, and a future recovery point has an ARN whose last part does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Text {
    /// The whole string.
    Known(SmolStr),
    /// Pieces in order; at least one of them is a gap.
    Partial(Arc<[Piece]>),
}

/// One part of a partly known string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Characters that certainly stand here.
    Known(SmolStr),
    /// Any number of characters, none included, of which nothing is known.
    Gap,
}

impl Text {
    /// A string of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::Partial(Arc::from([Piece::Gap]))
    }

    /// Joins pieces; known neighbours merge, and without a gap the result is known.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (Some(Piece::Gap), Piece::Gap) => {}
                (_, Piece::Known(more)) if more.is_empty() => {}
                (Some(Piece::Known(text)), Piece::Known(more)) => {
                    let mut joined = String::with_capacity(text.len() + more.len());
                    joined.push_str(text);
                    joined.push_str(&more);
                    *text = joined.into();
                }
                (_, piece) => merged.push(piece),
            }
        }
        match merged.as_slice() {
            [] => Self::Known(SmolStr::default()),
            [Piece::Known(text)] => Self::Known(text.clone()),
            _ => Self::Partial(merged.into()),
        }
    }

    /// The string where all of it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Partial(_) => None,
        }
    }

    /// The pieces in order; a known string is one piece.
    pub fn pieces(&self) -> impl Iterator<Item = PieceRef<'_>> {
        let (known, partial) = match self {
            Self::Known(text) => (Some(PieceRef::Known(text)), [].as_slice()),
            Self::Partial(pieces) => (None, &**pieces),
        };
        known.into_iter().chain(partial.iter().map(|piece| match piece {
            Piece::Known(text) => PieceRef::Known(text),
            Piece::Gap => PieceRef::Gap,
        }))
    }
}

/// A borrowed [`Piece`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceRef<'a> {
    /// Characters that certainly stand here.
    Known(&'a str),
    /// Any number of unknown characters.
    Gap,
}

/// The parts of a text before and behind its first colon, which mostly stands near the beginning.
pub(crate) fn at_colon(text: &str) -> Option<(&str, &str)> {
    let colon = text.bytes().position(|byte| byte == b':')?;
    Some((text.get(..colon)?, text.get(colon + 1..)?))
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Known(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Known(text.into())
    }
}

impl From<SmolStr> for Text {
    fn from(text: SmolStr) -> Self {
        Self::Known(text)
    }
}

/// Gaps are shown as `…`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.pieces() {
            match piece {
                PieceRef::Known(text) => f.write_str(text)?,
                PieceRef::Gap => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_merge() {
        let text = Text::from_pieces([
            Piece::Known("a".into()),
            Piece::Known("b".into()),
            Piece::Gap,
            Piece::Known("".into()),
            Piece::Gap,
            Piece::Known("c".into()),
        ]);
        assert_eq!(text.to_string(), "ab…c");
        assert_eq!(text.known(), None);
        assert_eq!(Text::from_pieces([Piece::Known("x".into())]).known(), Some("x"));
        assert_eq!(Text::from_pieces([]).known(), Some(""));
    }
}
