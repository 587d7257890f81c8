//! `snapshot show`: what a snapshot holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use copy_preflight_rules::inputs::Why;
use serde::Serialize;

use super::{about, counted};
use crate::Exit;
use crate::args::{ListFormat, ShowArgs};
use crate::command::{Failure, pretty};
use crate::output::human::Style;
use crate::output::plain::Lines;
use crate::snapshot::decode;
use crate::snapshot::folder::{File, Listing, decode_name, list};
use crate::snapshot::manifest::{MANIFEST, Manifest};

#[derive(Debug, Serialize)]
struct ShowJson {
    schema: &'static str,
    snapshot: String,
    taken_at: Option<String>,
    taken_by: Option<String>,
    redacted: bool,
    credentials: Vec<CredentialJson>,
    documents: usize,
    organization: PartJson,
    accounts: Vec<AccountJson>,
    gaps: Vec<GapJson>,
    problems: Vec<ProblemJson>,
}

#[derive(Debug, Serialize)]
struct CredentialJson {
    account: String,
    role: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct PartJson {
    documents: usize,
    policies: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AccountJson {
    account: String,
    documents: usize,
    roles: Vec<String>,
    regions: Vec<RegionJson>,
}

#[derive(Debug, Serialize)]
struct RegionJson {
    region: String,
    documents: usize,
    vaults: Vec<String>,
    keys: Vec<String>,
    recovery_points: Vec<String>,
}

/// An answer that AWS did not give.
#[derive(Debug, Serialize)]
struct GapJson {
    file: String,
    /// `not-found` where AWS said that there is no such thing, `denied`, or `not-fetched`.
    why: &'static str,
    /// The code of the error; null where the file does not say.
    code: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    path: String,
    message: String,
}

pub(super) fn run(args: &ShowArgs, output: &mut dyn Write, style: Style) -> Result<Exit, Failure> {
    let shown = show(&args.folder)?;
    let text = match args.format {
        ListFormat::Json => pretty(&shown)?,
        ListFormat::Human => human(&shown, style),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

/// What stands in one account, by the names of files.
#[derive(Default)]
struct Account {
    documents: usize,
    roles: BTreeSet<String>,
    regions: BTreeMap<String, Region>,
}

#[derive(Default)]
struct Region {
    documents: usize,
    vaults: BTreeSet<String>,
    keys: BTreeSet<String>,
    points: BTreeSet<String>,
}

fn show(folder: &Path) -> Result<ShowJson, Failure> {
    let Listing { files, other } =
        list(folder).map_err(|fault| Failure::Io(about(folder), fault))?;
    let mut problems: Vec<ProblemJson> =
        other.into_iter().map(|(path, message)| ProblemJson { path, message }).collect();
    let mut manifest = None;
    let mut organization = PartJson::default();
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    let mut gaps = Vec::new();
    let mut documents = 0;
    for file in &files {
        let text = match read(file) {
            Ok(text) => text,
            Err(message) => {
                problems.push(ProblemJson { path: file.name.clone(), message });
                continue;
            }
        };
        if file.name == MANIFEST {
            match Manifest::read(&text) {
                Ok(read) => manifest = Some(read),
                Err(message) => {
                    problems.push(ProblemJson { path: MANIFEST.to_owned(), message });
                }
            }
            continue;
        }
        documents += 1;
        if file.is_error() {
            gaps.push(gap(file, &text));
        }
        let parts: Vec<&str> = file.stem().split('/').collect();
        match parts.as_slice() {
            ["organization", rest @ ..] => {
                organization.documents += 1;
                if let ["policies", id] = rest {
                    organization.policies.push(named(id));
                }
            }
            ["accounts", account, rest @ ..] => {
                accounts.entry((*account).to_owned()).or_default().add(rest);
            }
            _ => problems.push(ProblemJson {
                path: file.name.clone(),
                message: "no document of a snapshot stands there".to_owned(),
            }),
        }
    }
    let manifest: Option<Manifest> = manifest;
    let credentials = manifest.iter().flat_map(|manifest| &manifest.credentials);
    let tool = |manifest: &Manifest| {
        let tool = format!("{} {}", manifest.tool.name, manifest.tool.version);
        Some(tool.trim().to_owned()).filter(|tool| !tool.is_empty())
    };
    let taken_at = manifest.as_ref().map(|manifest| manifest.taken_at.clone());
    Ok(ShowJson {
        schema: "copy-preflight/snapshot-show/v1",
        snapshot: folder.to_string_lossy().into_owned(),
        taken_at: taken_at.filter(|at| !at.is_empty()),
        taken_by: manifest.as_ref().and_then(tool),
        redacted: manifest.as_ref().is_some_and(|manifest| manifest.redacted),
        credentials: credentials
            .map(|one| CredentialJson { account: one.account.clone(), role: one.role.clone() })
            .collect(),
        documents,
        organization,
        accounts: accounts.into_iter().map(|(id, account)| account.into_json(id)).collect(),
        gaps,
        problems,
    })
}

fn read(file: &File) -> Result<String, String> {
    let bytes = fs::read(&file.path).map_err(|fault| format!("cannot be read: {fault}"))?;
    decode(&bytes).map(str::to_owned)
}

fn gap(file: &File, text: &str) -> GapJson {
    let answer: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let member = |key: &str| Some(answer.get(key)?.as_str()?.to_owned());
    let code = member("code");
    let why = why(code.as_deref().unwrap_or_default()).word();
    GapJson { file: file.name.clone(), why, code, message: member("message") }
}

/// What a code says; readers that know what was asked know better.
fn why(code: &str) -> Why {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&["NotFound", "NoSuch", "NotInUse"]) {
        Why::NotFound
    } else if has(&["AccessDenied", "Unauthorized", "NotAuthorized"]) {
        Why::Denied
    } else {
        Why::NotFetched
    }
}

/// The name that a part of a path stands for.
fn named(part: &str) -> String {
    decode_name(part).unwrap_or_else(|| part.to_owned())
}

impl Account {
    fn add(&mut self, path: &[&str]) {
        self.documents += 1;
        match path {
            ["roles", file] => {
                // A name of a role may have dots; a suffix says which answer it is.
                let name = [".attached", ".inline"]
                    .iter()
                    .find_map(|suffix| file.strip_suffix(suffix))
                    .unwrap_or(file);
                self.roles.insert(named(name));
            }
            ["roles", folder, _] => {
                self.roles.insert(named(folder.strip_suffix(".policies").unwrap_or(folder)));
            }
            ["effective-policies", ..] | [_] => {}
            [region, rest @ ..] => {
                self.regions.entry((*region).to_owned()).or_default().add(rest);
            }
            [] => {}
        }
    }

    fn into_json(self, account: String) -> AccountJson {
        let regions = self.regions.into_iter().map(|(region, holds)| RegionJson {
            region,
            documents: holds.documents,
            vaults: holds.vaults.into_iter().collect(),
            keys: holds.keys.into_iter().collect(),
            recovery_points: holds.points.into_iter().collect(),
        });
        AccountJson {
            account,
            documents: self.documents,
            roles: self.roles.into_iter().collect(),
            regions: regions.collect(),
        }
    }
}

impl Region {
    fn add(&mut self, path: &[&str]) {
        self.documents += 1;
        // Names of vaults and keys have no dots, ARNs may.
        let before_dot = |file: &str| named(file.split('.').next().unwrap_or(file));
        match path {
            ["vaults", file] => {
                self.vaults.insert(before_dot(file));
            }
            ["keys", file] => {
                self.keys.insert(before_dot(file));
            }
            ["recovery-points", file] => {
                self.points.insert(named(file.strip_suffix(".tags").unwrap_or(file)));
            }
            _ => {}
        }
    }
}

fn human(shown: &ShowJson, style: Style) -> String {
    let mut page = Lines::new(style.width);
    page.wrapped("", "  ", &shown.snapshot);
    let by = shown.taken_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    match &shown.taken_at {
        Some(at) => page.wrapped("  taken ", "    ", &format!("{at}{by}")),
        None => page.line("  when it was taken is not known: there is no manifest"),
    }
    for one in &shown.credentials {
        let role = one.role.as_deref().unwrap_or("a role that is not known");
        page.wrapped("  read by ", "    ", &format!("{role} in {}", one.account));
    }
    if shown.redacted {
        page.line("  redacted: ids are not those of AWS");
    }
    page.wrapped("  ", "  ", &counted(shown.documents, "document"));
    if shown.organization.documents > 0 {
        page.line("");
        let documents = counted(shown.organization.documents, "document");
        page.wrapped("", "  ", &format!("organization: {documents}"));
        names(&mut page, "  policies: ", &shown.organization.policies);
    }
    for account in &shown.accounts {
        page.line("");
        let documents = counted(account.documents, "document");
        page.wrapped("", "  ", &format!("account {}: {documents}", account.account));
        names(&mut page, "  roles: ", &account.roles);
        for region in &account.regions {
            let documents = counted(region.documents, "document");
            page.wrapped("  ", "    ", &format!("{}: {documents}", region.region));
            names(&mut page, "    vaults: ", &region.vaults);
            names(&mut page, "    keys: ", &region.keys);
            names(&mut page, "    recovery points: ", &region.recovery_points);
        }
    }
    for (why, title) in [
        (Why::NotFound, "AWS said that there is none:"),
        (Why::Denied, "AWS refused:"),
        (Why::NotFetched, "AWS gave no answer:"),
    ] {
        let gaps: Vec<&GapJson> = shown.gaps.iter().filter(|gap| gap.why == why.word()).collect();
        if !gaps.is_empty() {
            page.line("");
            page.line(title);
        }
        for gap in gaps {
            page.wrapped("  ", "    ", &gap.file);
            let code = gap.code.as_deref().unwrap_or("an error without a code");
            let said = gap.message.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
            page.wrapped("    ", "    ", &format!("{code}{said}"));
        }
    }
    if !shown.problems.is_empty() {
        page.line("");
        for problem in &shown.problems {
            page.wrapped("! ", "  ", &format!("{}: {}", problem.path, problem.message));
        }
    }
    page.text
}

fn names(page: &mut Lines, title: &str, names: &[String]) {
    if !names.is_empty() {
        page.wrapped(title, "      ", &names.join(", "));
    }
}
