//! What is said of the many copies of an organization, folded as it comes: how many are clear,
//! blocked and undecided, and the causes, each with the documents that it stands in.

mod part;

pub use part::{POLICY_TYPE, Part, Survey};

use std::collections::{BTreeMap, BTreeSet};

use crate::arn::VaultArn;
use crate::check::{Judged, RuleOutcome, Verdict};
use crate::facts::Certainty;
use crate::inputs::Inputs;
use crate::outcome::OutcomeKind;
use crate::plan::Planned;
use crate::plan::policy::Unplanned;
use crate::rule::{Level, Rule};

/// The copies of an organization, or of a part of it.
#[derive(Debug, Default)]
pub struct Matrix {
    /// How many accounts were looked at.
    pub accounts: usize,
    /// All copies that count.
    pub total: Counts,
    /// By where they come from and where they go.
    pub rows: BTreeMap<Row, Counts>,
    /// Why copies are not clear.
    pub causes: BTreeMap<CauseKey, Cause>,
    /// Accounts that plan no copy, and why.
    pub quiet: BTreeMap<String, String>,
    /// Accounts whose policies cannot be told, and why.
    pub unjudged: BTreeMap<String, Vec<String>>,
    /// Copies whose vaults are not known, with the number of accounts that plan each.
    pub unplanned: BTreeMap<Unplanned, usize>,
    /// The certainties of the verdicts: the best of blocked ones, the weakest of the others.
    certainty: BTreeMap<Verdict, Certainty>,
}

/// A source account, the root or OU that it stands in, and a destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The root or OU.
    pub unit: String,
    /// The source account.
    pub account: String,
    /// The destination.
    pub destination: VaultArn,
}

/// How many copies have which verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Nothing that was judged stands in the way.
    pub clear: usize,
    /// The copy fails.
    pub blocked: usize,
    /// It cannot be told.
    pub undecided: usize,
}

/// What causes are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CauseKey {
    /// What the cause makes of copies: blocked or undecided.
    pub verdict: Verdict,
    /// The id of the rule; `None` for what no rule says.
    pub rule: Option<String>,
    /// The reason of the rule, or what is said where no rule says it.
    pub reason: String,
}

/// Why copies are not clear.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The rule.
    pub rule: Option<&'static Rule>,
    /// Whether the backup policies say it, of copies that they may not plan.
    pub of_policy: bool,
    /// How many copies.
    pub copies: usize,
    /// The source accounts of the copies.
    pub accounts: BTreeSet<String>,
    /// The documents and missing things, by their names.
    pub places: BTreeMap<String, CausePlace>,
}

/// One document that is a cause, or one thing that is missing.
#[derive(Debug, Clone)]
pub struct CausePlace {
    /// How many copies.
    pub copies: usize,
    /// The source account of the first of them.
    pub account: String,
    /// What is said of the first of them.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where in the document.
    pub position: Option<(u32, u32)>,
}

impl Matrix {
    /// Adds a copy that was judged.
    pub fn add(&mut self, unit: &str, planned: &Planned, judged: &Judged, inputs: &Inputs) {
        if !planned.counts {
            return;
        }
        let copy = &planned.copy;
        let row = Row {
            unit: unit.to_owned(),
            account: copy.source.account.clone(),
            destination: copy.destination.clone(),
        };
        self.rows.entry(row).or_default().count(judged.verdict);
        self.total.count(judged.verdict);
        self.note(judged.verdict, judged.certainty);
        if judged.verdict == Verdict::Clear {
            return;
        }
        if let Some(doubt) = &planned.doubt {
            self.without_rule(&copy.source.account, doubt.clone()).of_policy = true;
            return;
        }
        let is_cause = |one: &&RuleOutcome| match one.outcome.kind {
            OutcomeKind::Broken => one.rule.level == Level::Error,
            OutcomeKind::Undecided => judged.verdict == Verdict::Undecided,
            OutcomeKind::Holds | OutcomeKind::NotApplicable => false,
        };
        let mut any = false;
        for one in judged.outcomes().filter(is_cause) {
            any = true;
            self.cause(&copy.source.account, judged, one, inputs);
        }
        if !any {
            let strict = "what would be clear rests on inferred facts".to_owned();
            self.without_rule(&copy.source.account, strict);
        }
    }

    fn without_rule(&mut self, account: &str, reason: String) -> &mut Cause {
        let key = CauseKey { verdict: Verdict::Undecided, rule: None, reason };
        let cause = self.causes.entry(key).or_insert_with(|| Cause::of(None));
        cause.count(account);
        cause
    }

