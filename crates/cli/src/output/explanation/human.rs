//! Explanations for the person on call: what AWS said, which cause holds, what mends it.

use std::fmt::Write as _;

use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::explanation::{Cause, Confirmed};
use copy_preflight_rules::incident::{Condition, Denial, Job, Refusal};

use super::super::human::{Style, places};
use super::super::plain::{Lines, visible};
use super::{Explained, Run};

/// The class of a text that only names a job.
const NO_DETAIL: &str = "notification-no-detail";

/// Of a longer message only the beginning is shown.
const SHOWN: usize = 1_000;

/// Renders one explanation.
#[must_use]
pub fn explanation(one: &Explained, run: Run<'_>, style: Style) -> String {
    let mut page = Page { style, lines: Lines::new(style.width) };
    page.title(one);
    if let Some(denial) = &one.explanation.denial {
        page.denial(denial);
    }
    page.causes(one, run);
    page.next(one);
    page.support(one);
    page.lines.text
}

/// Renders the failed jobs of an account, those of one cause together.
#[must_use]
pub fn grouped(all: &[Explained], scope: &str, run: Run<'_>, style: Style) -> String {
    let mut groups: Vec<(String, Vec<&Explained>)> = Vec::new();
    for one in all {
        let key = match one.main_cause() {
            Some(cause) => format!("{}: {}", cause.class, cause.why),
            None => "not known".to_owned(),
        };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(one),
            None => groups.push((key, vec![one])),
        }
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    let mut page = Page { style, lines: Lines::new(style.width) };
    let jobs = plural(all.len(), "failed copy job");
    match groups.len() {
        0 => page.lines.wrapped("", "  ", &format!("{jobs}{scope}")),
        groups => {
            page.lines.wrapped("", "  ", &format!("{jobs}{scope}, {}", plural(groups, "cause")));
        }
    }
    for (_, group) in &groups {
        let Some(first) = group.first() else { continue };
        page.lines.line("");
        page.lines.line(&"-".repeat(style.width.min(80)));
        page.lines.line(&plural(group.len(), "job"));
        for one in group {
            let job = &one.incident.job;
            let id = job.id.as_deref().unwrap_or("without an id");
            let time = job.time.as_deref().unwrap_or_default();
            page.lines.wrapped("  ", "    ", &format!("{id}  {time}  {}", route(job)));
        }
        page.lines.line("");
        page.lines.text.push_str(&explanation(first, run, style));
    }
    page.lines.text
}

struct Page {
    style: Style,
    lines: Lines,
}

impl Page {
    fn strong(&mut self, colour: u8, text: &str) {
        if self.style.colour {
            self.lines.line(&format!("\x1b[{colour}m{text}\x1b[0m"));
        } else {
            self.lines.line(text);
        }
    }

    fn title(&mut self, one: &Explained) {
        let incident = &one.incident;
        match (&incident.condition, &incident.message) {
            (Condition::Unreadable(_), _) => self.strong(31, "this cannot be read"),
            (Condition::Fine(_), _) => self.strong(32, "nothing failed here"),
            (_, Some(message)) => {
                // Line breaks of a wrapped terminal are no part of what AWS said.
                let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
                let short: String = message.chars().take(SHOWN).collect();
                let more = if short.len() < message.len() { " …" } else { "" };
                let unquoted = short.trim_matches('"');
                self.lines.wrapped("", "", &format!("\"{unquoted}{more}\""));
            }
            (_, None) if incident.invalid_plan => {
                self.lines.line("InvalidOrganizationBackupPlan: the record carries no message");
            }
            (_, None) => self.lines.line("no message stands here"),
        }
        let job = &incident.job;
        if let Some(kind) = job.kind {
            let mut words = kind.words().to_owned();
            for part in [&job.id, &job.resource_type].into_iter().flatten() {
                let _ = write!(words, "  {part}");
            }
            self.lines.wrapped("", "  ", &words);
            let route = route(job);
            if !route.is_empty() {
                self.lines.wrapped("  ", "    ", &route);
            }
        }
    }

