//! Accounts and their organization for a person: the few causes that concern many accounts first.

use copy_preflight_rules::check::Verdict;
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::rule::Level;
use copy_preflight_rules::survey::{AccountReport, Report, Subject as Judged};
use miette::Severity;

use super::super::Subject;
use super::super::human::Style;
use super::super::page::{Colour, Page, Told};
use super::super::plain::visible;
use super::causes::{Cause, causes};

/// How many accounts are shown by name, in the table and of one cause.
const SHOWN: usize = 20;
/// How many documents that are missing are told of one cause.
const MISSING: usize = 3;

/// Renders the report.
#[must_use]
pub fn report(subject: Subject<'_, Report>, style: Style) -> String {
    let mut page = Page::new(subject, style);
    let causes = causes(subject.report);
    page.head();
    page.accounts();
    page.problems();
    let mut before = None;
    for cause in &causes {
        let title = match cause.rank() {
            0 => "what keeps plans from making backups",
            1 => "what cannot be told",
            2 | 3 => "what you should know",
            _ => "what could be better",
        };
        if before != Some(title) {
            page.lines.line("");
            page.lines.line(title);
            before = Some(title);
        }
        page.cause(cause);
    }
    page.foot(&causes);
    page.lines.text
}

impl Page<'_, Report> {
    fn head(&mut self) {
        let report = self.subject.report;
        let line = self.painted(report.verdict, report.certainty);
        self.lines.line(&line);
        self.lines.line("");
        let words = words(report.organization.verdict, report.organization.certainty);
        self.lines.line(&format!("organization: {words}"));
        let number =
            |verdict| report.accounts.iter().filter(|one| one.subject.verdict == verdict).count();
        let counts: Vec<String> = [Verdict::Blocked, Verdict::Undecided, Verdict::Clear]
            .into_iter()
            .filter(|&verdict| number(verdict) > 0)
            .map(|verdict| format!("{} {}", number(verdict), verdict.word()))
            .collect();
        let accounts = plural(report.accounts.len(), "account");
        self.lines.wrapped("", "  ", &format!("{accounts}: {}", counts.join(", ")));
    }

    fn painted(&self, verdict: Verdict, certainty: Certainty) -> String {
        let colour = match verdict {
            Verdict::Clear => Colour::Green,
            Verdict::Blocked => Colour::Red,
            Verdict::Undecided => Colour::Yellow,
        };
        self.paint(&words(verdict, certainty), colour)
    }

    /// The accounts, the worst first.
    fn accounts(&mut self) {
        let report = self.subject.report;
        let mut accounts: Vec<&AccountReport> = report.accounts.iter().collect();
        accounts.sort_by_key(|one| std::cmp::Reverse(one.subject.verdict));
        let shown = accounts.iter().take(SHOWN);
        let width = |one: &&AccountReport| one.name.as_deref().unwrap_or_default().chars().count();
        let width = shown.clone().map(width).max().unwrap_or(0).min(24);
        self.lines.line("");
        for one in shown {
            let name = one.name.as_deref().unwrap_or_default();
            let words = words(one.subject.verdict, one.subject.certainty);
            let counts = counts(report, &one.subject);
            let line =
                format!("  {}  {:width$}  {words:20}  {counts}", visible(&one.id), visible(name));
            self.lines.line(line.trim_end());
        }
        if accounts.len() > SHOWN {
            self.lines.line(&format!("  and {} more", accounts.len() - SHOWN));
        }
    }

    fn cause(&mut self, cause: &Cause<'_>) {
        let missing: Vec<_> = cause.missing.iter().take(MISSING).cloned().collect();
        let concerns = concerns(cause, self.subject.report.accounts.len());
        self.told(&Told {
            outcome: cause.outcome,
            severity: match cause.rank() {
                0 => Severity::Error,
                1..=3 => Severity::Warning,
                _ => Severity::Advice,
            },
            missing: &missing,
            rules: cause.rules.get(..1).unwrap_or_default(),
            facts: &cause.facts,
            concerns: Some(concerns),
        });
        if cause.missing.len() > MISSING {
            let more = cause.missing.len() - MISSING;
            let more = plural(more, "more document");
            self.lines.line(&format!("  and {more} missing, of other accounts or Regions"));
        }
        if cause.rules.len() > 1 {
            let more = cause.rules.len() - 1;
            self.lines.line(&format!(
                "  and {} that cannot be judged for this reason",
                plural(more, "more rule")
            ));
        }
    }

    fn foot(&mut self, causes: &[Cause<'_>]) {
        let report = self.subject.report;
        self.lines.line("");
        for words in [self.subject.old_facts(), self.subject.replaced_facts()].into_iter().flatten()
        {
            self.lines.wrapped("", "  ", &words);
        }
        let number = |rank| causes.iter().filter(|cause| cause.rank() == rank).count();
        let to_do: Vec<String> = [("fix", number(0), "cause"), ("settle", number(1), "question")]
            .into_iter()
            .filter(|&(_, number, _)| number > 0)
            .map(|(verb, number, word)| format!("{verb} {}", plural(number, word)))
            .collect();
        let line = match report.verdict {
            Verdict::Clear => {
                "clear: nothing that was judged keeps plans from making backups".to_owned()
            }
            verdict if to_do.is_empty() => verdict.word().to_owned(),
            verdict => format!("{}: {}", verdict.word(), to_do.join(", ")),
        };
        self.lines.wrapped("", "  ", &line);
    }
}

fn words(verdict: Verdict, certainty: Certainty) -> String {
    match (verdict, certainty) {
        (Verdict::Undecided, _) | (_, Certainty::Documented) => verdict.word().to_owned(),
        _ => format!("{} ({})", verdict.word(), certainty.word()),
    }
}

/// How many findings a subject has.
fn counts(report: &Report, subject: &Judged) -> String {
    let count = |kind, is_error| {
        let found = report.of(subject).filter(|one| one.outcome.kind == kind);
        found.filter(|one| (one.rule.level == Level::Error) == is_error).count()
    };
    let (broken, undecided) = (OutcomeKind::Broken, OutcomeKind::Undecided);
    let told = count(broken, false) + count(undecided, false);
    let kinds =
        [(count(broken, true), "broken"), (count(undecided, true), "undecided"), (told, "noted")];
    let counts: Vec<String> = kinds
        .into_iter()
        .filter(|&(number, _)| number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    counts.join(", ")
}

/// Whom a cause concerns.
fn concerns(cause: &Cause<'_>, all: usize) -> String {
    let number = cause.accounts.len();
    if number == 0 {
        return "the organization".to_owned();
    }
    let name = |account: &&AccountReport| match &account.name {
        Some(name) => format!("{} {name}", account.id),
        None => account.id.clone(),
    };
    let names: Vec<String> = cause.accounts.iter().take(SHOWN).map(name).collect();
    let more = match number.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    match number {
        1 => names.concat(),
        _ if number == all => format!("all {number} accounts"),
        _ => format!("{number} accounts: {}{more}", names.join(", ")),
    }
}

pub(super) fn plural(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
