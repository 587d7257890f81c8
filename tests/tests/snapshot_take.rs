//! `snapshot take` against a server that stands in for AWS: `tests/server/`.

use std::path::Path;
use std::process::Output;

use copy_preflight_tests::asking::{keys, tool};
use copy_preflight_tests::running::{outcomes, report};
use copy_preflight_tests::schemas::{schema, undescribed};
use copy_preflight_tests::server::{Server, server};
use serde_json::Value;

/// The flags that ask for the recovery point of a set-up.
fn flags(set_up: &Value) -> Vec<String> {
    let text = |path: &str| set_up.pointer(path).and_then(Value::as_str).unwrap();
    [
        "--source-vault",
        text("/source/vault"),
        "--destination-vault",
        text("/destination/vault"),
        "--recovery-point",
        text("/point"),
        "--role",
        text("/role"),
        "--now",
        "2026-11-25",
    ]
    .map(str::to_owned)
    .into()
}

fn take(server: &Server, set_up: &Value, folder: &Path, more: &[&str]) -> Output {
    let mut command = tool(&format!("http://127.0.0.1:{}", server.port));
    keys(&mut command, &set_up["management"]);
    command.args(["snapshot", "take"]).arg(folder).args(flags(set_up)).args(more);
    command.args(["--assume-role-name", "Reader", "--format", "json"]).output().unwrap()
}

fn answer(output: &Output) -> Value {
    let value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&output.stderr)));
    let schema = schema("snapshot-take-v1");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
    assert_eq!(undescribed(&schema, &value), Vec::<String>::new());
    value
}

#[test]
fn what_is_taken_is_judged_and_redacted() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, verdict) in [("clear", "clear"), ("vault-without-policy", "blocked")] {
        let set_up = &server.set_ups[name];
        let plain = folder.path().join(name);
        let taken = take(server, set_up, &plain, &[]);
        let told = answer(&taken);
        assert_eq!(told["verdict"], verdict, "{told:#}");
        let complete = told["complete"] == true;
        assert_eq!(taken.status.code(), Some(if complete { 0 } else { 3 }), "{told:#}");
        let (_, before) = report(&plain, &flags(set_up));
        assert_eq!(before["verdict"], verdict);

        // The same with other ids.
        let redacted = folder.path().join(format!("{name}-redacted"));
        let told = answer(&take(server, set_up, &redacted, &["--redact"]));
        let replaced = told["redacted"]["replaced"].as_array().unwrap();
        let renamed = flags(set_up).into_iter().map(|flag| {
            replaced.iter().fold(flag, |flag, one| {
                flag.replace(one["from"].as_str().unwrap(), one["to"].as_str().unwrap())
            })
        });
        let (_, after) = report(&redacted, &renamed.collect::<Vec<_>>());
        assert_eq!(outcomes(&before), outcomes(&after), "{name}");

        // What is there is never written over.
        let again = take(server, set_up, &plain, &[]);
        assert_eq!(again.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&again.stderr).contains("it exists"));
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 4, "nothing partial is left");
}
