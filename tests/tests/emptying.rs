//! Every document that a clear verdict read is needed, and no other is: each file of a clear
//! journey is taken away in turn.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use copy_preflight_tests::cases::{Case, report};
use copy_preflight_tests::places::{say, workspace};
use serde_json::Value;

const EBS: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718";
const RDS: &str = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-7c9d2b40-1f6e-4a83-9b57-2e0d5f8c6a11";

/// The clear journeys, each with its flags.
fn journeys() -> Vec<Case> {
    let case = |base: &str, flags: &[&str]| Case {
        name: base.to_owned(),
        base: base.to_owned(),
        flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
        ..Case::default()
    };
    vec![
        case("clear-ebs", &["--recovery-point", EBS]),
        case("clear-rds", &["--recovery-point", RDS]),
        case("handmade", &["--recovery-point", EBS]),
        case(
            "one-account",
            &[
                "--recovery-point",
                EBS,
                "--destination-vault",
                "arn:aws:backup:eu-central-1:111122223333:backup-vault:dr",
            ],
        ),
    ]
}

fn files(folder: &Path, below: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(folder, &path, into);
        } else {
            into.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// The document that a file holds, by its id.
fn id(file: &str) -> &str {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    stem.strip_suffix(".error").unwrap_or(stem)
}

fn outcomes(report: &Value) -> &Vec<Value> {
    report["copies"][0]["outcomes"].as_array().unwrap()
}

/// What is missing, by slot, over all outcomes.
fn missing(report: &Value) -> BTreeSet<String> {
    let missing = outcomes(report).iter().flat_map(|one| one["missing"].as_array().unwrap());
    missing
        .map(|one| {
            assert!(one["command"].is_string(), "no command fetches it: {one}");
            one["what"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// What each rule says, without the documents that it names.
fn said(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    outcomes(report).iter().map(|one| (text(&one["rule"]), text(&one["outcome"]))).collect()
}

/// Takes one file away. `Ok` says whether it was needed.
fn without(case: &Case, clear: &Value, file: &str) -> Result<bool, String> {
    let without = report(&Case { remove: vec![file.to_owned()], ..case.clone() });
    let verdict = without["verdict"].as_str().unwrap();
    let slots: BTreeSet<String> = clear["documents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["id"] == id(file))
        .map(|one| one["slot"].as_str().unwrap().to_owned())
        .collect();
    if slots.is_empty() {
        return match said(&without) == said(clear) && verdict == "clear" {
            true => Ok(false),
            false => Err(format!("no rule read {file}, and without it the verdict is {verdict}")),
        };
    }
    let missing = missing(&without);
    if verdict != "undecided" {
        return Err(format!("{file} was read, and without it the verdict is {verdict}"));
    }
    match !missing.is_empty() && missing.is_subset(&slots) {
        true => Ok(true),
        false => Err(format!("without {file}, {slots:?}, these are missing: {missing:?}")),
    }
}

#[test]
fn each_document_that_a_clear_verdict_read_is_needed() {
    for case in journeys() {
        let clear = report(&case);
        assert_eq!(clear["verdict"], "clear", "{}: {clear:#}", case.base);
        let folder = workspace().join("fixtures/journeys").join(&case.base);
        let mut all = Vec::new();
        files(&folder, &folder, &mut all);
        all.sort();
        let (mut needed, mut idle, mut faults) = (0, Vec::new(), Vec::new());
        for file in all {
            match without(&case, &clear, &file) {
                Ok(true) => needed += 1,
                Ok(false) => idle.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        assert!(faults.is_empty(), "{}:\n{}", case.base, faults.join("\n"));
        say(&format!("{}: {needed} files needed; not read: {}", case.base, idle.join(", ")));
        assert!(needed >= 15, "{}: only {needed} files were needed", case.base);
    }
}