    fn denial(&mut self, denial: &Denial) {
        let none = "(not named)";
        self.lines.line("");
        self.lines.wrapped("refused: ", "  ", denial.action.as_deref().unwrap_or(none));
        self.lines.wrapped("  on: ", "    ", denial.resource.as_deref().unwrap_or(none));
        self.lines.wrapped("  to: ", "    ", denial.principal.as_deref().unwrap_or(none));
        let by = match (denial.refused_by, denial.refusal) {
            (Some(kind), Some(Refusal::Explicit)) => format!("an explicit deny, {}", kind.words()),
            (Some(kind), Some(Refusal::Implicit)) => format!("no {} allows it", kind.words()),
            (Some(kind), _) => kind.words().to_owned(),
            (None, _) => "the text does not say which policy".to_owned(),
        };
        self.lines.wrapped("  by: ", "    ", &by);
        if let Some(policy) = &denial.policy {
            self.lines.wrapped("  policy: ", "    ", policy);
        }
    }

    fn causes(&mut self, one: &Explained, run: Run<'_>) {
        let causes = &one.explanation.causes;
        // Of a text that only names a job the command in `next` says it all.
        if causes.iter().all(|cause| cause.class == NO_DETAIL) {
            return;
        }
        self.lines.line("");
        let with = |wanted: Confirmed| -> Vec<&Cause> {
            causes.iter().filter(|cause| cause.confirmed == wanted).collect()
        };
        if one.evidence.is_some() {
            self.verdict(&with(Confirmed::Yes), &with(Confirmed::No), causes.len());
        } else if causes.len() == 1 {
            self.lines.line("1 cause");
        } else {
            self.lines.line(&format!("{} causes, the one to look at first in front", causes.len()));
        }
        for kind in [Confirmed::Yes, Confirmed::Undecided, Confirmed::NotChecked] {
            for cause in with(kind) {
                self.cause(one, cause, run);
            }
        }
        let refuted = with(Confirmed::No);
        if !refuted.is_empty() {
            self.lines.line("");
            self.lines.line("refuted by the documents:");
            for cause in refuted {
                // What it would have been is told in short.
                let ends = [": ", "; "].iter().filter_map(|end| cause.why.find(end)).min();
                let short = ends.and_then(|end| cause.why.get(..end)).unwrap_or(&cause.why);
                self.lines.wrapped(&format!("{:3}  ", cause.rank), "     ", short);
                let Some(finding) = &cause.finding else { continue };
                let twin = with(Confirmed::Yes)
                    .into_iter()
                    .find(|other| other.rule == cause.rule && other.finding == cause.finding);
                match twin {
                    Some(twin) => {
                        let rank = twin.rank;
                        self.lines.wrapped(
                            "     found: ",
                            "       ",
                            &format!("cause {rank} instead"),
                        );
                    }
                    None => self.lines.wrapped("     found: ", "       ", finding),
                }
            }
        }
    }

    /// What the documents say of all causes together.
    fn verdict(&mut self, confirmed: &[&Cause], refuted: &[&Cause], all: usize) {
        let ranks: Vec<String> = confirmed.iter().map(|cause| cause.rank.to_string()).collect();
        match (ranks.as_slice(), refuted.len()) {
            ([], number) if number == all => {
                self.lines.wrapped(
                    "",
                    "  ",
                    "the documents refute every cause; they show how things are now, not how they \
                     were when the job ran",
                );
            }
            ([], _) => self.strong(33, "no cause is confirmed by the documents"),
            ([rank], _) => self.strong(31, &format!("cause {rank} of {all} is confirmed")),
            (ranks, _) => {
                self.strong(31, &format!("causes {} of {all} are confirmed", ranks.join(", ")));
            }
        }
    }

