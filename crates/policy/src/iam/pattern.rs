//! Matching of patterns against texts, both perhaps known in part.
//!
//! `*` stands for any number of characters and `?` for exactly one
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
//! A match is true where every filling of the gaps matches, false where none does.

use std::borrow::Cow;

use crate::Truth;
use crate::text::{PieceRef, Text};

/// Whether letters of different case are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Ignored,
}

/// One part of a pattern after its variables were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Text in which `*` and `?` are wildcards.
    Glob(&'a str),
    /// Characters that stand for themselves.
    Literal(Cow<'a, str>),
    /// Anything, wildcards included.
    Gap,
}

/// A pattern: its parts in order. Most patterns are one part, held without a list.
#[derive(Debug, Clone)]
pub(crate) enum Pattern<'a> {
    One(Part<'a>),
    Many(Vec<Part<'a>>),
}

impl<'a> Pattern<'a> {
    /// The parts in order.
    pub(crate) fn parts(&self) -> &[Part<'a>] {
        match self {
            Self::One(part) => std::slice::from_ref(part),
            Self::Many(parts) => parts,
        }
    }

    /// Matches the whole text.
    pub(crate) fn matches(&self, text: &Text, case: Case) -> Truth {
        match (self, text.known()) {
            (Self::One(Part::Glob(_) | Part::Literal(_)), Some(text)) => {
                self.matches_str(text, case)
            }
            _ => match_symbols(&pattern_symbols(self.parts(), case), &text_symbols(text, case)),
        }
    }

    /// Matches the whole of a known text.
    pub(crate) fn matches_str(&self, text: &str, case: Case) -> Truth {
        match self {
            Self::One(Part::Glob(pattern)) => glob(pattern, text, case).into(),
            Self::One(Part::Literal(pattern)) => equal(pattern, text, case).into(),
            _ => self.matches(&Text::from(text), case),
        }
    }

    /// Matches as ARN: the six components, separated by colons, one by one; the sixth may hold
    /// colons itself. A pattern or a text with fewer components gives `None`: it is no ARN.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
    pub(crate) fn matches_arn(&self, text: &Text) -> Option<Truth> {
        if let (Self::One(Part::Glob(pattern)), Some(text)) = (self, text.known()) {
            if !text.starts_with("arn:") || components(pattern) != 6 || components(text) != 6 {
                return None;
            }
            let mut pairs = pattern.splitn(6, ':').zip(text.splitn(6, ':'));
            return Some(pairs.all(|(pattern, text)| glob(pattern, text, Case::Sensitive)).into());
        }
        let pattern = pattern_symbols(self.parts(), Case::Sensitive);
        let text = text_symbols(text, Case::Sensitive);
        let open = pattern.contains(&Symbol::Gap) || text.contains(&Symbol::Gap);
        match (arn_components(&pattern), arn_components(&text)) {
            (Some(patterns), Some(texts)) if texts.first().is_some_and(|first| is_arn(first)) => {
                let pairs = patterns.iter().zip(&texts);
                Some(Truth::all(pairs.map(|(pattern, text)| match_symbols(pattern, text))))
            }
            // A gap may hide colons, so whether both are ARNs is open. Component-wise matching
            // is narrower than matching the whole: what the whole cannot match no reading can.
            (patterns, texts) if open && (patterns.is_none() || texts.is_none()) => {
                let matched = match_symbols(&pattern, &text).at_most_unknown();
                matched.is_unknown().then_some(matched)
            }
            _ => None,
        }
    }

    /// Whether a wildcard in one of the first five components of the pattern, other than at
    /// the component's end, may have to cross a colon for the text to match. AWS says that a `*`
    /// at the end of a component may expand beyond the colon and is silent on the others.
    pub(crate) fn crosses_colon_within_component(&self, text: &Text) -> bool {
        if let Self::One(Part::Glob(pattern)) = self
            && !has_star_within_component(pattern)
        {
            return false;
        }
        let mut pattern = pattern_symbols(self.parts(), Case::Sensitive);
        let mut colons = 0;
        for at in 0..pattern.len() {
            let ends = matches!(pattern.get(at + 1), None | Some(Symbol::Character(':')));
            match pattern.get_mut(at) {
                Some(Symbol::Character(':')) => colons += 1,
                Some(symbol @ Symbol::Many) if colons < 5 && !ends => {
                    *symbol = Symbol::ManyInComponent;
                }
                _ => {}
            }
        }
        pattern.contains(&Symbol::ManyInComponent)
            && !reach(&pattern, &text_symbols(text, Case::Sensitive), Reading::Certain)
    }
}

fn components(arn: &str) -> usize {
    arn.splitn(6, ':').count()
}

/// Whether one of the first five components has a `*` before its end.
fn has_star_within_component(pattern: &str) -> bool {
    let mut components = pattern.as_bytes().split(|&byte| byte == b':').take(5);
    components.any(|component| {
        component.windows(2).any(|pair| matches!(pair, [b'*', other] if *other != b'*'))
    })
}

/// Whether a first component is `arn`.
fn is_arn(component: &[Symbol]) -> bool {
    component.iter().copied().eq("arn".chars().map(Symbol::Character))
}

/// Whether the texts can be equal, whatever stands in the gap.
pub(crate) fn text_equals(text: &Text, other: &str) -> Truth {
    match text.known() {
        Some(known) => (known == other).into(),
        None => {
            let text = text_symbols(text, Case::Sensitive);
            let other = Text::from(other);
            match_symbols(&text, &text_symbols(&other, Case::Sensitive))
        }
    }
}

/// Whether two partly known texts can be equal.
pub(crate) fn texts_equal(left: &Text, right: &Text) -> Truth {
    match (left.known(), right.known()) {
        (_, Some(right)) => text_equals(left, right),
        (Some(left), None) => text_equals(right, left),
        (None, None) => {
            let left = text_symbols(left, Case::Sensitive);
            match_symbols(&left, &text_symbols(right, Case::Sensitive)).at_most_unknown()
        }
    }
}

fn equal(pattern: &str, text: &str, case: Case) -> bool {
    match case {
        Case::Sensitive => pattern == text,
        Case::Ignored => {
            let folded = |text: &str| text.chars().map(|one| fold(one, case)).collect::<Vec<_>>();
            pattern.eq_ignore_ascii_case(text)
                || (!pattern.is_ascii() && folded(pattern) == folded(text))
        }
    }
}

/// Matches the beginnings up to the first wildcard at once: most texts differ there, and most
/// patterns end with it.
fn glob(pattern: &str, text: &str, case: Case) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let is_wildcard = |byte: &u8| matches!(byte, b'*' | b'?');
    let literal = pattern.iter().position(is_wildcard).unwrap_or(pattern.len());
    let (Some((begin, pattern)), Some((text_begin, text))) =
        (pattern.split_at_checked(literal), text.split_at_checked(literal))
    else {
        return false;
    };
    let same = match case {
        Case::Sensitive => begin == text_begin,
        Case::Ignored => begin.eq_ignore_ascii_case(text_begin),
    };
    same && match pattern {
        [] => text.is_empty(),
        [b'*'] => true,
        _ => glob_bytes(pattern, text, case),
    }
}

/// Greedy match with one point of return: the last `*` seen. Time is at most the product of
/// the lengths, however many stars there are.
fn glob_bytes(pattern: &[u8], text: &[u8], case: Case) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                retry = Some((p, t));
                continue;
            }
            Some(b'?') => {
                p += 1;
                t += character_length(byte);
                continue;
            }
            Some(&expected) if same_byte(expected, byte, case) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, from)) = retry else { return false };
        let from = from + text.get(from).map_or(1, |&byte| character_length(byte));
        // Where the next letter is known, no other place can be the one.
        let from = match pattern.get(star) {
            Some(b'?') | None => from,
            Some(&next) => {
                let behind = text.get(from..).unwrap_or_default();
                match behind.iter().position(|&byte| same_byte(next, byte, case)) {
                    Some(distance) => from + distance,
                    None => return false,
                }
            }
        };
        retry = Some((star, from));
        (p, t) = (star, from);
    }
    pattern.iter().skip(p).all(|&byte| byte == b'*')
}

