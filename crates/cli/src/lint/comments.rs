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
    /// Reads what a comment says: `copy-preflight: ignore[RULE, …] REASON`. Behind a line it counts
    /// for that line, on a line of its own also for the next.
    #[must_use]
    pub fn read(comment: &str, line: u32, own_line: bool) -> Vec<Self> {
        let said = comment.trim_start_matches(['#', '/', '*', ' ', '\t']);
        let said = said.strip_prefix("copy-preflight: ignore[");
        let Some((rules, reason)) = said.and_then(|rest| rest.split_once(']')) else {
            return Vec::new();
        };
        let lines = line..=line + u32::from(own_line);
        let waiver = |rule: &str| Self {
            rule: rule.trim().to_owned(),
            lines: lines.clone(),
            reason: reason.trim().to_owned(),
        };
        rules.split(',').map(waiver).collect()
    }

    /// Whether it leaves out a finding of this rule that begins in this line.
    #[must_use]
    pub fn covers(&self, rule: &str, line: u32) -> bool {
        self.rule == rule && self.lines.contains(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_leave_findings_out() {
        let alone =
            Waiver::read("# copy-preflight: ignore[public-allow, sid-invalid] ours", 2, true);
        assert_eq!(alone.len(), 2);
        assert!(alone.iter().any(|one| one.covers("public-allow", 3) && one.reason == "ours"));
        assert!(alone.iter().any(|one| one.covers("sid-invalid", 2)));
        assert!(!alone.iter().any(|one| one.covers("sid-invalid", 4)));
        let behind = Waiver::read("/* copy-preflight: ignore[x] */", 4, false);
        assert!(behind.iter().any(|one| one.covers("x", 4)));
        assert!(!behind.iter().any(|one| one.covers("x", 5)));
        assert!(Waiver::read("copy-preflight is nice", 1, true).is_empty());
    }
}
