//! Suppression by comment, in formats that have comments.

use std::ops::RangeInclusive;

/// A comment that leaves findings out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The id of the rule.
    pub rule: String,
    /// The lines whose findings it leaves out.
    pub lines: RangeInclusive<u32>,
    /// Why.
    pub reason: String,
}

impl Waiver {
    /// Whether it leaves out a finding of this rule that begins in this line.
    #[must_use]
    pub fn covers(&self, rule: &str, line: u32) -> bool {
        self.rule == rule && self.lines.contains(&line)
    }
}

/// Reads the comments of a text: `MARK copy-preflight: ignore[RULE, …] REASON`, behind a line or in
/// a line of its own, for which the next one counts. JSON has no comments and so has no marks.
#[must_use]
pub fn waivers(text: &str, marks: &[&str]) -> Vec<Waiver> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let Some((before, comment)) = marks.iter().find_map(|mark| line.split_once(mark)) else {
            continue;
        };
        let Some(rest) = comment.trim_start().strip_prefix("copy-preflight: ignore[") else {
            continue;
        };
        let Some((rules, reason)) = rest.split_once(']') else { continue };
        let alone = before.trim().is_empty();
        let lines = if alone { number..=number + 1 } else { number..=number };
        for rule in rules.split(',').map(str::trim) {
            let reason = reason.trim().to_owned();
            found.push(Waiver { rule: rule.to_owned(), lines: lines.clone(), reason });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_leave_findings_out() {
        let text = "a\n# copy-preflight: ignore[public-allow, sid-invalid] ours\nb\nc # copy-preflight: ignore[x]\n";
        let found = waivers(text, &["#", "//"]);
        assert_eq!(found.len(), 3);
        assert!(found.iter().any(|one| one.covers("public-allow", 3) && one.reason == "ours"));
        assert!(found.iter().any(|one| one.covers("sid-invalid", 3)));
        assert!(found.iter().any(|one| one.covers("x", 4)));
        assert!(!found.iter().any(|one| one.covers("x", 5) || one.covers("public-allow", 4)));
        assert!(waivers(text, &[]).is_empty());
    }
}