fn same_byte(left: u8, right: u8, case: Case) -> bool {
    left == right || (case == Case::Ignored && left.eq_ignore_ascii_case(&right))
}

/// How many bytes a character takes, told by its first byte.
fn character_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Character(char),
    One,
    Many,
    /// A `*` that does not cross a colon, nor a gap that may hide one.
    ManyInComponent,
    Gap,
}

fn pattern_symbols(parts: &[Part<'_>], case: Case) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for part in parts {
        match part {
            Part::Glob(text) => symbols.extend(text.chars().map(|character| match character {
                '*' => Symbol::Many,
                '?' => Symbol::One,
                other => Symbol::Character(fold(other, case)),
            })),
            Part::Literal(text) => {
                symbols
                    .extend(text.chars().map(|character| Symbol::Character(fold(character, case))));
            }
            Part::Gap => symbols.push(Symbol::Gap),
        }
    }
    // A run of stars is one star.
    symbols.dedup_by(|next, previous| *next == Symbol::Many && *previous == Symbol::Many);
    symbols
}

fn text_symbols(text: &Text, case: Case) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for piece in text.pieces() {
        match piece {
            PieceRef::Known(text) => {
                symbols
                    .extend(text.chars().map(|character| Symbol::Character(fold(character, case))));
            }
            PieceRef::Gap => symbols.push(Symbol::Gap),
        }
    }
    symbols
}

