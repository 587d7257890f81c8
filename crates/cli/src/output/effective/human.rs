//! An effective policy for a person: the policy, what was ignored and why, what is ambiguous, what
//! AWS would refuse, and what to do next.

use copy_preflight_policy::management::backup::{CopyKind, PlannedCopy};
use copy_preflight_policy::management::{
    Ambiguous, Code, Diagnostic, Entry, Fate, Related, Setting, Step, Value,
};
use copy_preflight_policy::source::Span;
use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::effective::{Difference, Judged, Standing};

use super::super::diagnostic::window;
use super::super::human::Style;
use super::super::plain::{Lines, visible, wrapped};
use super::super::window::Window;
use super::Shown;

/// How many notes of a kind are told one by one.
const TOLD: usize = 20;

/// Renders the policy of one account.
#[must_use]
pub fn effective(shown: Shown<'_>, style: Style) -> String {
    let mut page = Page { shown, style, lines: Lines::new(style.width) };
    page.head();
    page.policy();
    page.copies();
    page.ignored();
    page.ambiguous();
    page.refused();
    page.aws();
    page.next();
    page.lines.text
}

/// Renders how the settings at and below a path came to their values; `None` where no policy says
/// anything there.
#[must_use]
pub fn why(shown: Shown<'_>, style: Style, path: &str) -> Option<String> {
    let mut page = Page { shown, style, lines: Lines::new(style.width) };
    let settings = shown.settings(path);
    let diagnostics: Vec<&Diagnostic> = shown.diagnostics(path).map(|(_, one)| one).collect();
    if settings.is_empty() && diagnostics.is_empty() {
        return None;
    }
    for (path, setting) in settings {
        page.history(&path, setting);
    }
    for one in diagnostics.iter().filter(|one| one.operator.is_none() && one.kept.is_none()) {
        page.diagnostic(one);
    }
    page.lines.text.truncate(page.lines.text.trim_end().len());
    page.lines.text.push('\n');
    Some(page.lines.text)
}

/// An account of which nothing can be said.
#[must_use]
pub fn unjudged(account: &str, policy_type: &str, faults: &[String], style: Style) -> String {
    let mut text = format!("{}  {policy_type}: not judged\n", visible(account));
    for fault in faults {
        text.push_str(&wrapped("! ", "  ", fault, style.width));
    }
    text
}

struct Page<'a> {
    shown: Shown<'a>,
    style: Style,
    lines: Lines,
}

