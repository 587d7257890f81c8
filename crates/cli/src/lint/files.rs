//! Which files are read, and the documents in them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::{env, io};

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::lint::{Document, Found, Hints, documents};
use ignore::WalkBuilder;

use super::comments::Waiver;
use super::suppress::absolute;
use super::{Note, Settings, Version};
use crate::snapshot::decode;

/// Files of folders that may hold documents, by the ends of their names.
const EXTENSIONS: [&str; 1] = ["json"];

/// A larger file is not read: no policy is as large, and what is would hold up a pull request.
const LARGEST: u64 = 32 << 20;

/// A file to judge.
#[derive(Debug)]
pub struct Input {
    /// The path as it is shown.
    pub shown: String,
    /// Whether the user named the file itself.
    pub named: bool,
    from: From,
}

#[derive(Debug)]
enum From {
    File(PathBuf),
    /// Standard input, read already.
    Text(Result<String, String>),
}

/// What paths come to.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The files, each once.
    pub inputs: Vec<Input>,
    /// What could not be gone through.
    pub notes: Vec<Note>,
}

/// Goes through the version before of the same files and folders. What it does not have is no
/// fault: it is new.
pub fn gather_before(paths: &[PathBuf], version: &Version) -> Gathered {
    let lies = |path: &PathBuf| version.real(path).map(std::borrow::Cow::into_owned);
    let named = paths.iter().filter(|path| path.as_os_str() != "-");
    let there: Vec<PathBuf> = named.filter_map(lies).filter(|path| path.exists()).collect();
    let mut gathered = gather(&there, &mut io::empty());
    for input in &mut gathered.inputs {
        if let From::File(path) = &input.from {
            input.shown = version.shown(path);
        }
    }
    gathered
}

/// Goes through files and folders, ignore files respected.
pub fn gather(paths: &[PathBuf], stdin: &mut dyn BufRead) -> Gathered {
    let mut gathered = Gathered::default();
    let mut seen = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let text = read_all(&mut *stdin);
            let (shown, from) = ("<stdin>".to_owned(), From::Text(text));
            gathered.inputs.push(Input { shown, named: true, from });
        } else if path.is_dir() {
            gathered.walk(path, &mut seen);
        } else if seen.insert(absolute(path)) {
            let shown = shown(path);
            gathered.inputs.push(Input { shown, named: true, from: From::File(path.clone()) });
        }
    }
    gathered
}

impl Gathered {
    fn walk(&mut self, folder: &Path, seen: &mut BTreeSet<PathBuf>) {
        let walk = WalkBuilder::new(folder)
            .follow_links(true)
            .require_git(false)
            .sort_by_file_name(std::ffi::OsStr::cmp)
            .build();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let path = entry.path();
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    let known = path.extension().and_then(|end| end.to_str()).is_some_and(|end| {
                        EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(end))
                    });
                    if is_file && known && seen.insert(absolute(path)) {
                        let from = From::File(path.to_owned());
                        self.inputs.push(Input { shown: shown(path), named: false, from });
                    }
                }
                Err(fault) => self.notes.push(fault_of(folder, &fault)),
            }
        }
    }
}

fn fault_of(folder: &Path, fault: &ignore::Error) -> Note {
    let (path, message) = match fault {
        ignore::Error::WithPath { path, err } => (path.clone(), err.to_string()),
        ignore::Error::WithDepth { err, .. } => return fault_of(folder, err),
        ignore::Error::Loop { ancestor, child } => {
            (child.clone(), format!("leads back to `{}`", shown(ancestor)))
        }
        other => (folder.to_owned(), other.to_string()),
    };
    Note {
        path: shown(&path),
        message: format!("cannot be gone through: {message}"),
        unreadable: true,
    }
}

impl Input {
    /// Whether it is standard input.
    pub(super) fn is_stdin(&self) -> bool {
        matches!(self.from, From::Text(_))
    }

    /// The text.
    pub(super) fn text(&self) -> Result<String, String> {
        match &self.from {
            From::Text(text) => text.clone(),
            From::File(path) => {
                let file = File::open(path).map_err(|fault| cannot_read(&fault))?;
                read_all(file)
            }
        }
    }
}

fn cannot_read(fault: &io::Error) -> String {
    format!("cannot be read: {fault}")
}

fn read_all(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|fault| cannot_read(&fault))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MB and was not read", LARGEST >> 20));
    }
    if bytes.iter().take(1024).any(|&byte| byte == 0) && decode(&bytes).is_ok() {
        return Err("is a binary file".to_owned());
    }
    decode(&bytes)?;
    String::from_utf8(bytes).map_err(|fault| fault.to_string())
}

/// A path as it is shown: from the working directory where it stands below, with `/`.
pub(crate) fn shown(path: &Path) -> String {
    let whole = absolute(path);
    let here = env::current_dir().unwrap_or_default();
    let short = whole.strip_prefix(&here).unwrap_or(&whole);
    let text = short.to_string_lossy().into_owned();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

/// The documents of a file, and the comments that leave findings out.
pub(super) struct Holding {
    pub(super) documents: Vec<Document>,
    pub(super) waivers: Vec<Waiver>,
}

/// Reads the documents of a text, by its format.
pub(super) fn read(
    shown: &str,
    text: String,
    sources: &mut Sources,
    settings: &Settings<'_>,
) -> Holding {
    let file = sources.add(shown, text);
    let hints = Hints { kind: settings.kind, owner: settings.owner.clone() };
    let documents = match documents(sources, file, &hints) {
        Found::Documents(documents) => documents,
        Found::Nothing => Vec::new(),
    };
    // JSON has no comments.
    Holding { documents, waivers: Vec::new() }
}