fn fold(character: char, case: Case) -> char {
    match case {
        Case::Sensitive => character,
        // A letter whose lower case is several characters stands for itself.
        Case::Ignored => {
            let mut lower = character.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(only), None) => only,
                _ => character,
            }
        }
    }
}

/// Splits at the first five colons; `None` where there are fewer, or a gap stands before them.
fn arn_components(symbols: &[Symbol]) -> Option<Vec<&[Symbol]>> {
    let mut components = Vec::with_capacity(6);
    let mut rest = symbols;
    for _ in 0..5 {
        let colon = rest.iter().position(|&symbol| symbol == Symbol::Character(':'))?;
        let (component, behind) = rest.split_at_checked(colon)?;
        if component.contains(&Symbol::Gap) {
            return None;
        }
        components.push(component);
        rest = behind.get(1..)?;
    }
    components.push(rest);
    Some(components)
}

fn match_symbols(pattern: &[Symbol], text: &[Symbol]) -> Truth {
    if reach(pattern, text, Reading::Certain) {
        Truth::True
    } else if reach(pattern, text, Reading::Possible) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Every filling of the gaps matches: a gap of the text is only met by a `*`, a gap of the
    /// pattern by nothing.
    Certain,
    /// Some filling of the gaps matches: a gap is a `*` of either side.
    Possible,
}

