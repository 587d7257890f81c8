//! Documents of a repository, judged by themselves.

pub mod baseline;
pub mod comments;
mod files;
pub(crate) mod fingerprint;
pub mod suppress;
pub(crate) mod template;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use copy_preflight_policy::source::{Position, Sources, Span};
use copy_preflight_rules::lint::{Document, DocumentKind, Linter, Owner};
use copy_preflight_rules::outcome::{Label, Outcome, OutcomeKind};
use copy_preflight_rules::rule::{Level, Rule};
use copy_preflight_rules::rules;

pub(crate) use files::shown;
pub use files::{Gathered, Input, gather, gather_before};
pub use version::{Version, VersionError};

use comments::Waiver;
use files::{Holding, Unit};

/// What was judged, and what was found.
#[derive(Default)]
pub struct Report {
    /// The files that hold documents, in order.
    pub files: Vec<FileReport>,
    /// What could not be read or judged, each told once.
    pub notes: Vec<Note>,
    /// How many findings a suppression or comment left out.
    pub suppressed: usize,
    /// How many findings the baseline left out.
    pub in_baseline: usize,
    /// The planned copies of the config, and whether the documents permit them.
    pub copies: Vec<CopyLine>,
    /// What the report is compared with: it holds only what changed.
    pub base: Option<Base>,
}

/// The version before, where only what changed since is told.
#[derive(Debug, Clone)]
pub struct Base {
    /// How the user named it.
    pub name: String,
    /// How many findings were there before.
    pub as_before: usize,
}

/// A planned copy in a few words.
#[derive(Debug, Clone)]
pub struct CopyLine {
    /// What the team calls it.
    pub name: String,
    /// What the documents say of it: permitted, not permitted, open, not judged.
    pub word: &'static str,
    /// How many rules hang on documents that were not given.
    pub not_judged: usize,
    /// What these documents are.
    pub lacks: Vec<String>,
    /// The slots of given documents that no rule could conclude anything from.
    pub idle: Vec<String>,
}

/// A file, its documents and their findings.
pub struct FileReport {
    /// The path as it is shown, with `/` between its parts.
    pub path: String,
    /// The text of the file, and the texts that it carries.
    pub sources: Sources,
    /// The documents.
    pub documents: Vec<Judged>,
    /// The findings, in the order of the file.
    pub findings: Vec<Found>,
    /// How many findings comments leave out.
    pub waived: usize,
    /// Whether the version before is the same.
    pub unchanged: bool,
}

/// A document that was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What it is; `None` for a planned copy of the config, which the file is about.
    pub kind: Option<DocumentKind>,
    /// What it is called in its file; the name of the planned copy.
    pub name: String,
}

impl Judged {
    /// The word of its kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.kind.map_or("planned-copy", DocumentKind::word)
    }
}

/// One finding.
#[derive(Clone)]
pub struct Found {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level, as the config has it.
    pub level: Level,
    /// What it says: broken or undecided.
    pub outcome: Outcome,
    /// The index of the document in its file.
    pub document: usize,
    /// Names the finding from one run to the next, whatever line it moves to.
    pub fingerprint: String,
}

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file or folder.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// Whether it could not be read.
    pub unreadable: bool,
}

/// A place in a file, lines and columns from 1.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// In bytes of the file.
    pub span: Span,
    /// Where it begins.
    pub start: Position,
    /// Behind its end.
    pub end: Position,
}

impl Found {
    /// Whether something is wrong, rather than open.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.outcome.kind == OutcomeKind::Broken
    }

    /// The word of its level, or that it is open.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.is_broken() { self.level.word() } else { "open" }
    }
}

impl FileReport {
    /// The place in the file that a label stands for.
    #[must_use]
    pub fn place(&self, label: &Label) -> Option<Place> {
        self.place_of(label.span)
    }

    /// The place in the file that a span stands for.
    #[must_use]
    pub fn place_of(&self, span: Span) -> Option<Place> {
        let span = self.sources.outermost(span);
        let source = self.sources.get(span.source)?;
        Some(Place { span, start: source.position(span.start), end: source.position(span.end) })
    }

    /// The path of the file that a span stands in: a finding on a planned copy may show several.
    #[must_use]
    pub fn path_of(&self, span: Span) -> &str {
        let source = self.sources.get(self.sources.outermost(span).source);
        source.map_or(self.path.as_str(), |source| source.name.as_str())
    }

    /// The place of a finding: its first label, else the beginning of the file.
    #[must_use]
    pub fn place_of_finding(&self, found: &Found) -> Place {
        let start = Position { line: 1, column: 1 };
        let first = found.outcome.labels.first().and_then(|label| self.place(label));
        first.unwrap_or(Place {
            span: Span::new(copy_preflight_policy::source::SourceId::new(0), 0, 0),
            start,
            end: start,
        })
    }
}

