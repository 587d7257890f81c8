//! Redaction: the same snapshot with other ids.
//!
//! Replaced are ids of accounts and of what AWS Organizations names (`o-…`, `r-…`, `ou-…`,
//! `p-…`), unique ids of principals and access keys (which carry the account), email addresses,
//! and the names of accounts. Everything else stays as it was written, byte for byte: names of
//! roles, vaults and OUs, ids of keys, plans and resources, tags, times.
//!
//! An id is replaced wherever it stands, inside policies and names of files too, so that rules
//! find in the copy what they found before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use copy_preflight_policy::json;
use copy_preflight_policy::source::Sources;
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_rules::inputs::encode_name;

use super::decode;
use super::folder::{Listing, decode_name, list};
use super::manifest::{MANIFEST, Manifest};
use super::pseudonym::{Kind, Pseudonyms};
use super::scan::{Found, Scan};
use super::write::{make_folder, write_file};

/// What stands behind names in paths: an address would take it for a part of its domain.
const ENDINGS: [&str; 8] =
    [".policy", ".tags", ".grants", ".aliases", ".attached", ".inline", ".policies", ".selections"];

/// What stands in a snapshot and is replaced.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    pseudonyms: Pseudonyms,
    known: Known,
}

/// Ids that were met.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Accounts.
    pub(super) accounts: BTreeSet<String>,
    /// What stands behind `o-`.
    pub(super) organizations: BTreeSet<String>,
    /// What stands behind `r-`.
    pub(super) roots: BTreeSet<String>,
    /// What stands behind `p-`.
    pub(super) policies: BTreeSet<String>,
    /// Policies of AWS, which every organization has.
    pub(super) aws_policies: BTreeSet<String>,
    /// Email addresses.
    pub(super) emails: BTreeSet<String>,
}

/// What a redaction did.
#[derive(Debug, Clone, Default)]
pub struct Redacted {
    /// Files that were written.
    pub files: usize,
    /// Each id and what stands in its place, by the kind in a word.
    pub replaced: Vec<Replacement>,
    /// Files that were left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// An id and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// `account`, `organization`, `root` or `policy`.
    pub kind: &'static str,
    /// The id.
    pub from: String,
    /// What stands in its place.
    pub to: String,
}

/// Writes a redacted copy of a snapshot into a folder that does not exist yet.
///
/// # Errors
/// Where the snapshot cannot be read or the copy cannot be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<Redacted> {
    let listing = list(from)?;
    let mut redactor = Redactor::default();
    let mut texts: Vec<(String, String)> = Vec::new();
    let Listing { files, other: mut left_out } = listing;
    for file in files {
        match fs::read(&file.path) {
            Ok(bytes) => match decode(&bytes) {
                Ok(text) => {
                    redactor.learn(&file.name, text);
                    texts.push((file.name, text.to_owned()));
                }
                Err(fault) => left_out.push((file.name, fault)),
            },
            Err(fault) => left_out.push((file.name, format!("cannot be read: {fault}"))),
        }
    }
    make_folder(to)?;
    for (name, text) in &texts {
        let path = to.join(redactor.path(name));
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let redacted = match name == MANIFEST {
            true => redactor.manifest(text),
            false => redactor.file(text),
        };
        write_file(&path, redacted.as_bytes())?;
    }
    Ok(Redacted { files: texts.len(), replaced: redactor.replacements(), left_out })
}

impl Redactor {
    /// Learns which ids a file holds.
    pub fn learn(&mut self, name: &str, text: &str) {
        let of_organization = name.starts_with("organization/");
        for part in name.split('/') {
            let (name, _) = apart(part);
            let name = decode_name(name).unwrap_or_else(|| name.to_owned());
            self.learn_from(&name, false);
        }
        let mut folders = name.split('/');
        if let (Some("organization"), Some("policies" | "attachments"), Some(file)) =
            (folders.next(), folders.next(), folders.next())
        {
            let stem = file.split('.').next().unwrap_or(file);
            if let Some(id) = stem.strip_prefix("p-") {
                self.known.policies.insert(id.to_owned());
            }
        }
        self.learn_from(text, of_organization);
    }

    fn learn_from(&mut self, text: &str, of_organization: bool) {
        Scan { text, known: None, of_organization, is_json: is_json(text) }.each(
            |found| match found {
                // A pattern has the beginning of one.
                Found::Account(id) => {
                    if id.len() == 12 {
                        self.known.accounts.insert(id.to_owned());
                    }
                }
                Found::Organization(id) => {
                    self.known.organizations.insert(id.to_owned());
                }
                Found::Root(id) | Found::Unit(id, _) => {
                    self.known.roots.insert(id.to_owned());
                }
                Found::Policy(id) => {
                    self.known.policies.insert(id.to_owned());
                }
                Found::AwsPolicy(id) => {
                    self.known.aws_policies.insert(id.to_owned());
                }
                Found::Email(email) => {
                    self.known.emails.insert(email.to_owned());
                }
                Found::Principal(..) | Found::Grouped(_) => {}
            },
        );
    }