    fn cause(&mut self, account: &str, judged: &Judged, one: &RuleOutcome, inputs: &Inputs) {
        let outcome = &one.outcome;
        let key = CauseKey {
            verdict: judged.verdict,
            rule: Some(one.rule.id()),
            reason: outcome.reason.unwrap_or_default().to_owned(),
        };
        let label = outcome.labels.first();
        let slot = label
            .map(|label| label.slot.as_str())
            .or_else(|| outcome.missing.first().map(|missing| missing.what.as_str()));
        let slot = slot.unwrap_or_default();
        let address = judged.address(slot);
        let place = address.map_or_else(|| slot.to_owned(), |address| address.path() + ".json");
        let cause = self.causes.entry(key).or_insert_with(|| Cause::of(Some(one.rule)));
        cause.count(account);
        let place = cause.places.entry(place).or_insert_with(|| CausePlace {
            copies: 0,
            account: account.to_owned(),
            message: outcome.message.clone(),
            help: outcome.help.clone(),
            position: label.and_then(|label| {
                let outer = inputs.sources.outermost(label.span);
                let position = inputs.sources.get(outer.source)?.position(outer.start);
                Some((position.line, position.column))
            }),
        });
        place.copies += 1;
    }

    /// Adds an account that plans no copy.
    pub fn add_quiet(&mut self, account: &str, why: String) {
        self.quiet.insert(account.to_owned(), why);
    }

    /// Adds an account whose policies cannot be told.
    pub fn add_unjudged(&mut self, account: &str, why: Vec<String>) {
        self.unjudged.insert(account.to_owned(), why);
    }

    /// Adds a copy whose vaults are not known.
    pub fn add_unplanned(&mut self, unplanned: Unplanned) {
        *self.unplanned.entry(unplanned).or_default() += 1;
    }

    fn note(&mut self, verdict: Verdict, certainty: Certainty) {
        let known = self.certainty.entry(verdict).or_insert(certainty);
        *known = match verdict {
            Verdict::Blocked => (*known).min(certainty),
            Verdict::Undecided | Verdict::Clear => (*known).max(certainty),
        };
    }

    /// Adds another part of the organization.
    pub fn merge(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.total.add(other.total);
        for (row, counts) in other.rows {
            self.rows.entry(row).or_default().add(counts);
        }
        for (key, cause) in other.causes {
            match self.causes.get_mut(&key) {
                Some(known) => known.merge(cause),
                None => {
                    self.causes.insert(key, cause);
                }
            }
        }
        self.quiet.extend(other.quiet);
        self.unjudged.extend(other.unjudged);
        for (unplanned, count) in other.unplanned {
            *self.unplanned.entry(unplanned).or_default() += count;
        }
        for (verdict, certainty) in other.certainty {
            self.note(verdict, certainty);
        }
    }

    /// The verdict over all copies that count. No copy is no clear organization, and copies that
    /// could not be planned are not known to work.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let worst = self.certainty.keys().max().copied().unwrap_or(Verdict::Undecided);
        let incomplete = !self.unplanned.is_empty() || !self.unjudged.is_empty();
        if !incomplete { worst } else { worst.max(Verdict::Undecided) }
    }

    /// Its certainty.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty.get(&self.verdict()).copied().unwrap_or(Certainty::Documented)
    }

    /// The causes, those of blocked copies first, and of each kind the one first that explains
    /// most copies.
    #[must_use]
    pub fn by_weight(&self) -> Vec<(&CauseKey, &Cause)> {
        let mut causes: Vec<_> = self.causes.iter().collect();
        causes.sort_by_key(|(key, cause)| std::cmp::Reverse((key.verdict, cause.copies)));
        causes
    }
}

impl Counts {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Clear => self.clear += 1,
            Verdict::Blocked => self.blocked += 1,
            Verdict::Undecided => self.undecided += 1,
        }
    }

    /// Adds other copies.
    pub fn add(&mut self, other: Self) {
        self.clear += other.clear;
        self.blocked += other.blocked;
        self.undecided += other.undecided;
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.clear + self.blocked + self.undecided
    }
}

impl Cause {
    fn of(rule: Option<&'static Rule>) -> Self {
        Self {
            rule,
            of_policy: false,
            copies: 0,
            accounts: BTreeSet::new(),
            places: BTreeMap::new(),
        }
    }

    fn count(&mut self, account: &str) {
        self.copies += 1;
        if !self.accounts.contains(account) {
            self.accounts.insert(account.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.copies += other.copies;
        self.accounts.extend(other.accounts);
        for (name, place) in other.places {
            match self.places.get_mut(&name) {
                Some(known) => known.copies += place.copies,
                None => {
                    self.places.insert(name, place);
                }
            }
        }
    }

    /// The documents and missing things, the one first that explains most copies.
    #[must_use]
    pub fn by_weight(&self) -> Vec<(&str, &CausePlace)> {
        let mut places: Vec<_> =
            self.places.iter().map(|(name, place)| (name.as_str(), place)).collect();
        places.sort_by_key(|(_, place)| std::cmp::Reverse(place.copies));
        places
    }
}
