//! The JSON form of a lint report: `copy-preflight/lint/v1`.
//!
//! Offsets are bytes of the file, lines and columns count from 1, columns count characters.

use copy_preflight_policy::source::Span;
use copy_preflight_rules::outcome::Fix;
use copy_preflight_rules::rule::Level;
use serde::Serialize;

use super::Linted;
use crate::lint::{FileReport, Found};
use crate::output::json::FixJson;

/// The whole report.
#[derive(Debug, Serialize)]
pub struct LintJson {
    schema: &'static str,
    tool: ToolJson,
    summary: SummaryJson,
    problems: Vec<ProblemJson>,
    files: Vec<FileJson>,
    /// The planned copies of the config.
    copies: Vec<CopyJson>,
    findings: Vec<FindingJson>,
}

#[derive(Debug, Serialize)]
struct ToolJson {
    name: &'static str,
    version: &'static str,
    facts_as_of: String,
}

#[derive(Debug, Serialize)]
struct SummaryJson {
    documents: usize,
    errors: usize,
    security: usize,
    warnings: usize,
    suggestions: usize,
    open: usize,
    suppressed: usize,
    in_baseline: usize,
    /// The version before, where only what changed since is told.
    base: Option<BaseJson>,
    /// The least level at which a finding fails the run.
    fail_on: &'static str,
    failed: bool,
}

#[derive(Debug, Serialize)]
struct BaseJson {
    name: String,
    /// How many findings were there before.
    as_before: usize,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    path: String,
    message: String,
    unreadable: bool,
}

/// Whether the documents of the repository permit a planned copy of the config.
#[derive(Debug, Serialize)]
struct CopyJson {
    name: String,
    /// `permitted`, `not permitted`, `open` or `not judged`.
    answer: &'static str,
    /// How many rules hang on documents that the config does not give.
    not_judged: usize,
    /// The slots of these documents.
    lacks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FileJson {
    path: String,
    documents: Vec<DocumentJson>,
}

#[derive(Debug, Serialize)]
struct DocumentJson {
    kind: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    rule: String,
    outcome: &'static str,
    reason: Option<&'static str>,
    certainty: &'static str,
    level: &'static str,
    message: String,
    path: String,
    document: DocumentJson,
    fingerprint: String,
    labels: Vec<LabelJson>,
    aws_says: Vec<String>,
    help: Option<String>,
    facts: Vec<String>,
    fix: Option<FixJson<EditJson>>,
}

#[derive(Debug, Serialize)]
struct LabelJson {
    /// The file, where it is not that of the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    /// The underlined text, decoded where the file has it in a string.
    text: String,
    note: String,
}

#[derive(Debug, Serialize)]
struct EditJson {
    start: u32,
    end: u32,
    text: String,
}

/// The JSON form of a report.
#[must_use]
pub fn report(linted: Linted<'_>) -> LintJson {
    let report = linted.report;
    let problem = |note: &crate::lint::Note| ProblemJson {
        path: note.path.clone(),
        message: note.message.clone(),
        unreadable: note.unreadable,
    };
    LintJson {
        schema: "copy-preflight/lint/v1",
        tool: ToolJson {
            name: "copy-preflight",
            version: env!("CARGO_PKG_VERSION"),
            facts_as_of: linted.facts.as_of().to_owned(),
        },
        summary: SummaryJson {
            documents: report.documents(),
            errors: report.count(Level::Error),
            security: report.count(Level::Security),
            warnings: report.count(Level::Warning),
            suggestions: report.count(Level::Suggestion),
            open: report.open(),
            suppressed: report.suppressed,
            in_baseline: report.in_baseline,
            base: report
                .base
                .as_ref()
                .map(|base| BaseJson { name: base.name.clone(), as_before: base.as_before }),
            fail_on: linted.fail_on.word(),
            failed: report.fails(linted.fail_on),
        },
        problems: report.notes.iter().map(problem).collect(),
        files: report.files.iter().filter(|file| holds_documents(file)).map(file).collect(),
        copies: report.copies.iter().map(copy).collect(),
        findings: report.findings().map(|(file, found)| finding(file, found)).collect(),
    }
}

fn holds_documents(file: &FileReport) -> bool {
    file.documents.iter().any(|document| document.kind.is_some())
}

fn copy(copy: &crate::lint::CopyLine) -> CopyJson {
    CopyJson {
        name: copy.name.clone(),
        answer: copy.word,
        not_judged: copy.not_judged,
        lacks: copy.lacks.clone(),
    }
}

fn file(file: &FileReport) -> FileJson {
    let documents = file.documents.iter().map(document).collect();
    FileJson { path: file.path.clone(), documents }
}

fn document(judged: &crate::lint::Judged) -> DocumentJson {
    DocumentJson { kind: judged.word(), name: judged.name.clone() }
}

fn finding(file: &FileReport, found: &Found) -> FindingJson {
    let outcome = &found.outcome;
    let unknown = DocumentJson { kind: "", name: String::new() };
    FindingJson {
        rule: found.rule.id(),
        outcome: outcome.kind.word(),
        reason: outcome.reason,
        certainty: outcome.certainty.word(),
        level: found.level.word(),
        message: outcome.message.clone(),
        path: file.path.clone(),
        document: file.documents.get(found.document).map_or(unknown, document),
        fingerprint: found.fingerprint.clone(),
        labels: outcome
            .labels
            .iter()
            .filter_map(|label| self::label(file, label.span, &label.note))
            .collect(),
        aws_says: outcome.aws_says.clone(),
        help: outcome.help.clone(),
        facts: outcome.facts.iter().cloned().collect(),
        fix: outcome.fix.as_ref().and_then(|fix| self::fix(file, fix)),
    }
}

fn label(file: &FileReport, span: Span, note: &str) -> Option<LabelJson> {
    let place = file.place_of(span)?;
    let path = file.path_of(span);
    Some(LabelJson {
        path: (path != file.path).then(|| path.to_owned()),
        start: place.span.start,
        end: place.span.end,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
        text: file.sources.slice(span).to_owned(),
        note: note.to_owned(),
    })
}

/// A change of the file; `None` where the text stands in it escaped, so that it does not fit.
fn fix(file: &FileReport, fix: &Fix) -> Option<FixJson<EditJson>> {
    let edits = edits(file, fix)?.into_iter().map(|(span, text)| EditJson {
        start: span.start,
        end: span.end,
        text: text.to_owned(),
    });
    Some(FixJson::of(fix, edits.collect()))
}

/// The edits of a fix in the file itself; `None` where one replaces text that is escaped there.
pub(super) fn edits<'f>(file: &FileReport, fix: &'f Fix) -> Option<Vec<(Span, &'f str)>> {
    fix.edits
        .iter()
        .map(|edit| {
            let outer = file.sources.outermost(edit.span);
            let verbatim = file.sources.slice(outer) == file.sources.slice(edit.span);
            verbatim.then_some((outer, edit.text.as_str()))
        })
        .collect()
}