impl Page<'_> {
    fn title(&mut self, title: &str) {
        self.lines.line("");
        self.lines.line(title);
    }

    fn head(&mut self) {
        let Judged { account, policy_type, effective, .. } = self.shown.judged;
        let word = match self.shown.judged.standing() {
            Standing::Valid if !effective.attached => "none",
            Standing::Valid => "valid",
            Standing::Invalid => "not valid",
            Standing::Ambiguous => "ambiguous",
        };
        self.lines.wrapped("", "  ", &format!("{account}  {policy_type}: {word}"));
        for problem in self.shown.problems {
            self.lines.wrapped("! ", "  ", problem);
        }
    }

    fn policy(&mut self) {
        let effective = &self.shown.judged.effective;
        self.lines.line("");
        if !effective.attached {
            let none = "no policy of this type is attached to the account or above it; AWS \
                        answers EffectivePolicyNotFoundException";
            self.lines.wrapped("", "", none);
            return;
        }
        if !effective.root.is_shown() {
            self.lines.line("the effective policy is empty");
        }
        self.entries(&effective.root, 0);
    }

    fn entries(&mut self, entry: &Entry, depth: usize) {
        for child in entry.shown() {
            let indent = "  ".repeat(depth);
            let rest = "  ".repeat(depth + 2);
            match child.setting.as_ref() {
                Some(setting) => {
                    let open = if setting.is_open() { "   (ambiguous)" } else { "" };
                    let value = setting.shown().map(plain).unwrap_or_default();
                    self.lines.wrapped(&indent, &rest, &format!("{}: {value}{open}", child.key));
                }
                None => {
                    self.lines.wrapped(&indent, &rest, &child.key);
                    self.entries(child, depth + 1);
                }
            }
        }
    }

    fn copies(&mut self) {
        let judged = self.shown.judged;
        if judged.copies.is_empty() {
            return;
        }
        let (shown, other): (Vec<&PlannedCopy>, Vec<&PlannedCopy>) =
            judged.copies.iter().partition(|copy| copy.shown);
        self.title(&format!("{}, where a resource is selected", plural(shown.len(), "copy")));
        for copy in shown {
            self.copy(copy);
        }
        if !other.is_empty() {
            self.title(&format!("{} under other possible values", plural(other.len(), "copy")));
            for copy in other {
                self.copy(copy);
            }
        }
    }

    fn copy(&mut self, copy: &PlannedCopy) {
        let mark = if copy.undecided.is_some() { "? " } else { "  " };
        let kind = match copy.kind {
            CopyKind::CopyAction => "",
            CopyKind::LagPrimary => "  (logically air-gapped)",
        };
        let line = format!(
            "{} {}: {}  ->  {}{kind}",
            copy.plan,
            copy.rule,
            vault(&copy.source),
            vault(&copy.destination)
        );
        self.lines.wrapped(mark, "    ", &line);
        if let Some(reason) = &copy.undecided {
            self.lines.wrapped("    undecided: ", "      ", reason);
        }
    }

    fn ignored(&mut self) {
        let diagnostics = &self.shown.judged.effective.diagnostics;
        if diagnostics.is_empty() {
            return;
        }
        self.title(&format!("ignored or doubtful ({})", diagnostics.len()));
        for one in diagnostics.iter().take(TOLD) {
            self.diagnostic(one);
        }
        self.more(diagnostics.len());
    }

    fn more(&mut self, number: usize) {
        if number > TOLD {
            self.lines.line(&format!("and {} more; --format json lists all", number - TOLD));
        }
    }

    fn diagnostic(&mut self, one: &Diagnostic) {
        self.lines.line("");
        self.lines.wrapped("! ", "  ", &sentence(one));
        let note = match one.code {
            Code::BlockedByParent | Code::BlockedNewKey => "ignored",
            Code::SameLevelConflict => "the other value",
            _ => "here",
        };
        self.excerpt(one.span, note);
        if let Some(related) = &one.related {
            let what = if one.kept.is_some() { "assigned first" } else { "locked" };
            self.by(what, related);
        }
    }

    fn by(&mut self, what: &str, related: &Related) {
        let place = self.at(related.span);
        let text = self.shown.sources.slice(related.span);
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text: String = text.chars().take(200).collect();
        let Related { policy, target, .. } = related;
        self.lines.wrapped(
            "  ",
            "    ",
            &format!("{what} by {policy} on {target} ({place}): {text}"),
        );
    }

    fn excerpt(&mut self, span: Span, note: &str) {
        let sources = self.shown.sources;
        let Some(source) = sources.get(span.source) else { return };
        let mut name = source.name.clone();
        if source.carrier.is_some()
            && let Some(place) = self.shown.place(span)
        {
            name = format!("{name}:{} policy", place.line);
        }
        let columns = self.style.width.saturating_sub(8).max(20);
        let labels = [(span.start..span.end, note.to_owned())];
        for cut in Window::cut(&visible(&name), source, &labels, columns) {
            for line in window(self.style, cut) {
                self.lines.line(&line);
            }
        }
    }

    fn at(&self, span: Span) -> String {
        self.shown.place(span).map_or_else(String::new, |place| {
            format!("{}:{}:{}", place.name, place.line, place.column)
        })
    }

    fn ambiguous(&mut self) {
        let judged = self.shown.judged;
        if judged.ambiguous.is_empty() {
            return;
        }
        self.title(&format!("ambiguous ({})", judged.ambiguous.len()));
        for one in judged.ambiguous.iter().take(TOLD) {
            self.open(one);
        }
        self.more(judged.ambiguous.len());
    }

    fn open(&mut self, one: &Ambiguous) {
        let path = if one.path.is_empty() { "the document" } else { &one.path };
        let values: Vec<String> = one.values.iter().map(or_none).collect();
        let values = if values.is_empty() { "anything".to_owned() } else { values.join(", or ") };
        self.lines.line("");
        self.lines.wrapped("? ", "  ", &format!("{path}: {values}"));
        for why in &one.why {
            self.lines.wrapped("  ", "  ", why.why(self.shown.judged.effective.kind));
        }
        let entry = self.shown.judged.effective.root.at(&one.path);
        for step in entry.and_then(|entry| entry.setting.as_ref()).iter().flat_map(|s| &s.steps) {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        let place = self.at(step.span);
        let Step { operator, value, policy, target, fate, .. } = step;
        let became = match fate {
            Fate::Applied => "",
            Fate::Blocked(_) => "; ignored",
            Fate::Lost(_) => "; another policy of the level assigns first",
            Fate::Doubtful(_) => "; perhaps locked from above",
        };
        let line = format!("{operator} {value} by {policy} on {target} ({place}){became}");
        self.lines.wrapped("    ", "      ", &line);
    }

    fn history(&mut self, path: &str, setting: &Setting) {
        let values: Vec<String> = setting.possible.iter().map(or_none).collect();
        self.lines.wrapped("", "  ", &format!("{path}: {}", values.join(", or ")));
        for step in &setting.steps {
            let Step { operator, value, policy, target, fate, .. } = step;
            let (became, by) = match fate {
                Fate::Applied => ("set by", None),
                Fate::Blocked(by) => ("ignored:", Some(("locked", by))),
                Fate::Lost(by) => ("not shown:", Some(("assigned first", by))),
                Fate::Doubtful(by) => ("perhaps ignored:", Some(("perhaps locked", by))),
            };
            self.lines.line("");
            self.lines.wrapped(
                "  ",
                "    ",
                &format!("{became} {policy} on {target}: {operator} {value}"),
            );
            self.excerpt(step.span, operator.key());
            if let Some((what, by)) = by {
                self.by(what, by);
            }
        }
        for why in &setting.why {
            self.lines.wrapped("  ambiguous: ", "    ", why.why(self.shown.judged.effective.kind));
        }
        self.lines.line("");
    }

    fn refused(&mut self) {
        let judged = self.shown.judged;
        if judged.invalid.is_empty() {
            return;
        }
        self.title(&format!("AWS would refuse ({})", judged.invalid.len()));
        for error in judged.invalid.iter().take(TOLD) {
            self.lines.line("");
            self.lines.wrapped(
                "× ",
                "  ",
                &format!("{} {}: {}", error.code.word(), error.path, error.code.meaning()),
            );
            if !error.certain {
                self.lines.line("  unless an ambiguous setting has its other value");
            }
            let entry = judged.effective.root.at(&error.path);
            for step in entry.and_then(|entry| entry.setting.as_ref()).iter().flat_map(|s| &s.steps)
            {
                self.step(step);
            }
        }
        self.more(judged.invalid.len());
        self.lines.line("");
        let force = "the account keeps its last valid policy until all errors are fixed: what is \
                     shown above is not in force";
        self.lines.wrapped("", "", force);
    }

    fn aws(&mut self) {
        let Some(comparison) = self.shown.comparison else { return };
        self.lines.line("");
        if comparison.differences.is_empty() {
            self.lines.wrapped("", "", "AWS's own answer, which the snapshot holds, agrees");
        } else {
            let number = comparison.differences.len();
            self.lines.wrapped(
                "",
                "  ",
                &format!("AWS's own answer, which the snapshot holds, differs ({number})"),
            );
        }
        for one in comparison.differences.iter().take(TOLD) {
            self.difference("× ", one);
        }
        self.more(comparison.differences.len());
        if !comparison.settled.is_empty() {
            self.lines.line("what is ambiguous, AWS's answer shows:");
            for one in &comparison.settled {
                self.lines.wrapped("  ", "    ", &format!("{}: {}", one.path, or_none(&one.aws)));
            }
        }
    }

    fn difference(&mut self, mark: &str, one: &Difference) {
        let line =
            format!("{}: merged {}, AWS {}", one.path, or_none(&one.ours), or_none(&one.aws));
        self.lines.wrapped(mark, "    ", &line);
    }

    fn next(&mut self) {
        let judged = self.shown.judged;
        let differs = self.shown.comparison.is_some_and(|one| !one.differences.is_empty());
        let mut steps: Vec<String> = Vec::new();
        if !judged.invalid.is_empty() {
            steps.push(
                "correct the policies; see what AWS says: aws organizations \
                 list-effective-policy-validation-errors --account-id ACCOUNT --policy-type TYPE"
                    .replace("ACCOUNT", &judged.account)
                    .replace("TYPE", &judged.policy_type),
            );
        }
        if !judged.ambiguous.is_empty() && self.shown.comparison.is_none() {
            steps.push(format!(
                "let one policy of a level set each setting, or see what AWS makes of it: aws \
                 organizations describe-effective-policy --target-id {} --policy-type {}",
                judged.account, judged.policy_type
            ));
        }
        if differs {
            steps.push(
                "read the policies and their attachments again: the snapshot may hold some that \
                 are older than the answer, or the account may keep its last valid policy"
                    .to_owned(),
            );
        }
        if judged.effective.diagnostics.iter().any(|one| one.code.is_blocked()) {
            steps.push("--why PATH tells how a setting came to its value".to_owned());
        }
        if steps.is_empty() {
            return;
        }
        self.title("next");
        for step in steps {
            self.lines.wrapped("  ", "    ", &step);
        }
    }
}

