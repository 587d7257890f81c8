//! Reads one policy of one level into the state of the merge.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::branch::Branch;
use super::diagnostic::{Code, Diagnostic, Related};
use super::history::{Fate, Lock, Step};
use super::operator::{CONTROL, Control, Operator, Operators};
use super::outcomes::{Open, Pending};
use super::value::Value;
use crate::source::Span;
use crate::tree::{self, Member, Node};

/// The policy that is being read.
pub(super) struct Reading<'a> {
    pub(super) target: &'a str,
    pub(super) policy: &'a str,
    /// Which level, and which policy of the level.
    pub(super) level: usize,
    pub(super) number: usize,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    /// Reads an object of the policy. `above` are the locks on the containers of the branch.
    pub(super) fn object(&mut self, branch: &mut Branch, node: &Node, path: &str, above: &[Lock]) {
        branch.touched = true;
        let tree::Value::Object(members) = &node.value else {
            if node.value == tree::Value::Unknown {
                self.tell(Code::NotKnown, path, node.span);
                branch.taint(Open::NotKnown);
            } else {
                self.tell(Code::OperatorMissing, path, node.span);
                branch.taint(Open::Shape);
            }
            return;
        };
        let operator_of = |member: &Member| member.key.known().and_then(Operator::parse);
        let is_leaf = members.iter().any(|member| operator_of(member).is_some());
        for member in members {
            match member.key.known() {
                None => {
                    self.tell(Code::NotKnown, path, member.key_span);
                    branch.taint(Open::NotKnown);
                }
                Some(CONTROL) => self.control(branch, member, path),
                Some(key) if key.starts_with("@@") => {
                    if Operator::parse(key).is_none() {
                        self.tell(Code::UnknownOperator, path, member.key_span);
                        branch.taint(Open::Shape);
                    }
                }
                Some(_) => {}
            }
        }
        if is_leaf {
            self.setting(branch, members, path, above);
        }
        let is_leaf = is_leaf || branch.is_setting();
        // A long object is read once, with its keys in the order of the policy.
        for member in members {
            let Some(key) = member.key.known().filter(|key| !key.starts_with("@@")) else {
                continue;
            };
            let key = lower(key);
            let below = join(path, &key);
            if is_leaf {
                self.tell(Code::LeafHasChildKeys, &below, member.key_span);
                branch.taint(Open::Shape);
            } else {
                self.key(branch, member, &key, &below, above);
            }
        }
    }

    fn key(
        &mut self,
        branch: &mut Branch,
        member: &Member,
        key: &SmolStr,
        path: &str,
        above: &[Lock],
    ) {
        let mut doubt = None;
        if !branch.has(key) {
            if let Some(lock) = shuts(branch.locks.iter(), |control| control.maybe) {
                let related = Some(lock.place.clone());
                self.push(Code::BlockedNewKey, path, member.key_span, related);
                return;
            }
            // The containers above first, so that the lock that is named is the one that narrows.
            doubt = shuts(above.iter().chain(&branch.locks), |control| control.surely);
        }
        let doubt = doubt.map(|lock| lock.place.clone());
        let restricting: Vec<Lock> =
            branch.locks.iter().filter(|lock| lock.control != Control::ALL).cloned().collect();
        let above: Cow<'_, [Lock]> = if restricting.is_empty() {
            Cow::Borrowed(above)
        } else {
            Cow::Owned([above, restricting.as_slice()].concat())
        };
        let (level, writer) = (self.level, Some((self.level, self.number)));
        let Some(child) = branch.child(key, level) else { return };
        if doubt.is_some() {
            child.doubt = doubt;
        }
        if let Some(written) = member.key.known() {
            child.written.push((written.into(), member.key_span));
        }
        if child.writer == writer {
            self.tell(Code::KeyTwice, path, member.key_span);
            child.taint(Open::Shape);
        }
        child.writer = writer;
        if child.level != level {
            self.object(child, &member.value, path, &above);
            return;
        }
        // What this level made, the locks on it do not bind; what it may not have been allowed to
        // make is doubtful as a whole.
        let doubtful: Vec<Lock> = child
            .doubt
            .iter()
            .map(|place| Lock { place: place.clone(), control: Control::OPEN })
            .collect();
        self.object(child, &member.value, path, &doubtful);
    }

    fn control(&mut self, branch: &mut Branch, member: &Member, path: &str) {
        let control = Control::read(&member.value);
        if !control.is_understood() {
            self.tell(Code::UnknownControl, path, member.value.span);
        }
        let place = self.place(member.key_span.to(member.value.span));
        branch.new_locks.push(Lock { place, control });
    }

    fn setting(&mut self, branch: &mut Branch, members: &[Member], path: &str, above: &[Lock]) {
        if let Some(first) = members.first().filter(|_| !branch.children.is_empty()) {
            // Other policies have keys here: it is a container.
            self.tell(Code::LeafHasChildKeys, path, first.key_span);
            branch.taint(Open::Shape);
            return;
        }
        // `@@assign` first, so that what one policy appends to its own list is not lost.
        for operator in Operator::ALL {
            for member in members {
                if member.key.known() == Some(operator.key()) {
                    self.operator(branch, operator, member, path, above);
                }
            }
        }
    }

    fn operator(
        &mut self,
        branch: &mut Branch,
        operator: Operator,
        member: &Member,
        path: &str,
        above: &[Lock],
    ) {
        let span = member.key_span.to(member.value.span);
        let value = Value::read(&member.value).unwrap_or_else(|_| {
            self.tell(Code::WrongType, path, member.value.span);
            Value::Unknown
        });
        let fate = if let Some(lock) =
            branch.locks.iter().find(|lock| !lock.control.maybe.has(operator))
        {
            Fate::Blocked(lock.place.clone())
        } else {
            if operator != Operator::Assign && matches!(value, Value::Scalar(_)) {
                self.tell(Code::ScalarForList, path, member.value.span);
            }
            let is_scalar = |value: &Value| matches!(value, Value::Scalar(_));
            let assigned = branch.pending.iter().find(|one| one.operator == Operator::Assign);
            let inherited = branch.possible.first().and_then(Option::as_ref);
            if operator != Operator::Assign
                && assigned.map(|one| &one.value).or(inherited).is_some_and(is_scalar)
            {
                self.tell(Code::NeedsList, path, span);
            }
            let doubt = branch
                .locks
                .iter()
                .chain(above)
                .find(|lock| !lock.control.surely.has(operator))
                .map(|lock| lock.place.clone());
            let certain = doubt.is_none();
            let place = self.place(span);
            let first =
                branch.pending.iter().find(|other| other.operator == Operator::Assign).cloned();
            branch.pending.push(Pending {
                operator,
                value: value.clone(),
                policy: self.number,
                certain,
                place,
            });
            match (first, doubt) {
                (Some(first), _)
                    if operator == Operator::Assign && !first.value.is(&value).is_true() =>
                {
                    self.diagnostics.push(Diagnostic {
                        kept: Some(first.value),
                        ignored: Some(value.clone()),
                        ..self.diagnostic(Code::SameLevelConflict, path, span)
                    });
                    if let Some(last) = self.diagnostics.last_mut() {
                        last.related = Some(first.place.clone());
                    }
                    Fate::Lost(first.place)
                }
                (_, Some(doubt)) => Fate::Doubtful(doubt),
                (_, None) => Fate::Applied,
            }
        };
        if let Fate::Blocked(lock) = &fate {
            self.push(Code::BlockedByParent, path, span, Some(lock.clone()));
            if let Some(last) = self.diagnostics.last_mut() {
                last.operator = Some(operator);
            }
        }
        branch.steps.push(Step {
            target: self.target.to_owned(),
            policy: self.policy.to_owned(),
            operator,
            value,
            span,
            fate,
        });
    }

    fn place(&self, span: Span) -> Related {
        Related { target: self.target.to_owned(), policy: self.policy.to_owned(), span }
    }

    fn diagnostic(&self, code: Code, path: &str, span: Span) -> Diagnostic {
        Diagnostic {
            code,
            path: path.to_owned(),
            target: self.target.to_owned(),
            policy: self.policy.to_owned(),
            operator: None,
            kept: None,
            ignored: None,
            span,
            related: None,
        }
    }

    fn tell(&mut self, code: Code, path: &str, span: Span) {
        self.push(code, path, span, None);
    }

    fn push(&mut self, code: Code, path: &str, span: Span, related: Option<Related>) {
        let diagnostic = Diagnostic { related, ..self.diagnostic(code, path, span) };
        self.diagnostics.push(diagnostic);
    }
}

/// The lock with which no operator is left that adds a key. Each alone may permit one: what holds
/// is what all permit together.
fn shuts<'a>(
    locks: impl Iterator<Item = &'a Lock>,
    permits: impl Fn(Control) -> Operators,
) -> Option<&'a Lock> {
    let mut left = Operators::ALL;
    for lock in locks {
        left = left.and(permits(lock.control));
        if !left.adds() {
            return Some(lock);
        }
    }
    None
}

/// A key as effective policies print it.
pub(super) fn lower(key: &str) -> SmolStr {
    if key.chars().any(char::is_uppercase) { key.to_lowercase().into() } else { key.into() }
}

/// A path with one more key.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}
