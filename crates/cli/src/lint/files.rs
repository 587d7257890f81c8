//! Which files are read, and the documents in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::{env, io};

use copy_preflight_policy::source::{SourceId, Sources};
use copy_preflight_rules::lint::{Document, Found, Hints, documents};
use copy_preflight_templates as templates;
use ignore::WalkBuilder;

use super::comments::Waiver;
use super::suppress::absolute;
use super::{Note, Settings, Version, template};
use crate::snapshot::decode;

/// Files of folders that may hold documents, by the ends of their names.
const EXTENSIONS: [&str; 7] = ["json", "tf", "tofu", "yaml", "yml", "template", "cfn"];

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
    /// The folder of the Terraform module that it is a file of.
    fn module(&self) -> Option<&Path> {
        match &self.from {
            From::File(path) if template::is_of_module(&self.shown) => path.parent(),
            _ => None,
        }
    }

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
    let below = whole.strip_prefix(&here).ok().filter(|_| here.parent().is_some());
    let short = match below {
        Some(here) if here.as_os_str().is_empty() => Path::new("."),
        Some(below) => below,
        None => &whole,
    };
    let text = short.to_string_lossy().into_owned();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

/// The documents of a file, the comments that leave findings out, and what of the file could not
/// be read.
#[derive(Default)]
pub(super) struct Holding {
    pub(super) documents: Vec<Document>,
    pub(super) waivers: Vec<Waiver>,
    pub(super) notes: Vec<Note>,
}

/// Files that are read together, with their texts: those of one Terraform module, or one file.
pub(super) type Unit<'i> = [(&'i Input, String)];

/// Which inputs are read together, by their numbers: the Terraform files of a folder, and every
/// other file by itself.
pub(super) fn units(inputs: &[Input]) -> Vec<Vec<usize>> {
    let mut units: Vec<Vec<usize>> = Vec::new();
    let mut modules: BTreeMap<&Path, usize> = BTreeMap::new();
    for (number, input) in inputs.iter().enumerate() {
        match input.module() {
            Some(folder) => {
                let unit = *modules.entry(folder).or_insert(units.len());
                match units.get_mut(unit) {
                    Some(unit) => unit.push(number),
                    None => units.push(vec![number]),
                }
            }
            None => units.push(vec![number]),
        }
    }
    units
}

/// Reads the documents of files: what each of them holds, in their order.
pub(super) fn read(
    unit: &Unit<'_>,
    sources: &mut Sources,
    settings: &Settings<'_>,
) -> Vec<Holding> {
    let formats = unit.iter().map(|(input, text)| templates::format(&input.shown, text));
    let formats: Vec<Option<templates::Format>> = formats.collect();
    let ids: Vec<SourceId> =
        unit.iter().map(|(input, text)| sources.add(input.shown.clone(), text.as_str())).collect();
    let mut holdings: Vec<Holding> = unit.iter().map(|_| Holding::default()).collect();
    let mut files = Vec::new();
    for ((format, &source), holding) in formats.iter().zip(&ids).zip(&mut holdings) {
        match *format {
            Some(format) => files.push(templates::File { source, format }),
            None => {
                let hints = Hints { kind: settings.kind, owner: settings.owner.clone() };
                if let Found::Documents(documents) = documents(sources, source, &hints) {
                    holding.documents = documents;
                }
            }
        }
    }
    if files.is_empty() {
        return holdings;
    }
    if let Some(folder) = unit.first().and_then(|(input, _)| input.module()) {
        files.extend(neighbours(folder, unit, sources));
    }
    let template = template::read(sources, &files);
    let holding_of = |source: SourceId| ids.iter().position(|&id| id == source);
    for (source, document) in template.documents {
        if let Some(holding) = holding_of(source).and_then(|at| holdings.get_mut(at)) {
            holding.documents.push(document.owned_by(settings.owner.clone()));
        }
    }
    for (source, waiver) in template.waivers {
        if let Some(holding) = holding_of(source).and_then(|at| holdings.get_mut(at)) {
            holding.waivers.push(waiver);
        }
    }
    for (source, place, message, unreadable) in template.problems {
        if let Some(at) = holding_of(source)
            && let (Some(holding), Some((input, _))) = (holdings.get_mut(at), unit.get(at))
        {
            holding.notes.push(Note {
                path: format!("{}:{place}", input.shown),
                message,
                unreadable,
            });
        }
    }
    holdings
}

/// The other files of a module: they hold what the judged ones refer to.
fn neighbours(folder: &Path, unit: &Unit<'_>, sources: &mut Sources) -> Vec<templates::File> {
    let mut files = Vec::new();
    for path in template::module_files(folder) {
        let is_judged = unit.iter().any(|(input, _)| match &input.from {
            From::File(judged) => judged.file_name() == path.file_name(),
            From::Text(_) => false,
        });
        let read = || read_all(File::open(&path).ok()?).ok();
        let name = path.to_string_lossy();
        if let (false, Some(text)) = (is_judged, read())
            && let Some(format) = templates::format(&name, &text)
        {
            files.push(templates::File { source: sources.add(shown(&path), text), format });
        }
    }
    files
}
