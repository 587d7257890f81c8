//! What AWS says when a copy fails, recognised.
//!
//! A text is taken apart into words, freed of how it was pasted: the label of the console, the
//! prefix of a log, quotes, what an SDK puts around it. Then the stems of `messages.toml` are laid
//! against every place where a message can begin. A stem has to be there whole, from the beginning
//! of a sentence to the end of one: a text that is a word off is another text, and nothing is said
//! of it.

mod captured;
pub mod placeholder;
mod row;
mod stem;
mod words;

pub use captured::Captured;
pub use row::{Basis, CLASSES, CauseRow, KINDS, MessageRow, Quota, Side};
pub use stem::Stem;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::facts::{Facts, FactsError, ManagedPolicy, Row, Step};
use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{Action, Effect};
use words::Words;

/// A text that AWS says, and what it carries.
#[derive(Debug, Clone)]
pub struct Recognised<'f> {
    /// The message, with its causes.
    pub row: &'f MessageRow,
    /// The stem that was found.
    pub stem: &'f Stem,
    /// What the text carries besides.
    pub captured: Captured,
}

/// Recognises what AWS says. `None` for a text that no row has: nothing is guessed.
///
/// Of several stems the one with the most words is meant, then the one that begins first. Takes
/// time in proportion to the length of the text.
#[must_use]
pub fn recognise<'f>(text: &str, facts: &'f Facts) -> Option<Recognised<'f>> {
    let words = Words::read(text);
    let mut best: Option<Found<'f>> = None;
    find(&words, facts, |found| {
        let better = best.as_ref().is_none_or(|best| found.specificity() > best.specificity());
        if better {
            best = Some(found);
        }
    });
    best.and_then(|found| found.recognised(&words, facts))
}

/// Every row whose message the text has, the one that is meant first.
#[must_use]
pub fn recognise_all<'f>(text: &str, facts: &'f Facts) -> Vec<Recognised<'f>> {
    let words = Words::read(text);
    let mut all: Vec<Found<'f>> = Vec::new();
    find(&words, facts, |found| {
        match all.iter_mut().find(|other| std::ptr::eq(other.row, found.row)) {
            Some(other) if found.specificity() > other.specificity() => *other = found,
            Some(_) => {}
            None => all.push(found),
        }
    });
    all.sort_by_key(|found| std::cmp::Reverse(found.specificity()));
    all.into_iter().filter_map(|found| found.recognised(&words, facts)).collect()
}

struct Found<'f> {
    row: &'f MessageRow,
    stem: &'f Stem,
    filled: stem::Filled,
    /// The words that are the message.
    place: Range<usize>,
}

impl<'f> Found<'f> {
    fn specificity(&self) -> usize {
        self.stem.specificity()
    }

    /// `None` where an SDK says that a call failed which no job makes.
    fn recognised(self, words: &Words<'_>, facts: &Facts) -> Option<Recognised<'f>> {
        let captured = Captured::read(words, &self.filled, self.place);
        let table = facts.message_table();
        let foreign = |operation: &String| !table.is_job_operation(facts, operation);
        if captured.operation.as_ref().is_some_and(foreign) {
            return None;
        }
        Some(Recognised { row: self.row, stem: self.stem, captured })
    }
}

/// Calls `each` for every stem that the text has where a message can begin.
fn find<'f>(words: &Words<'_>, facts: &'f Facts, mut each: impl FnMut(Found<'f>)) {
    let table = facts.message_table();
    let accepts = |action: &str| table.is_job_action(facts, action);
    let mut places = Places::new();
    for at in 0..words.len() {
        let Some(beginning) = places.beginning(words, at) else { continue };
        for (row, stem) in table.beginning_with(words.folded(at)) {
            let Some((filled, end)) = stem.matches(words, at, &accepts) else { continue };
            // A few words stand in many a text: they have to be all of it.
            let whole = beginning == Beginning::Message && stem::is_over(words, end);
            if whole || stem.specificity() > FEW {
                each(Found { row, stem, filled, place: at..end });
            }
        }
    }
}

/// A stem with no more words than this is no message where other sentences stand beside it.
const FEW: usize = 5;

/// What begins at a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// The message: only labels, the prefix of a log or an SDK's words stand before it.
    Message,
    /// A sentence after another.
    Sentence,
}

/// Where a message can begin, asked word by word.
struct Places {
    /// The first word of the sentence, label or field that is being read.
    segment: usize,
    /// Whether that segment names an error.
    of_error: bool,
    /// Whether all words so far belong to the prefix of a log.
    in_prefix: bool,
    /// Whether the text begins with a time or a level.
    is_log: bool,
    /// Whether a sentence has ended.
    after_sentence: bool,
}

/// Words that say that what follows the colon is the message.
const OF_ERRORS: [&str; 9] = [
    "error",
    "exception",
    "operation",
    "failed",
    "fault",
    "reason",
    "message",
    "statusmessage",
    "because",
];
const LEVELS: [&str; 12] = [
    "trace",
    "debug",
    "info",
    "information",
    "notice",
    "warn",
    "warning",
    "error",
    "err",
    "critical",
    "fatal",
    "severe",
];
/// A label has few words: before a longer sentence with a colon stands prose.
const LABEL: usize = 6;
/// What an SDK puts before a message is longer.
const WRAPPER: usize = 10;
/// The prefix of a log ends somewhere.
const PREFIX: usize = 12;

impl Places {
    fn new() -> Self {
        Self { segment: 0, of_error: false, in_prefix: true, is_log: false, after_sentence: false }
    }

