//! Values of settings.

use std::fmt;

use crate::Truth;
use crate::text::Text;
use crate::tree::{self, Node};

/// The value of a setting.
///
/// Numbers and Booleans are held as the strings that AWS renders them as: "60" and 60 are the
/// same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One value.
    Scalar(Text),
    /// A list; its order means nothing, and it holds each value once.
    List(Vec<Text>),
    /// Any value: a template decides it, or AWS does not say what becomes of it.
    Unknown,
}

/// What no setting can have as its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongType(
    /// What stands there, as a message names it.
    pub &'static str,
);

impl Value {
    /// Reads the value of an operator.
    ///
    /// # Errors
    /// Where an object, `null` or a list of lists stands there.
    pub fn read(node: &Node) -> Result<Self, WrongType> {
        if let tree::Value::Array(elements) = &node.value {
            let mut list = Vec::with_capacity(elements.len());
            for element in elements {
                match scalar(element)? {
                    Some(text) => push(&mut list, text),
                    // One element of a template may stand for several.
                    None => return Ok(Self::Unknown),
                }
            }
            return Ok(Self::List(list));
        }
        Ok(scalar(node)?.map_or(Self::Unknown, Self::Scalar))
    }

    /// Whether all of it is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self {
            Self::Scalar(text) => text.known().is_some(),
            Self::List(list) => list.iter().all(|text| text.known().is_some()),
            Self::Unknown => false,
        }
    }

    /// Whether two values are the same: lists as sets. A gap may be anything.
    #[must_use]
    pub fn is(&self, other: &Self) -> Truth {
        match (self, other) {
            (Self::Scalar(one), Self::Scalar(other)) => same(one, other),
            (Self::List(one), Self::List(other)) => {
                let holds = |list: &[Text], text: &Text| {
                    Truth::any(list.iter().map(|element| same(element, text)))
                };
                Truth::all(one.iter().map(|text| holds(other, text)))
                    & Truth::all(other.iter().map(|text| holds(one, text)))
            }
            (Self::Unknown, _) | (_, Self::Unknown) => Truth::Unknown,
            _ => Truth::False,
        }
    }

    /// The values of a list; a scalar is a list of itself. `None` where they are not known.
    #[must_use]
    pub fn list(&self) -> Option<&[Text]> {
        match self {
            Self::Scalar(text) => Some(std::slice::from_ref(text)),
            Self::List(list) => Some(list),
            Self::Unknown => None,
        }
    }

    /// The value where it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Text> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// As a message shows it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => write!(f, "`{text}`"),
            Self::List(list) if list.is_empty() => f.write_str("an empty list"),
            Self::List(list) => {
                for (index, text) in list.iter().enumerate() {
                    let between = if index == 0 { "" } else { ", " };
                    write!(f, "{between}`{text}`")?;
                }
                Ok(())
            }
            Self::Unknown => f.write_str("a value that is not known"),
        }
    }
}

/// Whether two texts are the same.
pub(super) fn same(one: &Text, other: &Text) -> Truth {
    match (one.known(), other.known()) {
        (Some(one), Some(other)) => (one == other).into(),
        _ => Truth::Unknown,
    }
}

/// Adds a value that the list does not certainly hold: AWS does not say what becomes of
/// duplicates, and a set of Regions or tag values cannot hold one twice.
pub(super) fn push(list: &mut Vec<Text>, text: Text) {
    if !list.iter().any(|element| same(element, &text).is_true()) {
        list.push(text);
    }
}

/// A string, a number or a Boolean as a string; `None` where it is not known at all.
fn scalar(node: &Node) -> Result<Option<Text>, WrongType> {
    match &node.value {
        tree::Value::String(text) => Ok(Some(text.clone())),
        tree::Value::Number(digits) => Ok(Some(Text::from(digits.clone()))),
        tree::Value::Bool(value) => Ok(Some(Text::from(if *value { "true" } else { "false" }))),
        tree::Value::Unknown => Ok(None),
        tree::Value::Null | tree::Value::Array(_) | tree::Value::Object(_) => {
            Err(WrongType(node.kind()))
        }
    }
}
