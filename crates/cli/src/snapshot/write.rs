//! Writes a snapshot as its documents come.
//!
//! Everything is collected in `DIR.partial`, with a journal of the calls, and becomes `DIR` when
//! it is whole. A run that was cut short leaves `DIR.partial`; the next one takes over what stands
//! in it. Folders and files are for their owner alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use copy_preflight_rules::inputs::{Address, Entry, Fetched, Inputs, Why, encode_name};

use super::Snapshot;
use super::manifest::{CallLine, MANIFEST, Manifest};
use crate::documents::{Documents, Keep, Stop};

/// The calls so far, a line each; a line is whole when it ends.
const JOURNAL: &str = "calls.jsonl";

/// Answers that neither a file nor a call of their own vouches for, until the snapshot is whole: a
/// list in whose place a folder stands, an answer that another document's call brought along.
const ASIDE: &str = ".aside";

/// A snapshot that is being written.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    partial: PathBuf,
    journal: File,
    calls: Vec<CallLine>,
    /// What each name was taken for, without regard to case: some file systems have none.
    names: BTreeMap<String, Address>,
    unkept: Vec<String>,
    taken_at: jiff::Timestamp,
}

/// What a run that was cut short left.
#[derive(Debug, Clone)]
pub struct Resumed {
    snapshot: Snapshot,
    stems: BTreeSet<String>,
    /// Errors in the place of answers.
    errors: BTreeSet<String>,
    /// What was asked since: it is not asked again.
    asked: BTreeSet<Address>,
    /// When the run began, ISO 8601.
    pub since: Option<String>,
}

/// Documents of a run that was cut short, and behind them those that are fetched now.
pub struct Resuming<'a> {
    /// What is there.
    pub resumed: Resumed,
    /// Who is asked for the rest.
    pub rest: &'a mut dyn Documents,
}

impl Writer {
    /// Begins a snapshot, or goes on with one that was cut short.
    ///
    /// # Errors
    /// Where the folder is there already, or nothing can be written beside it.
    pub fn begin(folder: &Path, now: jiff::Timestamp) -> io::Result<(Self, Option<Resumed>)> {
        if is_taken(folder)? {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "it exists; name another folder, or remove it first",
            ));
        }
        let Some(name) = folder.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no folder"));
        };
        let mut partial = name.to_owned();
        partial.push(".partial");
        let partial = folder.with_file_name(partial);
        let calls = match fs::read_to_string(partial.join(JOURNAL)) {
            Ok(text) => journal_lines(&text),
            Err(_) => Vec::new(),
        };
        make_folder(&partial)?;
        keep_private(&partial)?;
        let resumed = (!calls.is_empty()).then(|| Resumed::of(&partial, &calls)).transpose()?;
        // Written anew: a line that was torn would take the next one with it.
        let mut journal = private_file(&partial.join(JOURNAL))?;
        for call in &calls {
            write_line(&mut journal, call)?;
        }
        let began = calls.iter().filter_map(|call| call.when.as_ref()?.parse().ok()).min();
        let writer = Self {
            folder: folder.to_owned(),
            partial,
            journal,
            calls,
            names: BTreeMap::new(),
            unkept: Vec::new(),
            taken_at: began.unwrap_or(now),
        };
        Ok((writer, resumed))
    }

    /// Where it is collected.
    #[must_use]
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// What stands in the folder, for a run that began it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn begun(&self) -> io::Result<Resumed> {
        Resumed::of(&self.partial, &[])
    }

    /// Documents that could not be kept, and why: another has the same name, or the name is too
    /// long for the file system.
    #[must_use]
    pub fn unkept(&self) -> &[String] {
        &self.unkept
    }

    /// Ends the snapshot: the folder takes its name.
    ///
    /// # Errors
    /// Where the manifest cannot be written or the folder cannot be renamed. What was collected
    /// stays.
    pub fn finish(self) -> io::Result<Manifest> {
        let manifest = self.close()?;
        put(&self.partial, &self.folder)?;
        Ok(manifest)
    }

    /// Ends the snapshot as a redacted one: only the copy takes the name, and what was collected
    /// is removed.
    ///
    /// # Errors
    /// Where the copy cannot be written. What was collected stays.
    pub fn finish_redacted(self) -> io::Result<(Manifest, super::redact::Redacted)> {
        let manifest = self.close()?;
        let redacted = redact_into(&self.partial, &self.folder)?;
        fs::remove_dir_all(&self.partial)?;
        Ok((manifest, redacted))
    }

    fn close(&self) -> io::Result<Manifest> {
        let manifest = Manifest::of(self.taken_at.to_string(), self.calls.clone());
        write_file(&self.partial.join(MANIFEST), manifest.to_json().as_bytes())?;
        fs::remove_file(self.partial.join(JOURNAL))?;
        match fs::remove_dir_all(self.partial.join(ASIDE)) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
            _ => Ok(manifest),
        }
    }

    /// Writes what was fetched; tells the file.
    fn store(&self, stem: &str, fetched: &Fetched) -> io::Result<String> {
        let target = self.partial.join(stem);
        if let Some(folder) = target.parent() {
            make_folder(folder)?;
        }
        let (answer, error) = (format!("{stem}.json"), format!("{stem}.error.json"));
        match &fetched.text {
            // The files in the folder are the list.
            Ok(text) if fetched.address.is_folder() => {
                make_folder(&target)?;
                self.put_aside(stem, text)?;
                remove(&self.partial.join(error))?;
                Ok(stem.to_owned())
            }
            Ok(text) => {
                if fetched.calls.is_empty() {
                    self.put_aside(stem, text)?;
                }
                write_file(&self.partial.join(&answer), text.as_bytes())?;
                remove(&self.partial.join(error))?;
                Ok(answer)
            }
            Err(fault) => {
                write_file(&self.partial.join(&error), fault.to_json().as_bytes())?;
                Ok(error)
            }
        }
    }

    fn put_aside(&self, stem: &str, text: &str) -> io::Result<()> {
        make_folder(&self.partial.join(ASIDE))?;
        write_file(&aside(&self.partial, stem), text.as_bytes())
    }

    fn take_name(&mut self, stem: &str, address: &Address) -> bool {
        let taken = self.names.entry(stem.to_lowercase()).or_insert_with(|| address.clone());
        if taken == address {
            return true;
        }
        let clash = format!("{} ({} has the same name)", address.path(), taken.path());
        self.unkept.push(clash);
        false
    }
}

