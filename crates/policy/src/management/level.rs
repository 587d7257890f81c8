//! What is merged: policies, level by level.

use crate::tree::Node;

/// The type of a management policy, as far as the merge differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `BACKUP_POLICY`.
    Backup,
    /// `TAG_POLICY`.
    Tag,
    /// Any other: AI services opt-out, chat applications and so on.
    Other,
}

impl Kind {
    /// The kind of a policy type as Organizations names it.
    #[must_use]
    pub fn of(policy_type: &str) -> Self {
        match policy_type {
            "BACKUP_POLICY" => Self::Backup,
            "TAG_POLICY" => Self::Tag,
            _ => Self::Other,
        }
    }

    /// Whether of two `@@assign` of one setting on one level the first attached is known to win.
    pub(super) fn first_attached_wins(self, is_list: bool) -> bool {
        match self {
            Self::Tag => super::tag::first_attached_wins(is_list),
            // A backup policy page contradicts the example; of the others AWS shows none.
            Self::Backup | Self::Other => false,
        }
    }
}

/// The root, an OU or the account, with the policies of one type that are attached to it.
#[derive(Debug, Clone)]
pub struct Level<'a> {
    /// The id of the root, OU or account.
    pub target: String,
    /// The policies, in the order in which they are told.
    pub policies: Vec<Attached<'a>>,
}

/// One policy on a level.
#[derive(Debug, Clone)]
pub struct Attached<'a> {
    /// Its id.
    pub id: String,
    /// Its place in the order of attachment. No API of Organizations returns it.
    pub order: Option<i64>,
    /// The document.
    pub content: &'a Node,
}

impl<'a> Level<'a> {
    /// The policies in the order of attachment where that is known, else as they are told; and
    /// whether it is known.
    pub(super) fn in_order(&self) -> (Vec<&Attached<'a>>, bool) {
        let mut policies: Vec<&Attached<'a>> = self.policies.iter().collect();
        let mut orders: Vec<i64> = policies.iter().filter_map(|policy| policy.order).collect();
        orders.sort_unstable();
        orders.dedup();
        let known = orders.len() == policies.len();
        if known {
            policies.sort_by_key(|policy| policy.order);
        }
        (policies, known)
    }
}
