//! Findings that several copies share are told once.

use std::collections::BTreeSet;

use copy_preflight_rules::check::{CopyReport, Report};
use copy_preflight_rules::outcome::{Outcome, OutcomeKind};
use copy_preflight_rules::rule::Rule;

/// A finding, the rules that made it, and the copies it concerns.
pub(super) struct Group<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) rules: Vec<&'static Rule>,
    pub(super) copies: Vec<&'a CopyReport>,
    /// The facts of all rules.
    pub(super) facts: BTreeSet<&'a str>,
}

/// The findings of the copies that count, faults before questions, each with all rules that
/// made it and all copies it concerns; in the order of the gates.
pub(super) fn findings(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for kind in [OutcomeKind::Broken, OutcomeKind::Undecided] {
        for copy in report.copies.iter().filter(|copy| copy.counts) {
            for finding in copy.outcomes.iter().filter(|one| one.outcome.kind == kind) {
                let at = match groups
                    .iter()
                    .position(|group| is_same(group.outcome, &finding.outcome))
                {
                    Some(at) => at,
                    None => {
                        groups.push(Group {
                            outcome: &finding.outcome,
                            rules: Vec::new(),
                            copies: Vec::new(),
                            facts: BTreeSet::new(),
                        });
                        groups.len() - 1
                    }
                };
                let Some(group) = groups.get_mut(at) else { continue };
                if !group.rules.iter().any(|&rule| std::ptr::eq(rule, finding.rule)) {
                    group.rules.push(finding.rule);
                }
                if !group.copies.iter().any(|&known| std::ptr::eq(known, copy)) {
                    group.copies.push(copy);
                }
                group.facts.extend(finding.outcome.facts.iter().map(String::as_str));
            }
        }
    }
    groups
}

/// What is left to do, in a few words each: `fix 1 fault`, `fetch 2 documents`.
pub(super) fn to_do(groups: &[Group<'_>]) -> Vec<String> {
    let faults = groups.iter().filter(|group| group.outcome.kind == OutcomeKind::Broken).count();
    let (mut documents, mut flags, mut answers) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut points = 0;
    for outcome in groups.iter().map(|group| group.outcome) {
        if outcome.kind != OutcomeKind::Undecided {
            continue;
        }
        for missing in &outcome.missing {
            match missing.command {
                Some(_) => documents.insert(missing.what.as_str()),
                None => flags.insert(missing.what.as_str()),
            };
        }
        match &outcome.answer {
            Some(answer) if outcome.missing.is_empty() => {
                answers.insert(answer.as_str());
            }
            _ if outcome.missing.is_empty() => points += 1,
            _ => {}
        }
    }
    let counted = |verb: &str, number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("{verb} 1 {word}")),
        _ => Some(format!("{verb} {number} {word}s")),
    };
    let flags: Vec<&str> = flags.into_iter().collect();
    [
        counted("fix", faults, "fault"),
        counted("fetch", documents.len(), "document"),
        (!flags.is_empty()).then(|| format!("give {}", flags.join(" and "))),
        counted("answer", answers.len(), "question"),
        counted("settle", points, "open point"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether two outcomes tell a person the same.
fn is_same(one: &Outcome, other: &Outcome) -> bool {
    one.kind == other.kind
        && one.message == other.message
        && one.labels == other.labels
        && one.missing == other.missing
        && one.help == other.help
}

/// How many outcomes of a copy are of a kind.
pub(super) fn count(copy: &CopyReport, kind: OutcomeKind) -> usize {
    copy.outcomes.iter().filter(|one| one.outcome.kind == kind).count()
}

/// Type and variant of a copy in one word.
pub(super) fn type_name(copy: &CopyReport) -> String {
    let resource_type = copy.copy.resource_type.as_deref().unwrap_or("type not known");
    match copy.copy.variant.as_deref() {
        Some(variant) if !variant.is_empty() => format!("{resource_type}/{variant}"),
        _ => resource_type.to_owned(),
    }
}