impl Report {
    /// All findings with their files.
    pub fn findings(&self) -> impl Iterator<Item = (&FileReport, &Found)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |found| (file, found)))
    }

    /// How many findings have this level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings().filter(|(_, found)| found.is_broken() && found.level == level).count()
    }

    /// Whether a planned copy of the config is open.
    #[must_use]
    pub fn leaves_copy_open(&self) -> bool {
        self.findings().any(|(file, found)| {
            let of_copy = file.documents.get(found.document).is_some_and(|one| one.kind.is_none());
            of_copy && !found.is_broken()
        })
    }

    /// How many questions are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.findings().filter(|(_, found)| !found.is_broken()).count()
    }

    /// How many documents were judged.
    #[must_use]
    pub fn documents(&self) -> usize {
        let documents = self.files.iter().flat_map(|file| &file.documents);
        documents.filter(|document| document.kind.is_some()).count()
    }

    /// Whether a finding has this level or a worse one.
    #[must_use]
    pub fn fails(&self, least: Level) -> bool {
        self.findings().any(|(_, found)| found.is_broken() && found.level <= least)
    }
}

/// What a run judges by.
#[derive(Clone)]
pub struct Settings<'a> {
    /// The rules and facts.
    pub linter: &'a Linter<'a>,
    /// The level that a rule's findings have; `None` where it is turned off.
    pub level: &'a (dyn Fn(&'static Rule) -> Option<Level> + Sync),
    /// The kind that the user fixed.
    pub kind: Option<DocumentKind>,
    /// Whose documents they are, where nothing else says so.
    pub owner: Owner,
    /// The version before, by which changes are judged.
    pub before: Option<&'a Before>,
}

/// The files of the version before, by the paths as which those at hand are shown.
#[derive(Debug, Default)]
pub struct Before {
    inputs: BTreeMap<String, Input>,
    /// The texts of files that are there no more: a file that moved did not change.
    gone: BTreeSet<String>,
}

impl Before {
    /// The version before of the files at hand.
    #[must_use]
    pub fn of(inputs: Vec<Input>, at_hand: &[Input]) -> Self {
        let here: BTreeSet<&str> = at_hand.iter().map(|input| input.shown.as_str()).collect();
        let gone = inputs.iter().filter(|input| !here.contains(input.shown.as_str()));
        let gone = gone.filter_map(|input| input.text().ok()).collect();
        let inputs = inputs.into_iter().map(|input| (input.shown.clone(), input)).collect();
        Self { inputs, gone }
    }

    /// The files that are not the same as those that were judged.
    #[must_use]
    pub fn changed(mut self, judged: &Report) -> Vec<Input> {
        for file in judged.files.iter().filter(|file| file.unchanged) {
            self.inputs.remove(&file.path);
        }
        self.inputs.into_values().collect()
    }

    /// The documents that files had; `None` where they are those that they have.
    fn documents(&self, unit: &Unit<'_>, settings: &Settings<'_>) -> Option<Vec<Document>> {
        // What a module's files say hangs on its other files too, so modules are always compared.
        if let [(input, text)] = unit
            && !template::is_of_module(&input.shown)
        {
            match self.inputs.get(&input.shown) {
                None if self.gone.contains(text) => return None,
                Some(before) if before.text().unwrap_or_default() == *text => return None,
                _ => {}
            }
        }
        let then = unit.iter().filter_map(|(input, _)| self.inputs.get(&input.shown));
        let then: Vec<(&Input, String)> =
            then.map(|input| (input, input.text().unwrap_or_default())).collect();
        let holdings = files::read(&then, &mut Sources::new(), settings);
        Some(holdings.into_iter().flat_map(|one| one.documents).collect())
    }
}

/// What one file came to.
#[derive(Default)]
struct Outcomes {
    /// `None` where it holds no document.
    file: Option<FileReport>,
    notes: Vec<Note>,
}

/// Judges the inputs, side by side, in their order.
#[must_use]
pub fn judge(inputs: &[Input], settings: &Settings<'_>) -> Report {
    let next = AtomicUsize::new(0);
    let units = files::units(inputs);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(index) else { return done };
            let of_unit: Vec<&Input> = unit.iter().filter_map(|&at| inputs.get(at)).collect();
            done.extend(unit.iter().copied().zip(judge_unit(&of_unit, settings)));
        }
    };
    // A thread costs more than a few files do.
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(units.len() / 16 + 1);
    let mut done: Vec<(usize, Outcomes)> = match threads {
        1 => work(),
        _ => thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        }),
    };
    done.sort_by_key(|(index, _)| *index);
    let mut report = Report::default();
    for (_, outcomes) in done {
        report.suppressed += outcomes.file.as_ref().map_or(0, |file| file.waived);
        report.files.extend(outcomes.file);
        report.notes.extend(outcomes.notes);
    }
    report
}

/// The documents of an input, not judged.
pub(crate) fn documents_of(
    input: &Input,
    settings: &Settings<'_>,
) -> Result<Vec<Document>, String> {
    let holdings = files::read(&[(input, input.text()?)], &mut Sources::new(), settings);
    Ok(holdings.into_iter().flat_map(|one| one.documents).collect())
}

