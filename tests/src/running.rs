//! The tool, run in this process, and its binary.

use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use copy_preflight::output::human::Style;
use copy_preflight::{Exit, Streams, run};
use serde_json::Value;

/// What a run said.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub exit: Exit,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub error: String,
}

impl Ran {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.output)
            .unwrap_or_else(|fault| panic!("{fault}: {}{}", self.output, self.error))
    }

    /// Standard output as JSON Lines.
    ///
    /// # Panics
    /// Where a line is no JSON.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let line = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"))
        };
        self.output.lines().map(line).collect()
    }

    /// The one line of JSON that was answered.
    ///
    /// # Panics
    /// Where it is not one.
    #[must_use]
    pub fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{}{}", self.output, self.error);
        lines.into_iter().next().expect("a line")
    }
}

/// Runs the tool with these arguments, its name left out.
///
/// # Panics
/// Where it writes what is not UTF-8.
pub fn tool<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    tool_reading(arguments, b"")
}

/// Runs the tool with these arguments and this on its standard input.
///
/// # Panics
/// Where it writes what is not UTF-8.
pub fn tool_reading<A: Into<OsString>>(
    arguments: impl IntoIterator<Item = A>,
    input: &[u8],
) -> Ran {
    let arguments = arguments.into_iter().map(Into::into);
    let (mut output, mut error) = (Vec::new(), Vec::new());
    let exit = run(
        std::iter::once(OsString::from("copy-preflight")).chain(arguments),
        Streams {
            input: &mut Cursor::new(input),
            output: &mut output,
            error: &mut error,
            style: Style::PLAIN,
            error_is_terminal: false,
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { exit, output: text(output), error: text(error) }
}

/// Runs `snapshot COMMAND FOLDERS… FLAGS… --format json`.
///
/// # Panics
/// Where it writes what is not UTF-8.
#[must_use]
pub fn snapshot(command: &str, folders: &[&Path], flags: &[String]) -> Ran {
    let mut arguments: Vec<OsString> = vec!["snapshot".into(), command.into()];
    arguments.extend(folders.iter().map(|folder| OsString::from(*folder)));
    arguments.extend(flags.iter().map(OsString::from));
    arguments.extend(["--format".into(), "json".into()]);
    tool(arguments)
}

/// Runs `check` on a snapshot: the exit code and the report.
///
/// # Panics
/// Where there is no report.
#[must_use]
pub fn report(folder: &Path, flags: &[String]) -> (Exit, Value) {
    let mut arguments: Vec<OsString> = vec!["check".into(), "--snapshot".into(), folder.into()];
    arguments.extend(flags.iter().map(OsString::from));
    arguments.extend(["--format".into(), "json".into()]);
    let ran = tool(arguments);
    (ran.exit, ran.json())
}

/// Rule, outcome, reason and certainty of each copy of a report.
///
/// # Panics
/// Where it is no report.
#[must_use]
pub fn outcomes(report: &Value) -> Vec<String> {
    let copies = report["copies"].as_array().expect("copies");
    copies
        .iter()
        .flat_map(|copy| {
            let name = format!("{} {}", copy["resource_type"], copy["verdict"]);
            copy["outcomes"].as_array().expect("outcomes").iter().map(move |one| {
                format!(
                    "{name} {} {} {} {}",
                    one["rule"], one["outcome"], one["reason"], one["certainty"]
                )
            })
        })
        .collect()
}

/// The binary: cargo builds it before the tests of this package, beside the folder of theirs.
///
/// # Panics
/// Where it is not there.
#[must_use]
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test");
    let folder = test.ancestors().nth(2).expect("the folder of the profile");
    let name = format!("copy-preflight-under-test{}", std::env::consts::EXE_SUFFIX);
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is not built", binary.display());
    binary
}
