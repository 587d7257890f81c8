//! `org copies`: every copy that backup policies plan, through every gate.
//!
//! Accounts are judged some at a time: their documents are read, their copies judged and folded,
//! and all of it is let go before the next ones. What an organization has in common stays.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::check::{Judged, Report, Settings, Verdict, judge};
use copy_preflight_rules::effective::snapshot::{self, Organization};
use copy_preflight_rules::effective::{self, Merges};
use copy_preflight_rules::facts::{Certainty, Facts};
use copy_preflight_rules::inputs::{Address, Inputs, Problem};
use copy_preflight_rules::matrix::Matrix;
use copy_preflight_rules::plan::policy::{self, AccountPlan};
use copy_preflight_rules::plan::{Plan, Planned};
use copy_preflight_rules::run::Run;

use super::Failure;
use super::delivery::Delivery;
use super::question::settings;
use crate::args::{CopiesArgs, ListFormat};
use crate::config::Located;
use crate::output::Subject;
use crate::output::copies::json::{Line, Lines, summary};
use crate::output::copies::{Folded, human};
use crate::output::human::Style;
use crate::snapshot::Snapshot;
use crate::{Exit, Streams};

/// How many accounts are judged together. Enough that what they share is found once for many,
/// and few enough that their documents are small.
const TOGETHER: usize = 32;

const POLICY_TYPE: &str = "BACKUP_POLICY";

pub(super) fn run(
    args: &CopiesArgs,
    config: &Located,
    streams: Streams<'_>,
) -> Result<Exit, Failure> {
    let Streams { output, error, style, error_is_terminal, .. } = streams;
    let root = args.snapshot.to_string_lossy().into_owned();
    let folder = Snapshot::open(&args.snapshot)
        .map_err(|fault| Failure::Io(format!("snapshot `{root}`"), fault))?;
    let facts = super::facts_of_rules(args.judging.facts.as_deref())?;
    let settings = settings(&args.judging, config)?;
    let mut inputs = Inputs::new();
    for address in snapshot::wanted() {
        folder.load(&address, &mut inputs);
    }
    for address in snapshot::wanted_policies(&inputs) {
        folder.load(&address, &mut inputs);
    }
    let accounts = accounts(args, &inputs, &root)?;
    let mut problems = BTreeSet::new();
    add_problems(&mut problems, inputs.problems(), &inputs.sources);
    let shared = inputs.shared();
    let organization = Organization::read(&shared, POLICY_TYPE);
    let work = Work {
        args,
        folder: &folder,
        shared: &shared,
        organization: &organization,
        facts: &facts,
        settings: &settings,
        root: &root,
    };
    let mut delivery = Delivery::open(args.output.as_deref(), output)?;
    let mut matrix = Matrix::default();
    let mut told = BTreeSet::new();
    let mut progress = |done: usize| {
        if error_is_terminal {
            let _ = write!(error, "\r{done} of {} accounts", accounts.len());
        }
    };
    work.of_all(&accounts, |part| {
        matrix.merge(part.matrix);
        problems.extend(part.problems);
        progress(matrix.accounts);
        for line in part.lines {
            match line {
                Line::Outcomes(id, _) if !told.insert(id) => {}
                Line::Outcomes(_, text) | Line::Copy(text) => {
                    delivery.write(&text)?;
                    delivery.write("\n")?;
                }
            }
        }
        Ok(())
    })?;
    if error_is_terminal {
        let _ = write!(error, "\r\x1b[K");
    }
    let folded = Folded {
        matrix: &matrix,
        problems: &problems,
        facts: &facts,
        now: settings.now,
        root: &root,
    };
    match args.format {
        ListFormat::Json => {
            delivery.write(&summary(folded))?;
            delivery.write("\n")?;
        }
        ListFormat::Human => {
            let style = if args.output.is_some() { Style::PLAIN } else { style };
            delivery.write(&human::copies(folded, style))?;
        }
    }
    delivery.finish()?;
    Ok(match matrix.verdict() {
        _ if args.exit_zero => Exit::Fine,
        Verdict::Clear => Exit::Fine,
        Verdict::Blocked => Exit::Failed,
        Verdict::Undecided => Exit::Undecided,
    })
}

