//! The copies of an organization for a person: what to mend first, then where copies stand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::check::Verdict;
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::matrix::{Cause, CauseKey, CausePlace, Counts};

use super::super::human::Style;
use super::super::plain::{Lines, visible};
use super::Folded;

/// How many causes of a kind are told.
const CAUSES: usize = 10;
/// How many documents of a cause are told.
const PLACES: usize = 3;
/// Up to so many accounts each has a row of its own; more are told by OU.
const ACCOUNTS: usize = 12;
/// How many accounts of a list are told.
const LISTED: usize = 5;

/// Renders the matrix and its causes.
#[must_use]
pub fn copies(folded: Folded<'_>, style: Style) -> String {
    let mut page = Page { folded, lines: Lines::new(style.width) };
    page.head();
    page.problems();
    page.causes(Verdict::Blocked);
    page.causes(Verdict::Undecided);
    page.unplanned();
    page.table();
    page.accounts();
    page.end();
    page.lines.text
}

struct Page<'a> {
    folded: Folded<'a>,
    lines: Lines,
}

impl Page<'_> {
    fn head(&mut self) {
        let matrix = self.folded.matrix;
        let Counts { clear, blocked, undecided } = matrix.total;
        let copies = match matrix.total.all() {
            0 => "no planned copy".to_owned(),
            all => format!(
                "{}: {} clear, {} blocked, {} undecided",
                number(all, "planned copy", "planned copies"),
                grouped(clear),
                grouped(blocked),
                grouped(undecided)
            ),
        };
        let accounts = number(matrix.accounts, "account", "accounts");
        self.lines.wrapped("", "  ", &format!("{accounts}, {copies}"));
        if matrix.verdict() == Verdict::Clear && matrix.certainty() == Certainty::Inferred {
            self.lines.wrapped("", "  ", "what is clear rests in part on inferred facts");
        }
    }

    fn problems(&mut self) {
        let problems: Vec<&str> = self.folded.problems.iter().map(String::as_str).collect();
        for problem in problems.iter().take(CAUSES) {
            self.lines.wrapped("! ", "  ", problem);
        }
        if let Some(more) = problems.len().checked_sub(CAUSES).filter(|&more| more > 0) {
            self.lines.line(&format!("! and {} more", number(more, "problem", "problems")));
        }
    }

    fn causes(&mut self, verdict: Verdict) {
        let all = self.folded.matrix.by_weight();
        let causes: Vec<_> = all.into_iter().filter(|(key, _)| key.verdict == verdict).collect();
        if causes.is_empty() {
            return;
        }
        let title = match verdict {
            Verdict::Blocked => "what stops copies, the heaviest cause first",
            Verdict::Undecided | Verdict::Clear => "what keeps copies undecided",
        };
        self.lines.line("");
        self.lines.line(title);
        for (key, cause) in causes.iter().take(CAUSES) {
            self.cause(key, cause);
        }
        if let Some(more) = causes.len().checked_sub(CAUSES).filter(|&more| more > 0) {
            self.lines.line(&format!("  and {} more", number(more, "cause", "causes")));
        }
    }

    fn cause(&mut self, key: &CauseKey, cause: &Cause) {
        let mark = if key.verdict == Verdict::Blocked { "× " } else { "? " };
        let copies = number(cause.copies, "copy", "copies");
        let accounts = number(cause.accounts.len(), "account", "accounts");
        let of = format!("{copies} of {accounts}");
        let places = cause.by_weight();
        let Some((rule, (_, first))) = cause.rule.zip(places.first()) else {
            self.lines.wrapped(mark, "  ", &format!("{of}: {}", key.reason));
            if let Some(account) = cause.accounts.first().filter(|_| cause.of_policy) {
                let root = self.folded.root;
                let look = format!(
                    "  look: copy-preflight org effective --snapshot {root} --account {account}"
                );
                self.lines.line(&visible(&look));
            }
            return;
        };
        // What is said of the first copy names its account and its documents.
        let such = match (places.len(), cause.accounts.len()) {
            (1, 1) => String::new(),
            (1, _) => format!(", such as {}", first.account),
            (several, _) => format!(", {} causes such as", grouped(several)),
        };
        self.lines.wrapped(mark, "  ", &format!("{of}{such}: {}", first.message));
        for (name, place) in places.iter().take(PLACES) {
            self.place(name, place, (places.len() > 1).then_some(place.copies));
        }
        if let Some(more) = places.len().checked_sub(PLACES).filter(|&more| more > 0) {
            self.lines.line(&format!("    and {} more", grouped(more)));
        }
        if let Some(help) = &first.help {
            self.lines.wrapped("  help: ", "        ", help);
        }
        let more = format!("more: copy-preflight rules {}", rule.id());
        self.lines.line(&format!("  {more}   ({})", key.reason));
    }

    fn place(&mut self, name: &str, place: &CausePlace, copies: Option<usize>) {
        if name.is_empty() {
            return;
        }
        let is_file = name.ends_with(".json");
        let mut text = match is_file {
            true => format!("{}/{name}", self.folded.root.trim_end_matches('/')),
            false => format!("`{name}` is missing"),
        };
        if let Some((line, column)) = place.position {
            // Writing to a string cannot fail.
            let _ = write!(text, ":{line}:{column}");
        }
        if let Some(copies) = copies {
            let _ = write!(text, "   ({})", number(copies, "copy", "copies"));
        }
        // A path is not broken, so that it can be copied.
        self.lines.line(&format!("    {}", visible(&text)));
    }

    fn unplanned(&mut self) {
        let unplanned = &self.folded.matrix.unplanned;
        if unplanned.is_empty() {
            return;
        }
        self.lines.line("");
        self.lines.line("copies that cannot be judged");
        for (one, accounts) in unplanned.iter().take(CAUSES) {
            let accounts = number(*accounts, "account", "accounts");
            let text = format!(
                "{accounts}: plan `{}`, rule `{}` to `{}`: {}",
                one.plan, one.rule, one.destination, one.why
            );
            self.lines.wrapped("? ", "  ", &text);
        }
        if let Some(more) = unplanned.len().checked_sub(CAUSES).filter(|&more| more > 0) {
            self.lines.line(&format!("  and {} more", grouped(more)));
        }
    }

    /// Rows by account where they are few, else by OU.
    fn table(&mut self) {
        let rows = &self.folded.matrix.rows;
        if rows.is_empty() {
            return;
        }
        let mut accounts: Vec<&str> = rows.keys().map(|row| row.account.as_str()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let by_account = accounts.len() <= ACCOUNTS;
        let mut table: BTreeMap<(&str, &str), BTreeMap<&VaultArn, Counts>> = BTreeMap::new();
        for (row, counts) in rows {
            let account = if by_account { row.account.as_str() } else { "" };
            let key = (row.unit.as_str(), account);
            table.entry(key).or_default().entry(&row.destination).or_default().add(*counts);
        }
        self.lines.line("");
        self.lines.line(&format!("{:<50}{:>9}{:>10}{:>11}", "", "clear", "blocked", "undecided"));
        let mut last = None;
        for ((unit, account), destinations) in table {
            if last != Some(unit) {
                self.lines.line(&visible(unit));
                last = Some(unit);
            }
            if by_account {
                self.lines.line(&format!("  {}", visible(account)));
            }
            for (vault, counts) in destinations {
                let name = format!("{} ({}, {})", vault.name, vault.account, vault.region);
                let name = format!("    -> {}", visible(&name));
                let cells = format!(
                    "{:>9}{:>10}{:>11}",
                    grouped(counts.clear),
                    grouped(counts.blocked),
                    grouped(counts.undecided)
                );
                if name.chars().count() > 50 {
                    self.lines.line(&name);
                    self.lines.line(&format!("{:<50}{cells}", ""));
                } else {
                    self.lines.line(&format!("{name:<50}{cells}"));
                }
            }
        }
    }

    fn accounts(&mut self) {
        let (quiet, unjudged) = (&self.folded.matrix.quiet, &self.folded.matrix.unjudged);
        if !unjudged.is_empty() {
            self.lines.line("");
            let number = number(unjudged.len(), "account", "accounts");
            self.lines.line(&format!("{number} whose policies cannot be told"));
            for (account, faults) in unjudged.iter().take(LISTED) {
                self.lines.wrapped("? ", "  ", &format!("{account}: {}", faults.join("; ")));
            }
            self.rest(unjudged.len());
        }
        if !quiet.is_empty() {
            self.lines.line("");
            let number = number(quiet.len(), "account", "accounts");
            self.lines.line(&format!("{number} without a planned copy"));
            for (account, why) in quiet.iter().take(LISTED) {
                self.lines.wrapped("  ", "    ", &format!("{account}: {why}"));
            }
            self.rest(quiet.len());
            self.lines.line(&format!(
                "  why an account gets no jobs: copy-preflight org check --snapshot {}",
                visible(self.folded.root)
            ));
        }
    }

    fn rest(&mut self, all: usize) {
        if let Some(more) = all.checked_sub(LISTED).filter(|&more| more > 0) {
            self.lines.line(&format!("  and {} more", grouped(more)));
        }
    }

    fn end(&mut self) {
        let matrix = self.folded.matrix;
        let causes = |verdict: Verdict| {
            let of = matrix.causes.iter().filter(|(key, _)| key.verdict == verdict);
            of.map(|(_, cause)| cause.places.len().max(1)).sum::<usize>()
        };
        let (faults, questions) = (causes(Verdict::Blocked), causes(Verdict::Undecided));
        let fix = (faults > 0).then(|| format!("fix {}", number(faults, "fault", "faults")));
        let answer = (questions > 0)
            .then(|| format!("answer {}", number(questions, "question", "questions")));
        let to_do: Vec<String> = fix.into_iter().chain(answer).collect();
        self.lines.line("");
        let word = matrix.verdict().word();
        match to_do.as_slice() {
            [] => self.lines.line(word),
            to_do => self.lines.line(&format!("{word}: {}", to_do.join(", then "))),
        }
    }
}

fn number(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with a comma before each three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
