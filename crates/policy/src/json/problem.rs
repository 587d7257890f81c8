//! What can be wrong with a JSON text, and how it is said.

use std::fmt;

use smol_str::SmolStr;

use crate::source::Span;

/// One mistake and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The characters that are wrong; empty where something is missing at the end.
    pub span: Span,
    /// A second place that explains the first: the end at which an open string, object or list
    /// was noticed, the bracket that does not fit, the first member of the same key, the place
    /// where a comma belongs.
    pub related: Option<Span>,
}

/// What is wrong. User text in it is an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// Nothing but white space and comments.
    Empty,
    /// U+FEFF at the beginning.
    ByteOrderMark,
    /// White space that JSON does not know, such as a no-break space from a web page.
    WhiteSpace(char),
    /// A comment, with the characters that begin it.
    Comment(&'static str),
    /// A comment that runs to the end of the text.
    UnclosedComment,
    /// A comma in front of the closing bracket.
    TrailingComma(Container),
    /// A comma with nothing in front of it.
    UnexpectedComma,
    /// Nothing between two members or elements.
    MissingComma(Container),
    /// A key and a value without a colon.
    MissingColon(SmolStr),
    /// A colon behind a value.
    UnexpectedColon,
    /// A value without a key.
    MissingKey,
    /// A key without a value.
    MissingValue(SmolStr),
    /// A string in other quotes than `"`.
    WrongQuotes(Quotes),
    /// A key without quotes.
    UnquotedKey(SmolStr),
    /// A word that is no value.
    UnquotedValue(SmolStr),
    /// `True`, `None` and the like: how other languages write a value.
    Misspelled {
        /// As written.
        found: SmolStr,
        /// As JSON writes it.
        meant: &'static str,
    },
    /// `undefined`, `NaN` and the like: values that JSON does not have.
    NoSuchValue(SmolStr),
    /// Digits that are no number.
    Number(SmolStr, NumberFault),
    /// A string without its closing quote.
    UnclosedString,
    /// A `"` inside a string without its backslash.
    UnescapedQuote,
    /// A character below U+0020 in a string.
    ControlCharacter(u8),
    /// A backslash and a character that it does not go with.
    Escape(SmolStr),
    /// `\u` without four hexadecimal digits.
    UnicodeEscape(SmolStr),
    /// One half of a surrogate pair. RFC 8259 permits it; readers refuse it or replace it.
    LoneSurrogate(SmolStr),
    /// An object or a list without its closing bracket.
    Unclosed(Container),
    /// A closing bracket of the other kind.
    WrongBracket(Container),
    /// A closing bracket that is one too many.
    UnexpectedBracket(char),
    /// Characters that mean nothing where they stand.
    Unexpected(SmolStr),
    /// More text behind the document.
    TrailingContent,
    /// More than [`MAX_DEPTH`](super::MAX_DEPTH) levels.
    TooDeep,
    /// More bytes than a span can count.
    TooLong,
    /// More mistakes than are worth a list; the rest of the text was not read.
    TooMany,
    /// A key that the object already has.
    Duplicate(SmolStr),
}

impl ProblemKind {
    /// Whether the text is not JSON, so that a service refuses it.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        !matches!(self, Self::TooDeep | Self::TooLong | Self::Duplicate(_))
    }

    /// Whether the text is legal, but two members have one key.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate(_))
    }
}

