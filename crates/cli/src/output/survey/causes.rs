//! Causes: findings that tell a person the same, of however many accounts.

use std::collections::{BTreeSet, HashMap};

use copy_preflight_rules::outcome::{Missing, Outcome, OutcomeKind};
use copy_preflight_rules::rule::{Level, Rule};
use copy_preflight_rules::survey::{AccountReport, Report, Subject};

/// A finding, the rules that made it, and the accounts that it concerns.
pub(super) struct Cause<'a> {
    /// The finding of the first that it concerns.
    pub(super) outcome: &'a Outcome,
    pub(super) level: Level,
    pub(super) rules: Vec<&'static Rule>,
    /// What is missing, of all accounts.
    pub(super) missing: Vec<Missing>,
    pub(super) facts: BTreeSet<&'a str>,
    /// Whether it concerns the organization itself.
    pub(super) organization: bool,
    pub(super) accounts: Vec<&'a AccountReport>,
    /// The places of its findings in the report.
    pub(super) outcomes: BTreeSet<usize>,
}

impl Cause<'_> {
    /// How bad it is: faults before questions before what is only told.
    pub(super) fn rank(&self) -> usize {
        match (self.outcome.kind, self.level) {
            (OutcomeKind::Broken, Level::Error) => 0,
            (_, Level::Error) => 1,
            (OutcomeKind::Broken, Level::Security | Level::Warning) => 2,
            (_, Level::Security | Level::Warning) => 3,
            (OutcomeKind::Broken, Level::Suggestion) => 4,
            _ => 5,
        }
    }
}

/// The causes: the worst first, of those the ones that concern the most accounts.
pub(super) fn causes(report: &Report) -> Vec<Cause<'_>> {
    let mut found: Vec<Cause<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    add(report, &report.organization, None, &mut found, &mut known);
    for account in &report.accounts {
        add(report, &account.subject, Some(account), &mut found, &mut known);
    }
    found.sort_by_key(|cause| (cause.rank(), std::cmp::Reverse(cause.accounts.len())));
    found
}

fn add<'a>(
    report: &'a Report,
    subject: &'a Subject,
    account: Option<&'a AccountReport>,
    found: &mut Vec<Cause<'a>>,
    known: &mut HashMap<String, usize>,
) {
    for &place in &subject.outcomes {
        let Some(one) = report.outcomes.get(place) else { continue };
        let outcome: &Outcome = &one.outcome;
        if !matches!(outcome.kind, OutcomeKind::Broken | OutcomeKind::Undecided) {
            continue;
        }
        let key = key(outcome, one.rule.level, account);
        let at = *known.entry(key).or_insert_with(|| {
            found.push(Cause {
                outcome,
                level: one.rule.level,
                rules: Vec::new(),
                missing: Vec::new(),
                facts: BTreeSet::new(),
                organization: false,
                accounts: Vec::new(),
                outcomes: BTreeSet::new(),
            });
            found.len() - 1
        });
        let Some(cause) = found.get_mut(at) else { continue };
        if !cause.rules.iter().any(|&rule| std::ptr::eq(rule, one.rule)) {
            cause.rules.push(one.rule);
        }
        for missing in &outcome.missing {
            if !cause.missing.contains(missing) {
                cause.missing.push(missing.clone());
            }
        }
        cause.facts.extend(outcome.facts.iter().map(String::as_str));
        cause.outcomes.insert(place);
        match account {
            None => cause.organization = true,
            Some(account) if cause.accounts.last().is_some_and(|last| last.id == account.id) => {}
            Some(account) => cause.accounts.push(account),
        }
    }
}

/// What is the same of findings with one cause: all that is said, without the account, and the
/// first place, which stands in a policy that accounts share.
fn key(outcome: &Outcome, level: Level, account: Option<&AccountReport>) -> String {
    let own = |text: &str| match account {
        Some(account) => text.replace(&account.id, "$account"),
        None => text.to_owned(),
    };
    let first = outcome.labels.first().map(|label| (own(&label.slot), label.span));
    // A place in a document of one account is no place that others share.
    let first = first.filter(|(slot, _)| !slot.contains("$account"));
    let help = outcome.help.as_deref().map(own);
    format!("{:?} {level:?} {} {first:?} {help:?}", outcome.kind, own(&outcome.message))
}