    fn beginning(&mut self, words: &Words<'_>, at: usize) -> Option<Beginning> {
        let begins = self.begins(words, at);
        if begins {
            self.segment = at;
            self.of_error = false;
        }
        if self.in_prefix {
            let word = words.folded(at);
            let of_prefix = LEVELS.contains(&word) || is_stamp(word, at == 0);
            self.is_log |= at == 0 && of_prefix;
            self.in_prefix = of_prefix && at < PREFIX;
        }
        // Only the first words of a segment make it a label.
        if at - self.segment < WRAPPER && !self.of_error {
            let word = words.folded(at);
            self.of_error = OF_ERRORS.contains(&word) || word.ends_with("exception");
        }
        let after_sentence = self.after_sentence;
        self.after_sentence |= words.word(at).is_some_and(|word| word.stop);
        match (begins, after_sentence) {
            (false, _) => None,
            (true, false) => Some(Beginning::Message),
            // The value of a field is a text of its own.
            (true, true) if words.word(at).is_some_and(|word| word.value) => {
                Some(Beginning::Message)
            }
            (true, true) => Some(Beginning::Sentence),
        }
    }

    fn begins(&self, words: &Words<'_>, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| words.word(before)) else {
            return true;
        };
        let Some(word) = words.word(at) else { return false };
        let length = at - self.segment;
        let labelled = length <= LABEL || (self.of_error && length <= WRAPPER);
        before.stop
            || word.value
            || self.in_prefix
            || ((before.colon || before.semicolon) && labelled)
            || (word.dash && (length == 1 || (self.is_log && labelled)))
    }
}

/// A time, a process, a thread, a field: a word that no sentence begins with.
fn is_stamp(word: &str, first: bool) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let digit = word.bytes().any(|byte| byte.is_ascii_digit());
    digit
        || MONTHS.contains(&word)
        || (!first && word.contains(['[', '/', '@', '=', '_', '.', '-']))
}

/// The rows, with what finds them.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageTable {
    rows: Vec<MessageRow>,
    /// Row and stem, by the first word of the stem.
    by_first: HashMap<String, Vec<(usize, usize)>>,
    /// The actions of the steps of a copy, in lower case.
    actions: HashSet<String>,
}

impl MessageTable {
    pub(crate) fn read<'r>(
        rows: impl Iterator<Item = &'r Row>,
        steps: &[Step],
    ) -> Result<Self, FactsError> {
        let mut table = Self::default();
        for row in rows {
            let message = MessageRow::read(row)?;
            let index = table.rows.len();
            for (at, stem) in message.stems.iter().enumerate() {
                for word in stem.first() {
                    table.by_first.entry(word.clone()).or_default().push((index, at));
                }
            }
            table.rows.push(message);
        }
        let actions = steps.iter().flat_map(|step| &step.actions);
        table.actions = actions.map(|action| action.to_ascii_lowercase()).collect();
        Ok(table)
    }

    pub(crate) fn rows(&self) -> &[MessageRow] {
        &self.rows
    }

    fn beginning_with(&self, word: &str) -> impl Iterator<Item = (&MessageRow, &Stem)> {
        self.by_first.get(word).into_iter().flatten().filter_map(|&(row, stem)| {
            let row = self.rows.get(row)?;
            Some((row, row.stems.get(stem)?))
        })
    }

    /// Whether AWS Backup asks for the action in a backup or copy job: it is a step of a copy, or
    /// the policies that AWS wrote for its roles list it.
    fn is_job_action(&self, facts: &Facts, action: &str) -> bool {
        let folded = action.to_ascii_lowercase();
        if self.actions.iter().any(|known| is_like(known, &folded)) {
            return true;
        }
        let Some(action) = Action::parse(&folded) else { return false };
        facts.managed_policies().iter().any(|policy| lists(policy, &action))
    }

    /// Whether an operation that an SDK names may be one of a job: by the name of an action, or
    /// because AWS Backup itself was called.
    fn is_job_operation(&self, facts: &Facts, operation: &str) -> bool {
        let folded = operation.to_ascii_lowercase();
        if OWN_OPERATIONS.iter().any(|part| folded.contains(part)) {
            return true;
        }
        let listed = facts.managed_policies().iter().flat_map(|policy| &policy.policy.statements);
        let listed = listed.filter_map(|statement| statement.action.as_ref());
        let listed = listed.flat_map(|element| &element.terms).filter_map(|term| term.text.known());
        self.actions.iter().map(String::as_str).chain(listed).any(|action| {
            let name = action.split_once(':').map_or(action, |(_, name)| name);
            is_like(&name.to_ascii_lowercase(), &folded)
        })
    }
}

/// What the operations of AWS Backup are about.
const OWN_OPERATIONS: [&str; 4] = ["backup", "copyjob", "recoverypoint", "keypolicy"];

/// Whether a name is this one, or begins like it where it ends in a star.
fn is_like(known: &str, name: &str) -> bool {
    known.strip_suffix('*').map_or(known == name, |start| name.starts_with(start))
}

fn lists(policy: &ManagedPolicy, action: &Action) -> bool {
    policy.policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.action.as_ref().is_some_and(|element| {
                !element.negated
                    && element.terms.iter().any(|term| matches_action(term, action) == Truth::True)
            })
    })
}

/// Whether a backup or copy job asks for this action, such as `kms:CreateGrant`.
#[must_use]
pub fn is_job_action(action: &str, facts: &Facts) -> bool {
    facts.message_table().is_job_action(facts, action)
}