impl Keep for Writer {
    fn keep(&mut self, fetched: &Fetched) -> io::Result<()> {
        let stem = fetched.address.path();
        let wanted = match holds_secret(fetched) {
            true => {
                self.unkept.push(format!("{stem} (it holds what looks like a credential)"));
                false
            }
            false => self.take_name(&stem, &fetched.address),
        };
        let file = match wanted {
            true => match self.store(&stem, fetched) {
                Ok(file) => file,
                Err(fault) if fault.kind() == io::ErrorKind::InvalidFilename => {
                    self.unkept.push(format!("{stem} (its name is too long here)"));
                    String::new()
                }
                Err(fault) => return Err(fault),
            },
            false => String::new(),
        };
        for call in CallLine::of(fetched, &file) {
            write_line(&mut self.journal, &call)?;
            self.calls.push(call);
        }
        Ok(())
    }
}

impl Resumed {
    fn of(partial: &Path, calls: &[CallLine]) -> io::Result<Self> {
        let kept = calls.iter().filter_map(|call| {
            let stem = call.file.strip_suffix(".json").unwrap_or(&call.file);
            (call.outcome == "ok" && partial.join(&call.file).exists()).then(|| stem.to_owned())
        });
        let errors = calls.iter().filter_map(|call| {
            let stem = call.file.strip_suffix(".error.json")?;
            partial.join(&call.file).exists().then(|| stem.to_owned())
        });
        Ok(Self {
            snapshot: Snapshot::open(partial)?,
            stems: kept.collect(),
            errors: errors.collect(),
            asked: BTreeSet::new(),
            since: calls.iter().filter_map(|call| call.when.clone()).min(),
        })
    }

    /// How many answers are there.
    #[must_use]
    pub fn answers(&self) -> usize {
        self.stems.len()
    }

