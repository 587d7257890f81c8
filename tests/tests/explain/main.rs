//! `explain`: the shapes that an incident comes in, batches, broken input, and the journey from a
//! failed job to the cause that holds.

mod batch;
mod denials;
mod journey;
mod shapes;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight_tests::running::{Ran, tool_reading};
use serde_json::{Value, json};

use journey::failed_jobs;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn incident(name: &str) -> PathBuf {
    root().join("fixtures/incidents").join(name)
}

fn explain_with<S: Into<OsString> + Clone>(arguments: &[S], input: &[u8]) -> Ran {
    let arguments = arguments.iter().cloned().map(Into::into);
    tool_reading(std::iter::once(OsString::from("explain")).chain(arguments), input)
}

fn explain(arguments: &[&str]) -> Ran {
    explain_with(arguments, b"")
}

fn explain_file(path: &Path, more: &[&str]) -> Ran {
    let mut arguments: Vec<OsString> =
        vec!["--format".into(), "json".into(), "--file".into(), path.into()];
    arguments.extend(more.iter().map(OsString::from));
    explain_with(&arguments, b"")
}

fn classes(line: &Value) -> Vec<&str> {
    line["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| cause["class"].as_str().unwrap())
        .collect()
}

#[test]
fn every_line_is_what_the_schema_says() {
    let path = root().join("crates/cli/schemas/explanation-v1.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = failed_jobs(|folder| {
        fs::remove_file(folder.join("accounts/444455556666/eu-west-1/vaults/central.policy.json"))
            .unwrap();
    });
    let mut lines =
        explain_with(&[OsString::from("--batch"), incident("batch.jsonl").into()], b"").lines();
    for entry in fs::read_dir(incident("")).unwrap() {
        let path = entry.unwrap().path();
        let flags = ["--now", "2026-11-22", "--snapshot", folder.path().to_str().unwrap()];
        lines.extend(explain_file(&path, &[]).lines());
        lines.extend(explain_file(&path, &flags).lines());
    }
    assert!(lines.len() > 40, "{} lines", lines.len());
    assert!(lines.iter().any(|line| line["causes"][0]["confirmed"] == "undecided"));
    for line in &lines {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}: {line:#}");
    }
    let right = explain(&["--format", "json", "Given key ID is not accessible"]).line();
    for (pointer, wrong) in [
        ("/schema", json!("copy-preflight/explanation/v2")),
        ("/recognised", json!(false)),
        ("/causes", json!([])),
        ("/causes/0/confirmed", json!("maybe")),
        ("/causes/0/side", json!("nobody")),
        ("/denial", json!({})),
    ] {
        let mut line = right.clone();
        *line.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&line), "{pointer}");
    }
}
