//! The documents of a run, each under its address.

mod address;
pub mod api;
mod document;
mod fetched;
mod located;

pub use address::{Address, Call, encode_name, quoted};
pub use api::{ApiCall, CALLS, Side};
pub use document::{Answer, PolicyDocument};
pub use fetched::{CallRecord, ErrorAnswer, Fetched};
pub(crate) use located::object;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::Node;

/// All documents of a run and the texts they stand in.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The texts.
    pub sources: Sources,
    entries: HashMap<Address, Entry>,
    problems: Vec<Problem>,
    /// The names of texts that the user gave by themselves, outside any snapshot.
    given: BTreeSet<String>,
    /// The calls that answered, for what was fetched in this run.
    calls: BTreeMap<Address, CallRecord>,
}

/// What is known of one address.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The answer was read.
    Present(Box<Answer>),
    /// There is none to read.
    Absent(Absence),
}

/// Why an answer is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The reason.
    pub why: Why,
    /// The code of the error that AWS gave.
    pub code: Option<String>,
    /// What AWS said.
    pub message: Option<String>,
    /// Where a file says so.
    pub place: Option<Span>,
}

/// Reasons why an answer is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// AWS refused the call.
    Denied,
    /// Nobody asked AWS.
    NotFetched,
    /// The user gave no such thing.
    NotGiven,
    /// AWS answered that it does not exist.
    NotFound,
    /// The answer is there and cannot be read.
    Unreadable,
}

impl Why {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotFetched => "not-fetched",
            Self::NotGiven => "not-given",
            Self::NotFound => "not-found",
            Self::Unreadable => "unreadable",
        }
    }
}

/// An input that could not be read as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or answer.
    pub name: String,
    /// What is wrong.
    pub message: String,
    /// Where, for a text that was read.
    pub place: Option<Span>,
    /// How many more problems of this kind the input has that are not told one by one.
    pub more: usize,
}

/// How many problems of one text are told one by one.
const TOLD: usize = 20;

impl Inputs {
    /// No documents yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of an address; `None` where nobody looked.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Entry> {
        self.entries.get(address)
    }

    /// The call that answered at an address, where it was made in this run.
    #[must_use]
    pub fn call(&self, address: &Address) -> Option<&CallRecord> {
        self.calls.get(address)
    }

    /// All addresses that were looked at, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (&Address, &Entry)> {
        self.entries.iter()
    }

    /// What could not be read, in the order of reading.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Adds an answer as text: what `aws … --output json` prints. `name` is its path or call.
    pub fn insert_answer(&mut self, address: Address, name: &str, text: &str) {
        let file = self.sources.add(name, text);
        let reading = json::read(file, text);
        let broken = self.tell(&reading.problems);
        let entry = if broken {
            Entry::Absent(Absence {
                why: Why::Unreadable,
                code: None,
                message: None,
                place: Some(reading.root.span),
            })
        } else {
            let policy = address
                .policy_member()
                .and_then(|path| document::policy(self, file, &reading.root, path));
            let listing = address.listing();
            Entry::Present(Box::new(Answer::new(file, reading.root, policy, listing)))
        };
        self.entries.insert(address, entry);
    }

    /// Reads a file that the user gave by itself, such as a backup plan; `None` where it is not
    /// JSON, which the problems then tell.
    pub fn read_given(&mut self, path: &str, text: &str) -> Option<Node> {
        let file = self.sources.add(path, text);
        self.given.insert(path.to_owned());
        let reading = json::read(file, text);
        let broken = self.tell(&reading.problems);
        (!broken).then_some(reading.root)
    }

    /// Whether a text is a file that the user gave by itself.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Notes what could not be used of a text that was read.
    pub fn add_problems(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    /// Adds an error answer as text: `{"code": …, "message": …}`.
    pub fn insert_error(&mut self, address: Address, name: &str, text: &str) {
        let file = self.sources.add(name, text);
        let reading = json::read(file, text);
        let broken = self.tell(&reading.problems);
        let member =
            |key: &str| reading.root.member(key).and_then(|node| node.as_str()).map(str::to_owned);
        let (code, message) = (member("code"), member("message"));
        let why = match &code {
            None => {
                if !broken {
                    self.problem(name, "an error file has a `code` and a `message`".to_owned());
                }
                Why::Unreadable
            }
            Some(code) if address.is_absence(code) => Why::NotFound,
            Some(code) if is_refusal(code) => Why::Denied,
            Some(_) => Why::NotFetched,
        };
        let place = reading.root.member("code").map_or(reading.root.span, |node| node.span);
        let absence = Absence { why, code, message, place: Some(place) };
        self.entries.insert(address, Entry::Absent(absence));
    }

    /// Notes that there is no answer.
    pub fn insert_absent(&mut self, address: Address, why: Why) {
        self.entries.insert(
            address,
            Entry::Absent(Absence { why, code: None, message: None, place: None }),
        );
    }

    /// Notes that an answer is there and is no text that could be read.
    pub fn insert_unreadable(&mut self, address: Address, name: &str, message: String) {
        self.problem(name, message);
        self.insert_absent(address, Why::Unreadable);
    }

    /// Forgets an address, as if nobody had looked.
    pub fn remove(&mut self, address: &Address) -> Option<Entry> {
        self.entries.remove(address)
    }

    /// Notes an input that could not be read.
    pub fn problem(&mut self, name: &str, message: String) {
        self.problems.push(Problem { name: name.to_owned(), message, place: None, more: 0 });
    }

    /// Notes the problems of a text; true where one of them is a mistake of syntax.
    fn tell(&mut self, problems: &[json::Problem]) -> bool {
        for problem in problems.iter().take(TOLD) {
            let name = self.sources.get(problem.span.source).map(|source| source.name.clone());
            self.problems.push(Problem {
                name: name.unwrap_or_default(),
                message: problem.to_string(),
                place: Some(problem.span),
                more: 0,
            });
        }
        if problems.len() > TOLD
            && let Some(last) = self.problems.last_mut()
        {
            last.more = problems.len() - TOLD;
        }
        // A byte order mark, which Windows tools write, leaves the text what it is.
        problems.iter().any(|problem| {
            problem.kind.is_syntax() && problem.kind != json::ProblemKind::ByteOrderMark
        })
    }
}

/// Whether an error code says that the caller may not ask.
fn is_refusal(code: &str) -> bool {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    matches!(
        code,
        "AccessDenied" | "AccessDeniedForDependency" | "UnauthorizedOperation" | "NotAuthorized"
    )
}
