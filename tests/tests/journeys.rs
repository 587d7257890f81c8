//! The commands and outputs in `tests/cli/*.trycmd`, run with the real binary.
//!
//! An output that changed is written anew by one command, from the root of the repository:
//!
//! ```sh
//! TRYCMD=overwrite cargo test -p copy-preflight-tests --test journeys
//! ```
//!
//! Read the difference before it is committed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use copy_preflight_tests::running::binary;

/// Set in the process that runs the commands.
const SCRUBBED: &str = "COPY_PREFLIGHT_SCRUBBED";

/// Variables that change what the binary does or prints, by the beginning of their names.
const PREFIXES: [&str; 8] =
    ["AWS_", "CI", "CLICOLOR", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "LINES", "COPY_PREFLIGHT_"];

#[test]
fn commands_print_what_their_cases_say() {
    if env::var_os(SCRUBBED).is_none() {
        return run_scrubbed("commands_print_what_their_cases_say");
    }
    trycmd::TestCases::new()
        .register_bin("copy-preflight", trycmd::schema::Bin::Path(binary()))
        .case("tests/cli/*.trycmd");
}

/// Runs a test of this file in a process of its own, in the root of the repository and without
/// the variables of the caller: no safe code takes a variable away from a running process.
fn run_scrubbed(test: &str) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).current_dir(root()).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let prefixed = |prefix: &&str| name.to_string_lossy().starts_with(*prefix);
        if PREFIXES.iter().any(prefixed) {
            command.env_remove(name);
        }
    }
    let status = command.env(SCRUBBED, "1").status().unwrap();
    assert!(status.success(), "{test}: {status}; the differences stand above");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
