//! Conditions: operators, set operators, `IfExists`, and what they say of a request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

mod arn;
mod binary;
mod boolean;
pub(crate) mod date;
mod ip;
pub(crate) mod numeric;
mod operator;
mod string;

pub use operator::{Base, Comparison, Operator, SetOperator};

use smol_str::SmolStr;

use super::context::{Context, ContextValue, folded};
use super::document::{Term, Version};
use super::variable;
use crate::Truth;
use crate::few::Few;
use crate::source::Span;
use crate::text::Text;
use crate::tree::Member;

/// One operator, one key, and the values to compare with.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_span: Span,
    /// The condition key as written.
    pub key: Text,
    /// The key in lower case; empty where it is not known.
    pub(crate) key_folded: SmolStr,
    /// Where the key stands.
    pub key_span: Span,
    /// The values, any one of which suffices; none of which may match under a negation.
    pub values: Few<Term>,
    /// From the key to the end of its values.
    pub span: Span,
}

/// What comparing one policy value with one request value gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// A truth value.
    Is(Truth),
    /// One of the two cannot be read as the operator's type. It never matches; whether a
    /// negated operator then holds is not documented.
    Unreadable,
}

impl From<Truth> for Compared {
    fn from(truth: Truth) -> Self {
        Self::Is(truth)
    }
}

impl From<bool> for Compared {
    fn from(truth: bool) -> Self {
        Self::Is(truth.into())
    }
}

impl Condition {
    pub(crate) fn new(
        operator: Operator,
        operator_span: Span,
        member: &Member,
        values: Few<Term>,
    ) -> Self {
        Self {
            operator,
            operator_span,
            key: member.key.clone(),
            key_folded: member.key.known().map(folded).unwrap_or_default(),
            key_span: member.key_span,
            span: member.key_span.to(member.value.span),
            values,
        }
    }

    /// The key in lower case, which is how key names compare; empty where it is not known.
    #[must_use]
    pub fn folded_key(&self) -> &str {
        &self.key_folded
    }

    /// Whether the condition holds for a request with this context.
    #[must_use]
    pub fn holds(&self, context: &Context, version: Version) -> Truth {
        if self.operator.base == Base::Unknown {
            // Services refuse such an operator; where it stands all the same it never matches.
            return Truth::False;
        }
        if self.operator.base == Base::Open || self.key.known().is_none() {
            return Truth::Unknown;
        }
        let value = context.value_folded(&self.key_folded);
        if self.operator.base == Base::Null {
            return self.is_null(value.presence());
        }
        if self.values.is_empty() {
            return self.without_values(value.presence());
        }
        match self.operator.set {
            None => self.single(value, context, version),
            Some(SetOperator::ForAllValues) => self.for_all_values(value, context, version),
            Some(SetOperator::ForAnyValue) => self.for_any_value(value, context, version),
        }
    }

    /// `Null` asks for presence only; with a set operator it is constant.
    fn is_null(&self, present: Truth) -> Truth {
        match self.operator.set {
            Some(SetOperator::ForAllValues) => return Truth::True,
            Some(SetOperator::ForAnyValue) => return Truth::False,
            None => {}
        }
        if self.values.is_empty() {
            return Truth::Unknown;
        }
        let asks = |expected: &str| {
            Truth::any(self.values.iter().map(|value| match value.text.known() {
                Some(text) => text.eq_ignore_ascii_case(expected).into(),
                None => Truth::Unknown,
            }))
        };
        let (absent, there) = (asks("true"), asks("false"));
        // Where both are asked for, one of them holds.
        (absent & there) | (absent & !present) | (there & present)
    }

    /// A condition with an empty list of values. What AWS says of a plain operator contradicts
    /// itself; the set operators and `IfExists` are plain.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>
    fn without_values(&self, present: Truth) -> Truth {
        match self.operator.set {
            Some(SetOperator::ForAnyValue) => Truth::False,
            Some(SetOperator::ForAllValues) => !present,
            None if self.operator.if_exists => !present,
            None => Truth::Unknown,
        }
    }

    /// What a missing key gives without a set operator.
    fn when_absent(&self) -> Truth {
        (self.operator.if_exists || self.operator.negated).into()
    }

    fn single(&self, value: &ContextValue, context: &Context, version: Version) -> Truth {
        match value {
            ContextValue::Absent => self.when_absent(),
            ContextValue::Known(text) => self.compare(text, context, version),
            // A multivalued key needs a set operator; without one the outcome is not documented.
            ContextValue::Many(_) => Truth::Unknown,
            ContextValue::Present => self.compare(&Text::unknown(), context, version),
            ContextValue::Unknown => {
                self.when_absent().agree(self.compare(&Text::unknown(), context, version))
            }
        }
    }

