//! What the many requests of one copy share.

use std::cell::RefCell;

use copy_preflight_policy::iam::{Caller, Context};

use super::context::{Asks, context_of_any_action};
use super::{Route, Who};
use crate::view::View;

/// What the many requests of one copy share, each made once.
///
/// INVARIANT: what [`context_of_any_action`] and [`Who::caller_anew`] give: the copy and the
/// documents of a view do not change.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    contexts: RefCell<Vec<(Who, Route, Asks, Context)>>,
    callers: RefCell<Vec<(Who, String, Caller)>>,
}

impl Memo {
    pub(super) fn context(&self, view: &View<'_>, who: &Who, route: &Route, asks: Asks) -> Context {
        let known = self.contexts.borrow().iter().find_map(|(of, by, when, context)| {
            (*when == asks && by == route && of == who).then(|| context.clone())
        });
        known.unwrap_or_else(|| {
            let context = context_of_any_action(view, who, route, asks);
            let entry = (who.clone(), route.clone(), asks, context.clone());
            self.contexts.borrow_mut().push(entry);
            context
        })
    }

    pub(super) fn caller(&self, who: &Who, partition: &str) -> Caller {
        let known = self.callers.borrow().iter().find_map(|(of, within, caller)| {
            (within == partition && of == who).then(|| caller.clone())
        });
        known.unwrap_or_else(|| {
            let caller = who.caller_anew(partition);
            self.callers.borrow_mut().push((who.clone(), partition.to_owned(), caller.clone()));
            caller
        })
    }
}
