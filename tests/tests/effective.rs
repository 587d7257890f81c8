//! Effective policies: the vectors, from the shared data and of our own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight_tests::effective::{Answer, lines, normal, of_file, of_levels, org_effective};
use copy_preflight_tests::places;
use serde_json::Value;

/// How many vectors the shared folder has, without the cases of tags.
const SHARED: usize = 41;
/// The vector whose input AWS prints with a mistake: AWS's result cannot follow from it. It is
/// asked for its diagnostic alone.
const DEFECTIVE: &str = "04-tag-inherit-ex3-remove-literal-input";
/// The cases of tags are run against the tag check, in `organization.rs`.
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

/// The twin: every operator, lock and code on documents of our own.
#[test]
fn our_vectors() {
    let files = json_files(&places::workspace().join("fixtures/effective/vectors"));
    let mut codes = BTreeSet::new();
    for file in &files {
        let name = stem(file);
        let vector: Value = serde_json::from_str(&places::read(file)).unwrap();
        let (answer, expected) = (of_file(file), &vector["expected"]);
        let json = answer.json();
        assert_eq!(normal(&json["effective"]), normal(&expected["effective"]), "{name}");
        for member in ["diagnostics", "validation", "copies", "uncertain_validation"] {
            assert_eq!(lines(&json[member]), lines(&expected[member]), "{name}: {member}");
        }
        for member in ["undecided_copies", "possible_copies", "ambiguous"] {
            let mut found = json[member].clone();
            for one in found.as_array_mut().unwrap() {
                let reason = if member == "ambiguous" { "why" } else { "reason" };
                let reason = one.as_object_mut().unwrap().remove(reason);
                assert!(reason.is_some_and(|reason| reason.as_str() != Some("")), "{name}");
            }
            assert_eq!(lines(&found), lines(&expected[member]), "{name}: {member}");
        }
        assert_eq!(answer.exit as u64, expected["exit"].as_u64().unwrap(), "{name}");
        for list in ["diagnostics", "validation"] {
            let found = json[list].as_array().unwrap().iter();
            codes.extend(found.map(|one| one["code"].as_str().unwrap().to_owned()));
        }
        // Each diagnostic says where it stands.
        for index in 0..json["diagnostics"].as_array().unwrap().len() {
            let of = format!("/diagnostics/{index}");
            let places = json["places"].as_array().unwrap();
            assert!(places.iter().any(|place| place["of"] == of.as_str()), "{name}: {of}");
        }
    }
    assert!(files.len() >= 43, "{} vectors", files.len());
    for code in [
        "BLOCKED_BY_PARENT",
        "BLOCKED_NEW_KEY",
        "SAME_LEVEL_CONFLICT",
        "LEAF_HAS_CHILD_KEYS",
        "UNKNOWN_OPERATOR",
        "UNKNOWN_CONTROL",
        "WRONG_TYPE",
        "OPERATOR_NEEDS_LIST",
        "KEY_TWICE",
        "KEY_REQUIRED",
        "ELEMENTS_TOO_FEW",
        "ELEMENTS_TOO_MANY",
        "LINT_TAGS_AND_RESOURCES",
    ] {
        assert!(codes.contains(code), "no vector with {code}");
    }
}

/// Public policies, each alone at a root: merged and judged without a panic.
#[test]
fn shared_corpus() {
    let Some(shared) = places::shared() else { return };
    let mut merged = 0;
    for (kind, number) in [("backup-policy", 13), ("tag-policy", 1)] {
        let files = json_files(&shared.join("corpus").join(kind));
        assert_eq!(files.len(), number, "{kind}");
        for file in files {
            let content = places::read(&file);
            let policy_type = kind.to_uppercase().replace('-', "_");
            let levels = format!(
                r#"{{"policy_type":"{policy_type}","account_id":"111122223333","levels":[
                {{"target":"r-ab12","policies":[{{"id":"p-1","content":{content}}}]}}]}}"#
            );
            let answer = of_levels(&levels);
            let unable = answer.exit == Exit::Unable;
            assert!(!unable, "{}: {}", file.display(), answer.error);
            merged += usize::from(answer.json()["effective"].is_object());
        }
    }
    assert_eq!(merged, 14);
}

