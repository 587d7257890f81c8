//! Two versions of the same files: the one at hand, and the one before.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fmt, fs, io};

use tempfile::TempDir;

use super::files;
use super::suppress::absolute;

/// Where the files of a version lie.
#[derive(Debug, Default)]
pub struct Version {
    moved: Option<Moved>,
}

/// A version that lies elsewhere than the files at hand.
#[derive(Debug)]
struct Moved {
    /// The folder at hand.
    here: PathBuf,
    /// The folder that holds its other version.
    there: PathBuf,
    /// What git knows of it, and the folder, which goes when the version does.
    git: Option<(Git, TempDir)>,
}

/// A tree of git, read without touching the index or the files of the user.
#[derive(Debug)]
struct Git {
    top: PathBuf,
    index: PathBuf,
    /// What files the tree has.
    names: Vec<String>,
}

/// Why there is no version before.
#[derive(Debug)]
pub enum VersionError {
    /// `git` cannot be run.
    NoGit(io::Error),
    /// The files are in no repository.
    NoRepository(String),
    /// It is a folder and a revision.
    Ambiguous(String),
    /// It is neither a folder nor a revision.
    Unknown(String),
    /// A step of git failed: which one, and what it said.
    Failed(&'static str, String),
    /// A file or folder.
    Io(io::Error),
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGit(fault) => {
                write!(f, "`--base` with a revision runs `git`, which cannot be run: {fault}")
            }
            Self::NoRepository(folder) => write!(
                f,
                "`--base` with a revision needs a git repository, and `{folder}` is in none; name a folder that holds the version before"
            ),
            Self::Ambiguous(base) => write!(
                f,
                "`--base {base}` is both a folder and a revision: write `./{base}` or `refs/heads/{base}`"
            ),
            Self::Unknown(base) => write!(
                f,
                "`--base {base}` is neither a folder nor a revision that git knows here; in a shallow clone fetch it first (`fetch-depth: 0` in GitHub Actions, or `git fetch origin {base}`)"
            ),
            Self::Failed(step, said) => write!(f, "`{step}` failed: {}", said.trim()),
            Self::Io(fault) => write!(f, "the version before cannot be kept: {fault}"),
        }
    }
}

impl std::error::Error for VersionError {}

impl From<io::Error> for VersionError {
    fn from(fault: io::Error) -> Self {
        Self::Io(fault)
    }
}

/// Files that may hold documents or say how they are read, by the ends of their names.
const ENDS: [&str; 11] = [
    ".json",
    ".tf",
    ".tofu",
    ".tfvars",
    ".yaml",
    ".yml",
    ".template",
    ".cfn",
    ".toml",
    ".gitignore",
    ".ignore",
];

impl Version {
    /// The version that a folder or a revision names, of the files under these paths.
    ///
    /// A folder holds the version before of the working directory; where it lacks the one folder
    /// that is judged, it is the version before of that. A revision is taken from the
    /// repository that the first path lies in.
    ///
    /// # Errors
    /// Why there is none.
    pub fn before(base: &str, paths: &[PathBuf]) -> Result<Self, VersionError> {
        let first = paths.iter().find(|path| path.as_os_str() != "-");
        let first = absolute(first.map_or(Path::new("."), PathBuf::as_path));
        let near = if first.is_dir() { first.as_path() } else { first.parent().unwrap_or(&first) };
        let folder = Path::new(base);
        let top = top(near);
        let is_revision = top.as_ref().is_ok_and(|top| commit(top, base).is_some());
        if folder.is_dir() {
            // `./main` and whole paths are no revisions.
            if is_revision && !base.starts_with('.') && !folder.is_absolute() {
                return Err(VersionError::Ambiguous(base.to_owned()));
            }
            let there = absolute(folder);
            let here = counterpart(&there, paths)?;
            return Ok(Self { moved: Some(Moved { here, there, git: None }) });
        }
        let top = top?;
        if !is_revision {
            return Err(VersionError::Unknown(base.to_owned()));
        }
        let folder = tempfile::tempdir()?;
        // The folder may be named through a link, and is compared with paths that are not.
        let there = fs::canonicalize(folder.path())?.join("tree");
        fs::create_dir(&there)?;
        let git = Git::read(&top, base, &folder.path().join("index"))?;
        let names: Vec<&str> = git
            .names
            .iter()
            .map(String::as_str)
            .filter(|name| ENDS.iter().any(|end| name.ends_with(end)))
            .collect();
        git.write(&names, &there)?;
        Ok(Self { moved: Some(Moved { here: top, there, git: Some((git, folder)) }) })
    }

