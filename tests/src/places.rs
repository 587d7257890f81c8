//! Where test data stands.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of one of our own fixtures.
///
/// # Panics
/// Where it cannot be read: fixtures come with the repository.
#[must_use]
pub fn fixture(path: &str) -> String {
    read(&workspace().join("fixtures").join(path))
}

/// The folder of the shared test data: `COPY_PREFLIGHT_SHARED`, else `../shared` beside the
/// workspace. `None` where it is absent; then the test ends early, and says so in a line that
/// `.ci/run` counts.
///
/// # Panics
/// Where `COPY_PREFLIGHT_SHARED` names a folder that does not exist: a run that asks for the
/// shared data must not pass without them.
#[must_use]
pub fn shared() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("COPY_PREFLIGHT_SHARED") {
        let folder = PathBuf::from(folder);
        assert!(folder.is_dir(), "COPY_PREFLIGHT_SHARED is no folder: {}", folder.display());
        return Some(folder);
    }
    let folder = workspace().join("../shared");
    if folder.is_dir() {
        return Some(folder);
    }
    say("skipped: shared data absent");
    None
}

/// Prints a line that is seen although the test passes: the harness holds back only what goes
/// through `print!`.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A test that cannot be heard has still passed.
    let _ = writeln!(out, "{line}");
}

/// The text of a file.
///
/// # Panics
/// Where it cannot be read.
#[must_use]
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
