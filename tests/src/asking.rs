//! The binary, asking a server that stands in for AWS.

use std::env;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::running::binary;

/// The tool, with nothing of the environment but what a run needs.
///
/// # Panics
/// Where the binary is not built.
#[must_use]
pub fn tool(endpoint: &str) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().stdin(Stdio::null());
    for name in ["PATH", "SYSTEMROOT"] {
        command.envs(env::var_os(name).map(|value| (name, value)));
    }
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// Gives it the keys of a part of a set-up.
///
/// # Panics
/// Where it has none.
pub fn keys(command: &mut Command, part: &Value) {
    for (name, value) in part["keys"].as_object().expect("its keys") {
        command.env(name.to_uppercase(), value.as_str().expect("a text"));
    }
}

/// The tool with the keys of the source account, in its Region, and a role in the others.
///
/// # Panics
/// See [`tool`].
#[must_use]
pub fn from_source(endpoint: &str, set_up: &Value) -> Command {
    let mut command = tool(endpoint);
    keys(&mut command, &set_up["source"]);
    command.env("AWS_REGION", "eu-west-1");
    command
}

/// A text of a set-up.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn text<'a>(set_up: &'a Value, path: &str) -> &'a str {
    set_up.pointer(path).and_then(Value::as_str).expect("a text of the set-up")
}

/// Standard output as JSON.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| {
        panic!("{fault}: {}", String::from_utf8_lossy(&output.stderr));
    })
}

/// Standard error.
#[must_use]
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A report without what says where its documents come from.
#[must_use]
pub fn without_origin(mut value: Value) -> Value {
    fn scrub(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| name != "origin" && name != "in_file");
                members.values_mut().for_each(scrub);
            }
            Value::Array(elements) => elements.iter_mut().for_each(scrub),
            _ => {}
        }
    }
    scrub(&mut value);
    value
}