    /// A text with other ids: a flag, a message, a name.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.replaced(text, false)
    }

    /// The text of a file with other ids and names of accounts.
    fn file(&self, text: &str) -> String {
        self.replaced(&without_account_names(text), is_json(text))
    }

    fn replaced(&self, text: &str, is_json: bool) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut copied = 0;
        let scan = Scan { text, known: Some(&self.known), of_organization: false, is_json };
        scan.each_at(|range, found| {
            replaced.push_str(text.get(copied..range.start).unwrap_or_default());
            replaced.push_str(&self.replacement(&found));
            copied = range.end;
        });
        replaced.push_str(text.get(copied..).unwrap_or_default());
        replaced
    }

    fn replacement(&self, found: &Found<'_>) -> String {
        let made = |kind, id| self.pseudonyms.replace(kind, id);
        match found {
            Found::Account(id) => made(Kind::Account, id),
            Found::Grouped(text) => {
                let id = made(Kind::Account, &text.replace('-', ""));
                let group = |range| id.get(range).unwrap_or_default();
                format!("{}-{}-{}", group(0..4), group(4..8), group(8..12))
            }
            Found::Organization(id) => format!("o-{}", made(Kind::Organization, id)),
            Found::Root(id) => format!("r-{}", made(Kind::Root, id)),
            Found::Unit(root, id) => {
                format!(
                    "ou-{}{}",
                    made(Kind::Root, root),
                    match id {
                        Some(id) => format!("-{}", made(Kind::Unit, id)),
                        None => String::new(),
                    }
                )
            }
            Found::Policy(id) => format!("p-{}", made(Kind::Policy, id)),
            Found::AwsPolicy(id) => format!("p-{id}"),
            Found::Principal(prefix, id) => format!("{prefix}{}", made(Kind::Principal, id)),
            Found::Email(email) => {
                let number = self.known.emails.iter().position(|known| known == email);
                format!("redacted-{}@example.com", number.map_or(0, |number| number + 1))
            }
        }
    }

    /// The path of a file with other ids in it.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        let parts = name.split('/').map(|part| {
            let (name, ending) = apart(part);
            match decode_name(name) {
                Some(decoded) => encode_name(&self.text(&decoded)) + ending,
                None => self.text(name) + ending,
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A manifest, whose paths are names of files.
    fn manifest(&self, text: &str) -> String {
        let Ok(mut manifest) = Manifest::read(text) else { return self.file(text) };
        let text = |text: &mut String| *text = self.text(text);
        for credential in &mut manifest.credentials {
            text(&mut credential.account);
            credential.role.iter_mut().for_each(text);
        }
        for call in &mut manifest.calls {
            call.file = self.path(&call.file);
            text(&mut call.account);
            call.role.iter_mut().for_each(text);
        }
        manifest.redacted = true;
        manifest.to_json()
    }

    fn replacements(&self) -> Vec<Replacement> {
        let Known { accounts, organizations, roots, policies, aws_policies, .. } = &self.known;
        let all = [
            ("account", Kind::Account, "", accounts),
            ("organization", Kind::Organization, "o-", organizations),
            ("root", Kind::Root, "r-", roots),
            ("policy", Kind::Policy, "p-", policies),
        ];
        all.into_iter()
            .flat_map(|(word, kind, prefix, ids)| {
                let ids = ids
                    .iter()
                    .filter(move |id| kind != Kind::Policy || !aws_policies.contains(*id));
                ids.map(move |id| Replacement {
                    kind: word,
                    from: format!("{prefix}{id}"),
                    to: format!("{prefix}{}", self.pseudonyms.replace(kind, id)),
                })
            })
            .collect()
    }
}

/// Whether quotes in a text are those of JSON; else it may hide anything anywhere.
fn is_json(text: &str) -> bool {
    let mut sources = Sources::new();
    let source = sources.add("", text);
    !json::read(source, text).problems.iter().any(|problem| problem.kind.is_syntax())
}

/// What of a part of a path is the name of something, and what says which answer it is.
fn apart(part: &str) -> (&str, &str) {
    let mut name = part.strip_suffix(".json").unwrap_or(part);
    name = name.strip_suffix(".error").unwrap_or(name);
    name = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    (name, part.get(name.len()..).unwrap_or_default())
}

/// The text with `account-ID` where the name of the account ID stands.
fn without_account_names(text: &str) -> String {
    if !text.contains("\"Name\"") {
        return text.to_owned();
    }
    let mut sources = Sources::new();
    let source = sources.add("", text);
    let reading = json::read(source, text);
    let mut names: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    collect_names(&reading.root, &mut names);
    let mut replaced = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, (end, account)) in names {
        replaced.push_str(text.get(copied..start).unwrap_or_default());
        replaced.push_str(&format!("\"account-{account}\""));
        copied = end;
    }
    replaced.push_str(text.get(copied..).unwrap_or_default());
    replaced
}

fn collect_names(node: &Node, names: &mut BTreeMap<usize, (usize, String)>) {
    let account = ["Id", "TargetId", "AccountId"]
        .iter()
        .filter_map(|key| node.member(key)?.as_str())
        .find(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    for member in node.members() {
        let is_name = member.key.known() == Some("Name");
        match (&member.value.value, account) {
            (Value::String(_), Some(account)) if is_name => {
                let span = member.value.span.range();
                names.insert(span.start, (span.end, account.to_owned()));
            }
            _ => collect_names(&member.value, names),
        }
    }
    for element in node.elements() {
        collect_names(element, names);
    }
}
