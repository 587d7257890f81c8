//! Terraform source: the files of one folder, which are one module.
//!
//! A module is read without its caller and without its providers. What its files write down is
//! known: literals, locals, the defaults of variables (they are told as assumed), documents that
//! `aws_iam_policy_document` puts together. Everything else is a gap or an unknown value.

pub(crate) mod parse;

mod json_syntax;
mod module;

mod evaluate;
mod functions;
mod reference;
mod strings;

mod policy_document;

pub(crate) mod backup_plan;
pub(crate) mod record;
pub(crate) mod shapes;

mod resources;

use copy_preflight_policy::source::Sources;

use crate::document::Template;
use crate::problem::Problems;
use crate::{File, Format};

use self::evaluate::Evaluator;
use self::module::Module;

/// Adds the documents and comments of a module.
pub(crate) fn read(
    files: &[File],
    sources: &mut Sources,
    problems: &mut Problems,
    template: &mut Template,
) {
    let mut parts = Vec::new();
    for file in files {
        let Some(source) = sources.get(file.source) else { continue };
        let text = source.text.clone();
        if file.format == Format::TerraformJson {
            json_syntax::read(file.source, &text, sources, problems, &mut template.documents);
            continue;
        }
        let parsed = parse::body(file.source, &text, problems);
        parse::comments(file.source, &text, &parsed, &mut template.comments);
        parts.extend(parsed.into_iter().map(|part| (file.format, part)));
    }
    let module = Module::of(&parts, sources);
    let mut evaluator = Evaluator::new(&module, sources, problems);
    resources::documents(&mut evaluator, &mut template.documents);
}
