//! Outcomes: what one rule says of one subject.

use std::borrow::Cow;
use std::collections::BTreeSet;

use copy_preflight_policy::iam::{Decision, Open};
use copy_preflight_policy::source::Span;
use smol_str::SmolStr;

use crate::facts::{Certainty, FactCertainty};
use crate::inputs::Why;

/// What one rule says of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it says.
    pub kind: OutcomeKind,
    /// Which of the rule's reasons; `None` where it holds.
    pub reason: Option<&'static str>,
    /// How sure it is: the weakest of what it rests on.
    pub certainty: Certainty,
    /// One line.
    pub message: String,
    /// The places that show it, the deciding one first.
    pub labels: Vec<Label>,
    /// Documents and statements of the user that are missing.
    pub missing: Vec<Missing>,
    /// Condition keys that it hangs on.
    pub depends_on: Vec<SmolStr>,
    /// The id of the answer that settles it.
    pub answer: Option<String>,
    /// What AWS says when this is wrong.
    pub aws_says: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// The facts it rests on.
    pub facts: BTreeSet<String>,
    /// The change that mends it.
    pub fix: Option<Fix>,
}

/// The four things a rule can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// Nothing is wrong.
    Holds,
    /// Something is wrong.
    Broken,
    /// It cannot be told.
    Undecided,
    /// The rule does not concern this subject.
    NotApplicable,
}

impl OutcomeKind {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "broken",
            Self::Undecided => "undecided",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A place in a document, with a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The slot that the document fills.
    pub slot: String,
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub note: String,
}

/// Something that is needed and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The slot, or the flag.
    pub what: String,
    /// Why it is not there.
    pub why: Why,
    /// The permission that the call needs.
    pub permission: Option<String>,
    /// The account in which the call is made.
    pub account: Option<String>,
    /// What AWS said when it refused.
    pub refused_by: Option<String>,
    /// What a person runs to get it.
    pub command: Option<String>,
}

/// A change that mends what is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does.
    pub summary: String,
    /// A statement to add, as JSON text.
    pub statement: Option<String>,
    /// Edits of documents.
    pub edits: Vec<Edit>,
    /// Whether the change can be made as it stands.
    pub applies: Applies,
}

/// One replacement in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The slot that the document fills.
    pub slot: String,
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// Whether a fix can be made without thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// It can.
    AsIs,
    /// A person has to look first.
    Review,
}

impl Outcome {
    fn new(kind: OutcomeKind, reason: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason,
            certainty: Certainty::Documented,
            message: message.into(),
            labels: Vec::new(),
            missing: Vec::new(),
            depends_on: Vec::new(),
            answer: None,
            aws_says: Vec::new(),
            help: None,
            facts: BTreeSet::new(),
            fix: None,
        }
    }

    /// Nothing is wrong.
    pub fn holds(message: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Holds, None, message)
    }

    /// The rule does not concern the subject.
    pub fn not_applicable(message: impl Into<String>) -> Self {
        Self::new(OutcomeKind::NotApplicable, None, message)
    }

    /// Something is wrong.
    pub fn broken(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Broken, Some(reason), message)
    }

    /// It cannot be told.
    pub fn undecided(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Undecided, Some(reason), message)
    }

    /// Cites a fact that the outcome rests on. An outcome that rests on a contested or unknown
    /// fact is undecided, whatever it was.
    #[must_use]
    pub fn rests_on(mut self, fact: &str, certainty: FactCertainty) -> Self {
        self.facts.insert(fact.to_owned());
        match certainty.supports() {
            Some(certainty) => self.certainty = self.certainty.max(certainty),
            None if matches!(self.kind, OutcomeKind::Holds | OutcomeKind::Broken) => {
                self.kind = OutcomeKind::Undecided;
                self.reason = Some("sources-contradict");
            }
            None => {}
        }
        self
    }

    /// Cites a fact that explains the outcome without carrying it.
    #[must_use]
    pub fn cites(mut self, fact: &str) -> Self {
        self.facts.insert(fact.to_owned());
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// Adds something that is missing.
    #[must_use]
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing.push(missing);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what AWS says.
    #[must_use]
    pub fn aws_says(mut self, stem: impl Into<Cow<'static, str>>) -> Self {
        self.aws_says.push(stem.into().into_owned());
        self
    }

    /// Names the answer that settles the question.
    #[must_use]
    pub fn answered_by(mut self, id: impl Into<String>) -> Self {
        self.answer = Some(id.into());
        self
    }

    /// Adds the change that mends it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Adds the condition keys that a decision hangs on.
    #[must_use]
    pub fn hangs_on(mut self, decision: &Decision) -> Self {
        for dependency in &decision.depends_on {
            if let Open::Key(key) = &dependency.on
                && !self.depends_on.contains(key)
            {
                self.depends_on.push(key.clone());
            }
        }
        self
    }
}
