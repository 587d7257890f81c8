//! Numbers, and what is nearly one.

use super::problem::{NumberFault, ProblemKind};
use super::reader::{Reader, excerpt};
use super::scan;
use crate::tree::Value;

impl Reader<'_> {
    /// Reads a number that begins with a digit or a minus.
    pub(super) fn number(&mut self) -> Value {
        let start = self.at;
        match self.number_end(start) {
            Some(end) if !self.byte(end).is_some_and(is_number_like) => {
                self.at = end;
                Value::Number(self.slice(start..end).into())
            }
            _ => self.odd_number(),
        }
    }

    /// Tells and skips a word that looks like a number and is none.
    pub(super) fn odd_number(&mut self) -> Value {
        let start = self.at;
        while self.peek().is_some_and(is_number_like) {
            self.at += 1;
        }
        let found = self.slice(start..self.at);
        let kind = match found {
            "-NaN" | "-Infinity" | "+Infinity" => ProblemKind::NoSuchValue(found.into()),
            _ => ProblemKind::Number(excerpt(found), fault(found)),
        };
        self.report(kind, start..self.at);
        Value::Unknown
    }

    fn number_end(&self, start: usize) -> Option<usize> {
        let whole = if self.byte(start) == Some(b'-') { start + 1 } else { start };
        let mut end =
            if self.byte(whole) == Some(b'0') { whole + 1 } else { self.digits_end(whole)? };
        if self.byte(end) == Some(b'.') {
            end = self.digits_end(end + 1)?;
        }
        if let Some(b'e' | b'E') = self.byte(end) {
            let signed = matches!(self.byte(end + 1), Some(b'+' | b'-'));
            end = self.digits_end(end + 1 + usize::from(signed))?;
        }
        Some(end)
    }

    /// Behind the digits from `start` on; `None` where there is none.
    fn digits_end(&self, start: usize) -> Option<usize> {
        let mut end = start;
        while self.byte(end).is_some_and(|byte| byte.is_ascii_digit()) {
            end += 1;
        }
        (end > start).then_some(end)
    }
}

fn is_number_like(byte: u8) -> bool {
    scan::is_word(byte) || matches!(byte, b'.' | b'+' | b'-')
}

fn fault(found: &str) -> NumberFault {
    let digits = found.trim_start_matches(['+', '-']);
    let is_digit = |c: char| c.is_ascii_digit();
    let fits = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    // A date, a version or an address in numbers is meant as a string, whatever it begins with.
    let is_text = !fits(digits)
        || digits.matches('.').count() > 1
        || digits.trim_start_matches(is_digit).starts_with('-');
    if is_text || digits.is_empty() {
        return NumberFault::Other;
    }
    let fraction = digits.split_once('.').map(|(_, fraction)| fraction);
    if found.starts_with('+') {
        NumberFault::LeadingPlus
    } else if digits.starts_with('.') {
        NumberFault::NoWholePart
    } else if digits.starts_with('0')
        && digits.get(1..).is_some_and(|rest| rest.starts_with(is_digit))
    {
        NumberFault::LeadingZero
    } else if fraction.is_some_and(|fraction| !fraction.starts_with(is_digit)) {
        NumberFault::NoFraction
    } else if digits.ends_with(['e', 'E', '+', '-']) {
        NumberFault::NoExponent
    } else {
        NumberFault::Other
    }
}
