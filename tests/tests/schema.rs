//! The JSON form of a report against its committed schema.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::output::human::Style;
use copy_preflight::{Streams, run};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn schema() -> Value {
    let path = root().join("crates/cli/schemas/report-v1.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn report(journey: &str, flags: &[&str]) -> Value {
    let snapshot = root().join("fixtures/journeys").join(journey);
    let mut arguments: Vec<OsString> =
        ["copy-preflight", "check", "--format", "json", "--snapshot"].map(Into::into).into();
    arguments.push(snapshot.into());
    arguments.extend(
        [
            "--source-vault",
            "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod",
            "--destination-vault",
            "arn:aws:backup:eu-west-1:444455556666:backup-vault:central",
        ]
        .map(OsString::from),
    );
    arguments.extend(flags.iter().map(OsString::from));
    let (mut output, mut error) = (Vec::new(), Vec::new());
    let streams = Streams {
        input: &mut std::io::empty(),
        output: &mut output,
        error: &mut error,
        style: Style::PLAIN,
        error_is_terminal: false,
    };
    run(arguments, streams);
    serde_json::from_slice(&output)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&error)))
}

/// Members of the report that the schema does not describe.
fn undescribed(schema: &Value, part: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let part = match part["$ref"].as_str() {
        Some(reference) => &schema["$defs"][reference.trim_start_matches("#/$defs/")],
        None => part,
    };
    let part = match part["oneOf"].as_array() {
        Some(choices) => choices.iter().find(|choice| choice["type"] != "null").unwrap(),
        None => part,
    };
    if part.get("$ref").is_some() {
        return undescribed(schema, part, value, path, found);
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let path = format!("{path}/{key}");
                match part["properties"].get(key) {
                    Some(described) => undescribed(schema, described, member, &path, found),
                    // Statements and maps of documents have keys of their own.
                    None if part.get("properties").is_none() => {}
                    None => found.push(path),
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                undescribed(schema, &part["items"], element, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_journey_prints_what_the_schema_says() {
    let schema = schema();
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
            let report = report(&name, flags);
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            let mut found = Vec::new();
            undescribed(&schema, &schema, &report, "", &mut found);
            assert!(found.is_empty(), "{name}: not in the schema: {found:?}");
            reports += 1;
        }
    }
    assert!(reports >= 30, "{reports} reports");
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let right = report("clear-ebs", &[]);
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
