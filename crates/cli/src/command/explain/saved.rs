//! Failed copies and a snapshot: its jobs, and which cause its documents show.

use std::rc::Rc;

use copy_preflight_rules::check::Settings;
use copy_preflight_rules::explanation::{self, Explanation, confirm};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::incident::{Incident, JobKind};
use copy_preflight_rules::inputs::{Address, Inputs};

use super::{failed_since, is_job, named_only, of_entry, request, with_job};
use crate::command::judge::judge;
use crate::output::explanation::{Evidence, Explained};
use crate::snapshot::Snapshot;

/// A copy job of a snapshot.
pub(super) fn copy_job(snapshot: &Snapshot, id: &str) -> Vec<Incident> {
    let wanted = snapshot.copy_jobs().into_iter().find(|address| is_job(address, id));
    match wanted {
        Some(address) => of_address(snapshot, &address),
        None => {
            let mut incident =
                Incident::unreadable(format!("the snapshot holds no copy job `{id}`"));
            incident.next.push("this command prints it; explain its output:".to_owned());
            incident.next.push(JobKind::Copy.command(id, Some("REGION")));
            vec![incident]
        }
    }
}

fn of_address(snapshot: &Snapshot, address: &Address) -> Vec<Incident> {
    let mut inputs = Inputs::new();
    snapshot.load(address, &mut inputs);
    of_entry(inputs.get(address), address, || address.path())
}

/// The failed copy jobs of a snapshot.
pub(super) fn failed(snapshot: &Snapshot, since: Option<jiff::Timestamp>) -> Vec<Incident> {
    let jobs = snapshot.copy_jobs();
    failed_since(jobs.iter().flat_map(|address| of_address(snapshot, address)), since)
}

/// Explains, and asks the documents of the snapshot which cause holds.
pub(super) fn explain(
    incident: Incident,
    snapshot: &Snapshot,
    facts: &Facts,
    settings: &Settings,
) -> Explained {
    let found = named_only(&incident).and_then(|id| {
        let address = snapshot.copy_jobs().into_iter().find(|address| is_job(address, id))?;
        Some(of_address(snapshot, &address))
    });
    let incident = with_job(incident, found.unwrap_or_default());
    let mut explanation = explanation::explain(&incident, facts);
    let evidence = evidence(&incident, &mut explanation, snapshot, facts, settings);
    Explained { incident, explanation, evidence }
}

fn evidence(
    incident: &Incident,
    explanation: &mut Explanation,
    snapshot: &Snapshot,
    facts: &Facts,
    settings: &Settings,
) -> Option<Box<Evidence>> {
    let request = request(incident, explanation)?;
    let judged = judge(&request, Inputs::new(), &mut snapshot.clone(), facts, settings);
    let (report, inputs) = judged.ok()?;
    confirm(explanation, &report);
    Some(Box::new(Evidence { report, inputs: Rc::new(inputs) }))
}
