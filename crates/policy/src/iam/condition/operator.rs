//! The names of condition operators.

/// A condition operator, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetOperator>,
    /// What is compared.
    pub base: Base,
    /// Whether the comparison is negated, as in `StringNotEquals`.
    pub negated: bool,
    /// Whether a missing key is enough, as in `StringEqualsIfExists`.
    pub if_exists: bool,
}

/// The prefix for multivalued keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Every value of the request must match; none at all is a match.
    ForAllValues,
    /// Some value of the request must match.
    ForAnyValue,
}

/// What an operator compares, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Exact text.
    StringEquals,
    /// Text without regard to case.
    StringEqualsIgnoreCase,
    /// Text with wildcards.
    StringLike,
    /// Numbers.
    Numeric(Comparison),
    /// Points in time.
    Date(Comparison),
    /// `true` or `false`.
    Bool,
    /// Bytes in base64.
    Binary,
    /// Addresses in a range.
    IpAddress,
    /// ARNs with wildcards; `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Whether the key is absent.
    Null,
    /// An operator that does not exist.
    Unknown,
    /// An operator whose name is not known.
    Open,
}

/// How numbers and dates compare: request value to the left, policy value to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equals,
    /// `<`.
    LessThan,
    /// `≤`.
    LessThanEquals,
    /// `>`.
    GreaterThan,
    /// `≥`.
    GreaterThanEquals,
}

impl Comparison {
    /// Whether two values in this order satisfy the comparison.
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// All operators without set operator and `IfExists`: name, base, negated.
const OPERATORS: [(&str, Base, bool); 27] = [
    ("StringEquals", Base::StringEquals, false),
    ("StringNotEquals", Base::StringEquals, true),
    ("StringEqualsIgnoreCase", Base::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Base::StringEqualsIgnoreCase, true),
    ("StringLike", Base::StringLike, false),
    ("StringNotLike", Base::StringLike, true),
    ("NumericEquals", Base::Numeric(Comparison::Equals), false),
    ("NumericNotEquals", Base::Numeric(Comparison::Equals), true),
    ("NumericLessThan", Base::Numeric(Comparison::LessThan), false),
    ("NumericLessThanEquals", Base::Numeric(Comparison::LessThanEquals), false),
    ("NumericGreaterThan", Base::Numeric(Comparison::GreaterThan), false),
    ("NumericGreaterThanEquals", Base::Numeric(Comparison::GreaterThanEquals), false),
    ("DateEquals", Base::Date(Comparison::Equals), false),
    ("DateNotEquals", Base::Date(Comparison::Equals), true),
    ("DateLessThan", Base::Date(Comparison::LessThan), false),
    ("DateLessThanEquals", Base::Date(Comparison::LessThanEquals), false),
    ("DateGreaterThan", Base::Date(Comparison::GreaterThan), false),
    ("DateGreaterThanEquals", Base::Date(Comparison::GreaterThanEquals), false),
    ("Bool", Base::Bool, false),
    ("BinaryEquals", Base::Binary, false),
    ("IpAddress", Base::IpAddress, false),
    ("NotIpAddress", Base::IpAddress, true),
    ("ArnEquals", Base::Arn, false),
    ("ArnLike", Base::Arn, false),
    ("ArnNotEquals", Base::Arn, true),
    ("ArnNotLike", Base::Arn, true),
    ("Null", Base::Null, false),
];

impl Operator {
    /// An operator that does not exist.
    pub const UNKNOWN: Self =
        Self { set: None, base: Base::Unknown, negated: false, if_exists: false };

    /// An operator whose name is not known.
    pub const OPEN: Self = Self { base: Base::Open, ..Self::UNKNOWN };

    /// Reads the name of an operator; names compare without case.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let (set, rest) = if let Some(rest) = strip_prefix_ignore_case(name, "ForAllValues:") {
            (Some(SetOperator::ForAllValues), rest)
        } else if let Some(rest) = strip_prefix_ignore_case(name, "ForAnyValue:") {
            (Some(SetOperator::ForAnyValue), rest)
        } else {
            (None, name)
        };
        let (rest, if_exists) = match strip_suffix_ignore_case(rest, "IfExists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let found = OPERATORS.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(rest));
        match found {
            // A key that must exist or be absent cannot be left to chance: AWS has no
            // `NullIfExists`.
            Some((_, Base::Null, _)) if if_exists => Self::UNKNOWN,
            Some(&(_, base, negated)) => Self { set, base, negated, if_exists },
            None => Self::UNKNOWN,
        }
    }

    /// Whether the operator exists.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.base != Base::Unknown
    }

    /// The names of all operators, without set operator and `IfExists`.
    pub fn names() -> impl Iterator<Item = &'static str> {
        OPERATORS.iter().map(|&(name, _, _)| name)
    }
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (before, behind) = text.split_at_checked(prefix.len())?;
    before.eq_ignore_ascii_case(prefix).then_some(behind)
}

fn strip_suffix_ignore_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (before, behind) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    behind.eq_ignore_ascii_case(suffix).then_some(before)
}