    /// Where a file of this version lies; `None` for one that has no other version.
    #[must_use]
    pub fn real<'p>(&self, path: &'p Path) -> Option<Cow<'p, Path>> {
        let Some(moved) = &self.moved else { return Some(Cow::Borrowed(path)) };
        let whole = absolute(path);
        let below = whole.strip_prefix(&moved.here).map(Path::to_owned).or_else(|_| {
            let whole = fs::canonicalize(&whole).unwrap_or(whole.clone());
            whole.strip_prefix(&moved.here).map(Path::to_owned)
        });
        Some(Cow::Owned(moved.there.join(below.ok()?)))
    }

    /// Makes sure that a file is there, whatever its name ends with.
    ///
    /// # Errors
    /// Where git cannot write it. That the version has no such file is none.
    pub fn need(&self, real: &Path) -> Result<(), VersionError> {
        let Some(Moved { there, git: Some((git, _)), .. }) = &self.moved else { return Ok(()) };
        let Ok(name) = absolute(real).strip_prefix(there).map(Path::to_owned) else {
            return Ok(());
        };
        let name = name.to_string_lossy().replace('\\', "/");
        if real.exists() || !git.names.contains(&name) {
            return Ok(());
        }
        git.write(&[&name], there)
    }

    /// A message with the paths of this version as the files at hand have them.
    #[must_use]
    pub fn told(&self, message: &str) -> String {
        let Some(moved) = &self.moved else { return message.to_owned() };
        let separator = std::path::MAIN_SEPARATOR;
        message.replace(&format!("{}{separator}", moved.there.display()), "")
    }

    /// How a file of this version is shown: as the one at hand would be.
    #[must_use]
    pub fn shown(&self, real: &Path) -> String {
        let whole = absolute(real);
        let here = self
            .moved
            .as_ref()
            .and_then(|moved| Some(moved.here.join(whole.strip_prefix(&moved.there).ok()?)));
        files::shown(here.as_deref().unwrap_or(&whole))
    }
}

impl Git {
    /// Reads a tree into an index of its own.
    fn read(top: &Path, revision: &str, index: &Path) -> Result<Self, VersionError> {
        let own_index = [("GIT_INDEX_FILE", index.as_os_str())];
        let tree = commit(top, revision).unwrap_or_else(|| revision.to_owned());
        run(top, &own_index, "git read-tree", &["read-tree".as_ref(), tree.as_ref()], None)?;
        let list = ["ls-files".as_ref(), "-z".as_ref(), "--stage".as_ref()];
        let list = run(top, &own_index, "git ls-files", &list, None)?;
        let names = String::from_utf8_lossy(&list)
            .split('\0')
            // `mode object stage TAB name`; a module of another repository has no file.
            .filter(|entry| !entry.starts_with("160000"))
            .filter_map(|entry| Some(entry.split_once('\t')?.1.to_owned()))
            .collect();
        Ok(Self { top: top.to_owned(), index: index.to_owned(), names })
    }

    /// Writes files of the tree into a folder.
    fn write(&self, names: &[&str], folder: &Path) -> Result<(), VersionError> {
        let mut prefix = OsString::from("--prefix=");
        prefix.push(folder);
        prefix.push("/");
        let arguments = [
            OsStr::new("checkout-index"),
            "--force".as_ref(),
            "-z".as_ref(),
            "--stdin".as_ref(),
            prefix.as_os_str(),
        ];
        let list = names.join("\0");
        let environment =
            // Large files stay what the repository has of them.
            [("GIT_INDEX_FILE", self.index.as_os_str()), ("GIT_LFS_SKIP_SMUDGE", "1".as_ref())];
        run(&self.top, &environment, "git checkout-index", &arguments, Some(list.as_bytes()))
            .map(drop)
    }
}

/// The folder at hand that another folder holds the version before of.
fn counterpart(there: &Path, paths: &[PathBuf]) -> io::Result<PathBuf> {
    let here = absolute(&env::current_dir()?);
    if let [only] = paths
        && only.is_dir()
    {
        let only = absolute(only);
        let below = only.strip_prefix(&here).map(|below| there.join(below));
        if !below.is_ok_and(|below| below.is_dir()) {
            return Ok(only);
        }
    }
    Ok(here)
}

/// The top folder of the repository.
fn top(folder: &Path) -> Result<PathBuf, VersionError> {
    let none = || VersionError::NoRepository(files::shown(folder));
    let arguments = ["rev-parse".as_ref(), "--show-toplevel".as_ref()];
    match run(folder, &[], "git rev-parse", &arguments, None) {
        Ok(said) => {
            let text = String::from_utf8_lossy(&said);
            Ok(absolute(Path::new(text.trim_end_matches(['\n', '\r']))))
        }
        Err(VersionError::NoGit(fault)) => Err(VersionError::NoGit(fault)),
        Err(_) => Err(none()),
    }
}

/// The id of the commit that a revision names.
fn commit(top: &Path, revision: &str) -> Option<String> {
    let named = format!("{revision}^{{commit}}");
    let arguments = [
        "rev-parse".as_ref(),
        "--verify".as_ref(),
        "--quiet".as_ref(),
        "--end-of-options".as_ref(),
        OsStr::new(&named),
    ];
    let said = run(top, &[], "git rev-parse", &arguments, None).ok()?;
    Some(String::from_utf8_lossy(&said).trim().to_owned())
}

/// Runs git in a folder: what it wrote.
fn run(
    folder: &Path,
    environment: &[(&str, &OsStr)],
    step: &'static str,
    arguments: &[&OsStr],
    input: Option<&[u8]>,
) -> Result<Vec<u8>, VersionError> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().map_err(VersionError::NoGit)?;
    if let (Some(input), Some(mut pipe)) = (input, running.stdin.take()) {
        // Where git ends early, what it says is the fault, not the pipe.
        let _ = pipe.write_all(input);
    }
    let ended = running.wait_with_output()?;
    match ended.status.success() {
        true => Ok(ended.stdout),
        false => {
            Err(VersionError::Failed(step, String::from_utf8_lossy(&ended.stderr).into_owned()))
        }
    }
}
