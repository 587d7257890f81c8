//! Soundness of unknown for `lint`: what is not known never makes an error.
//!
//! Each string of a document is turned unknown, one at a time, and half of it, as a template would
//! leave it. A rule that finds nothing wrong in the whole document must not find something wrong
//! then; it may ask.

use std::collections::BTreeSet;

use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_rules::lint::{Document, DocumentKind, Hints, Linter};
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::rules::document::RULES;
use copy_preflight_tests::documents::{document_examples, now, read as read_document};
use copy_preflight_tests::facts::facts;
use copy_preflight_tests::places::{read, say, shared};

/// Rules that are about the form of the text, whose findings a part that is left out can move.
const OF_FORM: [&str; 1] = ["redundant-value"];

fn broken(linter: &Linter<'_>, document: &Document) -> BTreeSet<String> {
    let findings = linter.check(document).into_iter();
    findings
        .filter(|one| one.outcome.kind == OutcomeKind::Broken)
        .map(|one| one.rule.rule.id())
        .filter(|id| !OF_FORM.contains(&id.as_str()))
        .collect()
}

/// The strings of a tree, as paths of indices.
fn strings(node: &Node, path: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
    match &node.value {
        Value::String(_) => found.push(path.clone()),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                path.push(index);
                strings(element, path, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (index, member) in members.iter().enumerate() {
                path.push(index);
                strings(&member.value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'n>(node: &'n mut Node, path: &[usize]) -> &'n mut Node {
    path.iter().fold(node, |node, &index| match &mut node.value {
        Value::Array(elements) => &mut elements[index],
        Value::Object(members) => &mut members[index].value,
        _ => panic!("no such path"),
    })
}

/// The value unknown, and its second half.
fn blanked(value: &Value) -> Vec<Value> {
    let Value::String(Text::Known(text)) = value else { return vec![Value::Unknown] };
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let begin = text.get(..half).unwrap_or_default();
    let partly = Text::from_pieces([Piece::Known(begin.into()), Piece::Gap]);
    vec![Value::Unknown, Value::String(Text::unknown()), Value::String(partly)]
}

/// How many parts were blanked, each in so many ways, and where that made an error.
fn try_all(
    name: &str,
    text: &str,
    kind: DocumentKind,
    ways: usize,
    faults: &mut Vec<String>,
) -> usize {
    let hints = Hints { kind: Some(kind), ..Hints::default() };
    let (_, document) = read_document(name, text, &hints);
    let linter = Linter::new(facts(), Some(now()));
    let before = broken(&linter, &document);
    let mut paths = Vec::new();
    strings(&document.root, &mut Vec::new(), &mut paths);
    let mut tried = 0;
    for path in paths {
        let mut root = document.root.clone();
        let whole = at(&mut root, &path).value.clone();
        for value in blanked(&whole).into_iter().take(ways) {
            at(&mut root, &path).value = value.clone();
            let document = Document::new(kind, "", root.clone(), document.problems.clone());
            for rule in broken(&linter, &document).difference(&before) {
                faults.push(format!("{name}: {rule} where {whole:?} is {value:?}"));
            }
            tried += 1;
        }
    }
    tried
}

#[test]
fn what_is_not_known_makes_no_error_in_examples() {
    let (mut faults, mut tried) = (Vec::new(), 0);
    for rule in RULES {
        for case in document_examples(&rule.rule) {
            let kind = DocumentKind::parse(&case.kind).unwrap();
            let name = format!("{} {}", rule.rule.id(), case.name);
            tried += try_all(&name, &case.document(), kind, 3, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{} of {tried}\n{}", faults.len(), faults.join("\n"));
    assert!(tried > 1_500, "{tried}");
}

#[test]
fn what_is_not_known_makes_no_error_in_public_policies() {
    let Some(shared) = shared() else {
        return say("skipped: shared data absent");
    };
    let (mut faults, mut tried) = (Vec::new(), 0);
    for (folder, kind) in [
        ("kms-key-policy", DocumentKind::KeyPolicy),
        ("vault-policy", DocumentKind::VaultPolicy),
        ("role-policy", DocumentKind::IdentityPolicy),
        ("scp", DocumentKind::Scp),
        ("rcp", DocumentKind::Rcp),
        ("backup-policy", DocumentKind::BackupPolicy),
    ] {
        for entry in std::fs::read_dir(shared.join("corpus").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            tried += try_all(&path.display().to_string(), &read(&path), kind, 1, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{} of {tried}\n{}", faults.len(), faults.join("\n"));
    assert!(tried > 3_000, "{tried}");
    say(&format!("{tried} documents with a part unknown"));
}
