//! Terraform source written as JSON. Its strings are templates; what is interpolated into them is
//! a gap.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::sync::Arc;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Sources};

use crate::document::TemplateDocument;
use crate::problem::Problems;

/// Adds the documents of a file.
pub(crate) fn read(
    source: SourceId,
    text: &Arc<str>,
    sources: &mut Sources,
    problems: &mut Problems,
    into: &mut Vec<TemplateDocument>,
) {
    let reading = json::read(source, text);
    problems.add_json(&reading.problems);
    let _ = (sources, into);
}
