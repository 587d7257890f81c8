//! What rules see of an organization, of an effective policy, and of an account.

use std::collections::HashMap;

use copy_preflight_policy::source::{SourceId, Span};
use copy_preflight_policy::tree::Node;

use super::engine::label_of;
use super::plans::Plan;
use crate::arn::Arn;
use crate::effective::snapshot::{self, Organization};
use crate::effective::{Judged, Limits, Trouble};
use crate::facts::Facts;
use crate::inputs::{Address, Answer, Entry, Inputs};
use crate::outcome::{Label, Outcome};
use crate::reader::Reader;
use crate::reasons;
use crate::view::Slot;

/// What all accounts share.
pub(crate) struct Survey<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) facts: &'a Facts,
    pub(crate) limits: Limits,
    /// INVARIANT: the accounts of the organization, in the order of their ids.
    pub(crate) accounts: Vec<String>,
    /// The management account, as ARNs of the organization name it.
    pub(crate) management: Option<&'a str>,
    /// The partition of the organization.
    pub(crate) partition: &'a str,
    /// The policies in which texts stand.
    by_source: HashMap<SourceId, String>,
    pub(crate) backup: Organization<'a>,
    pub(crate) tags: Organization<'a>,
}

/// The organization.
pub struct OrganizationView<'a> {
    pub(crate) survey: &'a Survey<'a>,
    pub(crate) reader: Reader<'a>,
}

/// An effective backup policy, which accounts may share.
pub struct PolicyView<'a> {
    pub(crate) survey: &'a Survey<'a>,
    pub(crate) judged: &'a Judged,
    pub(crate) plans: Vec<Plan<'a>>,
}

/// An account.
pub struct AccountView<'a> {
    pub(crate) survey: &'a Survey<'a>,
    pub(crate) account: &'a str,
    /// The effective backup policy.
    pub(crate) backup: Merged<'a>,
    /// The effective tag policy.
    pub(crate) tags: Merged<'a>,
    pub(crate) reader: Reader<'a>,
}

/// An effective policy, or why there is none to judge.
#[derive(Clone, Copy)]
pub(crate) enum Merged<'a> {
    Known(&'a Judged),
    Trouble(&'a [Trouble]),
}

impl<'a> Survey<'a> {
    pub(super) fn new(inputs: &'a Inputs, facts: &'a Facts) -> Self {
        let limits = Limits::of(facts);
        let policies = snapshot::policies(inputs);
        let by_source = policies
            .iter()
            .filter_map(|(id, answer)| Some((answer.policy.as_ref()?.source, id.clone())))
            .collect();
        let arn = organization_arn(inputs);
        Self {
            inputs,
            facts,
            limits,
            accounts: snapshot::accounts(inputs),
            management: arn.map(|arn| arn.account),
            partition: arn.map_or("aws", |arn| arn.partition),
            by_source,
            backup: Organization::read(inputs, "BACKUP_POLICY", limits),
            tags: Organization::read(inputs, "TAG_POLICY", limits),
        }
    }

    /// A label in a policy of the organization.
    pub(crate) fn label(&self, span: Span, note: impl Into<String>) -> Label {
        let slot = match self.by_source.get(&span.source) {
            Some(id) => Slot::organization_policy(id).name,
            None => "organization".to_owned(),
        };
        Label { slot, span, note: note.into() }
    }

    /// A label on a text inside the value of an operator, the whole operator where the text is
    /// written otherwise.
    pub(crate) fn label_on(&self, span: Span, text: &str, note: impl Into<String>) -> Label {
        let within = self.inputs.sources.slice(span).find(&format!("\"{text}\""));
        let narrowed = within.and_then(|at| {
            let start = span.start + u32::try_from(at).ok()?;
            let end = start + u32::try_from(text.len()).ok()? + 2;
            Some(Span::new(span.source, start, end))
        });
        self.label(narrowed.unwrap_or(span), note)
    }

    /// The entry of an account in the list.
    pub(crate) fn listed(&self, account: &str) -> Option<&'a Node> {
        answer(self.inputs, &Address::OrganizationAccounts)?.entry(account)
    }

    /// Whether the list of accounts was read, and to its end.
    pub(crate) fn lists_all(&self) -> bool {
        let list = answer(self.inputs, &Address::OrganizationAccounts);
        list.is_some_and(|list| list.root.member("NextToken").is_none())
    }

    /// An outcome that rests on a fact.
    pub(crate) fn rest(&self, outcome: Outcome, fact: &str) -> Outcome {
        outcome.rests_on(fact, self.facts.certainty(fact))
    }
}

impl PolicyView<'_> {
    /// See [`label_near`].
    pub(crate) fn label_near(&self, path: &str, note: &str) -> Option<Label> {
        label_near(self.survey, self.judged, path, note)
    }

    /// See [`Survey::rest`].
    pub(crate) fn rest(&self, outcome: Outcome, fact: &str) -> Outcome {
        self.survey.rest(outcome, fact)
    }
}

/// A label on the key at a path of an effective policy, or on the nearest key above it that some
/// policy writes.
pub(crate) fn label_near(
    survey: &Survey<'_>,
    judged: &Judged,
    path: &str,
    note: &str,
) -> Option<Label> {
    let mut path = path;
    loop {
        let written = judged.effective.root.at(path).and_then(|entry| entry.written.last());
        if let Some((_, span)) = written {
            return Some(survey.label(*span, note));
        }
        path = path.rsplit_once('/')?.0;
    }
}

impl<'a> AccountView<'a> {
    /// The effective tag policy of the account.
    ///
    /// # Errors
    /// The outcome of a rule where there is none to judge.
    pub(crate) fn tag_policy(&self) -> Result<&'a Judged, Outcome> {
        match self.tags {
            Merged::Known(judged) if judged.effective.attached => Ok(judged),
            Merged::Known(_) => {
                Err(Outcome::not_applicable("no tag policy is in force in the account"))
            }
            Merged::Trouble(troubles) => {
                let mut outcome = Outcome::undecided(
                    reasons::TAG_POLICY_NOT_KNOWN.name,
                    "which tag policy is in force in the account is not known",
                );
                outcome.labels.extend(troubles.iter().filter_map(label_of));
                Err(outcome)
            }
        }
    }
}

/// The ARN of the root or of an account: its account is the management account.
fn organization_arn(inputs: &Inputs) -> Option<Arn<'_>> {
    let first = |address: &Address, list: &str| {
        let first = answer(inputs, address)?.root.member(list)?.elements().first()?;
        Arn::parse(first.member("Arn")?.as_str()?)
    };
    first(&Address::OrganizationRoots, "Roots")
        .or_else(|| first(&Address::OrganizationAccounts, "Accounts"))
}

fn answer<'a>(inputs: &'a Inputs, address: &Address) -> Option<&'a Answer> {
    match inputs.get(address)? {
        Entry::Present(answer) => Some(answer),
        Entry::Absent(_) => None,
    }
}
