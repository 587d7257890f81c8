//! SARIF 2.1.0, as code scanning takes it.

use copy_preflight_rules::lint::{DocumentKind, rules_of};
use copy_preflight_rules::rule::{Level, Rule};
use copy_preflight_rules::rules;
use serde_json::{Value, json};

use super::Linted;
use super::json::edits;
use crate::lint::{FileReport, Found, Judged, Place};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What GitHub takes from a security finding to sort it: of ten.
const SECURITY_SEVERITY: &str = "6.5";

/// The log of a run. `all` also gives the rules that hold, and those that do not concern a
/// document.
#[must_use]
pub fn report(linted: Linted<'_>, all: bool) -> Value {
    let rules: Vec<&Rule> = rules::all().collect();
    let mut results: Vec<Value> =
        linted.report.findings().map(|(file, found)| result(&rules, file, found)).collect();
    if all {
        for file in &linted.report.files {
            for (index, judged) in file.documents.iter().enumerate() {
                let Some(kind) = judged.kind else { continue };
                results.extend(silent(file, index, kind, &rules));
            }
        }
    }
    let notes: Vec<Value> = linted
        .report
        .notes
        .iter()
        .map(|note| {
            json!({
                "level": if note.unreadable { "error" } else { "note" },
                "message": {"text": note.message},
                "locations": [{"physicalLocation": {"artifactLocation": artifact(&note.path)}}],
            })
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "copy-preflight",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notes,
            }],
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let mut properties = json!({"tags": ["aws", "backup"]});
    if rule.level == Level::Security
        && let Some(properties) = properties.as_object_mut()
    {
        properties.insert("tags".to_owned(), json!(["aws", "backup", "security"]));
        properties.insert("security-severity".to_owned(), json!(SECURITY_SEVERITY));
    }
    json!({
        "id": rule.id(),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": properties,
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Security | Level::Warning => "warning",
        Level::Suggestion => "note",
    }
}

fn index_of(rules: &[&Rule], rule: &Rule) -> Option<usize> {
    rules.iter().position(|one| std::ptr::eq(*one, rule))
}

fn result(rules: &[&Rule], file: &FileReport, found: &Found) -> Value {
    let outcome = &found.outcome;
    let mut text = outcome.message.clone();
    if let Some(help) = &outcome.help {
        text.push_str(". ");
        text.push_str(help);
    }
    // A question has no level but `note`; only what is wrong is a failure.
    let (kind, level) = match found.is_broken() {
        true => ("fail", level(found.level)),
        false => ("open", "note"),
    };
    let first = outcome.labels.first().map_or("", |label| label.note.as_str());
    let place = file.place_of_finding(found);
    let related: Vec<Value> = outcome
        .labels
        .iter()
        .skip(1)
        .filter_map(|label| {
            Some(location(file.path_of(label.span), file.place(label)?, &label.note))
        })
        .collect();
    let mut result = json!({
        "ruleId": found.rule.id(),
        "ruleIndex": index_of(rules, found.rule),
        "kind": kind,
        "level": level,
        "message": {"text": text},
        "locations": [location(&file.path, place, first)],
        "relatedLocations": related,
        "partialFingerprints": {"copyPreflightFinding/v1": found.fingerprint},
        "properties": {
            "reason": outcome.reason,
            "certainty": outcome.certainty.word(),
            "level": found.level.word(),
            "document": file.documents.get(found.document).map(Judged::word),
        },
    });
    // A change that is a statement to add somewhere replaces nothing, and the form needs that.
    let fix = outcome.fix.as_ref().and_then(|fix| Some((fix, edits(file, fix)?)));
    let fix = fix.filter(|(_, edits)| !edits.is_empty());
    if let Some((fix, edits)) = fix
        && let Some(result) = result.as_object_mut()
    {
        let replacements: Vec<Value> = edits
            .into_iter()
            .filter_map(|(span, text)| {
                let region = region(file.place_of(span)?);
                Some(json!({"deletedRegion": region, "insertedContent": {"text": text}}))
            })
            .collect();
        let change =
            json!({"artifactLocation": artifact(&file.path), "replacements": replacements});
        let fix = json!({"description": {"text": fix.summary}, "artifactChanges": [change]});
        result.insert("fixes".to_owned(), json!([fix]));
    }
    result
}

/// What the rules without a finding say of a document.
fn silent(file: &FileReport, index: usize, kind: DocumentKind, rules: &[&Rule]) -> Vec<Value> {
    let found = |rule: &Rule| {
        file.findings.iter().any(|one| one.document == index && std::ptr::eq(one.rule, rule))
    };
    let concerned: Vec<&Rule> = rules_of(kind).map(|one| &one.rule).collect();
    rules
        .iter()
        .filter(|rule| !found(rule))
        .map(|rule| {
            let concerns = concerned.iter().any(|one| std::ptr::eq(*one, *rule));
            let kind = if concerns { "pass" } else { "notApplicable" };
            json!({
                "ruleId": rule.id(),
                "ruleIndex": index_of(rules, rule),
                "kind": kind,
                "level": "none",
                "message": {"text": rule.summary},
                "locations": [{"physicalLocation": {"artifactLocation": artifact(&file.path)}}],
            })
        })
        .collect()
}

fn location(path: &str, place: Place, note: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(path),
            "region": region(place),
        },
    });
    if !note.is_empty()
        && let Some(location) = location.as_object_mut()
    {
        location.insert("message".to_owned(), json!({"text": note}));
    }
    location
}

fn region(place: Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

/// A path as relative reference: what a URI does not hold is percent-encoded.
fn artifact(path: &str) -> Value {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    match path.starts_with('/') {
        true => json!({"uri": format!("file://{uri}")}),
        false => json!({"uri": uri}),
    }
}
