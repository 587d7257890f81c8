//! Names of findings that outlive a move to another line.

use copy_preflight_rules::copy::fnv1a;

use super::FileReport;

/// Gives each finding of a file its fingerprint: of the file, the document, the rule, the reason
/// and the underlined texts. Findings that are the same in all of these are told apart by their
/// order.
pub(crate) fn give(file: &mut FileReport) {
    let mut given: Vec<(u64, u32)> = Vec::new();
    for index in 0..file.findings.len() {
        let Some(hash) = hash(file, index) else { continue };
        let times = match given.iter_mut().find(|(other, _)| *other == hash) {
            Some((_, times)) => {
                *times += 1;
                *times
            }
            None => {
                given.push((hash, 1));
                1
            }
        };
        if let Some(found) = file.findings.get_mut(index) {
            found.fingerprint = format!("{hash:016x}:{times}");
        }
    }
}

fn hash(file: &FileReport, index: usize) -> Option<u64> {
    let found = file.findings.get(index)?;
    let document = file.documents.get(found.document)?;
    let mut text = format!(
        "{}|{}|{}|{}|{}",
        file.path,
        document.word(),
        document.name,
        found.rule.id(),
        found.outcome.reason.unwrap_or_default()
    );
    for label in found.outcome.labels.iter().take(2) {
        text.push('|');
        // What is wrong, not how it is laid out.
        text.extend(file.sources.slice(label.span).split_whitespace());
    }
    Some(fnv1a(text.as_bytes()))
}
