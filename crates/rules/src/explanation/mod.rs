//! From an incident to its causes, and from the rules to which of them holds.

mod known;
mod triage;

mod confirm;
mod next;

pub use confirm::confirm;

use copy_preflight_policy::source::Span;

use crate::facts::Facts;
use crate::incident::{Condition, Denial, Incident, denial_in};
use crate::message::recognise;
use crate::outcome::Label;

/// What is said of one incident.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// Whether the text is known.
    pub recognised: bool,
    /// The denial in it.
    pub denial: Option<Denial>,
    /// The causes, the one to look at first in front.
    pub causes: Vec<Cause>,
    /// What to bring or to run.
    pub next: Vec<String>,
}

/// One thing that may have been wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// The class of the message catalogue.
    pub class: String,
    /// The rule that judges it.
    pub rule: Option<String>,
    /// The reason of the rule that it is.
    pub reason: Option<String>,
    /// Who acts: `source`, `destination`, `either`, `organization`, `aws`, `unknown`.
    pub side: String,
    /// Its place, from 1.
    pub rank: usize,
    /// `stated` by AWS or a source, or taken from the `wording` alone.
    pub basis: String,
    /// Why the message can mean it.
    pub why: String,
    /// What sets it apart from the others.
    pub tell_apart: Option<String>,
    /// Commands that show whether it holds.
    pub confirm: Vec<String>,
    /// What mends it.
    pub fix: Option<String>,
    /// The facts it rests on.
    pub facts: Vec<String>,
    /// For a quota: whether it can be raised, and where.
    pub quota: Option<Quota>,
    /// Whether the documents show it.
    pub confirmed: Confirmed,
    /// What the rule said, where it was asked.
    pub finding: Option<String>,
    /// The places that show it.
    pub labels: Vec<Label>,
}

/// A quota that a message speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Whether AWS raises it on request; `None` where its pages do not say.
    pub raised: Option<bool>,
    /// Where it is shown or asked for.
    pub at: String,
}

/// Whether documents show that a cause holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirmed {
    /// They do.
    Yes,
    /// They cannot tell.
    Undecided,
    /// Nobody looked, or no rule judges it.
    NotChecked,
    /// They show that it does not.
    No,
}

impl Confirmed {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Undecided => "undecided",
            Self::NotChecked => "not-checked",
        }
    }
}

impl Cause {
    fn new(class: &str, rule: Option<&str>, side: &str, why: impl Into<String>) -> Self {
        Self {
            class: class.to_owned(),
            rule: rule.map(str::to_owned),
            reason: None,
            side: side.to_owned(),
            rank: 0,
            basis: "stated".to_owned(),
            why: why.into(),
            tell_apart: None,
            confirm: Vec::new(),
            fix: None,
            facts: Vec::new(),
            quota: None,
            confirmed: Confirmed::NotChecked,
            finding: None,
            labels: Vec::new(),
        }
    }

    /// The place that a label underlines first.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Whether a text is a message that is known, or a denial that is read as one.
#[must_use]
pub fn is_known(text: &str, facts: &Facts) -> bool {
    denial_in(text).is_some_and(|denial| denial.action.is_some())
        || recognise(text, facts).is_some()
}

/// Longer texts are no message of AWS; where one stands in such a text is not looked for.
const LONGEST: usize = 64 * 1024;

/// Explains an incident from what AWS said alone.
#[must_use]
pub fn explain(incident: &Incident, facts: &Facts) -> Explanation {
    let mut explanation = Explanation { next: incident.next.clone(), ..Explanation::default() };
    match &incident.condition {
        Condition::Fine(what) | Condition::Unreadable(what) => {
            explanation.next.insert(0, what.clone());
            return explanation;
        }
        Condition::Failed => {}
    }
    if incident.invalid_plan {
        explanation.recognised = true;
        explanation.causes = vec![triage::invalid_plan(incident)];
        return explanation;
    }
    let Some(message) = incident.message.as_deref().filter(|text| text.len() <= LONGEST) else {
        if incident.message.is_some() {
            explanation.next.push("the text is too long for a message: bring the line".to_owned());
        }
        return explanation;
    };
    explanation.denial = incident.denial.clone().or_else(|| denial_in(message));
    let denial = explanation.denial.as_ref();
    let known = recognise(message, facts).filter(|_| {
        // A refusal of what any program asks for says nothing of a copy.
        denial.is_none_or(|denial| triage::is_of_a_copy(denial, incident, facts))
    });
    let causes = denial
        .and_then(|denial| triage::causes(denial, message, incident, facts))
        .or_else(|| known.map(|known| known::causes(&known, incident, denial)));
    match causes {
        Some(causes) => {
            explanation.recognised = true;
            explanation.causes = causes;
        }
        None => next::unknown(&mut explanation, incident, message),
    }
    for (index, cause) in explanation.causes.iter_mut().enumerate() {
        cause.rank = index + 1;
    }
    explanation
}
