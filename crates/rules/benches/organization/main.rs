//! An organization of many accounts: effective policies, every copy that they plan, the matrix.
//!
//! One run, not a loop: the work is seconds long. From a snapshot in memory, some accounts at a
//! time on all cores, as the command does it. Prints what was made, how long the effective
//! policies alone took and how long all took, the matrix, and the peak of memory.
//!
//! `cargo bench -p copy-preflight-rules --bench organization -- [ACCOUNTS] [--causes] [--digest]`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench measures, prints its figures and may stop"
)]

mod world;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use copy_preflight_rules::check::Settings;
use copy_preflight_rules::effective::snapshot::{self, Organization};
use copy_preflight_rules::effective::{Limits, Merges};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::matrix::{Matrix, POLICY_TYPE, Part, Survey};

use world::World;

/// How many accounts are judged together, as the command does it.
const TOGETHER: usize = 32;

fn main() {
    let accounts =
        std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(10_000_usize);
    let asked = |flag: &str| std::env::args().any(|word| word == flag);
    let facts = Facts::embedded().unwrap();
    let settings = Settings { now: "2026-11-22T00:00:00Z".parse().ok(), ..Settings::default() };
    let world = World::new(accounts);
    println!("{accounts} accounts, {} answers", world.answers());

    let (started, before) = (Instant::now(), processor_seconds());
    let shared = world.shared().shared();
    let limits = Limits::of(&facts);
    let organization = Organization::read(&shared, POLICY_TYPE, limits);
    let ids = snapshot::accounts(&shared);
    println!("read what they share in {:.2?}", started.elapsed());

    let effective = Instant::now();
    let mut merges = Merges::new(limits);
    let planned: usize =
        ids.iter().map(|id| merges.judge(&organization.given(id).unwrap()).copies.len()).sum();
    println!(
        "effective policies in {:.2?} on one thread: {planned} copy actions",
        effective.elapsed()
    );

    let survey = Survey {
        shared: &shared,
        organization: &organization,
        facts: &facts,
        settings: &settings,
        units: &[],
        destinations: &[],
    };
    let of = |chunk: &[String], merges: &mut Merges| {
        survey.of(chunk, merges, &|wanted, inputs| world.load(wanted, inputs))
    };
    if asked("--digest") {
        let mut hasher = DefaultHasher::new();
        for chunk in ids.chunks(TOGETHER) {
            let Part { copies, .. } = of(chunk, &mut merges);
            for (_, planned, judged) in copies {
                format!("{:?}", judged.report(&planned)).hash(&mut hasher);
            }
        }
        // Two versions of the tool with the same digest say the same of every copy.
        println!("digest of all reports {:016x}", hasher.finish());
    }

    let judging = (Instant::now(), processor_seconds());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let chunks: Vec<&[String]> = ids.chunks(TOGETHER).collect();
    let (chunks, next, of) = (&chunks, &next, &of);
    let matrix = std::thread::scope(|scope| {
        let work = move || {
            let (mut merges, mut matrix) = (Merges::new(limits), Matrix::default());
            while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                matrix.merge(of(chunk, &mut merges).matrix);
            }
            matrix
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut matrix = Matrix::default();
        workers.into_iter().for_each(|worker| matrix.merge(worker.join().unwrap()));
        matrix
    });
    let copies = matrix.total.all();
    println!(
        "read, planned and judged {copies} copies in {:.2?} on {threads} threads, {:.1} microseconds of processor time a copy",
        judging.0.elapsed(),
        (processor_seconds() - judging.1) * 1e6 / copies as f64
    );
    println!("{:?}", matrix.total);
    println!(
        "all in {:.2?}, {:.2} s of processor time",
        started.elapsed(),
        processor_seconds() - before
    );
    if asked("--causes") {
        for (key, cause) in matrix.by_weight() {
            let rule = key.rule.as_deref().unwrap_or_default();
            let (places, accounts) = (cause.places.len(), cause.accounts.len());
            println!(
                "{:>7} of {accounts} accounts, {places} places: {:?} {rule} {}",
                cause.copies, key.verdict, key.reason
            );
        }
    }
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