/// The accounts that are asked for, each by its id.
fn accounts(args: &CopiesArgs, inputs: &Inputs, root: &str) -> Result<Vec<String>, Failure> {
    let listed = snapshot::accounts(inputs);
    if listed.is_empty() {
        return Err(Failure::Usage(format!("snapshot `{root}` lists no account")));
    }
    if let Some(unknown) = args.account.iter().find(|account| !listed.contains(account)) {
        return Err(Failure::Usage(format!("snapshot `{root}` lists no account `{unknown}`")));
    }
    let is_asked_for = |(place, account): &(usize, String)| {
        let named = args.account.is_empty() || args.account.contains(account);
        named && args.shard.is_none_or(|shard| shard.holds(*place))
    };
    Ok(listed.into_iter().enumerate().filter(is_asked_for).map(|(_, account)| account).collect())
}

/// What all accounts are judged with.
struct Work<'a> {
    args: &'a CopiesArgs,
    folder: &'a Snapshot,
    shared: &'a Arc<Inputs>,
    organization: &'a Organization<'a>,
    facts: &'a Facts,
    settings: &'a Settings,
    root: &'a str,
}

/// What is said of some accounts.
#[derive(Default)]
struct Part {
    matrix: Matrix,
    lines: Vec<Line>,
    problems: BTreeSet<String>,
}

/// An account with the copies that its policies plan.
struct Account {
    judged: effective::Judged,
    /// The root or OU that it stands in.
    unit: String,
    plan: AccountPlan,
}

