//! The engine: every rule on the organization and on every account.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use copy_preflight_policy::tree::Node;

use super::plans::plans;
use super::report::{AccountReport, Report, Subject};
use super::view::{AccountView, Merged, OrganizationView, PolicyView, Survey};
use crate::check::{RuleOutcome, Settings, Verdict};
use crate::effective::snapshot::{self, Organization};
use crate::effective::{Above, Judged, Trouble, judge};
use crate::facts::{Certainty, Facts};
use crate::inputs::{Address, Inputs};
use crate::outcome::{Label, Outcome, OutcomeKind};
use crate::reader::Reader;
use crate::reasons;
use crate::remembered::Reads;
use crate::rule::{AccountCheck, AccountRule, Level};
use crate::rules::account::RULES;
use crate::run::Run;
use crate::view::Slot;

/// Judges the organization and its accounts, or those that are named.
#[must_use]
pub fn survey(inputs: &Inputs, facts: &Facts, settings: &Settings, named: &[String]) -> Report {
    for wanted in [snapshot::wanted(), snapshot::wanted_policies(inputs)] {
        let missing: BTreeSet<Address> =
            wanted.into_iter().filter(|address| inputs.get(address).is_none()).collect();
        if !missing.is_empty() {
            return Report::wanting(missing);
        }
    }
    let run = Run::new(inputs, facts, settings);
    let survey = Survey::new(inputs, facts);
    let accounts = if named.is_empty() { &survey.accounts } else { named };
    let (backup, tags) = (
        Shared::of(&survey.backup, accounts, &survey),
        Shared::of(&survey.tags, accounts, &survey),
    );
    let mut told = Told::new(&run);
    let organization = told.organization(&survey);
    let by_policy: Vec<Vec<Vec<usize>>> =
        backup.judged.iter().map(|judged| told.policy(&survey, judged)).collect();
    let accounts: Vec<AccountReport> = accounts
        .iter()
        .enumerate()
        .map(|(index, account)| {
            let view = AccountView {
                survey: &survey,
                account,
                backup: backup.at(index),
                tags: tags.at(index),
                reader: Reader::new(&run),
            };
            let shared = backup.number(index).and_then(|number| by_policy.get(number));
            let name = survey.listed(account).and_then(|entry| entry.member("Name"));
            AccountReport {
                id: account.clone(),
                name: name.and_then(Node::as_str).map(str::to_owned),
                subject: told.account(&view, shared),
            }
        })
        .collect();
    told.finish(organization, accounts)
}

/// The effective policies of one type; accounts below the same policies share one.
struct Shared {
    judged: Vec<Judged>,
    /// For each account the number of its policy, or why it has none.
    of: Vec<Result<usize, Vec<Trouble>>>,
}

impl Shared {
    fn of(policies: &Organization<'_>, accounts: &[String], survey: &Survey<'_>) -> Self {
        let mut judged = Vec::new();
        let mut known: HashMap<Above, usize> = HashMap::new();
        let of = accounts
            .iter()
            .map(|account| {
                let given = policies.given(account)?;
                Ok(*known.entry(given.above()).or_insert_with(|| {
                    judged.push(judge(&given, &survey.limits));
                    judged.len() - 1
                }))
            })
            .collect();
        Self { judged, of }
    }

    fn number(&self, index: usize) -> Option<usize> {
        self.of.get(index)?.as_ref().ok().copied()
    }

    fn at(&self, index: usize) -> Merged<'_> {
        match self.of.get(index) {
            Some(Ok(number)) => match self.judged.get(*number) {
                Some(judged) => Merged::Known(judged),
                None => Merged::Trouble(&[]),
            },
            Some(Err(troubles)) => Merged::Trouble(troubles),
            None => Merged::Trouble(&[]),
        }
    }
}

/// Outcomes as they come, each kept once.
struct Told<'a> {
    run: &'a Run<'a>,
    outcomes: Vec<RuleOutcome>,
    known: HashMap<String, usize>,
    slots: BTreeSet<Slot>,
    wanted: BTreeSet<Address>,
}

impl<'a> Told<'a> {
    fn new(run: &'a Run<'a>) -> Self {
        Self {
            run,
            outcomes: Vec::new(),
            known: HashMap::new(),
            slots: BTreeSet::new(),
            wanted: BTreeSet::new(),
        }
    }

    fn organization(&mut self, survey: &'a Survey<'a>) -> Subject {
        let view = OrganizationView { survey, reader: Reader::new(self.run) };
        let mut outcomes = Vec::new();
        for rule in RULES {
            if let AccountCheck::Organization(check) = rule.check {
                outcomes.extend(self.tell(rule, check(&view)));
            }
        }
        self.read(&view.reader);
        self.subject(outcomes)
    }

    /// The outcomes of each rule on an effective policy by itself.
    fn policy(&mut self, survey: &Survey<'_>, judged: &Judged) -> Vec<Vec<usize>> {
        let view = PolicyView { survey, judged, plans: plans(&judged.effective.root) };
        RULES
            .iter()
            .map(|rule| match rule.check {
                AccountCheck::Policy(check) if judged.effective.attached => {
                    self.tell(rule, check(&view))
                }
                _ => Vec::new(),
            })
            .collect()
    }

