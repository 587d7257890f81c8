//! Lists that mostly have one item.

use std::ops::Deref;

/// A list that keeps a single item in itself: most elements of policies list one value, and
/// memory of their own would cost more than reading them.
#[derive(Debug, Clone)]
pub struct Few<T>(Items<T>);

#[derive(Debug, Clone)]
enum Items<T> {
    One([T; 1]),
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// A list of this item alone.
    pub fn one(item: T) -> Self {
        Self(Items::One([item]))
    }

    /// What `item` gives for each of these, in their order.
    pub(crate) fn of<S>(from: &[S], mut item: impl FnMut(&S) -> T) -> Self {
        match from {
            [only] => Self::one(item(only)),
            _ => Self(Items::Many(from.iter().map(item).collect())),
        }
    }

    /// Puts the items of another list behind these.
    pub(crate) fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let mut items = std::mem::take(self).into_vec();
        items.extend(other.into_vec());
        self.0 = Items::Many(items);
    }

    fn into_vec(self) -> Vec<T> {
        match self.0 {
            Items::One(item) => item.into(),
            Items::Many(items) => items,
        }
    }

    /// The items in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match &self.0 {
            Items::One(item) => item,
            Items::Many(items) => items,
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Items::Many(Vec::new()))
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_grow_in_their_order() {
        let mut list = Few::default();
        assert!(list.is_empty());
        for (part, whole) in [(1..2, 2), (2..3, 3), (3..3, 3), (3..6, 6)] {
            let part: Vec<i32> = part.collect();
            list.append(Few::of(&part, |&item| item));
            assert_eq!(list.as_slice(), (1..whole).collect::<Vec<_>>());
        }
    }
}
