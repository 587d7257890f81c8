//! The lint vectors of the shared data, and public policies that work.
//!
//! The twin on our own fixtures is `document_rules`, whose cases show every rule.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::lint::{DocumentKind, Found, Hints, documents};
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::rule::Level;
use copy_preflight_rules::rules;
use copy_preflight_tests::documents::{findings, read as read_document};
use copy_preflight_tests::places::{read, say, shared, workspace};
use serde::Deserialize;
use serde_json::Value;

/// How many lint vectors there are.
const VECTORS: usize = 20;

/// The table of codes and of what else is found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    codes: BTreeMap<String, String>,
    #[serde(default)]
    extra: Vec<Extra>,
    #[serde(default)]
    corpus: Vec<Public>,
}

/// A finding beyond what a vector expects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    vector: String,
    rule: String,
    /// Why it is right.
    because: String,
}

/// An error on a public policy that works.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Public {
    file: String,
    rule: String,
    because: String,
}

fn table() -> Table {
    toml::from_str(&read(&workspace().join("fixtures/lint/codes.toml"))).unwrap()
}

#[test]
fn the_table_names_rules() {
    let table = table();
    let extra = table.extra.iter().map(|one| (&one.rule, &one.because));
    let corpus = table.corpus.iter().map(|one| (&one.rule, &one.because));
    for (rule, because) in extra.chain(corpus) {
        assert!(rules::named(rule).is_some(), "{rule}");
        assert!(because.len() > 10, "{rule}: {because}");
    }
    for rule in table.codes.values() {
        assert!(rules::named(rule).is_some(), "{rule}");
    }
}

#[test]
fn every_expected_code_is_found_and_every_other_finding_is_explained() {
    let Some(shared) = shared() else {
        return say("skipped: shared data absent");
    };
    let table = table();
    let vectors: Value =
        serde_json::from_str(&read(&shared.join("vectors/policy-vectors.json"))).unwrap();
    let lint = vectors["vectors"].as_array().unwrap().iter().filter(|one| one["kind"] == "lint");
    let (mut seen, mut used, mut faults) = (0, BTreeSet::new(), Vec::new());
    for vector in lint {
        seen += 1;
        let id = vector["id"].as_str().unwrap();
        let kind = match vector["policy_type"].as_str().unwrap() {
            "key" => DocumentKind::KeyPolicy,
            "vault" => DocumentKind::VaultPolicy,
            "rcp" => DocumentKind::Rcp,
            other => panic!("{id}: {other}"),
        };
        let text = serde_json::to_string_pretty(&vector["policy"]).unwrap();
        let hints = Hints { kind: Some(kind), ..Hints::default() };
        let (_, found) = findings(id, &text, &hints);
        let broken = found.iter().filter(|one| one.outcome.kind == OutcomeKind::Broken);
        let broken: BTreeSet<String> = broken.map(|one| one.rule.rule.id()).collect();
        let expected: BTreeSet<String> = vector["expected_codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| {
                let code = code.as_str().unwrap();
                table
                    .codes
                    .get(code)
                    .unwrap_or_else(|| panic!("{id}: {code} is not mapped"))
                    .clone()
            })
            .collect();
        for rule in expected.difference(&broken) {
            faults.push(format!("{id}: {rule} is not found; found {broken:?}"));
        }
        let all: BTreeSet<String> = found.iter().map(|one| one.rule.rule.id()).collect();
        for rule in all.difference(&expected) {
            let listed = table.extra.iter().position(|one| one.vector == id && &one.rule == rule);
            match listed {
                Some(index) => {
                    used.insert(index);
                }
                None => {
                    let message = found.iter().find(|one| &one.rule.rule.id() == rule).unwrap();
                    faults.push(format!(
                        "{id}: {rule} is found besides: {}",
                        message.outcome.message
                    ));
                }
            }
        }
    }
    for (index, one) in table.extra.iter().enumerate() {
        if !used.contains(&index) {
            faults.push(format!("{}: {} is listed and not found", one.vector, one.rule));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen >= VECTORS, "{seen} vectors");
    say(&format!("{seen} lint vectors"));
}