/// The message: lower case, without a full stop.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the document is empty"),
            Self::ByteOrderMark => write!(f, "byte order mark before the document"),
            Self::WhiteSpace(found) => {
                write!(f, "character U+{:04X} is no white space in JSON", u32::from(*found))
            }
            Self::Comment(opening) => write!(f, "comment (`{opening}`): JSON has none"),
            Self::UnclosedComment => write!(f, "comment that is never closed, and JSON has none"),
            Self::TrailingComma(container) => {
                write!(f, "trailing comma before `{}`", char::from(container.closing()))
            }
            Self::UnexpectedComma => write!(f, "unexpected comma"),
            Self::MissingComma(container) => {
                write!(f, "missing comma between {}", container.parts())
            }
            Self::MissingColon(key) => write!(f, "missing colon after the key `{key}`"),
            Self::UnexpectedColon => write!(f, "unexpected colon"),
            Self::MissingKey => write!(f, "missing key: an object holds `\"key\": value`"),
            Self::MissingValue(key) => write!(f, "the key `{key}` has no value"),
            Self::WrongQuotes(quotes) => write!(f, "{quotes}: JSON strings stand in `\"`"),
            Self::UnquotedKey(key) => write!(f, "the key `{key}` needs double quotes"),
            Self::UnquotedValue(word) => {
                write!(f, "`{word}` is no JSON value: a string stands in double quotes")
            }
            Self::Misspelled { found, meant } => {
                write!(f, "`{found}` is no JSON value: write `{meant}`")
            }
            Self::NoSuchValue(word) => write!(f, "`{word}` is a value that JSON does not have"),
            Self::Number(found, fault) => write!(f, "`{found}` is not a number: {fault}"),
            Self::UnclosedString => write!(f, "this string is never closed"),
            Self::UnescapedQuote => write!(f, "quote inside a string: write `\\\"`"),
            Self::ControlCharacter(b'\n') => write!(f, "line break in a string: write `\\n`"),
            Self::ControlCharacter(b'\r') => write!(f, "carriage return in a string: write `\\r`"),
            Self::ControlCharacter(b'\t') => write!(f, "tab in a string: write `\\t`"),
            Self::ControlCharacter(code) => {
                write!(f, "control character U+{code:04X} in a string: write `\\u{code:04x}`")
            }
            Self::Escape(found) => write!(f, "`{found}` is no escape: a backslash is `\\\\`"),
            Self::UnicodeEscape(found) => {
                write!(f, "`{found}` is no escape: `\\u` needs four hexadecimal digits")
            }
            Self::LoneSurrogate(found) => write!(f, "`{found}` is half of a surrogate pair"),
            Self::Unclosed(container) => write!(f, "this {} is never closed", container.name()),
            Self::WrongBracket(container) => write!(
                f,
                "`{}` cannot close this {}: write `{}`",
                char::from(container.other().closing()),
                container.name(),
                char::from(container.closing())
            ),
            Self::UnexpectedBracket(found) => write!(f, "unexpected `{found}`"),
            Self::Unexpected(found) => write!(f, "unexpected `{found}`"),
            Self::TrailingContent => write!(f, "text after the end of the document"),
            Self::TooDeep => write!(f, "nested more than {} levels deep", super::MAX_DEPTH),
            Self::TooLong => write!(f, "the document is larger than {} bytes", u32::MAX),
            Self::TooMany => write!(f, "too many mistakes: the text is not read beyond this"),
            Self::Duplicate(key) => write!(f, "duplicate member `{key}`"),
        }
    }
}

/// What has brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `{}`.
    Object,
    /// `[]`.
    List,
}

impl Container {
    /// The bracket that ends it.
    pub(super) const fn closing(self) -> u8 {
        match self {
            Self::Object => b'}',
            Self::List => b']',
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Object => Self::List,
            Self::List => Self::Object,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::List => "list",
        }
    }

    const fn parts(self) -> &'static str {
        match self {
            Self::Object => "members",
            Self::List => "elements",
        }
    }
}

/// Quotes of other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// `'a'`.
    Single,
    /// The quotes of JavaScript's templates.
    Backtick,
    /// `“a”`, as word processors set them.
    Typographic,
}

impl fmt::Display for Quotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single quotes",
            Self::Backtick => "backticks",
            Self::Typographic => "typographic quotes",
        })
    }
}

/// Why digits are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// `012`, as account ids begin.
    LeadingZero,
    /// `+1`.
    LeadingPlus,
    /// `.5`.
    NoWholePart,
    /// `1.`.
    NoFraction,
    /// `1e`.
    NoExponent,
    /// Anything else, such as a date.
    Other,
}

impl fmt::Display for NumberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeadingZero => "it begins with zero (an account id is a string)",
            Self::LeadingPlus => "it begins with a plus",
            Self::NoWholePart => "a digit belongs before the point",
            Self::NoFraction => "a digit belongs after the point",
            Self::NoExponent => "a digit belongs after the `e`",
            Self::Other => "a string stands in double quotes",
        })
    }
}
