//! The documents that a planned copy of the config names: `path`, or `path#resource` for a
//! document of a template.

use std::path::Path;
use std::{fs, io};

use copy_preflight_policy::source::Sources;
use copy_preflight_rules::inputs::Address;
use copy_preflight_rules::lint::{self, Document, DocumentKind, Hints};
use copy_preflight_templates as templates;

use crate::lint::Version;
use crate::snapshot::decode;

/// A reference of the config: the file, and the resource in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'c> {
    pub(super) path: &'c str,
    pub(super) resource: Option<&'c str>,
}

impl<'c> Reference<'c> {
    pub(super) fn parse(text: &'c str) -> Self {
        match text.split_once('#') {
            Some((path, resource)) => Self { path, resource: Some(resource) },
            None => Self { path: text, resource: None },
        }
    }
}

/// The kind of document that an address answers with; `None` where its answer carries none.
pub(super) fn kind_of(address: &Address) -> Option<DocumentKind> {
    Some(match address {
        Address::VaultPolicy(_) => DocumentKind::VaultPolicy,
        Address::KeyPolicy(_) => DocumentKind::KeyPolicy,
        Address::Role(_) => DocumentKind::TrustPolicy,
        Address::RolePolicy { .. } => DocumentKind::IdentityPolicy,
        Address::EffectivePolicy { .. } => DocumentKind::TagPolicy,
        Address::OrganizationPolicy { .. } => DocumentKind::Scp,
        _ => return None,
    })
}

/// The text of a file.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|fault| match fault.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {fault}"),
    })?;
    decode(&bytes).map(str::to_owned)
}

/// Reads the document that a reference names.
///
/// # Errors
/// Why there is none, for a message that begins with the reference.
pub(super) fn read(
    folder: &Path,
    reference: Reference<'_>,
    kind: DocumentKind,
    version: &Version,
    sources: &mut Sources,
) -> Result<Document, String> {
    let path = folder.join(reference.path);
    let text = text(&path)?;
    let shown = version.shown(&path);
    let documents = match templates::format(&shown, &text) {
        Some(format) => of_template(&path, (shown, text, format), version, sources),
        None => {
            let file = sources.add(shown, text);
            let hints = Hints { kind: Some(kind), ..Hints::default() };
            match lint::documents(sources, file, &hints) {
                lint::Found::Documents(documents) => documents,
                lint::Found::Nothing => Vec::new(),
            }
        }
    };
    choose(&documents, reference.resource, kind)
}

/// The documents of a template. Terraform reads the files of a folder as one.
fn of_template(
    path: &Path,
    (shown, text, format): (String, String, templates::Format),
    version: &Version,
    sources: &mut Sources,
) -> Vec<Document> {
    let mut files = vec![templates::File { source: sources.add(shown, text), format }];
    if format.is_module() {
        for other in neighbours(path) {
            let Ok(text) = self::text(&other) else { continue };
            let shown = version.shown(&other);
            let Some(format) = templates::format(&shown, &text).filter(|one| one.is_module())
            else {
                continue;
            };
            files.push(templates::File { source: sources.add(shown, text), format });
        }
    }
    let template = templates::read(sources, &files);
    let names = names(&template.documents);
    template
        .documents
        .into_iter()
        .zip(names)
        .filter_map(|(one, name)| of_resource(one, name))
        .collect()
}

/// The names of documents: their resources, and the property of those with several of a kind.
fn names(documents: &[templates::TemplateDocument]) -> Vec<String> {
    let several = |one: &templates::TemplateDocument| {
        let same = documents.iter().filter(|other| other.address == one.address);
        same.filter(|other| other.kind == one.kind).count() > 1
    };
    let name = |one: &templates::TemplateDocument| match several(one) {
        true => format!("{}.{}", one.address, one.property),
        false => one.address.clone(),
    };
    documents.iter().map(name).collect()
}

/// The other files of a folder, in the order of their names.
fn neighbours(path: &Path) -> Vec<std::path::PathBuf> {
    let folder = path.parent().map(fs::read_dir).and_then(Result::ok);
    let mut paths: Vec<_> = folder
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| other != path && other.is_file())
        .collect();
    paths.sort();
    paths
}

fn of_resource(found: templates::TemplateDocument, name: String) -> Option<Document> {
    let kind = match found.kind {
        templates::Kind::KeyPolicy => DocumentKind::KeyPolicy,
        templates::Kind::VaultPolicy => DocumentKind::VaultPolicy,
        templates::Kind::IdentityPolicy => DocumentKind::IdentityPolicy,
        templates::Kind::TrustPolicy => DocumentKind::TrustPolicy,
        templates::Kind::ServiceControlPolicy => DocumentKind::Scp,
        templates::Kind::ResourceControlPolicy => DocumentKind::Rcp,
        templates::Kind::TagPolicy => DocumentKind::TagPolicy,
        // A policy document of its own may stand for any kind of policy.
        templates::Kind::UnplacedPolicy => DocumentKind::ResourcePolicy,
        templates::Kind::BackupPolicy
        | templates::Kind::OrganizationPolicy
        | templates::Kind::BackupPlan => return None,
    };
    let document = Document::new(kind, name, found.node, Vec::new());
    Some(match found.damage {
        Some(mistake) => document.damaged_at(mistake),
        None => document,
    })
}

/// The one document that is meant.
fn choose(
    documents: &[Document],
    resource: Option<&str>,
    kind: DocumentKind,
) -> Result<Document, String> {
    let names = |documents: &[&Document]| {
        let names: Vec<String> =
            documents.iter().map(|document| format!("`{}`", document.name)).collect();
        names.join(", ")
    };
    let fits = |document: &&Document| {
        document.kind == kind || document.kind == DocumentKind::ResourcePolicy
    };
    let fitting: Vec<&Document> = documents.iter().filter(fits).collect();
    let of_name = |name: &str| {
        let mut named = fitting.iter().filter(|document| document.name == name);
        named.next().map(|document| (*document).clone())
    };
    match (resource, fitting.as_slice()) {
        (Some(name), _) => of_name(name).ok_or_else(|| match fitting.is_empty() {
            true => format!("holds no {}", noun(kind)),
            false => {
                format!("has no `{name}` with {}; there is {}", kind.phrase(), names(&fitting))
            }
        }),
        (None, [only]) => Ok((*only).clone()),
        (None, []) => Err(format!("holds no {}", noun(kind))),
        (None, several) => {
            Err(format!("holds several: say which behind `#`, one of {}", names(several)))
        }
    }
}

fn noun(kind: DocumentKind) -> &'static str {
    let phrase = kind.phrase();
    phrase.strip_prefix("a ").or(phrase.strip_prefix("an ")).unwrap_or(phrase)
}
