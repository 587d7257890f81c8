//! What an account has, and what the copies of its plans need.

use std::collections::BTreeSet;

use copy_preflight_rules::check::{Report, Verdict};
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::inventory;
use copy_preflight_rules::plan::Request;
use copy_preflight_rules::view::Slot;

use crate::command::judge::{Judged, judge_all};
use crate::command::question::Question;
use crate::documents::{Documents, Stop};

/// Reads the vaults, keys, plans and roles of an account in these Regions, in its own where none
/// is named, and what the planned copies of its plans need. One report over all plans.
pub(in super::super) fn read(
    question: &Question,
    regions: &[String],
    documents: &mut dyn Documents,
) -> Result<(Report, Vec<Slot>, Inputs), Stop> {
    let source = &question.request.source;
    let own = std::slice::from_ref(&source.region);
    let regions = if regions.is_empty() { own } else { regions };
    let mut inputs = Inputs::new();
    let found = loop {
        let found = inventory::of(&source.account, regions, &inputs, &question.facts);
        if found.wanted.is_empty() {
            break found;
        }
        documents.load(&found.wanted, &mut inputs)?;
    };
    let requests: Vec<Request> =
        found.plans.iter().map(|(region, id)| question.of_plan(region, id)).collect();
    let (judged, inputs) =
        judge_all(&requests, inputs, documents, (&question.facts, &question.settings))?;
    Ok((whole(judged), found.slots, inputs))
}

/// One report of all plans. A plan without copies says nothing.
fn whole(judged: Vec<Judged>) -> Report {
    let mut whole = Report {
        verdict: Verdict::Undecided,
        certainty: Certainty::Documented,
        copies: Vec::new(),
        unjudged: Vec::new(),
        wanted: BTreeSet::new(),
        asked: BTreeSet::new(),
    };
    let says = |one: &Judged| one.plan.incomplete || !one.report.copies.is_empty();
    let reports = judged.into_iter().filter(says).map(|one| one.report);
    for (index, mut report) in reports.enumerate() {
        if index == 0 || report.verdict > whole.verdict {
            (whole.verdict, whole.certainty) = (report.verdict, report.certainty);
        }
        whole.copies.append(&mut report.copies);
        whole.asked.append(&mut report.asked);
    }
    whole
}
