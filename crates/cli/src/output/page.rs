//! What reports of all kinds have in common on a page: wrapped lines, problems, findings with the
//! deciding text underlined.

use std::collections::BTreeSet;

use copy_preflight_rules::inputs::{Problem, Why};
use copy_preflight_rules::outcome::{Missing, Outcome, OutcomeKind};
use copy_preflight_rules::refusal::refuser;
use copy_preflight_rules::rule::Rule;
use miette::Severity;

use super::Subject;
use super::diagnostic::{diagnostic, windows};
use super::human::Style;
use super::plain::{Lines, visible};

/// A page in the making.
pub(super) struct Page<'a, R> {
    pub(super) subject: Subject<'a, R>,
    pub(super) style: Style,
    pub(super) lines: Lines,
}

/// A finding as it is told.
pub(super) struct Told<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) severity: Severity,
    /// What is missing, of all that it concerns.
    pub(super) missing: &'a [Missing],
    pub(super) rules: &'a [&'static Rule],
    pub(super) facts: &'a BTreeSet<&'a str>,
    /// Whom it concerns, in words.
    pub(super) concerns: Option<String>,
}

impl<'a, R> Page<'a, R> {
    pub(super) fn new(subject: Subject<'a, R>, style: Style) -> Self {
        Self { subject, style, lines: Lines::new(style.width) }
    }

    pub(super) fn paint(&self, text: &str, colour: Colour) -> String {
        if self.style.colour {
            format!("\x1b[{}m{text}\x1b[0m", colour as u8)
        } else {
            text.to_owned()
        }
    }

    pub(super) fn problems(&mut self) {
        let problems = self.subject.inputs.problems();
        if problems.is_empty() {
            return;
        }
        self.lines.line("");
        for problem in problems {
            self.problem(problem);
        }
    }

    fn problem(&mut self, problem: &Problem) {
        let sources = &self.subject.inputs.sources;
        let place = problem.place.map(|span| sources.outermost(span)).and_then(|span| {
            let position = sources.get(span.source)?.position(span.start);
            Some(format!(":{}:{}", position.line, position.column))
        });
        let path = self.subject.path(&problem.name);
        let more = match problem.more {
            0 => String::new(),
            more => format!(" (and {more} more in this file)"),
        };
        let line = format!("{path}{}: {}{more}", place.unwrap_or_default(), problem.message);
        self.lines.wrapped("! ", "  ", &line);
    }

    /// A finding: its message, the places that show it, and what to do.
    pub(super) fn told(&mut self, told: &Told<'_>) {
        let outcome = told.outcome;
        self.lines.line("");
        let windows = windows(&self.subject.inputs.sources, &outcome.labels, self.style);
        for line in diagnostic(self.style, &outcome.message, told.severity, windows) {
            self.lines.line(&line);
        }
        if let Some(concerns) = &told.concerns {
            self.lines.wrapped("  concerns: ", "    ", concerns);
        }
        self.footer(told);
    }

    fn footer(&mut self, told: &Told<'_>) {
        let outcome = told.outcome;
        for missing in told.missing {
            self.missing(missing);
        }
        if let Some(help) = &outcome.help {
            self.lines.wrapped("  help: ", "    ", help);
        }
        if let Some(statement) = outcome.fix.as_ref().and_then(|fix| fix.statement.as_ref()) {
            self.statement(statement);
        }
        for stem in &outcome.aws_says {
            self.lines.wrapped("  AWS says: ", "    ", &format!("\"{stem}\""));
        }
        let rows = told.facts.iter().filter_map(|fact| self.subject.facts.row(fact));
        let checked = rows.map(|row| &row.checked).min();
        let checked = checked.map(|date| format!(", checked {date}")).unwrap_or_default();
        if outcome.kind == OutcomeKind::Broken {
            self.lines.wrapped(
                "  basis: ",
                "    ",
                &format!("{}{checked}", outcome.certainty.word()),
            );
        }
        for rule in told.rules {
            self.lines.wrapped("  more: ", "    ", &format!("copy-preflight rules {}", rule.id()));
        }
    }

    fn statement(&mut self, statement: &str) {
        let parsed = serde_json::from_str::<serde_json::Value>(statement);
        let Ok(pretty) = parsed.and_then(|value| serde_json::to_string_pretty(&value)) else {
            return;
        };
        self.lines.line("  add this statement:");
        for line in pretty.lines() {
            let line = format!("    {}", visible(line));
            self.lines.line(&line);
        }
    }

    fn missing(&mut self, missing: &Missing) {
        let what = &missing.what;
        let place = missing.account.as_ref().map(|account| format!(" in {account}"));
        let place = place.unwrap_or_default();
        let line = match (missing.why, &missing.permission) {
            (Why::NotGiven, _) => format!("{what} was not given"),
            (Why::Denied, Some(permission)) => {
                let who = missing.refused_by.as_deref().and_then(refuser);
                let by = who.map(|who| format!(", by {who}")).unwrap_or_default();
                format!("{what}: {permission} was denied{place}{by}")
            }
            (Why::NotFetched, Some(permission)) => {
                format!("{what} was not read: {permission}{place}")
            }
            (why, _) => format!("{what}: {}", why.word()),
        };
        self.lines.wrapped("  missing: ", "    ", &line);
        if let Some(refused) = &missing.refused_by {
            self.lines.wrapped("  AWS said: ", "    ", &format!("\"{refused}\""));
        }
        if let Some(command) = &missing.command {
            // In one line, however long, so that it can be copied.
            self.lines.line(&format!("  get it: {}", visible(command)));
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}