    fn cause(&mut self, one: &Explained, cause: &Cause, run: Run<'_>) {
        self.lines.line("");
        let mark = match (cause.confirmed, one.evidence.is_some()) {
            (Confirmed::Yes, _) => " (confirmed)",
            (Confirmed::Undecided, _) => " (cannot be told)",
            (Confirmed::NotChecked, true) => " (not checked)",
            _ => "",
        };
        let basis = if cause.basis == "wording" { " [by the wording alone]" } else { "" };
        let side = match cause.side.as_str() {
            "source" => "source account: ",
            "destination" => "destination account: ",
            "either" => "either account: ",
            "organization" => "organization: ",
            "aws" => "AWS: ",
            _ => "",
        };
        let head = format!("{side}{}{basis}{mark}", cause.why);
        self.lines.wrapped(&format!("{:3}  ", cause.rank), "     ", &head);
        if let Some(finding) = &cause.finding {
            self.lines.wrapped("     found: ", "       ", finding);
        }
        if let Some(subject) = one.subject(run) {
            let shown = places(subject, self.style, &cause.labels);
            self.lines.text.push_str(&shown);
        }
        if let Some(tell_apart) = &cause.tell_apart
            && !matches!(cause.confirmed, Confirmed::Yes)
        {
            self.lines.wrapped("     tell apart: ", "       ", tell_apart);
        }
        if !matches!(cause.confirmed, Confirmed::Yes) {
            for command in &cause.confirm {
                // In one line, however long, so that it can be copied.
                self.lines.line(&format!("     confirm: {}", visible(command)));
            }
        }
        if let Some(fix) = &cause.fix {
            self.lines.wrapped("     fix: ", "       ", fix);
        }
        if let Some(quota) = &cause.quota {
            let raised = match quota.raised {
                Some(true) => "can be raised",
                Some(false) => "cannot be raised",
                None => "AWS does not say whether it can be raised",
            };
            self.lines.wrapped("     quota: ", "       ", &format!("{raised}; {}", quota.at));
        }
        if let Some(rule) = &cause.rule {
            self.lines.wrapped("     more: ", "       ", &format!("copy-preflight rules {rule}"));
        }
    }

    fn next(&mut self, one: &Explained) {
        let next = &one.explanation.next;
        let checkable = one.explanation.causes.iter().filter(|cause| cause.rule.is_some()).count();
        let hint = one.evidence.is_none() && checkable > 1 && next.is_empty();
        if next.is_empty() && !hint {
            return;
        }
        self.lines.line("");
        if hint {
            let bring = match one.incident.job.request() {
                Some(Ok(_)) => "add --snapshot DIR",
                _ => "bring the job (describe-copy-job) with --file and --snapshot DIR",
            };
            self.lines.wrapped("", "  ", &format!("which one holds, the documents show: {bring}"));
        }
        for line in next {
            if is_command(line) {
                self.lines.wrapped("  ", "    ", line);
            } else {
                self.lines.wrapped("", "  ", line);
            }
        }
    }

    fn support(&mut self, one: &Explained) {
        if one.incident.support.is_empty() || one.incident.condition != Condition::Failed {
            return;
        }
        self.lines.line("");
        let parts: Vec<String> =
            one.incident.support.iter().map(|(name, value)| format!("{name} {value}")).collect();
        self.lines.wrapped("for AWS Support: ", "  ", &parts.join(", "));
    }
}

fn is_command(line: &str) -> bool {
    line.starts_with("aws ") || line.starts_with("copy-preflight ")
}

/// From where to where.
fn route(job: &Job) -> String {
    let name = |arn: &String| match arn.parse::<VaultArn>() {
        Ok(vault) => format!("{} ({}, {})", vault.name, vault.account, vault.region),
        Err(_) => arn.clone(),
    };
    let ends: Vec<String> =
        [&job.source_vault, &job.destination_vault].into_iter().flatten().map(name).collect();
    ends.join("  ->  ")
}

fn plural(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