/// Whether pattern and text can both be read to their ends. One row of reachable pattern
/// positions for each text position: time is the product of the lengths.
fn reach(pattern: &[Symbol], text: &[Symbol], reading: Reading) -> bool {
    let mut row = vec![false; pattern.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    close(pattern, &mut row, reading, false);
    for &symbol in text {
        let mut next = vec![false; pattern.len() + 1];
        let text_gap = symbol == Symbol::Gap;
        for (position, _) in row.iter().enumerate().filter(|&(_, &reached)| reached) {
            let stays = match pattern.get(position) {
                Some(Symbol::Many) => true,
                Some(Symbol::ManyInComponent) => !text_gap && symbol != Symbol::Character(':'),
                Some(Symbol::Gap) => reading == Reading::Possible,
                _ => false,
            };
            let stays = stays || (text_gap && reading == Reading::Possible);
            let moves = match pattern.get(position) {
                Some(Symbol::One) => !text_gap,
                Some(expected @ Symbol::Character(_)) => *expected == symbol,
                _ => false,
            };
            if stays && let Some(reached) = next.get_mut(position) {
                *reached = true;
            }
            if moves && let Some(reached) = next.get_mut(position + 1) {
                *reached = true;
            }
        }
        close(pattern, &mut next, reading, text_gap);
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// Steps over pattern symbols that may stand for nothing, or that a gap of the text supplies.
fn close(pattern: &[Symbol], row: &mut [bool], reading: Reading, in_text_gap: bool) {
    for (position, symbol) in pattern.iter().enumerate() {
        if row.get(position) != Some(&true) {
            continue;
        }
        let skips = match symbol {
            Symbol::Many | Symbol::ManyInComponent => true,
            Symbol::Gap => reading == Reading::Possible,
            Symbol::One | Symbol::Character(_) => in_text_gap && reading == Reading::Possible,
        };
        if skips && let Some(reached) = row.get_mut(position + 1) {
            *reached = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Piece;

    /// `~` stands for a gap.
    fn text(written: &str) -> Text {
        let mut pieces = Vec::new();
        for (index, known) in written.split('~').enumerate() {
            if index > 0 {
                pieces.push(Piece::Gap);
            }
            pieces.push(Piece::Known(known.into()));
        }
        Text::from_pieces(pieces)
    }

    fn pattern(written: &str) -> Pattern<'_> {
        let mut parts = Vec::new();
        for (index, known) in written.split('~').enumerate() {
            if index > 0 {
                parts.push(Part::Gap);
            }
            parts.push(Part::Glob(known));
        }
        if parts.len() == 1 { Pattern::One(parts.remove(0)) } else { Pattern::Many(parts) }
    }

    #[test]
    fn known_texts() {
        for (glob, against, expected) in [
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?", "é", true),
            ("*é?", "xéü", true),
            ("*ab", "aab", true),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("a**b", "ab", true),
        ] {
            assert_eq!(
                pattern(glob).matches(&text(against), Case::Sensitive),
                expected.into(),
                "{glob} {against}"
            );
        }
        assert_eq!(pattern("AB*").matches(&text("abc"), Case::Ignored), Truth::True);
    }

    #[test]
    fn many_stars_stay_fast() {
        let stars = "*a".repeat(4_000);
        assert_eq!(
            pattern(&stars).matches(&text(&"a".repeat(3_999)), Case::Sensitive),
            Truth::False
        );
        assert_eq!(pattern(&"*".repeat(4_000)).matches(&text("x~y"), Case::Sensitive), Truth::True);
    }

    #[test]
    fn gaps() {
        for (glob, against, expected) in [
            ("a*", "a~", Truth::True),
            ("a*", "~", Truth::Unknown),
            ("a*", "b~", Truth::False),
            ("*x", "~x", Truth::True),
            ("a*c", "a~c", Truth::True),
            ("a?c", "a~c", Truth::Unknown),
            ("a?", "abc~", Truth::False),
            ("*", "~", Truth::True),
            ("~", "abc", Truth::Unknown),
            ("a~c", "xyz", Truth::False),
            ("a~c", "ac", Truth::Unknown),
            ("a~", "a~", Truth::Unknown),
            ("*a*", "~a~", Truth::True),
            ("abc", "a~~c", Truth::Unknown),
            ("ab", "a~bc", Truth::False),
        ] {
            assert_eq!(
                pattern(glob).matches(&text(against), Case::Sensitive),
                expected,
                "{glob} {against}"
            );
        }
    }

    #[test]
    fn arn_components_match_one_by_one() {
        for (glob, against, expected) in [
            ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b", Some(Truth::True)),
            ("arn:aws:iam:*", "arn:aws:iam::1:role/a", None),
            ("arn:*:role/a", "arn:aws:iam::1:role/a", None),
            ("arn:*:*:*:*:*", "arn:aws:backup:r:1:backup-vault:v", Some(Truth::True)),
            ("arn:aws:*:1:role/a:x", "arn:aws:iam::1:role/a", Some(Truth::False)),
            ("arn:aws:iam::1:role/~", "arn:aws:iam::1:role/a", Some(Truth::Unknown)),
            ("arn:aws:iam::1:role/~", "arn:aws:iam::2:role/a", Some(Truth::False)),
            ("arn:aws:iam::~:role/a", "arn:aws:iam::2:role/a", Some(Truth::Unknown)),
            ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/~", Some(Truth::True)),
            ("arn:aws:iam::1:role/*", "~", Some(Truth::Unknown)),
            ("arn:aws:iam::1:role/*", "not an arn", None),
        ] {
            assert_eq!(pattern(glob).matches_arn(&text(against)), expected, "{glob} {against}");
        }
    }

    #[test]
    fn only_inner_stars_that_cross_a_colon_are_doubtful() {
        let vault = text("arn:aws:backup:eu-west-1:444455556666:backup-vault:central");
        for (glob, doubtful) in [
            ("arn:aws:backup:eu-west-1:*", false),
            ("arn:aws:backup:*:*:backup-vault:c*", false),
            ("arn:aws:backup:eu-*-1:444455556666:backup-vault:*", false),
            ("arn:aws:backup:eu*vault:central", true),
        ] {
            assert_eq!(pattern(glob).crosses_colon_within_component(&vault), doubtful, "{glob}");
        }
    }
}
