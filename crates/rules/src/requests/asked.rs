//! What the evaluator answers to the forms in which one request may be made.

use copy_preflight_policy::iam::{
    Decision, DenyKind, Open, Outcome as Decided, Policies, Request, decide,
};

use super::{Route, Who};
use crate::organization;
use crate::outcome::Missing;
use crate::view::{Slot, View};

/// The answers to the forms in which one request may be made.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What all forms agree on; depends where they differ.
    pub(crate) outcome: Decided,
    /// Each form with its decision.
    pub(crate) forms: Vec<Form>,
}

/// One form of a request with its decision.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) route: Route,
    pub(crate) request: Request,
    pub(crate) decision: Decision,
}

impl Asked {
    /// Whether the forms are decided differently, each for itself.
    pub(crate) fn differ(&self) -> bool {
        self.outcome == Decided::Depends
            && self.forms.iter().all(|form| form.decision.outcome != Decided::Depends)
    }

    /// The form to explain: the first that is not allowed, else the first.
    pub(crate) fn worst(&self) -> Option<&Form> {
        let refused = |form: &&Form| form.decision.outcome != Decided::Allow;
        self.forms.iter().find(refused).or(self.forms.first())
    }
}

/// Asks the evaluator for all forms of a request.
pub(crate) fn ask(
    view: &View<'_>,
    policies: &Policies<'_>,
    forms: impl IntoIterator<Item = (Route, Request)>,
) -> Asked {
    let forms: Vec<Form> = forms
        .into_iter()
        .map(|(route, request)| {
            let decision = decide(&request, policies, view.facts.catalogue());
            Form { route, request, decision }
        })
        .collect();
    let outcome =
        forms.iter().map(|form| form.decision.outcome).reduce(|one, other| match (one, other) {
            (Decided::Allow, Decided::Allow) => Decided::Allow,
            (Decided::Deny(one), Decided::Deny(other)) => {
                Decided::Deny(if one == other { one } else { DenyKind::Implicit })
            }
            _ => Decided::Depends,
        });
    Asked { outcome: outcome.unwrap_or(Decided::Depends), forms }
}

/// The documents that tell the condition keys which a decision on a vault hangs on, where they
/// were not read: its tags, and what [`unread_of_caller`] names.
pub(crate) fn unread_of_vault(view: &View<'_>, who: &Who, decision: &Decision) -> Vec<Missing> {
    let mut missing = unread_of_caller(view, who, decision);
    if hangs_on(decision, "aws:resourcetag/")
        && let Err(gap) = view.read(&Slot::destination_vault_tags(&view.copy))
    {
        missing.push(gap.missing());
    }
    missing
}

/// The documents that tell the condition keys of the caller which a decision hangs on, where they
/// were not read: its organization, and where the account stands in it.
pub(crate) fn unread_of_caller(view: &View<'_>, who: &Who, decision: &Decision) -> Vec<Missing> {
    if !hangs_on(decision, "aws:principalorg") {
        return Vec::new();
    }
    let mut missing: Vec<Missing> =
        view.read(&who.organization).err().map(|gap| gap.missing()).into_iter().collect();
    if hangs_on(decision, "aws:principalorgpaths") {
        missing.extend(organization::parents(view, &who.account).err());
    }
    missing
}

/// Whether a decision hangs on a condition key that begins like this, in lower case.
fn hangs_on(decision: &Decision, prefix: &str) -> bool {
    decision.depends_on.iter().any(|dependency| {
        matches!(&dependency.on, Open::Key(key) if key.to_ascii_lowercase().starts_with(prefix))
    })
}