/// What a diagnostic says.
fn sentence(one: &Diagnostic) -> String {
    let Diagnostic { policy, target, path, .. } = one;
    let who = format!("{policy} on {target}");
    let operator = one.operator.map(|operator| operator.key()).unwrap_or_default();
    let value = |value: &Option<Value>| value.as_ref().map(plain).unwrap_or_default();
    let what = match one.code {
        Code::BlockedByParent => format!("`{operator}` is locked and ignored"),
        Code::BlockedNewKey => "the key may not be added, and is ignored with all below".to_owned(),
        Code::SameLevelConflict => {
            let (kept, ignored) = (value(&one.kept), value(&one.ignored));
            format!("two policies of one level assign it: `{kept}` is shown, `{ignored}` is not")
        }
        Code::LeafHasChildKeys => "a setting has keys below it".to_owned(),
        Code::UnknownOperator => "AWS documents no such operator".to_owned(),
        Code::UnknownControl => "AWS documents no such value of the control operator".to_owned(),
        Code::WrongType => "this is no value of a setting".to_owned(),
        Code::NeedsList => "the operator is for lists".to_owned(),
        Code::ScalarForList => "one value stands where a list belongs".to_owned(),
        Code::OperatorMissing => "a value stands without an operator".to_owned(),
        Code::NotKnown => "this part of the document is not known".to_owned(),
        Code::KeyTwice => "the key stands twice: case does not tell keys apart".to_owned(),
        Code::DocumentTooLong => "the policy has more than 10,000 characters".to_owned(),
        Code::TooManyAttached => "more than 10 policies of one type are attached".to_owned(),
    };
    let path = if path.is_empty() { "the document" } else { path };
    format!("{} {path} ({who}): {what}", one.code.word())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Scalar(text) => text.to_string(),
        Value::List(list) if list.is_empty() => "(an empty list)".to_owned(),
        Value::List(list) => {
            let list: Vec<String> = list.iter().map(ToString::to_string).collect();
            list.join(", ")
        }
        Value::Unknown => "(not known)".to_owned(),
    }
}

fn or_none(value: &Option<Value>) -> String {
    value.as_ref().map_or_else(|| "nothing".to_owned(), plain)
}

fn vault(arn: &str) -> String {
    match arn.parse::<VaultArn>() {
        Ok(vault) => format!("{} ({}, {})", vault.name, vault.account, vault.region),
        Err(_) => arn.to_owned(),
    }
}

fn plural(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} copies"),
    }
}
