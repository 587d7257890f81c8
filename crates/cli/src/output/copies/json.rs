//! JSON Lines of the copies of an organization: each distinct set of outcomes once, a line for
//! each copy, and a summary.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use copy_preflight_rules::check::{Judged, RuleOutcome};
use copy_preflight_rules::copy::fnv1a;
use copy_preflight_rules::matrix::{Cause, CauseKey, Counts, Matrix};
use copy_preflight_rules::outcome::{Outcome, OutcomeKind};
use copy_preflight_rules::plan::Planned;
use serde::Serialize;

use super::super::Subject;
use super::super::json::{
    DestinationJson, FromJson, LifecycleJson, SourceJson, ToolJson, destination, from, lifecycle,
    outcome, source, tool,
};
use super::Folded;

/// A line of the answer.
#[derive(Debug)]
pub enum Line {
    /// A set of outcomes with its id, which other parts of the run may know already.
    Outcomes(u64, String),
    /// A copy.
    Copy(String),
}

/// The lines of copies that stand together, as they come.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Line>,
    known: HashSet<u64>,
    /// The JSON of an outcome and its hash, by the outcome itself: neighbours share outcomes.
    rendered: HashMap<*const Outcome, (Arc<Outcome>, u64, String)>,
}

#[derive(Serialize)]
struct CopyLine<'a> {
    r#type: &'static str,
    id: String,
    unit: &'a str,
    from: FromJson,
    source: SourceJson,
    destination: DestinationJson,
    resource_type: Option<&'a str>,
    variant: Option<&'a str>,
    recovery_point_arn: Option<&'a str>,
    role_arn: Option<String>,
    lifecycle: LifecycleJson,
    verdict: &'static str,
    certainty: &'static str,
    counts: bool,
    /// Why it cannot be said that there will be this copy.
    doubt: Option<&'a str>,
    outcomes: String,
}

/// An outcome of which there is nothing to say.
#[derive(Serialize)]
struct Quiet {
    rule: String,
    outcome: &'static str,
    certainty: &'static str,
}

impl Lines {
    /// Adds a copy, and its outcomes where they are new.
    pub fn add(&mut self, subject: Subject<'_>, unit: &str, planned: &Planned, judged: &Judged) {
        let mut hashes = Vec::new();
        for one in judged.outcomes() {
            let key = Arc::as_ptr(&one.outcome);
            let (_, hash, _) = self.rendered.entry(key).or_insert_with(|| {
                let text = fragment(subject, one);
                (Arc::clone(&one.outcome), fnv1a(text.as_bytes()), text)
            });
            hashes.extend_from_slice(&hash.to_le_bytes());
        }
        let set = fnv1a(&hashes);
        let id = set_id(set);
        if self.known.insert(set) {
            let texts: Vec<&str> = judged
                .outcomes()
                .filter_map(|one| self.rendered.get(&Arc::as_ptr(&one.outcome)))
                .map(|(_, _, text)| text.as_str())
                .collect();
            let text =
                format!(r#"{{"type":"outcomes","id":"{id}","outcomes":[{}]}}"#, texts.join(","));
            self.lines.push(Line::Outcomes(set, text));
        }
        let copy = &planned.copy;
        let line = CopyLine {
            r#type: "copy",
            id: copy.id(),
            unit,
            from: from(copy),
            source: source(copy),
            destination: destination(copy, judged.address("destination-key")),
            resource_type: copy.resource_type.as_deref(),
            variant: copy.variant.as_deref().filter(|variant| !variant.is_empty()),
            recovery_point_arn: copy.recovery_point.as_deref(),
            role_arn: copy.role.as_ref().map(ToString::to_string),
            lifecycle: lifecycle(copy),
            verdict: judged.verdict.word(),
            certainty: judged.certainty.word(),
            counts: planned.counts,
            doubt: planned.doubt.as_deref(),
            outcomes: id,
        };
        self.lines.push(Line::Copy(text(&line)));
    }

    /// The lines, in order.
    #[must_use]
    pub fn into_lines(self) -> Vec<Line> {
        self.lines
    }
}

fn set_id(hash: u64) -> String {
    format!("outcomes-{hash:016x}")
}

/// What holds or does not apply is told by its rule alone: its words name vaults and accounts, in
/// which copies differ that are alike in all else.
fn fragment(subject: Subject<'_>, one: &RuleOutcome) -> String {
    match one.outcome.kind {
        OutcomeKind::Holds | OutcomeKind::NotApplicable => text(&Quiet {
            rule: one.rule.id(),
            outcome: one.outcome.kind.word(),
            certainty: one.outcome.certainty.word(),
        }),
        OutcomeKind::Broken | OutcomeKind::Undecided => text(&outcome(subject, one)),
    }
}

/// Strings and numbers always have a form in JSON.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Serialize)]
struct Summary<'a> {
    r#type: &'static str,
    schema: &'static str,
    tool: ToolJson,
    verdict: &'static str,
    certainty: &'static str,
    accounts: usize,
    copies: CountsJson,
    rows: Vec<RowJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    accounts_without_copies: &'a BTreeMap<String, String>,
    accounts_not_judged: &'a BTreeMap<String, Vec<String>>,
    unplanned: Vec<UnplannedJson<'a>>,
    problems: Vec<&'a str>,
}