    fn for_all_values(&self, value: &ContextValue, context: &Context, version: Version) -> Truth {
        match value {
            ContextValue::Absent => Truth::True,
            ContextValue::Known(text) => self.every(std::slice::from_ref(text), context, version),
            ContextValue::Many(texts) => self.every(texts, context, version),
            // True without values, so only a test that every value passes is certain.
            ContextValue::Present | ContextValue::Unknown => {
                self.compare(&Text::unknown(), context, version) | Truth::Unknown
            }
        }
    }

    fn every(&self, texts: &[Text], context: &Context, version: Version) -> Truth {
        Truth::all(texts.iter().map(|text| match is_empty(text) {
            Truth::True => Truth::True,
            Truth::False => self.compare(text, context, version),
            Truth::Unknown => Truth::True.agree(self.compare(text, context, version)),
        }))
    }

    fn for_any_value(&self, value: &ContextValue, context: &Context, version: Version) -> Truth {
        match value {
            // AWS says both that ForAnyValue is false and that IfExists is true here.
            ContextValue::Absent if self.operator.if_exists => Truth::Unknown,
            ContextValue::Absent => Truth::False,
            ContextValue::Known(text) => self.some(std::slice::from_ref(text), context, version),
            ContextValue::Many(texts) => self.some(texts, context, version),
            // False without values, so only a test that no value passes is certain.
            ContextValue::Present => {
                self.compare(&Text::unknown(), context, version).at_most_unknown()
            }
            ContextValue::Unknown if self.operator.if_exists => Truth::Unknown,
            ContextValue::Unknown => {
                self.compare(&Text::unknown(), context, version).at_most_unknown()
            }
        }
    }

    fn some(&self, texts: &[Text], context: &Context, version: Version) -> Truth {
        Truth::any(texts.iter().map(|text| match is_empty(text) {
            Truth::True => Truth::False,
            Truth::False => self.compare(text, context, version),
            Truth::Unknown => Truth::False.agree(self.compare(text, context, version)),
        }))
    }

    /// One request value against all policy values: any of them, or under a negation none.
    fn compare(&self, value: &Text, context: &Context, version: Version) -> Truth {
        let mut result = Truth::False;
        for term in &self.values {
            let matched = match self.compare_one(term, value, context, version) {
                Compared::Is(truth) => truth,
                Compared::Unreadable if self.operator.negated => Truth::Unknown,
                Compared::Unreadable => Truth::False,
            };
            result = result | matched;
            if result.is_true() {
                break;
            }
        }
        if self.operator.negated { !result } else { result }
    }

    fn compare_one(
        &self,
        term: &Term,
        value: &Text,
        context: &Context,
        version: Version,
    ) -> Compared {
        use super::pattern::Case;
        use variable::Wildcards;
        let pattern = |wildcards| variable::expand(term, version, context, wildcards);
        // A variable without value equals nothing and is like nothing.
        let or_no_match = |result: Result<Compared, variable::Unresolved>| {
            result.unwrap_or(Compared::Is(Truth::False))
        };
        match self.operator.base {
            Base::StringEquals => or_no_match(
                pattern(Wildcards::Literal)
                    .map(|pattern| string::matches(&pattern, value, Case::Sensitive)),
            ),
            Base::StringEqualsIgnoreCase => or_no_match(
                pattern(Wildcards::Literal)
                    .map(|pattern| string::matches(&pattern, value, Case::Ignored)),
            ),
            Base::StringLike => or_no_match(
                pattern(Wildcards::Apply)
                    .map(|pattern| string::matches(&pattern, value, Case::Sensitive)),
            ),
            Base::Arn => {
                or_no_match(pattern(Wildcards::Apply).map(|pattern| arn::matches(&pattern, value)))
            }
            Base::Bool => or_no_match(
                pattern(Wildcards::Literal).map(|pattern| boolean::matches(&pattern, value)),
            ),
            Base::Numeric(comparison) => numeric::matches(comparison, &term.text, value),
            Base::Date(comparison) => date::matches(comparison, &term.text, value),
            Base::Binary => binary::matches(&term.text, value),
            Base::IpAddress => ip::matches(&term.text, value),
            Base::Null | Base::Unknown | Base::Open => Compared::Is(Truth::Unknown),
        }
    }
}

/// An empty string is no value for a set operator.
fn is_empty(text: &Text) -> Truth {
    super::pattern::text_equals(text, "")
}