    /// The answers that are there of these.
    #[must_use]
    pub fn texts(&self, addresses: impl IntoIterator<Item = Address>) -> BTreeMap<Address, String> {
        let there = addresses.into_iter().filter(|one| self.stems.contains(&one.path()));
        let read = |address: Address| {
            let file = self.snapshot.root.join(format!("{}.json", address.path()));
            Some((address, fs::read_to_string(file).ok()?))
        };
        there.filter_map(read).collect()
    }

    /// Reads what stands at an address; false where it has to be asked.
    fn load(&self, address: &Address, inputs: &mut Inputs) -> bool {
        let stem = address.path();
        if self.asked.contains(address) {
            self.snapshot.load(address, inputs);
            return true;
        }
        if let Ok(text) = fs::read_to_string(aside(&self.snapshot.root, &stem)) {
            inputs.insert_answer(address.clone(), &stem, &text);
            return true;
        }
        if address.is_folder() {
            // The files in the folder may have been cut short.
            return false;
        }
        if self.stems.contains(&stem) {
            self.snapshot.load(address, inputs);
            return true;
        }
        // A call that was refused may be allowed now; that a thing does not exist is an answer.
        let mut found = Inputs::new();
        if self.errors.contains(&stem) {
            self.snapshot.load(address, &mut found);
        }
        let is_absence = matches!(
            found.get(address),
            Some(Entry::Absent(absence)) if absence.why == Why::NotFound
        );
        if is_absence {
            self.snapshot.load(address, inputs);
        }
        is_absence
    }
}

impl Documents for Resuming<'_> {
    fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
        let rest: BTreeSet<Address> =
            wanted.iter().filter(|one| !self.resumed.load(one, inputs)).cloned().collect();
        if rest.is_empty() {
            return Ok(());
        }
        self.rest.load(&rest, inputs)?;
        self.resumed.asked.extend(rest);
        Ok(())
    }

    fn stage(&mut self, stage: &str) {
        self.rest.stage(stage);
    }
}

/// Writes a redacted copy beside its folder and then gives it its name.
///
/// # Errors
/// Where the folder is there already, or the copy cannot be written.
pub fn redact_into(from: &Path, folder: &Path) -> io::Result<super::redact::Redacted> {
    if is_taken(folder)? {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it exists; name another folder, or remove it first",
        ));
    }
    let Some(name) = folder.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no folder"));
    };
    let mut partial = name.to_owned();
    partial.push(".redacted.partial");
    let partial = folder.with_file_name(partial);
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    let redacted = super::redact::copy(from, &partial)?;
    put(&partial, folder)?;
    Ok(redacted)
}

/// What no answer that is read here has. A proxy, or a service that changed, may.
const SECRETS: [&str; 4] =
    ["\"SecretAccessKey\"", "\"SessionToken\"", "X-Amz-Security-Token", "X-Amz-Signature"];

fn holds_secret(fetched: &Fetched) -> bool {
    let text = fetched.text.as_ref().unwrap_or_else(|error| &error.message);
    SECRETS.iter().any(|secret| text.contains(secret))
}

/// Whether something stands where a folder shall be made; an empty folder does not count.
fn is_taken(folder: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(folder) {
        Ok(meta) if meta.is_dir() => Ok(fs::read_dir(folder)?.next().is_some()),
        Ok(_) => Ok(true),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn put(partial: &Path, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        // Empty, or this fails.
        fs::remove_dir(folder)?;
    }
    fs::rename(partial, folder)
}

/// Where an answer is kept that only the next run reads.
fn aside(partial: &Path, stem: &str) -> PathBuf {
    partial.join(ASIDE).join(format!("{}.json", encode_name(stem)))
}

/// Removes what a former run wrote, if it did.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

fn journal_lines(text: &str) -> Vec<CallLine> {
    // A line without its end was torn.
    let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
    whole.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn write_line(journal: &mut File, call: &CallLine) -> io::Result<()> {
    let mut line = serde_json::to_string(call)?;
    line.push('\n');
    journal.write_all(line.as_bytes())
}

/// Makes a folder that only its owner may enter, with those above it.
///
/// # Errors
/// Where it cannot be made.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes a folder that is there away from everybody else.
fn keep_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Writes a file that only its owner may read, whole or not at all.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push("~");
    let partial = PathBuf::from(partial);
    private_file(&partial)?.write_all(bytes)?;
    fs::rename(partial, path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
