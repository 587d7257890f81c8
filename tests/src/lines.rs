//! Lines for `simulate`: all decision vectors over and over, some of them malformed.

use crate::nodes;
use crate::places;
use crate::vectors;

/// One line of this many cannot be read.
const MALFORMED_EVERY: usize = 100;

/// The vector files whose decisions are asked.
const FILES: [&str; 2] = ["vectors/policy-vectors.json", "vectors/decisions.json"];

/// A line without its line end.
#[derive(Debug, Clone)]
pub struct Line {
    /// The text; bytes, because some lines are not UTF-8.
    pub bytes: Vec<u8>,
    /// The case that was asked, counted from 0.
    pub case: usize,
    /// What is wrong with the line.
    pub fault: Option<Fault>,
}

/// Ways in which a line cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends in the middle.
    Truncated,
    /// It is a list.
    NoObject,
    /// The request has no action.
    NoAction,
    /// A byte is not UTF-8.
    NoText,
    /// `request` stands twice.
    Twice,
}

const FAULTS: [Fault; 5] =
    [Fault::Truncated, Fault::NoObject, Fault::NoAction, Fault::NoText, Fault::Twice];

/// All decision vectors, each split around its id.
#[derive(Debug)]
pub struct Cases(Vec<(String, String)>);

impl Cases {
    /// Reads the cases of our own fixtures, which hold those of the shared data too.
    ///
    /// # Panics
    /// Where a case has no id.
    #[must_use]
    pub fn read() -> Self {
        let mut cases = Vec::new();
        for file in FILES {
            for vector in vectors::of_kind(&places::fixture(file), "decision") {
                let id = nodes::json(&vector.line).member("id").expect("an id").span.range();
                let (before, after) = (&vector.line[..id.start], &vector.line[id.end..]);
                cases.push((before.to_owned(), after.to_owned()));
            }
        }
        Self(cases)
    }

    /// How many cases there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// A case under another id.
    #[must_use]
    pub fn renamed(&self, case: usize, id: &str) -> String {
        let (before, after) = &self.0[case];
        format!("{before}\"{id}\"{after}")
    }

    /// The line with this number, counted from 0; its id is `line-` and the number.
    #[must_use]
    pub fn line(&self, number: usize) -> Line {
        let case = number % self.count();
        let text = self.renamed(case, &id(number));
        // The last line of each hundred, so that each kind of fault meets every case in time.
        let fault = (number % MALFORMED_EVERY == MALFORMED_EVERY - 1)
            .then(|| FAULTS[(number / MALFORMED_EVERY) % FAULTS.len()]);
        let bytes = match fault {
            None => text.into_bytes(),
            Some(fault) => break_line(&text, fault),
        };
        Line { bytes, case, fault }
    }
}

/// The id of the line with this number.
#[must_use]
pub fn id(number: usize) -> String {
    format!("line-{number}")
}

fn break_line(text: &str, fault: Fault) -> Vec<u8> {
    match fault {
        Fault::Truncated => text.as_bytes()[..text.len() * 2 / 3].to_vec(),
        Fault::NoObject => format!("[{text}]").into_bytes(),
        Fault::NoAction => text.replacen("\"action\"", "\"deed\"", 1).into_bytes(),
        Fault::NoText => {
            let mut bytes = text.as_bytes().to_vec();
            bytes.insert(bytes.len() / 2, 0xff);
            bytes
        }
        Fault::Twice => text.replacen('{', "{\"request\": {}, ", 1).into_bytes(),
    }
}
