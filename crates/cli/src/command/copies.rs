//! `org copies`: every copy that backup policies plan, through every gate.
//!
//! Accounts are judged some at a time: their documents are read, their copies judged and folded,
//! and all of it is let go before the next ones. What an organization has in common stays.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::check::{Report, Verdict};
use copy_preflight_rules::effective::snapshot::{self, Organization};
use copy_preflight_rules::effective::{Limits, Merges};
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::inputs::{Address, Inputs, Problem};
use copy_preflight_rules::matrix::{Matrix, POLICY_TYPE, Part, Survey};

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
    let organization = Organization::read(&shared, POLICY_TYPE, Limits::of(&facts));
    let survey = Survey {
        shared: &shared,
        organization: &organization,
        facts: &facts,
        settings: &settings,
        units: &args.ou,
        destinations: &args.destination,
    };
    let work = Work { survey, folder: &folder, format: args.format, root: &root };
    let mut delivery = Delivery::open(args.output.as_deref(), output)?;
    let mut matrix = Matrix::default();
    let mut told = BTreeSet::new();
    let mut progress = |done: usize| {
        if error_is_terminal {
            let _ = write!(error, "\r{done} of {} accounts", accounts.len());
        }
    };
    work.of_all(&accounts, |one| {
        matrix.merge(one.matrix);
        problems.extend(one.problems);
        progress(matrix.accounts);
        for line in one.lines {
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

/// Accounts on all processors, some at a time.
struct Work<'a> {
    survey: Survey<'a>,
    folder: &'a Snapshot,
    format: ListFormat,
    root: &'a str,
}

/// What is told of some accounts.
struct Told {
    matrix: Matrix,
    lines: Vec<Line>,
    problems: BTreeSet<String>,
}

impl Work<'_> {
    /// Judges all accounts, and takes what is said of them in their order.
    fn of_all(
        &self,
        accounts: &[String],
        mut take: impl FnMut(Told) -> Result<(), Failure>,
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
                    let mut merges = self.survey.organization.merges();
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
            for (number, told) in receive {
                early.insert(number, told);
                while let Some(told) = early.remove(&expected) {
                    take(told)?;
                    expected += 1;
                }
            }
            Ok(())
        })
    }

    /// Judges some accounts.
    fn of(&self, accounts: &[String], merges: &mut Merges) -> Told {
        let load = |wanted: &BTreeSet<Address>, inputs: &mut Inputs| {
            for address in wanted {
                self.folder.load(address, inputs);
            }
        };
        let Part { matrix, copies, inputs, problems: unplanned } =
            self.survey.of(accounts, merges, &load);
        let mut problems = BTreeSet::new();
        add_problems(&mut problems, &unplanned, &inputs.sources);
        add_problems(&mut problems, inputs.problems(), &inputs.sources);
        let mut lines = Lines::default();
        if self.format == ListFormat::Json {
            let none = Report {
                verdict: Verdict::Undecided,
                certainty: Certainty::Documented,
                copies: Vec::new(),
                unjudged: Vec::new(),
                asked: BTreeSet::new(),
                wanted: BTreeSet::new(),
            };
            let subject = Subject {
                report: &none,
                inputs: &inputs,
                facts: self.survey.facts,
                root: self.root,
                now: self.survey.settings.now,
            };
            for (unit, planned, judged) in &copies {
                lines.add(subject, unit, planned, judged);
            }
        }
        Told { matrix, lines: lines.into_lines(), problems }
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
