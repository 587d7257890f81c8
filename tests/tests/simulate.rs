//! `simulate` on many lines: every line is answered by itself, in order, in the memory of one.

use std::io::{BufReader, Cursor, Read};

use copy_preflight::simulate::{self, Tally};
use copy_preflight_tests::lines::{self, Cases, Fault, Line};
use copy_preflight_tests::{facts, places, vectors};
use serde_json::Value;

/// How many lines: all of them in a release build or under `COPY_PREFLIGHT_FULL=1`; otherwise
/// as many as a debug build answers in a few seconds.
fn count() -> usize {
    let full = std::env::var("COPY_PREFLIGHT_FULL").is_ok_and(|full| full == "1");
    let count = if full || !cfg!(debug_assertions) { 100_000 } else { 20_000 };
    if count < 100_000 {
        places::say("simulate: 20,000 lines in a debug build; COPY_PREFLIGHT_FULL=1 runs 100,000");
    }
    count
}

#[test]
fn every_line_is_answered_as_if_alone() {
    let (cases, count) = (Cases::read(), count());
    assert!(cases.count() >= 70 + 60, "{} cases", cases.count());
    // The answer to a case, its id apart, is the same in every line that asks it.
    let alone: Vec<Value> =
        (0..cases.count()).map(|case| vectors::simulate(&cases.renamed(case, "alone"))).collect();

    let input = BufReader::new(Stream { cases: &cases, next: 0, count, rest: Cursor::default() });
    let mut output = Vec::new();
    let tally = simulate::run(input, &mut output, facts::catalogue()).expect("memory holds it");

    let unreadable = count / 100;
    assert_eq!(tally, Tally { answered: count - unreadable, unreadable });
    let mut answers = output.split(|&byte| byte == b'\n');
    let mut faults = Vec::new();
    for number in 0..count {
        let answer = answers.next().expect("an answer for each line");
        let answer: Value = serde_json::from_slice(answer).expect("an answer is JSON");
        let line = cases.line(number);
        let mut expected = match line.fault {
            None => alone[line.case].clone(),
            Some(_) => serde_json::to_value(simulate::answer(&line.bytes, facts::catalogue()))
                .expect("an answer is JSON"),
        };
        match line.fault {
            None => {
                expected["id"] = lines::id(number).into();
                assert!(answer["error"].is_null() && answer["decision"].is_string(), "{answer}");
            }
            Some(fault) => {
                assert_refused(&answer, &line, fault, number);
                faults.push(fault);
            }
        }
        assert_eq!(answer, expected, "line {number}");
    }
    assert_eq!(answers.next(), Some(&b""[..]), "the last answer ends with a line end");
    assert_eq!(answers.next(), None);
    for fault in [Fault::Truncated, Fault::NoObject, Fault::NoAction, Fault::NoText, Fault::Twice] {
        assert!(faults.contains(&fault), "no line is {fault:?}");
    }
}

fn assert_refused(answer: &Value, line: &Line, fault: Fault, number: usize) {
    let message = answer["error"].as_str().unwrap_or_default();
    let names = match fault {
        Fault::Truncated => "column",
        Fault::NoObject => "object",
        Fault::NoAction => "request.action",
        Fault::NoText => "UTF-8",
        Fault::Twice => "`request` stands twice",
    };
    assert!(message.contains(names), "{fault:?}: {answer}");
    assert!(answer["decision"].is_null() && answer["kind"].is_null(), "{answer}");
    assert_eq!(answer["deciding"], Value::Array(Vec::new()));
    // Where the id could be read the answer can be told from the others.
    if matches!(fault, Fault::NoAction | Fault::Twice) {
        assert_eq!(answer["id"], lines::id(number).as_str(), "{:?}", line.fault);
    }
}

/// Blank lines are passed over; line ends are LF or CRLF, and the last line needs none.
#[test]
fn line_ends() {
    let cases = Cases::read();
    let (first, last) = (cases.renamed(0, "first"), cases.renamed(1, "last"));
    for input in [
        format!("{first}\n{last}\n"),
        format!("{first}\r\n{last}\r\n"),
        format!("\n \t\n{first}\n\n{last}"),
    ] {
        let mut output = Vec::new();
        let tally =
            simulate::run(input.as_bytes(), &mut output, facts::catalogue()).expect("memory");
        assert_eq!(tally, Tally { answered: 2, unreadable: 0 });
        let answers: Vec<Value> = output
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("an answer is JSON"))
            .collect();
        let ids: Vec<_> = answers.iter().map(|answer| answer["id"].as_str()).collect();
        assert_eq!(ids, [Some("first"), Some("last")]);
    }
}

#[test]
fn nothing_in_nothing_out() {
    let mut output = Vec::new();
    let tally = simulate::run(&b""[..], &mut output, facts::catalogue()).expect("memory holds it");
    assert_eq!((tally, output), (Tally::default(), Vec::new()));
}

/// The lines as a stream, so that the test holds one at a time.
struct Stream<'a> {
    cases: &'a Cases,
    next: usize,
    count: usize,
    rest: Cursor<Vec<u8>>,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.position() as usize == self.rest.get_ref().len() && self.next < self.count {
            let mut bytes = self.cases.line(self.next).bytes;
            bytes.push(b'\n');
            self.rest = Cursor::new(bytes);
            self.next += 1;
        }
        self.rest.read(buffer)
    }
}
