//! Suppressions of the config: findings that are known and accepted.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobMatcher};
use jiff::civil::Date;

use super::{FileReport, Found, Note, Report};
use crate::config::{Located, Suppression};

/// How much of what a config speaks of was judged: only of that can it be told that a
/// suppression is about nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Everything.
    All,
    /// Some files, each with all that is found in it.
    Files,
    /// What is new, and not what was accepted before.
    Changes,
}

/// Takes the accepted findings out of a report, and tells suppressions that are not used or over.
///
pub fn suppress(report: &mut Report, config: &Located, today: Date, seen: Seen) {
    let folder = absolute(config.folder());
    for suppression in &config.config.suppressions {
        let place = config.place_of(&suppression.rule);
        let note = |message: String| Note { path: place.clone(), message, unreadable: false };
        let id = suppression.rule.get_ref();
        let matcher = match Where::of(suppression) {
            Ok(matcher) => matcher,
            Err(fault) => {
                report.notes.push(note(format!("`where` is no pattern of paths: {fault}")));
                continue;
            }
        };
        let over = suppression.until.filter(|until| today > *until);
        let (mut used, mut concerned) = (0, false);
        for file in report.files.iter_mut().filter(|file| matcher.is_file(&file.path, &folder)) {
            concerned = true;
            let accepted = |found: &Found, file: &[super::Judged]| {
                found.rule.is_named(id)
                    && file.get(found.document).is_some_and(|one| matcher.is_resource(&one.name))
            };
            let FileReport { findings, documents, .. } = file;
            let before = findings.len();
            match over {
                Some(_) => {
                    used += findings.iter().filter(|found| accepted(found, documents)).count();
                }
                None => {
                    findings.retain(|found| !accepted(found, documents));
                    used += before - findings.len();
                }
            }
        }
        match over {
            Some(until) if used > 0 => {
                let message = format!(
                    "the suppression of `{id}` ended on {until}, and {used} findings are back"
                );
                report.notes.push(note(message));
            }
            None if used > 0 => report.suppressed += used,
            _ if seen == Seen::All || (seen == Seen::Files && concerned) => {
                report
                    .notes
                    .push(note(format!("the suppression of `{id}` is not used: remove it")));
            }
            _ => {}
        }
    }
}

/// What a suppression is about.
struct Where {
    files: Option<GlobMatcher>,
    resource: Option<GlobMatcher>,
}

impl Where {
    fn of(suppression: &Suppression) -> Result<Self, globset::Error> {
        let Some(place) = &suppression.place else {
            return Ok(Self { files: None, resource: None });
        };
        let (files, resource) = match place.split_once('#') {
            Some((files, resource)) => (files, Some(resource)),
            None => (place.as_str(), None),
        };
        let files = GlobBuilder::new(files).literal_separator(true).build()?.compile_matcher();
        let resource = resource.map(Glob::new).transpose()?.map(|glob| glob.compile_matcher());
        Ok(Self { files: Some(files), resource })
    }

    /// Whether it is about a file. Patterns start from the folder of the config.
    fn is_file(&self, shown: &str, folder: &Path) -> bool {
        let Some(files) = &self.files else { return true };
        let path = absolute(Path::new(shown));
        files.is_match(path.strip_prefix(folder).unwrap_or(Path::new(shown)))
    }

    fn is_resource(&self, name: &str) -> bool {
        self.resource.as_ref().is_none_or(|resource| resource.is_match(name))
    }
}

/// The path from the root, without looking at the disk.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
}