#[derive(Serialize)]
struct CountsJson {
    clear: usize,
    blocked: usize,
    undecided: usize,
}

#[derive(Serialize)]
struct RowJson<'a> {
    unit: &'a str,
    account: &'a str,
    destination: String,
    #[serde(flatten)]
    copies: CountsJson,
}

#[derive(Serialize)]
struct CauseJson<'a> {
    verdict: &'static str,
    rule: Option<&'a str>,
    reason: &'a str,
    copies: usize,
    accounts: usize,
    places: Vec<PlaceJson<'a>>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    what: &'a str,
    copies: usize,
    message: &'a str,
    help: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

#[derive(Serialize)]
struct UnplannedJson<'a> {
    plan: &'a str,
    rule: &'a str,
    destination: &'a str,
    why: &'a str,
    accounts: usize,
}

/// The last line.
#[must_use]
pub fn summary(folded: Folded<'_>) -> String {
    let Matrix { accounts, total, rows, quiet, unjudged, unplanned, .. } = folded.matrix;
    text(&Summary {
        r#type: "summary",
        schema: "copy-preflight/org-copies/v1",
        tool: tool(folded.facts, folded.now),
        verdict: folded.matrix.verdict().word(),
        certainty: folded.matrix.certainty().word(),
        accounts: *accounts,
        copies: counts(*total),
        rows: rows
            .iter()
            .map(|(row, copies)| RowJson {
                unit: &row.unit,
                account: &row.account,
                destination: row.destination.to_string(),
                copies: counts(*copies),
            })
            .collect(),
        causes: folded.matrix.by_weight().into_iter().map(cause).collect(),
        accounts_without_copies: quiet,
        accounts_not_judged: unjudged,
        unplanned: unplanned
            .iter()
            .map(|(one, accounts)| UnplannedJson {
                plan: &one.plan,
                rule: &one.rule,
                destination: &one.destination,
                why: &one.why,
                accounts: *accounts,
            })
            .collect(),
        problems: folded.problems.iter().map(String::as_str).collect(),
    })
}

fn counts(counts: Counts) -> CountsJson {
    let Counts { clear, blocked, undecided } = counts;
    CountsJson { clear, blocked, undecided }
}

fn cause<'a>((key, cause): (&'a CauseKey, &'a Cause)) -> CauseJson<'a> {
    CauseJson {
        verdict: key.verdict.word(),
        rule: key.rule.as_deref(),
        reason: &key.reason,
        copies: cause.copies,
        accounts: cause.accounts.len(),
        places: cause
            .by_weight()
            .into_iter()
            .map(|(what, place)| PlaceJson {
                what,
                copies: place.copies,
                message: &place.message,
                help: place.help.as_deref(),
                line: place.position.map(|(line, _)| line),
                column: place.position.map(|(_, column)| column),
            })
            .collect(),
    }
}
