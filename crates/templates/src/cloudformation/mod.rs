//! CloudFormation templates, written by hand or by CDK.
//!
//! What a stack is given when it is made is not in its template: parameters, pseudo parameters and
//! what resources return are gaps, and so is each branch of a condition.

mod intrinsics;
mod resources;
mod yaml;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Sources};

use crate::document::Template;
use crate::problem::Problems;

/// Adds the documents and comments of a template.
pub(crate) fn read(
    source: SourceId,
    sources: &mut Sources,
    problems: &mut Problems,
    template: &mut Template,
) {
    let Some(text) = sources.get(source).map(|source| source.text.clone()) else { return };
    // Readers of YAML accept broken JSON and make something else of it.
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let root = if is_json {
        let reading = json::read(source, &text);
        problems.add_json(&reading.problems);
        reading.root
    } else {
        let reading = yaml::read(source, &text, problems);
        template.comments.extend(reading.comments);
        reading.root
    };
    drop(text);
    resources::documents(&root, is_json, (sources, problems), &mut template.documents);
}
