//! The request context: what is known of each condition key.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::Truth;
use crate::text::Text;

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// The request does not carry the key.
    Absent,
    /// The key has this one value.
    Known(Text),
    /// The key is multivalued and has these values.
    Many(Vec<Text>),
    /// The request carries the key; its value is not known.
    Present,
    /// Not even the presence of the key is known.
    Unknown,
}

/// What is known of the keys of a request. Key names compare without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// INVARIANT: ordered by [`order`]; keys are in lower case and unique.
    entries: Vec<(SmolStr, ContextValue)>,
    /// Keys that are absent where they are not listed.
    absent: Arc<AbsentKeys>,
    /// Beginnings of keys, in lower case, with what is known of keys that begin so and are not
    /// listed.
    families: Vec<(SmolStr, ContextValue)>,
    /// What is known of any other key that is not listed.
    unlisted: ContextValue,
}

/// Keys that a kind of call never carries. They are many, so the contexts of such calls share
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbsentKeys {
    /// INVARIANT: in lower case.
    keys: HashSet<SmolStr>,
}

impl<'a> FromIterator<&'a str> for AbsentKeys {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        Self { keys: keys.into_iter().map(folded).collect() }
    }
}

impl Context {
    /// A context in which keys that are not listed are absent.
    #[must_use]
    pub fn closed() -> Self {
        Self { unlisted: ContextValue::Absent, ..Self::open() }
    }

    /// A context in which nothing is known of keys that are not listed.
    #[must_use]
    pub fn open() -> Self {
        Self {
            entries: Vec::new(),
            absent: Arc::default(),
            families: Vec::new(),
            unlisted: ContextValue::Unknown,
        }
    }

    /// This context with other keys that are absent where they are not listed.
    #[must_use]
    pub fn without(self, absent: Arc<AbsentKeys>) -> Self {
        Self { absent, ..self }
    }

    /// Sets what is known of a key.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let key = folded(key);
        match self.entries.binary_search_by(|(entry, _)| order(entry, &key)) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    /// Sets what is known of all keys that begin like this and are not set themselves, such as
    /// `aws:ResourceTag/`.
    pub fn set_family(&mut self, prefix: &str, value: ContextValue) {
        self.families.push((folded(prefix), value));
    }

    /// This context with a key set.
    #[must_use]
    pub fn with(mut self, key: &str, value: ContextValue) -> Self {
        self.set(key, value);
        self
    }

    /// This context with a key of one known value.
    #[must_use]
    pub fn with_value(self, key: &str, value: impl Into<Text>) -> Self {
        self.with(key, ContextValue::Known(value.into()))
    }

    /// What is known of a key.
    #[must_use]
    pub fn value(&self, key: &str) -> &ContextValue {
        if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.value_folded(&folded(key))
        } else {
            self.value_folded(key)
        }
    }

    /// What is known of a key whose name is in lower case.
    pub(crate) fn value_folded(&self, key: &str) -> &ContextValue {
        self.entries
            .binary_search_by(|(entry, _)| order(entry, key))
            .ok()
            .and_then(|at| self.entries.get(at))
            .map_or_else(|| self.value_unlisted(key), |(_, value)| value)
    }

    fn value_unlisted(&self, key: &str) -> &ContextValue {
        if self.absent.keys.contains(key) {
            return &ContextValue::Absent;
        }
        let family = self.families.iter().find(|(prefix, _)| key.starts_with(prefix.as_str()));
        family.map_or(&self.unlisted, |(_, value)| value)
    }
}

impl ContextValue {
    /// Whether the request carries the key.
    #[must_use]
    pub fn presence(&self) -> Truth {
        match self {
            Self::Absent => Truth::False,
            Self::Known(_) | Self::Many(_) | Self::Present => Truth::True,
            Self::Unknown => Truth::Unknown,
        }
    }
}

/// A key name in lower case, which is how key names compare.
pub(crate) fn folded(key: &str) -> SmolStr {
    let mut buffer = [0; SmolStr::INLINE_CAP];
    if let Some(copy) = buffer.get_mut(..key.len()) {
        copy.copy_from_slice(key.as_bytes());
        copy.make_ascii_lowercase();
        if let Ok(folded) = str::from_utf8(copy) {
            return SmolStr::new_inline(folded);
        }
    }
    key.to_ascii_lowercase().into()
}

/// The order of keys: most are told apart by their lengths, without a look at their letters.
fn order(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}
