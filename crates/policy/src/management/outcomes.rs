//! What a setting may be after one level.
//!
//! Where AWS says which order operators act in, there is one outcome. Where it does not, there is
//! one for each order that may be; the first is the one of the order in which policies are told.

use super::diagnostic::Related;
use super::level::Kind;
use super::operator::Operator;
use super::value::{Value, push, same};
use crate::Truth;
use crate::text::Text;

/// More possible values than this are not told apart: the value may be any.
const MANY: usize = 8;

/// One operator of the level that is being read.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) operator: Operator,
    pub(super) value: Value,
    /// Which policy of the level.
    pub(super) policy: usize,
    /// Whether no lock may stop it.
    pub(super) certain: bool,
    pub(super) place: Related,
}

/// Why a setting has more than one possible value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open {
    /// Two policies of one level assign it.
    SameLevel {
        /// Whether a list is assigned.
        list: bool,
    },
    /// Two policies of one level assign, append or remove, and the order matters.
    Order,
    /// A lock on a container above may shield it.
    Lock,
    /// The operator does not fit the value.
    Type,
    /// A key or value is not understood, or has the wrong shape.
    Shape,
    /// Part of a document is not known.
    NotKnown,
}

impl Open {
    /// The reason, in words.
    #[must_use]
    pub fn why(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::SameLevel { list: false }, Kind::Backup) => {
                "two backup policies of one level assign it: the backup policy syntax page says \
                 that this can overwrite existing settings, inheritance example 6 (a tag policy) \
                 says that the first attached wins"
            }
            (Self::SameLevel { list: true }, Kind::Backup) => {
                "two backup policies of one level assign it: the backup policy syntax page says \
                 that this can overwrite existing settings, inheritance example 6 (a tag policy, \
                 single values only) says that the first attached wins"
            }
            (Self::SameLevel { list: false }, Kind::Tag) => {
                "two tag policies of one level assign it: the first attached wins, and no API \
                 tells the order of attachment"
            }
            (Self::SameLevel { list: true }, Kind::Tag) => {
                "two tag policies of one level assign it: AWS says for single values that the \
                 first attached wins, and nothing of lists"
            }
            (Self::SameLevel { .. }, Kind::Other) => {
                "two policies of one level assign it: AWS says only of tag policies which one wins"
            }
            (Self::Order, _) => {
                "policies of one level use different operators on it, and AWS does not say in \
                 which order they act"
            }
            (Self::Lock, _) => {
                "the lock may be incomplete: a container above is locked, the setting itself is \
                 not, and AWS does not say whether a lock also shields what stands below it"
            }
            (Self::Type, _) => "the operator is for lists and the setting holds one value",
            (Self::Shape, _) => "AWS does not say what becomes of a policy that is written so",
            (Self::NotKnown, _) => "part of the policy is not known",
        }
    }
}

/// What the operators of a level make of a setting.
pub(super) struct Outcomes {
    /// The possible values, the one that is shown first.
    pub(super) possible: Vec<Option<Value>>,
    pub(super) why: Vec<Open>,
    /// Whether what was before no longer matters.
    pub(super) replaced: bool,
}

pub(super) fn outcomes(
    kind: Kind,
    ordered: bool,
    before: &[Option<Value>],
    pending: &[Pending],
) -> Outcomes {
    let all: Vec<&Pending> = pending.iter().collect();
    let mut found = of(kind, ordered, before, &all);
    if !pending.iter().all(|one| one.certain) {
        let certain: Vec<&Pending> = pending.iter().filter(|one| one.certain).collect();
        let without = of(kind, ordered, before, &certain);
        let known = found.possible.len();
        for value in without.possible {
            add(&mut found.possible, value);
        }
        found.replaced = without.replaced;
        found.why.extend(without.why);
        if found.possible.len() > known {
            found.why.push(Open::Lock);
        }
    }
    if found.possible.len() > MANY {
        found.possible.truncate(MANY);
        found.possible.push(Some(Value::Unknown));
    }
    found.why.sort_unstable();
    found.why.dedup();
    found
}

