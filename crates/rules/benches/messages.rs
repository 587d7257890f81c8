//! How long it takes to recognise what AWS says: one message, and ten megabytes.
//!
//! `cargo bench -p copy-preflight-rules --bench messages`

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench measures, prints its figures and may stop"
)]

use std::hint::black_box;
use std::time::Instant;

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::message::recognise;

const MESSAGE: &str = "Access denied: Copy job failed. Both source and destination account must be a member of the \
    same organization.";
const PROSE: &str =
    "You have reached your quota of 1 for the number of public. The end of it: Error. ";

fn main() {
    let begin = Instant::now();
    let all = Facts::embedded().expect("the facts that ship are well formed");
    println!("all facts read in {:?}", begin.elapsed());
    let begin = Instant::now();
    black_box(Facts::of_rules().expect("the facts that ship are well formed"));
    println!("facts of rules read in {:?}", begin.elapsed());

    let times = 10_000;
    let begin = Instant::now();
    for _ in 0..times {
        assert!(recognise(black_box(MESSAGE), &all).is_some());
    }
    println!("one message in {:?}", begin.elapsed() / times);

    let text = format!("{}{MESSAGE}", PROSE.repeat(10_000_000 / PROSE.len()));
    let begin = Instant::now();
    assert!(recognise(black_box(&text), &all).is_some());
    println!("ten megabytes in {:?}", begin.elapsed());
}
