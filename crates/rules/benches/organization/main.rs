//! An organization of many accounts: every planned copy through every rule.
//!
//! One run, not a loop: the work is seconds long. Prints what was made, how long reading and
//! judging took on all cores, and the peak of memory.
//!
//! `cargo bench -p copy-preflight-rules --bench organization -- [ACCOUNTS] [--explain] [--digest]`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench measures, prints its figures and may stop"
)]

mod world;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use copy_preflight_rules::check::{Settings, Verdict, judge};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, Why};
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::plan::Planned;
use copy_preflight_rules::run::Run;

use world::World;

fn main() {
    let accounts =
        std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(10_000_usize);
    let facts = Facts::embedded().unwrap();
    let settings = Settings { now: "2026-11-22T00:00:00Z".parse().ok(), ..Settings::default() };

    let started = Instant::now();
    let World { mut inputs, copies, .. } = World::new(accounts);
    println!("{accounts} accounts, {} planned copies", copies.len());
    // What a rule asks for and the world does not hold is absent, as a snapshot would say.
    let sample = copies.iter().take(200).chain(copies.iter().rev().take(200));
    let run = Run::new(&inputs, &facts, &settings);
    let wanted: Vec<Address> = sample
        .flat_map(|planned| judge(planned, &run).wanted().cloned().collect::<Vec<_>>())
        .collect();
    let absent = wanted.len();
    for address in wanted {
        inputs.insert_absent(address, Why::NotFetched);
    }
    println!("made and read in {:.2?} ({absent} addresses absent in a sample)", started.elapsed());

    let run = || Run::new(&inputs, &facts, &settings);
    if std::env::args().any(|word| word == "--explain") {
        explain(&copies, &run());
    }
    if std::env::args().any(|word| word == "--digest") {
        println!("digest of all reports {:016x}", digest(&copies, &run()));
    }

    let (started, before) = (Instant::now(), processor_seconds());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let (next, copies, run) = (&next, &copies, &run);
    let totals = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
                    loop {
                        let begin = next.fetch_add(256, Ordering::Relaxed);
                        let Some(chunk) = copies.get(begin..copies.len().min(begin + 256)) else {
                            break;
                        };
                        if chunk.is_empty() {
                            break;
                        }
                        let run = run();
                        for planned in chunk {
                            // Folded as it comes: no report outlives its copy.
                            let report = judge(planned, &run);
                            *counts.entry(report.verdict).or_default() += 1;
                        }
                    }
                    counts
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(
            BTreeMap::new(),
            |mut all, one| {
                for (verdict, count) in one {
                    *all.entry(verdict).or_insert(0) += count;
                }
                all
            },
        )
    });
    let took = started.elapsed();
    println!(
        "judged in {took:.2?} on {threads} threads, {:.1} microseconds of processor time a copy: {totals:?}",
        (processor_seconds() - before) * 1e6 / copies.len() as f64
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        println!("{}", peak.unwrap_or_default());
    }
}

/// The time that the process ran on a processor, which other processes do not lengthen; 0 where
/// the system does not tell.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    // The 14th and 15th field of the line, in hundredths of a second.
    let ticks = behind_name.split(' ').skip(11).take(2).filter_map(|one| one.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// What keeps copies from being clear: how often each rule gives which outcome and reason.
fn explain(copies: &[Planned], run: &Run<'_>) {
    let mut counts: BTreeMap<(String, &str, Option<&str>), usize> = BTreeMap::new();
    for planned in copies {
        for one in judge(planned, run).outcomes() {
            if !matches!(one.outcome.kind, OutcomeKind::Holds | OutcomeKind::NotApplicable) {
                let key = (one.rule.id(), one.outcome.kind.word(), one.outcome.reason);
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    for ((rule, kind, reason), count) in counts {
        println!("{count:>7}  {rule} {kind} {}", reason.unwrap_or_default());
    }
}

/// Two versions of the tool with the same digest say the same of every copy.
fn digest(copies: &[Planned], run: &Run<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for planned in copies {
        format!("{:?}", judge(planned, run).report(planned)).hash(&mut hasher);
    }
    hasher.finish()
}