/// Judges files that are read together: what each of them comes to, in their order.
fn judge_unit(unit: &[&Input], settings: &Settings<'_>) -> Vec<Outcomes> {
    let mut outcomes: Vec<Outcomes> = unit.iter().map(|_| Outcomes::default()).collect();
    let (mut read, mut places) = (Vec::new(), Vec::new());
    for (at, (input, outcome)) in unit.iter().zip(&mut outcomes).enumerate() {
        match input.text() {
            Ok(text) => {
                read.push((*input, text));
                places.push(at);
            }
            Err(message) => {
                let path = input.shown.clone();
                outcome.notes.push(Note { path, message, unreadable: true });
            }
        }
    }
    // Nothing is known of what stood on standard input before.
    let earlier = settings.before.filter(|_| !unit.iter().any(|input| input.is_stdin()));
    let before = earlier.and_then(|before| before.documents(&read, settings));
    let unchanged = earlier.is_some() && before.is_none();
    let mut sources = Sources::new();
    let holdings = files::read(&read, &mut sources, settings);
    for ((holding, (input, _)), at) in holdings.into_iter().zip(&read).zip(places) {
        if let Some(outcome) = outcomes.get_mut(at) {
            let known = before.as_deref();
            *outcome = judge_one(input, holding, &sources, known, settings);
            if let Some(file) = &mut outcome.file {
                file.unchanged = unchanged;
            }
        }
    }
    outcomes
}

fn judge_one(
    input: &Input,
    read: Holding,
    sources: &Sources,
    before: Option<&[Document]>,
    settings: &Settings<'_>,
) -> Outcomes {
    let mut outcomes = Outcomes { file: None, notes: read.notes };
    if read.documents.is_empty() {
        if input.named && outcomes.notes.is_empty() {
            let message = "holds no document of a known kind; `--kind` says what it is".to_owned();
            outcomes.notes.push(Note { path: input.shown.clone(), message, unreadable: false });
        }
        return outcomes;
    }
    let mut file = FileReport {
        path: input.shown.clone(),
        sources: sources.clone(),
        documents: Vec::new(),
        findings: Vec::new(),
        waived: 0,
        unchanged: false,
    };
    let mut used = vec![false; read.waivers.len()];
    for (index, document) in read.documents.iter().enumerate() {
        file.documents.push(Judged { kind: Some(document.kind), name: document.name.clone() });
        let findings = settings.linter.check(document).into_iter();
        let mut findings: Vec<(&'static Rule, Outcome)> =
            findings.map(|finding| (&finding.rule.rule, finding.outcome)).collect();
        if let Some(before) = before {
            let same = |one: &&Document| one.kind == document.kind && one.name == document.name;
            findings.extend(settings.linter.compare(before.iter().find(same), document));
        }
        add(&mut file, index, findings, (&read.waivers, &mut used), settings);
    }
    file.findings.sort_by_key(|found| {
        let span = found.outcome.labels.first().map(|label| file.sources.outermost(label.span));
        (span.map(|span| (span.start, span.end)), found.level)
    });
    fingerprint::give(&mut file);
    for (waiver, _) in read.waivers.iter().zip(used).filter(|(_, used)| !used) {
        outcomes.notes.extend(unused(waiver, &file.path, settings));
    }
    outcomes.file = Some(file);
    outcomes
}

/// What is to be said of a comment that leaves nothing out: a comment that lost its reason hides
/// the next mistake.
fn unused(waiver: &Waiver, path: &str, settings: &Settings<'_>) -> Option<Note> {
    let message = match rules::named(&waiver.rule) {
        None => {
            let rule = &waiver.rule;
            format!("there is no rule `{rule}`; `copy-preflight rules` lists them")
        }
        // Rules that are turned off find nothing, and changes are not all that there is.
        Some(rule) if (settings.level)(rule).is_none() || settings.before.is_some() => return None,
        Some(_) => format!("a comment leaves out `{}`, and nothing of it is found", waiver.rule),
    };
    Some(Note { path: format!("{path}:{}", waiver.lines.start()), message, unreadable: false })
}

fn add(
    file: &mut FileReport,
    index: usize,
    findings: Vec<(&'static Rule, Outcome)>,
    (waivers, used): (&[Waiver], &mut [bool]),
    settings: &Settings<'_>,
) {
    for (rule, outcome) in findings {
        let Some(level) = (settings.level)(rule) else { continue };
        let first = outcome.labels.first().and_then(|label| file.place(label));
        let mut waived = false;
        for (waiver, used) in waivers.iter().zip(used.iter_mut()) {
            if first.is_some_and(|place| waiver.covers(&rule.id(), place.start.line)) {
                (waived, *used) = (true, true);
            }
        }
        file.waived += usize::from(waived);
        if !waived {
            file.findings.push(Found {
                rule,
                level,
                outcome,
                document: index,
                fingerprint: String::new(),
            });
        }
    }
}
