//! The JSON forms against their committed schemas.

use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight_tests::journeys::{DESTINATION, SOURCE, ebs, journey, names, pair};
use copy_preflight_tests::running::{report, tool};
use copy_preflight_tests::schemas::{schema, undescribed};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The report on a journey, asked with the pair of vaults and these flags.
fn report_on(name: &str, flags: &[&str]) -> Value {
    let vaults = ["--source-vault", SOURCE, "--destination-vault", DESTINATION];
    let flags: Vec<String> = vaults.iter().chain(flags).map(|&flag| flag.to_owned()).collect();
    report(&journey(name), &flags).1
}

#[test]
fn every_journey_prints_what_the_schema_says() {
    let schema = schema("report-v1");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut reports = 0;
    for entry in fs::read_dir(root().join("fixtures/journeys")).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        for flags in [
            &[][..],
            &["--resource-type", "EBS", "--source-unencrypted", "--delete-after-days", "-1"],
        ] {
            let report = report_on(&name, flags);
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            let found = undescribed(&schema, &report);
            assert!(found.is_empty(), "{name}: not in the schema: {found:?}");
            reports += 1;
        }
    }
    assert!(reports >= 30, "{reports} reports");
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let validator = jsonschema::validator_for(&schema("report-v1")).unwrap();
    let right = report_on("clear-ebs", &[]);
    for (pointer, wrong) in [
        ("/verdict", Value::from("fine")),
        ("/schema", Value::from("copy-preflight/report/v2")),
        ("/copies/0/outcomes/0/outcome", Value::from("maybe")),
        ("/copies/0/source/account", Value::from("1111")),
        ("/copies/0/outcomes/0/labels", Value::Null),
    ] {
        let mut report = right.clone();
        *report.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&report), "{pointer}");
    }
}

/// Each form and runs that print it, with the exit codes that they have.
#[test]
fn the_other_commands_print_what_their_schemas_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = |path: PathBuf| path.to_str().unwrap().to_owned();
    let mut printed = 0;
    let mut holds = |name: &str, command: &[String], flags: &[String]| {
        let mut arguments = command.to_vec();
        arguments.extend(flags.iter().cloned());
        arguments.extend(["--format", "json"].map(str::to_owned));
        let value = tool(arguments).json();
        assert_described(name, &value);
        printed += 1;
    };
    let snapshot = |command: &str, folders: &[String]| {
        let mut arguments = vec!["snapshot".to_owned(), command.to_owned()];
        arguments.extend(folders.iter().cloned());
        arguments
    };
    let clear = path(journey("clear-ebs"));
    for name in names() {
        let one = path(journey(&name));
        let copy = path(folder.path().join(&name));
        let flags = ["--source-unencrypted".to_owned()];
        let mut future = pair();
        future.extend(flags);
        holds("snapshot-show-v1", &snapshot("show", std::slice::from_ref(&one)), &[]);
        holds("snapshot-check-v1", &snapshot("check", std::slice::from_ref(&one)), &ebs());
        holds("snapshot-diff-v1", &snapshot("diff", &[clear.clone(), one.clone()]), &ebs());
        holds("snapshot-diff-v1", &snapshot("diff", &[clear.clone(), one.clone()]), &future);
        holds("snapshot-redact-v1", &snapshot("redact", &[one.clone(), copy]), &[]);
        if let Ok(text) = fs::read_to_string(journey(&name).join("manifest.json")) {
            assert_described("snapshot-v1", &serde_json::from_str(&text).unwrap());
        }
    }
    let nowhere = path(folder.path().join("nowhere"));
    holds("snapshot-check-v1", &snapshot("check", &[nowhere]), &ebs());
    holds("snapshot-diff-v1", &snapshot("diff", &[clear.clone(), clear]), &[]);
    holds("permissions-v1", &["permissions".to_owned()], &[]);
    let trust = ["--trust", "111122223333", "--external-id", "x"].map(str::to_owned);
    holds("permissions-v1", &["permissions".to_owned()], &trust);
    assert!(printed >= 85, "{printed}");
}

fn assert_described(name: &str, value: &Value) {
    let schema = schema(name);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
    let found = undescribed(&schema, value);
    assert!(found.is_empty(), "{name}: not in the schema: {found:?}");
}