/// Folders of the corpus, the kind of what they hold, and how many files at least.
const FOLDERS: [(&str, Option<DocumentKind>, usize); 9] = [
    ("kms-key-policy", Some(DocumentKind::KeyPolicy), 46),
    ("vault-policy", Some(DocumentKind::VaultPolicy), 13),
    ("role-policy", Some(DocumentKind::IdentityPolicy), 15),
    ("scp", Some(DocumentKind::Scp), 9),
    ("rcp", Some(DocumentKind::Rcp), 6),
    ("backup-policy", Some(DocumentKind::BackupPolicy), 13),
    ("tag-policy", Some(DocumentKind::TagPolicy), 1),
    ("backup-plan", Some(DocumentKind::BackupPlan), 4),
    ("event", None, 2),
];

#[test]
fn public_policies_that_work_have_no_errors() {
    let Some(shared) = shared() else {
        return say("skipped: shared data absent");
    };
    let corpus = shared.join("corpus");
    let table = table();
    let working = working(&read(&corpus.join("labels.jsonl")));
    assert!(working.len() >= 35, "{} labels", working.len());
    let (mut used, mut faults, mut told) = (BTreeSet::new(), Vec::new(), 0);
    for (folder, kind, least) in FOLDERS {
        let mut files: Vec<_> = std::fs::read_dir(corpus.join(folder))
            .unwrap()
            .map(|one| one.unwrap().path())
            .collect();
        files.sort();
        assert!(files.len() >= least, "{folder}: {} files", files.len());
        for path in files {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            let text = read(&path);
            let mut sources = Sources::new();
            let file = sources.add(name.as_str(), text.as_str());
            match (kind, documents(&mut sources, file, &Hints::default())) {
                (None, Found::Nothing) => continue,
                (Some(kind), Found::Documents(found)) => {
                    let told = found.first().unwrap().kind;
                    if told != kind {
                        faults.push(format!("{name}: taken for {}", told.word()));
                    }
                }
                (_, other) => faults.push(format!("{name}: {other:?}")),
            }
            let hints = Hints { kind, ..Hints::default() };
            let (_, found) = findings(&name, &text, &hints);
            for one in found {
                let id = one.rule.rule.id();
                let rests_on_star = one.outcome.message.contains("resource")
                    && one.outcome.labels.iter().any(|label| {
                        let (sources, _) = read_document(&name, &text, &hints);
                        sources.slice(label.span) == "\"*\""
                    });
                if rests_on_star && matches!(one.rule.rule.level, Level::Error | Level::Warning) {
                    faults.push(format!("{name}: {id} complains of `*`: {}", one.outcome.message));
                }
                let error =
                    one.rule.rule.level == Level::Error && one.outcome.kind == OutcomeKind::Broken;
                if !error || !working.contains(&name) {
                    continue;
                }
                told += 1;
                match table
                    .corpus
                    .iter()
                    .position(|public| name.contains(&public.file) && public.rule == id)
                {
                    Some(index) => {
                        used.insert(index);
                    }
                    None => faults.push(format!("{name}: {id}: {}", one.outcome.message)),
                }
            }
        }
    }
    for (index, public) in table.corpus.iter().enumerate() {
        if !used.contains(&index) {
            faults.push(format!("{}: {} is listed and not found", public.file, public.rule));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    say(&format!("{} working policies, {told} explained errors", working.len()));
}

/// The key policies labelled `yes` and the vault policies labelled `allowed`, at confidence high.
fn working(labels: &str) -> BTreeSet<String> {
    labels
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|label| {
            let overall = label["answer"]["overall"].as_str();
            let file = label["file"].as_str().unwrap_or_default();
            label["confidence"] == "high"
                && ((file.starts_with("kms-key-policy/") && overall == Some("yes"))
                    || (file.starts_with("vault-policy/") && overall == Some("allowed")))
        })
        .map(|label| label["file"].as_str().unwrap().to_owned())
        .collect()
}