fn of(kind: Kind, ordered: bool, before: &[Option<Value>], pending: &[&Pending]) -> Outcomes {
    let mut why = Vec::new();
    let mut assigned: Vec<&Pending> = Vec::new();
    for one in pending.iter().copied().filter(|one| one.operator == Operator::Assign) {
        if !assigned.iter().any(|other| other.value.is(&one.value).is_true()) {
            assigned.push(one);
        }
    }
    let is_list = assigned.iter().any(|one| matches!(one.value, Value::List(_)));
    if let [first, .., last] = assigned.as_slice() {
        let one_policy = first.policy == last.policy;
        if ordered && !one_policy && kind.first_attached_wins(is_list) {
            assigned.truncate(1);
        } else {
            why.push(Open::SameLevel { list: is_list });
        }
    }
    let edits: Vec<&Pending> =
        pending.iter().copied().filter(|one| one.operator != Operator::Assign).collect();
    let only = |operator| -> Vec<&Pending> {
        edits.iter().copied().filter(|one| one.operator == operator).collect()
    };
    let (appends, removes) = (only(Operator::Append), only(Operator::Remove));
    let several = pending.windows(2).any(|pair| match pair {
        [one, other] => one.policy != other.policy,
        _ => false,
    });
    let bases: Vec<Option<Value>> = if assigned.is_empty() {
        before.to_vec()
    } else {
        assigned.iter().map(|one| Some(one.value.clone())).collect()
    };
    // In the order in which policies are told, the first assignment wins, and takes the place of
    // what was appended before it.
    let first = pending.iter().position(|one| one.operator == Operator::Assign);
    let behind: Vec<&Pending> = pending
        .iter()
        .copied()
        .skip(first.unwrap_or(0))
        .filter(|one| one.operator != Operator::Assign)
        .collect();
    let mut possible = Vec::new();
    for base in &bases {
        let mut orders = vec![behind.clone()];
        if several && !edits.is_empty() {
            if !assigned.is_empty() {
                orders.push(Vec::new());
            }
            orders.push([appends.as_slice(), removes.as_slice()].concat());
            orders.push([removes.as_slice(), appends.as_slice()].concat());
        }
        let known = possible.len();
        for order in orders {
            let mut value = base.clone();
            let mut fits = true;
            for edit in order {
                let (next, fit) = edited(value, edit);
                value = next;
                fits &= fit;
            }
            add(&mut possible, value);
            if !fits {
                add(&mut possible, base.clone());
                why.push(Open::Type);
            }
        }
        if possible.len() > known + 1 && !why.contains(&Open::Type) {
            why.push(Open::Order);
        }
    }
    let replaced = !assigned.is_empty();
    Outcomes { possible, why, replaced }
}

fn add(possible: &mut Vec<Option<Value>>, value: Option<Value>) {
    let known = possible.iter().any(|other| match (other, &value) {
        (None, None) | (Some(Value::Unknown), Some(Value::Unknown)) => true,
        (Some(other), Some(value)) => other == value || other.is(value).is_true(),
        _ => false,
    });
    if !known {
        possible.push(value);
    }
}

/// The value after `@@append` or `@@remove`, and whether the operator fits it: both are for lists.
///
/// `@@append` makes the list where there is none; a list that `@@remove` leaves empty vanishes
/// (`inheritance-examples.html`, examples 2 and 3).
fn edited(value: Option<Value>, edit: &Pending) -> (Option<Value>, bool) {
    let Some(operand) = edit.value.list() else { return (Some(Value::Unknown), true) };
    let fits = !matches!(value, Some(Value::Scalar(_)));
    let value = match (edit.operator, value) {
        (Operator::Append, value) => {
            let mut list = match value {
                None => Vec::new(),
                Some(Value::Scalar(text)) => vec![text],
                Some(Value::List(list)) => list,
                Some(Value::Unknown) => return (Some(Value::Unknown), true),
            };
            operand.iter().for_each(|text| push(&mut list, text.clone()));
            Some(Value::List(list))
        }
        (_, Some(Value::List(list))) => without(&list, operand),
        (_, value) => value,
    };
    (value, fits)
}

fn without(list: &[Text], operand: &[Text]) -> Option<Value> {
    let mut rest = Vec::new();
    for text in list {
        match Truth::any(operand.iter().map(|other| same(text, other))) {
            Truth::True => {}
            Truth::False => rest.push(text.clone()),
            Truth::Unknown => return Some(Value::Unknown),
        }
    }
    (!rest.is_empty()).then_some(Value::List(rest))
}
