//! `snapshot diff`: documents that changed between two snapshots, and the verdicts with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use copy_preflight_rules::check::CopyReport;
use copy_preflight_rules::outcome::OutcomeKind;
use serde::Serialize;

use super::{about, counted, open};
use crate::Exit;
use crate::args::{DiffArgs, ListFormat};
use crate::command::place;
use crate::command::question::{Asked, Question};
use crate::command::{Failure, pretty};
use crate::config::Located;
use crate::output::human::Style;
use crate::output::plain::Lines;
use crate::snapshot::folder::{File, list};
use crate::snapshot::manifest::{MANIFEST, Manifest};
use crate::snapshot::meaning::{Change, Meaning, changes};
use crate::snapshot::{Snapshot, decode};

#[derive(Debug, Serialize)]
struct DiffJson {
    schema: &'static str,
    before: SideJson,
    after: SideJson,
    same: bool,
    documents: Vec<DocumentJson>,
    /// Null where no pair was named.
    verdict: Option<VerdictsJson>,
    copies: Vec<CopyJson>,
}

#[derive(Debug, Serialize)]
struct SideJson {
    snapshot: String,
    taken_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct DocumentJson {
    /// The file without its ending.
    document: String,
    /// `added`, `removed` or `changed`.
    change: &'static str,
    /// `ok`, or the code of the error that stands in the place of the answer; null where there is
    /// neither.
    answer_before: Option<String>,
    answer_after: Option<String>,
    members: Vec<MemberJson>,
}

#[derive(Debug, Serialize)]
struct MemberJson {
    path: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct VerdictsJson {
    before: &'static str,
    after: &'static str,
}

/// A copy whose verdict or outcomes changed.
#[derive(Debug, Serialize)]
struct CopyJson {
    id: String,
    source: String,
    destination: String,
    resource_type: Option<String>,
    variant: Option<String>,
    /// Null where the copy is planned from the other snapshot alone.
    before: Option<&'static str>,
    after: Option<&'static str>,
    rules: Vec<RuleJson>,
}

#[derive(Debug, Serialize)]
struct RuleJson {
    rule: String,
    before: &'static str,
    after: &'static str,
    message_before: String,
    message_after: String,
}

pub(super) fn run(
    args: DiffArgs,
    config: &Located,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let asked =
        args.question.map(|question| Asked::of(question, &args.judging, config)).transpose()?;
    let place = |asked: Asked| {
        // One of the two may lack it.
        let (before, after) = (open(&args.before)?, open(&args.after)?);
        let (sought, facts) = (asked.sought(), asked.facts());
        let source = match (asked.source(), sought) {
            (None, Some(sought)) => place::saved(sought, &after, facts)
                .or_else(|_| place::saved(sought, &before, facts))?,
            _ => return asked.of_snapshot(&after),
        };
        Ok(asked.at(source))
    };
    let question = asked.map(place).transpose()?;
    if question.as_ref().is_some_and(Question::names_no_copy) {
        return Err(Failure::Usage(
            "a pair has two vaults: name `--destination-vault` too, or a `--backup-plan`"
                .to_owned(),
        ));
    }
    let (before, after) = (documents(&args.before)?, documents(&args.after)?);
    let mut diff = DiffJson {
        schema: "copy-preflight/snapshot-diff/v1",
        before: SideJson { snapshot: shown(&args.before), taken_at: taken_at(&args.before) },
        after: SideJson { snapshot: shown(&args.after), taken_at: taken_at(&args.after) },
        same: false,
        documents: compare(&before, &after),
        verdict: None,
        copies: Vec::new(),
    };
    if let Some(question) = question {
        let (one, other) = (open(&args.before)?, open(&args.after)?);
        verdicts(&question, one, other, &mut diff)?;
    }
    let same_verdict = diff.verdict.as_ref().is_none_or(|verdict| verdict.before == verdict.after);
    diff.same = diff.documents.is_empty() && diff.copies.is_empty() && same_verdict;
    let text = match args.format {
        ListFormat::Json => pretty(&diff)?,
        ListFormat::Human => human(&diff, style),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(if diff.same { Exit::Fine } else { Exit::Failed })
}

fn shown(folder: &Path) -> String {
    folder.to_string_lossy().into_owned()
}

fn taken_at(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    let manifest = Manifest::read(&text).ok()?;
    Some(manifest.taken_at).filter(|at| !at.is_empty())
}

/// One document of a snapshot.
struct Document {
    meaning: Meaning,
    is_error: bool,
}

impl Document {
    /// `ok`, or the code of the error.
    fn answer(&self) -> String {
        if !self.is_error {
            return "ok".to_owned();
        }
        let code = match &self.meaning {
            Meaning::Object(members) => members.get("code").and_then(|codes| codes.last()),
            _ => None,
        };
        match code {
            Some(Meaning::Text(code)) => code.clone(),
            _ => "an error without a code".to_owned(),
        }
    }
}

/// Each document, by its name without the ending.
fn documents(folder: &Path) -> Result<BTreeMap<String, Document>, Failure> {
    let listing = list(folder).map_err(|fault| Failure::Io(about(folder), fault))?;
    let files = listing.files.iter().filter(|file| file.name != MANIFEST);
    let mut documents = BTreeMap::new();
    for file in files {
        let document = Document { meaning: meaning(file), is_error: file.is_error() };
        match documents.get(file.stem()) {
            // Readers prefer the answer to the error.
            Some(_) if file.is_error() => {}
            _ => {
                documents.insert(file.stem().to_owned(), document);
            }
        }
    }
    Ok(documents)
}

fn meaning(file: &File) -> Meaning {
    match fs::read(&file.path) {
        Ok(bytes) => match decode(&bytes) {
            Ok(text) => Meaning::of(text),
            // What cannot be read is the same as the same bytes.
            Err(_) => Meaning::Text(format!("{bytes:?}")),
        },
        Err(fault) => Meaning::Text(format!("cannot be read: {fault}")),
    }
}

fn compare(
    before: &BTreeMap<String, Document>,
    after: &BTreeMap<String, Document>,
) -> Vec<DocumentJson> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let document = |name: &String| {
        let (change, members) = match (before.get(name), after.get(name)) {
            (None, _) => ("added", Vec::new()),
            (_, None) => ("removed", Vec::new()),
            (Some(one), Some(other)) => {
                let members = changes(&one.meaning, &other.meaning);
                if members.is_empty() {
                    return None;
                }
                ("changed", members)
            }
        };
        let members = members
            .iter()
            .map(|Change { path, before, after }| MemberJson {
                path: path.clone(),
                before: before.as_ref().map(Meaning::to_json),
                after: after.as_ref().map(Meaning::to_json),
            })
            .collect();
        Some(DocumentJson {
            document: name.clone(),
            change,
            answer_before: before.get(name).map(Document::answer),
            answer_after: after.get(name).map(Document::answer),
            members,
        })
    };
    names.into_iter().filter_map(document).collect()
}

/// Judges the same question by both snapshots.
fn verdicts(
    question: &Question,
    mut before: Snapshot,
    mut after: Snapshot,
    diff: &mut DiffJson,
) -> Result<(), Failure> {
    let (one, _) = question.judge(&mut before)?;
    let (other, _) = question.judge(&mut after)?;
    diff.verdict = Some(VerdictsJson { before: one.verdict.word(), after: other.verdict.word() });
    // A key that became known is no other copy: the pair, the type and the point tell it.
    let key = |copy: &CopyReport| {
        let copy = &copy.copy;
        (
            copy.source.to_string(),
            copy.destination.to_string(),
            copy.resource_type.clone(),
            copy.variant.clone(),
            copy.recovery_point.clone(),
            copy.from.name.clone(),
            copy.from.rule.clone(),
        )
    };
    let mut left: Vec<&CopyReport> = other.copies.iter().collect();
    for copy in &one.copies {
        let found = left.iter().position(|other| key(other) == key(copy));
        let other = found.map(|at| left.remove(at));
        diff.copies.extend(copy_change(Some(copy), other));
    }
    for copy in left {
        diff.copies.extend(copy_change(None, Some(copy)));
    }
    Ok(())
}

fn copy_change(before: Option<&CopyReport>, after: Option<&CopyReport>) -> Option<CopyJson> {
    let either = after.or(before)?;
    let mut rules = Vec::new();
    if let (Some(before), Some(after)) = (before, after) {
        for (one, other) in before.outcomes.iter().zip(&after.outcomes) {
            if one.outcome.kind == other.outcome.kind {
                continue;
            }
            rules.push(RuleJson {
                rule: one.rule.id(),
                before: word(one.outcome.kind),
                after: word(other.outcome.kind),
                message_before: one.outcome.message.clone(),
                message_after: other.outcome.message.clone(),
            });
        }
        if rules.is_empty() && before.verdict == after.verdict {
            return None;
        }
    }
    Some(CopyJson {
        id: either.copy.id(),
        source: either.copy.source.to_string(),
        destination: either.copy.destination.to_string(),
        resource_type: either.copy.resource_type.clone(),
        variant: either.copy.variant.clone(),
        before: before.map(|copy| copy.verdict.word()),
        after: after.map(|copy| copy.verdict.word()),
        rules,
    })
}

fn word(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Holds => "holds",
        OutcomeKind::Broken => "broken",
        OutcomeKind::Undecided => "undecided",
        OutcomeKind::NotApplicable => "not-applicable",
    }
}

fn answered(answer: &str) -> &str {
    if answer == "ok" { "an answer" } else { answer }
}

/// How many members of a document are told to a person.
const TOLD: usize = 5;

fn human(diff: &DiffJson, style: Style) -> String {
    let mut page = Lines::new(style.width);
    for (sign, side) in [("- ", &diff.before), ("+ ", &diff.after)] {
        let at = side.taken_at.as_ref().map(|at| format!(", taken {at}")).unwrap_or_default();
        page.wrapped(sign, "    ", &format!("{}{at}", side.snapshot));
    }
    page.line("");
    if diff.same {
        page.line("same: every document says what it said");
        return page.text;
    }
    for document in &diff.documents {
        page.wrapped("", "    ", &format!("{:7}  {}", document.change, document.document));
        if let (Some(one), Some(other)) = (&document.answer_before, &document.answer_after)
            && one != other
        {
            page.wrapped("  ", "    ", &format!("{} -> {}", answered(one), answered(other)));
            continue;
        }
        for member in document.members.iter().take(TOLD) {
            let path = if member.path.is_empty() { "the whole" } else { &member.path };
            page.wrapped("  ", "    ", path);
            for (sign, value) in [("    - ", &member.before), ("    + ", &member.after)] {
                if let Some(value) = value {
                    page.value(sign, "      ", value);
                }
            }
        }
        if document.members.len() > TOLD {
            let more = document.members.len() - TOLD;
            page.wrapped("  ", "  ", &format!("and {more} more; `--format json` has them all"));
        }
    }
    for copy in &diff.copies {
        page.line("");
        let name = match (&copy.resource_type, &copy.variant) {
            (Some(name), Some(variant)) if !variant.is_empty() => format!("{name}/{variant}"),
            (Some(name), _) => name.clone(),
            _ => "type not known".to_owned(),
        };
        let verdict = match (copy.before, copy.after) {
            (Some(before), Some(after)) if before == after => format!("still {after}"),
            (before, after) => {
                format!("{} -> {}", before.unwrap_or("no copy"), after.unwrap_or("no copy"))
            }
        };
        page.wrapped("", "  ", &format!("{name}: {verdict}"));
        for rule in &copy.rules {
            page.wrapped(
                "  ",
                "    ",
                &format!("{}: {} -> {}", rule.rule, rule.before, rule.after),
            );
            page.wrapped("    ", "    ", &rule.message_after);
        }
    }
    page.line("");
    let mut line = match diff.documents.len() {
        0 => "no document changed".to_owned(),
        number => format!("{} changed", counted(number, "document")),
    };
    if let Some(verdict) = &diff.verdict {
        line.push_str(&match verdict.before == verdict.after {
            true => format!("; the verdict is still {}", verdict.after),
            false => format!("; the verdict turned from {} to {}", verdict.before, verdict.after),
        });
    }
    page.wrapped("", "  ", &line);
    page.text
}
