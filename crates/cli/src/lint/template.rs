//! Documents of templates. Terraform reads the files of a folder as one module, so they are read
//! together, whichever of them is judged.

use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Sources};
use copy_preflight_policy::tree::Node;
use copy_preflight_rules::lint::{Document, DocumentKind, kind_by_content};
use copy_preflight_templates::{self as templates, Kind, ProblemKind, TemplateDocument};

use super::comments::Waiver;

/// What a template holds, by the files that it was read from.
#[derive(Default)]
pub(crate) struct Template {
    /// The documents, each with the file that it stands in.
    pub(crate) documents: Vec<(SourceId, Document)>,
    /// The comments that leave findings out.
    pub(super) waivers: Vec<(SourceId, Waiver)>,
    /// What is wrong with the files themselves: file, line and column, message, whether the text
    /// breaks the rules of its language.
    pub(super) problems: Vec<(SourceId, String, String, bool)>,
}

/// Whether a file of this name is part of a Terraform module.
pub(crate) fn is_of_module(name: &str) -> bool {
    // Of these formats the name alone tells.
    templates::format(name, "").is_some_and(templates::Format::is_module)
}

/// The files of a folder that form a Terraform module, in the order of their names.
pub(crate) fn module_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_of_module(&path.to_string_lossy()) && path.is_file())
        .collect();
    paths.sort();
    paths
}

/// Reads the documents of files that stand in the sources already: the files of one module, or
/// one file of another format.
pub(crate) fn read(sources: &mut Sources, files: &[templates::File]) -> Template {
    let found = templates::read(sources, files);
    let names = names(&found.documents);
    let mut template = Template::default();
    let mut in_documents = vec![false; found.problems.len()];
    for (one, name) in found.documents.into_iter().zip(names) {
        let place = match files.iter().any(|file| file.source == home(sources, &one.node)) {
            true => home(sources, &one.node),
            false => sources.outermost(one.resource).source,
        };
        // A mistake in a text that a document is in is a finding on that document.
        let own = |problem: &templates::Problem| match &problem.kind {
            ProblemKind::Json(kind) if problem.span.source == one.node.span.source => {
                let carried = sources.get(problem.span.source)?.carrier.is_some();
                let (kind, span, related) = (kind.clone(), problem.span, problem.related);
                carried.then_some(json::Problem { kind, span, related })
            }
            _ => None,
        };
        let mut problems = Vec::new();
        for (problem, told) in found.problems.iter().zip(&mut in_documents) {
            if let Some(problem) = own(problem) {
                problems.push(problem);
                *told = true;
            }
        }
        if let Some(document) = document(one, name, problems) {
            template.documents.push((place, document));
        }
    }
    for (problem, told) in found.problems.iter().zip(in_documents) {
        let outer = sources.outermost(problem.span);
        if let (false, Some(source)) = (told, sources.get(outer.source)) {
            let position = source.position(outer.start);
            let place = format!("{}:{}", position.line, position.column);
            let (message, is_syntax) = (problem.kind.to_string(), problem.kind.is_syntax());
            template.problems.push((outer.source, place, message, is_syntax));
        }
    }
    for comment in found.comments {
        if let Some(source) = sources.get(comment.span.source) {
            let line = source.position(comment.span.start).line;
            let waivers = Waiver::read(&comment.text, line, comment.own_line);
            let waivers = waivers.into_iter().map(|waiver| (comment.span.source, waiver));
            template.waivers.extend(waivers);
        }
    }
    template
}

/// The file that the text of a document stands in.
fn home(sources: &Sources, node: &Node) -> SourceId {
    sources.outermost(node.span).source
}

/// The names of documents: their resources, and the property of those with several of a kind.
fn names(documents: &[TemplateDocument]) -> Vec<String> {
    let several = |one: &TemplateDocument| {
        let same = documents.iter().filter(|other| other.address == one.address);
        same.filter(|other| other.kind == one.kind).count() > 1
    };
    let name = |one: &TemplateDocument| match several(one) {
        true => format!("{}.{}", one.address, one.property),
        false => one.address.clone(),
    };
    documents.iter().map(name).collect()
}

fn document(
    found: TemplateDocument,
    name: String,
    problems: Vec<json::Problem>,
) -> Option<Document> {
    let kind = match found.kind {
        Kind::KeyPolicy => DocumentKind::KeyPolicy,
        Kind::VaultPolicy => DocumentKind::VaultPolicy,
        Kind::IdentityPolicy => DocumentKind::IdentityPolicy,
        Kind::TrustPolicy => DocumentKind::TrustPolicy,
        Kind::ServiceControlPolicy => DocumentKind::Scp,
        Kind::ResourceControlPolicy => DocumentKind::Rcp,
        Kind::BackupPolicy => DocumentKind::BackupPolicy,
        Kind::TagPolicy => DocumentKind::TagPolicy,
        Kind::BackupPlan => DocumentKind::BackupPlan,
        // Its resource does not say what it is for, so its content does.
        Kind::UnplacedPolicy | Kind::OrganizationPolicy => kind_by_content(&found.node)?,
    };
    let document = Document::new(kind, name, found.node, problems);
    Some(match found.damage {
        Some(mistake) => document.damaged_at(mistake),
        None => document,
    })
}
