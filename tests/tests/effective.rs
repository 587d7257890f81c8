//! Effective policies: the vectors, from the shared data and of our own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight_tests::effective::{Answer, lines, normal, of_file};
use copy_preflight_tests::places;
use serde_json::Value;

/// How many vectors the shared folder has, without the cases of tags.
const SHARED: usize = 41;
/// The vector whose input AWS prints with a mistake: AWS's result cannot follow from it. It is
/// asked for its diagnostic alone.
const DEFECTIVE: &str = "04-tag-inherit-ex3-remove-literal-input";
/// The cases of tags belong to the rule on tags.
const TAGS: &str = "99-tag-compliance-cases";
/// Vectors that do not list what is ambiguous in them and say it in their notes: whether a lock
/// on a container shields what stands below it.
const LOCK_HOLES: [(&str, &str); 2] = [
    (
        "17-backup-syntax-ex3-lock-hole",
        "plans/pii_backup_plan/rules/hourly/index_actions/resource_types",
    ),
    ("51-backup-derived-none-at-container-only", "plans/daily/regions"),
];

#[test]
fn shared_vectors() {
    let Some(shared) = places::shared() else { return };
    let files = json_files(&shared.join("vectors/effective-policies"));
    let mut ran = 0;
    for file in files {
        let name = stem(&file);
        if name == TAGS {
            continue;
        }
        let vector: Value = serde_json::from_str(&places::read(&file)).unwrap();
        check(&name, &vector, &of_file(&file));
        ran += 1;
    }
    assert_eq!(ran, SHARED, "vectors");
}

fn check(name: &str, vector: &Value, answer: &Answer) {
    let json = answer.json();
    let told = lines(&json["diagnostics"]);
    if name == DEFECTIVE {
        let codes: Vec<_> = json["diagnostics"].as_array().unwrap().iter().collect();
        let expected = &vector["expected_merge_diagnostics"][0];
        let found = codes.iter().any(|one| {
            ["code", "path", "policy"].iter().all(|member| one[member] == expected[member])
        });
        assert!(found, "{name}: {told:#?}");
        return;
    }
    let same = |member: &str, expected: &Value| {
        assert_eq!(lines(&json[member]), lines(expected), "{name}: {member}");
    };
    assert_eq!(normal(&json["effective"]), normal(&vector["expected_effective"]), "{name}");
    same("diagnostics", &vector["expected_merge_diagnostics"]);
    same("validation", &vector["expected_validation"]);
    if vector.get("expected_copy_pairs").is_some() {
        same("copies", &vector["expected_copy_pairs"]);
    }
    same("undecided_copies", &vector["undecided_copies"]);

    let mut expected: BTreeSet<String> = BTreeSet::new();
    for one in vector["ambiguous"].as_array().unwrap_or(&Vec::new()) {
        expected.insert(format!("{} {}", one["path"], one["values"]));
    }
    let mut found: BTreeSet<String> = BTreeSet::new();
    for one in json["ambiguous"].as_array().unwrap() {
        let hole = LOCK_HOLES.contains(&(name, one["path"].as_str().unwrap()));
        assert!(one["why"].as_str().is_some_and(|why| !why.is_empty()), "{name}");
        if hole {
            assert_eq!(one["values"].as_array().unwrap().len(), 2, "{name}");
        } else {
            found.insert(format!("{} {}", one["path"], one["values"]));
        }
    }
    assert_eq!(found, expected, "{name}: ambiguous");
    let uncertain = vector["status"] == "derived-uncertain";
    assert!(!uncertain || !json["ambiguous"].as_array().unwrap().is_empty(), "{name}");

    let exit = if !json["validation"].as_array().unwrap().is_empty() {
        Exit::Failed
    } else if json["ambiguous"].as_array().unwrap().is_empty()
        && json["undecided_copies"].as_array().unwrap().is_empty()
    {
        Exit::Fine
    } else {
        Exit::Undecided
    };
    assert_eq!(answer.exit, exit, "{name}");
}

/// The files of a folder, in order.
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}