fn around(content: &str) -> String {
    format!(
        "{{\"policy_type\":\"BACKUP_POLICY\",\"account_id\":\"111122223333\",\"levels\":[\n\
         {{\"target\":\"r-ab12\",\"policies\":[{{\"id\":\"p-1\",\"content\":\n{content}\n}}]}}]}}"
    )
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let deep = format!("{}1{}", "{\"a\":".repeat(400), "}".repeat(400));
    let cases: [(&str, String, &str); 10] = [
        ("no JSON", "plans: x".to_owned(), "standard input:1:1: "),
        ("nothing", String::new(), "standard input:1:1: the document is empty"),
        ("a list", "[]".to_owned(), "standard input:1:1: the file is a list"),
        ("no levels", "{\"policy_type\":\"X\",\"account_id\":\"1\"}".to_owned(), "no `levels`"),
        ("a policy that is a list", around("[]"), "standard input:3:1: a policy is an object"),
        ("a key twice", around("{\"plans\":{},\n\"plans\":{}}"), ":4:1: duplicate member `plans`"),
        ("deep", around(&deep), "standard input:3:"),
        ("an effective policy", around("{\"plans\":{\"a\":{\"regions\":[]}}}"), ":3:1: "),
        ("text inside a string", around("\"{\\\"plans\\\": }\""), "standard input:3:3: "),
        ("no operators", around("{\"plans\":1}"), "effective policy"),
    ];
    for (name, input, told) in cases {
        let answer = of_levels(&input);
        assert_eq!(answer.exit, Exit::Unable, "{name}: {}", answer.output);
        assert!(answer.error.contains(told), "{name}: {}", answer.error);
        assert!(answer.output.is_empty(), "{name}");
    }
}

/// A policy of so many plans that its text has at least this many characters.
fn long(characters: usize) -> String {
    let mut plans = String::new();
    let mut number = 0;
    while plans.len() < characters {
        let comma = if number == 0 { "" } else { "," };
        plans.push_str(&format!(
            "{comma}\"p{number}\":{{\"regions\":{{\"@@assign\":[\"eu-west-1\"]}}}}"
        ));
        number += 1;
    }
    around(&format!("{{\"plans\":{{{plans}}}}}"))
}

#[test]
fn a_policy_that_aws_does_not_save_is_a_finding() {
    let answer = of_levels(&long(10_001));
    assert_eq!(answer.exit, Exit::Failed);
    assert!(answer.output.contains("DOCUMENT_TOO_LONG"));
}

#[test]
fn ten_megabytes_are_answered() {
    let answer = of_levels(&long(10_000_000));
    assert_eq!(answer.exit, Exit::Unable);
    let told = "standard input:3:1: the document has 1";
    assert!(answer.error.contains(told), "{}", answer.error);
}

#[test]
fn every_answer_is_what_the_schema_says() {
    let schema =
        places::read(&places::workspace().join("crates/cli/schemas/effective-policy-v1.json"));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut answers = Vec::new();
    for file in json_files(&places::workspace().join("fixtures/effective/vectors")) {
        let file = file.to_string_lossy();
        let why = ["--levels", &file, "--format", "json", "--why", ""];
        answers.push(org_effective(&why, "").json());
    }
    let folder = places::workspace().join("fixtures/effective/organization");
    let folder = folder.to_string_lossy();
    let all = ["--snapshot", &folder, "--all", "--format", "json"];
    let lines = org_effective(&all, "").output;
    answers.extend(lines.lines().map(|line| serde_json::from_str(line).unwrap()));
    assert_eq!(answers.len(), 43 + 5);
    for answer in &answers {
        let errors: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?} {answer:#}");
    }
    let mut wrong = answers[0].clone();
    wrong["copies"] = Value::Null;
    assert!(!validator.is_valid(&wrong));
}
