//! Snapshots: folders of saved AWS answers.

pub mod folder;
pub mod manifest;
pub mod meaning;
pub mod pseudonym;
pub mod redact;
mod scan;
pub mod write;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use copy_preflight_rules::inputs::{Address, Inputs, Why};

use crate::documents::{Documents, Stop};

/// A folder of saved answers.
#[derive(Debug, Clone)]
pub struct Snapshot {
    root: PathBuf,
    /// What stands before the names of files in it, where they are not told from its root.
    prefix: String,
}

impl Snapshot {
    /// Opens a folder.
    ///
    /// # Errors
    /// Where there is no such folder, or it cannot be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::read_dir(root)?;
        Ok(Self::empty(root))
    }

    /// A snapshot in which nothing stands yet.
    #[must_use]
    pub fn empty(root: &Path) -> Self {
        Self { root: root.to_owned(), prefix: String::new() }
    }

    /// The same with names that begin with a path, such as `saved/`.
    #[must_use]
    pub fn shown_below(self, prefix: String) -> Self {
        Self { prefix, ..self }
    }

    /// Reads the answer at an address into the inputs: the answer, the error that was saved in
    /// its place, or the fact that there is neither.
    pub fn load(&self, address: &Address, inputs: &mut Inputs) {
        let path = address.path();
        if address.is_folder()
            && let Some(list) = self.folder_list(address, &path)
        {
            inputs.insert_answer(address.clone(), &path, &list);
            return;
        }
        let answer = format!("{path}.json");
        let error = format!("{path}.error.json");
        for (name, is_error) in [(answer, false), (error, true)] {
            let bytes = fs::read(self.root.join(&name));
            let name = format!("{}{name}", self.prefix);
            match bytes {
                Ok(bytes) => {
                    match decode(&bytes) {
                        Ok(text) if is_error => inputs.insert_error(address.clone(), &name, text),
                        Ok(text) => inputs.insert_answer(address.clone(), &name, text),
                        Err(fault) => inputs.insert_unreadable(address.clone(), &name, fault),
                    }
                    return;
                }
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                // A folder where a file should stand, a loop of links, no permission.
                Err(fault) => {
                    inputs.insert_unreadable(
                        address.clone(),
                        &name,
                        format!("cannot be read: {fault}"),
                    );
                    return;
                }
            }
        }
        inputs.insert_absent(address.clone(), Why::NotFetched);
    }
}

impl Documents for Snapshot {
    fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
        for address in wanted {
            Self::load(self, address, inputs);
        }
        Ok(())
    }
}

impl Snapshot {
    /// The copy jobs that were saved, in the order of accounts, Regions and ids.
    #[must_use]
    pub fn copy_jobs(&self) -> Vec<Address> {
        let accounts = self.root.join("accounts");
        let mut jobs = Vec::new();
        for account in names(&accounts) {
            for region in names(&accounts.join(&account)) {
                let folder = accounts.join(&account).join(&region).join("copy-jobs");
                jobs.extend(names(&folder).into_iter().filter_map(|name| {
                    let id = name.strip_suffix(".json")?;
                    let id = id.strip_suffix(".error").unwrap_or(id).to_owned();
                    Some(Address::CopyJob { account: account.clone(), region: region.clone(), id })
                }));
            }
        }
        jobs.dedup();
        jobs
    }

    /// The things whose files stand in a folder, as the list of their ids that AWS prints; `None`
    /// without the folder. A policy whose content was refused, or of which only the attachments
    /// were saved, is one of them: it may say anything.
    fn folder_list(&self, address: &Address, folder: &str) -> Option<String> {
        let entries = fs::read_dir(self.root.join(folder)).ok()?;
        let (list, id, beside) = match address {
            Address::OrganizationPolicies => {
                let attachments = fs::read_dir(self.root.join("organization/attachments"));
                ("Policies", "Id", attachments.ok())
            }
            _ => ("BackupSelectionsList", "SelectionId", None),
        };
        let mut ids: Vec<String> = entries
            .chain(beside.into_iter().flatten())
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|name| {
                let name = name.strip_suffix(".json")?;
                let name = name.strip_suffix(".error").unwrap_or(name);
                Some(folder::decode_name(name).unwrap_or_else(|| name.to_owned()))
            })
            .collect();
        ids.sort();
        ids.dedup();
        let entries: Vec<_> = ids.into_iter().map(|one| serde_json::json!({ id: one })).collect();
        Some(serde_json::json!({ list: entries }).to_string())
    }
}

/// The names in a folder, in order; none where there is no such folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// The text of a file, which has to be UTF-8.
///
/// # Errors
/// Names the encoding where the bytes show one, else the first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, String> {
    let named = match bytes {
        [0xff, 0xfe, ..] => Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => Some("UTF-16 (big endian)"),
        _ => None,
    };
    if let Some(encoding) = named {
        return Err(format!("the file is {encoding}; save it as UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|fault| {
        let (valid, _) = bytes.split_at(fault.valid_up_to());
        let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!(
            "the file is not UTF-8: byte {} (line {line}) cannot be read",
            fault.valid_up_to() + 1
        )
    })
}