impl Work<'_> {
    /// Judges all accounts on all processors, and takes what is said of them in their order.
    fn of_all(
        &self,
        accounts: &[String],
        mut take: impl FnMut(Part) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let chunks: Vec<&[String]> = accounts.chunks(TOGETHER).collect();
        let workers = thread::available_parallelism().map_or(1, NonZero::get).min(chunks.len());
        let next = AtomicUsize::new(0);
        let (chunks, next) = (&chunks, &next);
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(2 * workers.max(1));
            for _ in 0..workers {
                let send = send.clone();
                scope.spawn(move || {
                    let mut merges = Merges::default();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(chunk) = chunks.get(number) else { break };
                        // Nobody listens any more where the output went away.
                        if send.send((number, self.of(chunk, &mut merges))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            let mut early = BTreeMap::new();
            let mut expected = 0;
            for (number, part) in receive {
                early.insert(number, part);
                while let Some(part) = early.remove(&expected) {
                    take(part)?;
                    expected += 1;
                }
            }
            Ok(())
        })
    }

    /// Judges some accounts.
    fn of(&self, accounts: &[String], merges: &mut Merges) -> Part {
        let mut part = Part::default();
        let mut judged = Vec::new();
        for account in accounts {
            part.matrix.accounts += 1;
            match self.organization.given(account) {
                Ok(given) => {
                    let ids: Vec<&str> =
                        given.path.iter().map(|level| level.target.as_str()).collect();
                    let asked = &self.args.ou;
                    if !asked.is_empty() && !asked.iter().any(|ou| ids.contains(&ou.as_str())) {
                        part.matrix.accounts -= 1;
                        continue;
                    }
                    let unit = ids.iter().rev().nth(1).copied().unwrap_or_default().to_owned();
                    judged.push((merges.judge(&given), unit));
                }
                Err(faults) => part.matrix.add_unjudged(account, faults),
            }
        }
        let mut inputs = Inputs::over(self.shared);
        let accounts = self.plan(judged, &mut inputs);
        let mut copies = Vec::new();
        for account in accounts {
            self.note(&account, &mut part.matrix);
            let Plan { copies: planned, problems, .. } = account.plan.plan;
            add_problems(&mut part.problems, &problems, &inputs.sources);
            copies.extend(planned.into_iter().map(|planned| (account.unit.clone(), planned)));
        }
        let judged = self.judge(&copies, &mut inputs);
        add_problems(&mut part.problems, inputs.problems(), &inputs.sources);
        let none = Report {
            verdict: Verdict::Undecided,
            certainty: Certainty::Documented,
            copies: Vec::new(),
            unjudged: Vec::new(),
            wanted: BTreeSet::new(),
        };
        let subject = Subject {
            report: &none,
            inputs: &inputs,
            facts: self.facts,
            root: self.root,
            now: self.settings.now,
        };
        let mut lines = Lines::default();
        for ((unit, planned), judged) in copies.iter().zip(&judged) {
            part.matrix.add(unit, planned, judged, &inputs);
            if self.args.format == ListFormat::Json {
                lines.add(subject, unit, planned, judged);
            }
        }
        part.lines = lines.into_lines();
        part
    }

    /// Plans the copies of accounts; reads what the plans need.
    fn plan(&self, judged: Vec<(effective::Judged, String)>, inputs: &mut Inputs) -> Vec<Account> {
        let mut accounts: Vec<Account> = judged
            .into_iter()
            .map(|(judged, unit)| Account { judged, unit, plan: AccountPlan::default() })
            .collect();
        loop {
            let mut wanted = BTreeSet::new();
            for account in &mut accounts {
                let destinations = &self.args.destination;
                account.plan = policy::plan(&account.judged, destinations, inputs, self.facts);
                wanted.append(&mut account.plan.plan.wanted);
            }
            if wanted.is_empty() {
                return accounts;
            }
            self.load(&wanted, inputs);
        }
    }

    /// What an account plans that is no copy to judge.
    fn note(&self, account: &Account, matrix: &mut Matrix) {
        for one in &account.plan.unplanned {
            matrix.add_unplanned(one.clone());
        }
        if account.judged.copies.is_empty() {
            let effective = &account.judged.effective;
            let why = if snapshot::is_enabled(self.shared, POLICY_TYPE) == Some(false) {
                "backup policies are not enabled on the root"
            } else if !effective.attached {
                "no backup policy is attached to it or above it"
            } else {
                "its effective backup policy plans no copy"
            };
            matrix.add_quiet(&account.judged.account, why.to_owned());
        }
    }

    /// Judges copies, reads what was wanted, and judges those again that wanted it.
    fn judge(&self, copies: &[(String, Planned)], inputs: &mut Inputs) -> Vec<Judged> {
        let mut found: Vec<Judged> = {
            let run = Run::new(inputs, self.facts, self.settings);
            copies.iter().map(|(_, planned)| judge(planned, &run)).collect()
        };
        loop {
            let wanted: BTreeSet<Address> =
                found.iter().flat_map(Judged::wanted).cloned().collect();
            if wanted.is_empty() {
                return found;
            }
            self.load(&wanted, inputs);
            // What wanted nothing asked for nothing that was read now: it stays as it is.
            let run = Run::new(inputs, self.facts, self.settings);
            for (judged, (_, planned)) in found.iter_mut().zip(copies) {
                if !judged.wanted().is_empty() {
                    *judged = judge(planned, &run);
                }
            }
        }
    }

    fn load(&self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) {
        for address in wanted {
            self.folder.load(address, inputs);
        }
    }
}

/// Notes problems, each with its place.
fn add_problems(told: &mut BTreeSet<String>, problems: &[Problem], sources: &Sources) {
    for problem in problems {
        let place = problem.place.map(|span| sources.outermost(span)).and_then(|span| {
            let position = sources.get(span.source)?.position(span.start);
            Some(format!(":{}:{}", position.line, position.column))
        });
        let more = match problem.more {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let place = place.unwrap_or_default();
        told.insert(format!("{}{place}: {}{more}", problem.name, problem.message));
    }
}
