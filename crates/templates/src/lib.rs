//! Templates as policy documents: Terraform plans and source, CloudFormation and what CDK writes.
//!
//! Pure: no files, no network, no clock, no environment, no panics. Texts go in, documents as
//! located trees come out, with what is wrong with the texts. The languages of policies read the
//! same tree that JSON gives; they do not know these formats, and neither do the rules.
//!
//! Only values that the template itself settles are known. A reference, a function, a value that
//! exists after the apply: a gap in a string or an unknown value, never a document left out.

mod format;

mod document;
mod problem;

mod align;
mod decode;
mod image;
mod tree;

mod terraform;

mod plan;

mod cloudformation;

pub use document::{Assumed, Comment, Kind, Link, LinkKind, Template, TemplateDocument};
pub use format::{Format, format};
pub use problem::{Problem, ProblemKind};

use copy_preflight_policy::source::{SourceId, Sources};

use crate::problem::Problems;

/// How deep values may stand inside one another, the same as in the JSON reader. What is deeper
/// is told and unknown.
pub const MAX_DEPTH: usize = copy_preflight_policy::json::MAX_DEPTH;

/// One text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// The text, which is in the sources already.
    pub source: SourceId,
    /// What it is.
    pub format: Format,
}

/// Reads a template. The Terraform files among `files` form one module, so they should be those
/// of one folder; every other file stands on its own.
///
/// Policies inside strings become sources of their own, carried by the file they stand in:
/// [`Sources::outermost`] leads from the spans of a document to the lines of the template.
#[must_use]
pub fn read(sources: &mut Sources, files: &[File]) -> Template {
    let mut template = Template::default();
    let mut problems = Problems::default();
    let module: Vec<File> = files.iter().copied().filter(|file| file.format.is_module()).collect();
    if !module.is_empty() {
        terraform::read(&module, sources, &mut problems, &mut template);
    }
    for file in files {
        match file.format {
            Format::Terraform | Format::TerraformJson | Format::TerraformVariables => {}
            Format::TerraformPlan => {
                plan::read(file.source, sources, &mut problems, &mut template);
            }
            Format::CloudFormation => {
                cloudformation::read(file.source, sources, &mut problems, &mut template);
            }
        }
    }
    template.problems = problems.into_list();
    template
}
