//! `org effective`, as its users see it, and what makes two answers the same.

use std::ffi::OsString;
use std::path::Path;

use copy_preflight::output::human::Style;
use copy_preflight::{Exit, Streams, run};
use serde_json::{Map, Value};

/// What a run printed.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub exit: Exit,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub error: String,
}

impl Answer {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.output)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.output, self.error))
    }
}

/// Runs `org effective` with these arguments, and a text as standard input.
#[must_use]
pub fn org_effective(arguments: &[&str], input: &str) -> Answer {
    let all = ["copy-preflight", "org", "effective"].iter().chain(arguments).map(OsString::from);
    let (mut output, mut error) = (Vec::new(), Vec::new());
    let exit = run(
        all,
        Streams {
            input: &mut input.as_bytes(),
            output: &mut output,
            error: &mut error,
            style: Style::PLAIN,
            error_is_terminal: false,
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Answer { exit, output: text(output), error: text(error) }
}

/// The answer to the policies in a text.
#[must_use]
pub fn of_levels(levels: &str) -> Answer {
    org_effective(&["--levels", "-", "--format", "json"], levels)
}

/// The answer to the policies in a file.
#[must_use]
pub fn of_file(path: &Path) -> Answer {
    let path = path.to_string_lossy();
    org_effective(&["--levels", &path, "--format", "json"], "")
}

/// An effective policy as the vectors compare it: keys in lower case, lists as sets, scalars as
/// strings.
#[must_use]
pub fn normal(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> =
                members.iter().map(|(key, value)| (key.to_lowercase(), normal(value))).collect();
            sorted.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(Map::from_iter(sorted))
        }
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(normal).collect();
            elements.sort_by_key(ToString::to_string);
            elements.dedup();
            Value::Array(elements)
        }
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        _ => value.clone(),
    }
}

/// A list of objects as a set of texts.
#[must_use]
pub fn lines(value: &Value) -> Vec<String> {
    let elements = value.as_array().cloned().unwrap_or_default();
    let mut lines: Vec<String> =
        elements.iter().map(|element| normal(element).to_string()).collect();
    lines.sort();
    lines
}