    fn account(&mut self, view: &AccountView<'_>, shared: Option<&Vec<Vec<usize>>>) -> Subject {
        let policy = match view.backup {
            Merged::Known(judged) => Some(PolicyView {
                survey: view.survey,
                judged,
                plans: plans(&judged.effective.root),
            }),
            Merged::Trouble(_) => None,
        };
        let mut outcomes = Vec::new();
        for (number, rule) in RULES.iter().enumerate() {
            let found = match (&rule.check, &policy) {
                (AccountCheck::Organization(_), _) => continue,
                (AccountCheck::Standing(check), _) => check(view),
                (_, None) => vec![not_known(view)],
                (_, Some(policy)) if !policy.judged.effective.attached => {
                    vec![Outcome::not_applicable("no backup policy is in force in the account")]
                }
                (AccountCheck::Policy(_), Some(_)) => {
                    let shared = shared.and_then(|shared| shared.get(number));
                    outcomes.extend(shared.into_iter().flatten());
                    continue;
                }
                (AccountCheck::Account(check), Some(policy)) => check(view, policy),
            };
            outcomes.extend(self.tell(rule, found));
        }
        self.read(&view.reader);
        self.subject(outcomes)
    }

    /// Keeps the outcomes of a rule on one subject.
    fn tell(&mut self, rule: &'static AccountRule, found: Vec<Outcome>) -> Vec<usize> {
        found
            .into_iter()
            .map(|mut outcome| {
                for label in &mut outcome.labels {
                    label.span = crate::check::inside_quotes(self.run.inputs, label.span);
                }
                let key = format!("{} {outcome:?}", rule.rule.module);
                let outcomes = &mut self.outcomes;
                *self.known.entry(key).or_insert_with(|| {
                    outcomes.push(RuleOutcome { rule: &rule.rule, outcome: Arc::new(outcome) });
                    outcomes.len() - 1
                })
            })
            .collect()
    }

    fn read(&mut self, reader: &Reader<'_>) {
        let reads = Reads { documents: reader.replace(Vec::new()), ..Reads::default() };
        reads.slots(&mut |slot| {
            self.slots.insert(slot.clone());
        });
        reads.wanted(&mut |address| {
            self.wanted.insert(address.clone());
        });
    }

    /// Blocked before undecided before clear. What only warns neither blocks nor leaves open.
    fn subject(&self, outcomes: Vec<usize>) -> Subject {
        let settings = self.run.settings;
        let counted: Vec<&Outcome> = outcomes
            .iter()
            .filter_map(|&at| self.outcomes.get(at))
            .filter(|one| one.rule.level == Level::Error)
            .map(|one| one.outcome.as_ref())
            .collect();
        let worst_allowed =
            if settings.documented_only { Certainty::Documented } else { Certainty::Stated };
        let faults = || counted.iter().filter(|one| one.kind == OutcomeKind::Broken);
        let best = faults().map(|one| one.certainty).filter(|&one| one <= worst_allowed).min();
        let weakest = counted
            .iter()
            .filter(|one| one.kind != OutcomeKind::NotApplicable)
            .map(|one| one.certainty)
            .max()
            .unwrap_or(Certainty::Documented);
        let is_open = faults().next().is_some()
            || counted.iter().any(|one| one.kind == OutcomeKind::Undecided)
            || (settings.strict && weakest > Certainty::Documented);
        let (verdict, certainty) = match best {
            Some(best) => (Verdict::Blocked, best),
            None if is_open => (Verdict::Undecided, weakest),
            None => (Verdict::Clear, weakest),
        };
        Subject { verdict, certainty, outcomes }
    }

    fn finish(self, organization: Subject, accounts: Vec<AccountReport>) -> Report {
        let subjects = || accounts.iter().map(|one| &one.subject).chain([&organization]);
        let worst = subjects().map(|one| one.verdict).max().unwrap_or(Verdict::Undecided);
        // Without accounts nothing was judged.
        let verdict = if accounts.is_empty() { worst.max(Verdict::Undecided) } else { worst };
        let certainties = subjects().filter(|one| one.verdict == verdict).map(|one| one.certainty);
        let certainty = match verdict {
            Verdict::Blocked => certainties.min(),
            Verdict::Undecided | Verdict::Clear => certainties.max(),
        };
        Report {
            verdict,
            certainty: certainty.unwrap_or(Certainty::Documented),
            outcomes: self.outcomes,
            organization,
            accounts,
            slots: self.slots,
            wanted: self.wanted,
        }
    }
}

/// The outcome of a rule on an account of which it is not known what is in force.
fn not_known(view: &AccountView<'_>) -> Outcome {
    let mut outcome = Outcome::undecided(
        reasons::POLICY_NOT_KNOWN.name,
        "what is in force in the account is not known",
    );
    if let Merged::Trouble(troubles) = view.backup {
        outcome.labels.extend(troubles.iter().filter_map(label_of));
    }
    outcome
}

/// Where a trouble stands.
pub(crate) fn label_of(trouble: &Trouble) -> Option<Label> {
    let slot = Slot::of_organization(&trouble.address);
    Some(Label { slot, span: trouble.place?, note: trouble.message.clone() })
}
