//! Finds ids in a text, however deep it is quoted: in JSON, in JSON inside a string, in a path
//! with percent signs.

use std::ops::Range;

use super::redact::Known;

/// An id in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'t> {
    /// The twelve digits of an account, or their beginning in a pattern.
    Account(&'t str),
    /// The digits of an account in three groups, as consoles show them.
    Grouped(&'t str),
    /// What stands behind `o-`.
    Organization(&'t str),
    /// What stands behind `r-`.
    Root(&'t str),
    /// The root and the rest of an OU; no rest in a pattern that ends before it.
    Unit(&'t str, Option<&'t str>),
    /// What stands behind `p-`.
    Policy(&'t str),
    /// The same of a policy of AWS.
    AwsPolicy(&'t str),
    /// The four letters of the kind, and the rest.
    Principal(&'t str, &'t str),
    /// An email address.
    Email(&'t str),
}

/// One walk over a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'t, 'k> {
    /// The text.
    pub(super) text: &'t str,
    /// Ids that were met before; `None` while they are being learned.
    pub(super) known: Option<&'k Known>,
    /// Whether the text is an answer of AWS Organizations, whose strings may be ids of roots.
    pub(super) of_organization: bool,
    /// Whether bare numbers stand outside quotes.
    pub(super) is_json: bool,
}

/// Letters before which a unique id stands.
const PRINCIPALS: [&str; 8] = ["AROA", "AIDA", "AKIA", "ASIA", "AGPA", "ANPA", "AIPA", "ABIA"];

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_lowercase()
}

impl<'t> Scan<'t, '_> {
    /// Tells each id.
    pub(super) fn each(self, mut tell: impl FnMut(Found<'t>)) {
        self.each_at(|_, found| tell(found));
    }

    /// Tells each id and where it stands, in order and without overlaps.
    pub(super) fn each_at(self, mut tell: impl FnMut(Range<usize>, Found<'t>)) {
        let bytes = self.text.as_bytes();
        let (mut at, mut quoted) = (0, !self.is_json);
        while let Some(&byte) = bytes.get(at) {
            if self.is_json && byte == b'"' {
                quoted = !quoted;
            }
            if self.is_json && byte == b'\\' {
                // What is escaped opens and closes nothing.
                at += if bytes.get(at + 1) == Some(&b'u') { 6 } else { 2 };
                continue;
            }
            match self.at(at, quoted) {
                Some((length, found)) => {
                    tell(at..at + length, found);
                    at += length;
                }
                None => at += 1,
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    fn before(&self, at: usize) -> &'t str {
        self.slice(0..at)
    }

    /// How many bytes from here on are of a kind.
    fn run(&self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.iter().take_while(|&&byte| is(byte)).count()
    }

    fn is_pattern(&self, at: usize) -> bool {
        matches!(self.byte(at), Some(b'*' | b'?'))
    }

    /// Whether what stands before is no part of the same word: nothing, a sign, an escape.
    fn begins(&self, at: usize, joins: impl Fn(u8) -> bool) -> bool {
        let last = at.checked_sub(1).and_then(|at| self.byte(at));
        last.is_none_or(|last| !joins(last)) || self.is_behind_escape(at)
    }

    /// Whether `%3A`, `\n` or `\u0022` stands before.
    fn is_behind_escape(&self, at: usize) -> bool {
        let byte = |back: usize| at.checked_sub(back).and_then(|at| self.byte(at));
        let hex = |back: usize| byte(back).is_some_and(|byte| byte.is_ascii_hexdigit());
        (byte(3) == Some(b'%') && hex(2) && hex(1))
            || (byte(2) == Some(b'\\') && matches!(byte(1), Some(b'n' | b't' | b'r' | b'b' | b'f')))
            || (byte(6) == Some(b'\\') && byte(5) == Some(b'u') && (1..=4).all(hex))
    }

    fn at(&self, at: usize, quoted: bool) -> Option<(usize, Found<'t>)> {
        let byte = self.byte(at)?;
        let email = is_local(byte).then(|| self.email(at)).flatten();
        email.or_else(|| match byte {
            b'0'..=b'9' => self.account(at, quoted),
            b'o' => self.unit(at).or_else(|| self.organization(at)),
            b'r' => self.root(at),
            b'p' => self.policy(at),
            b'A' => self.principal(at),
            _ => None,
        })
    }

    fn account(&self, at: usize, quoted: bool) -> Option<(usize, Found<'t>)> {
        // The digits of `%20` are none of the id.
        if !self.begins(at, |byte| byte.is_ascii_digit()) {
            return None;
        }
        let length = self.run(at, |byte| byte.is_ascii_digit());
        let id = self.slice(at..at + length);
        let found = Some((length, Found::Account(id)));
        if length == 4
            && let Some(grouped) = self.grouped(at)
        {
            return Some((grouped.len(), Found::Grouped(grouped)));
        }
        if length < 12 {
            // The beginning of an account where an ARN has one.
            return found.filter(|_| self.is_pattern(at + length) && self.is_arn_account(at));
        }
        if length > 12 {
            return None;
        }
        if self.known.is_some_and(|known| known.accounts.contains(id)) {
            return found;
        }
        let alone = self.begins(at, is_word) && !self.byte(at + 12).is_some_and(is_word);
        // A number outside quotes may count bytes; the last group of a UUID may be all digits.
        let in_place = quoted || self.is_under_account_key(at);
        found.filter(|_| in_place && alone && !self.is_uuid_tail(at))
    }

    /// Whether the key before a number speaks of an account, as `aws:SourceAccount` does.
    fn is_under_account_key(&self, at: usize) -> bool {
        let before = self.before(at);
        let key = before.rfind("\":").and_then(|end| {
            let start = before.get(..end)?.rfind('"')?;
            before.get(start + 1..end)
        });
        key.is_some_and(|key| key.to_ascii_lowercase().contains("account"))
    }

    /// `1111-2222-3333`, where that is an account that was met.
    fn grouped(&self, at: usize) -> Option<&'t str> {
        let text = self.text.get(at..at + 14)?;
        let known = self.known?;
        let is_alone = self.begins(at, |byte| is_word(byte) || byte == b'-')
            && !self.byte(at + 14).is_some_and(|byte| is_word(byte) || byte == b'-');
        let groups: Vec<&str> = text.split('-').collect();
        let is_id = groups.len() == 3 && known.accounts.contains(&groups.concat());
        (is_alone && is_id).then_some(text)
    }

    /// Whether four components of an ARN stand before.
    fn is_arn_account(&self, at: usize) -> bool {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '*' | '?');
        let before = self.before(at);
        let start = before.rfind(|c| !is_inside(c)).map_or(0, |last| last + 1);
        let arn = before.get(start..).unwrap_or_default();
        arn.starts_with("arn:") && arn.ends_with(':') && arn.matches(':').count() == 4
    }

    fn is_uuid_tail(&self, at: usize) -> bool {
        let Some(start) = at.checked_sub(6) else { return false };
        let bytes = self.slice(start..at).as_bytes();
        matches!(bytes, [b'-', group @ .., b'-'] if group.iter().all(u8::is_ascii_hexdigit))
    }

    /// Where an id of Organizations may begin.
    fn begins_id(&self, at: usize) -> bool {
        self.begins(at, |byte| is_word(byte) || matches!(byte, b'-' | b'_'))
    }

    fn organization(&self, at: usize) -> Option<(usize, Found<'t>)> {
        if self.slice(at..at + 2) != "o-" || !self.begins_id(at) {
            return None;
        }
        let length = self.run(at + 2, is_lower);
        let id = self.slice(at + 2..at + 2 + length);
        let found = Some((length + 2, Found::Organization(id)));
        if self.is_pattern(at + 2 + length) {
            let known = self.known?;
            return found.filter(|_| known.organizations.iter().any(|one| one.starts_with(id)));
        }
        let ends = !self.byte(at + 2 + length).is_some_and(|byte| is_word(byte) || byte == b'-');
        found.filter(|_| ends && (10..=32).contains(&length))
    }

    fn unit(&self, at: usize) -> Option<(usize, Found<'t>)> {
        if self.slice(at..at + 3) != "ou-" || !self.begins_id(at) {
            return None;
        }
        let start = at + 3;
        let length = self.run(start, is_lower);
        let root = self.slice(start..start + length);
        let is_known = || self.known.is_some_and(|known| known.roots.contains(root));
        let behind = start + length;
        if self.byte(behind) != Some(b'-') {
            let known = self.known?;
            let begins_one = known.roots.iter().any(|one| one.starts_with(root));
            return (self.is_pattern(behind) && begins_one)
                .then_some((behind - at, Found::Unit(root, None)));
        }
        let rest = self.run(behind + 1, is_lower);
        let end = behind + 1 + rest;
        let unit = self.slice(behind + 1..end);
        let ends = !self.byte(end).is_some_and(|byte| is_word(byte) || byte == b'-');
        let whole = (4..=32).contains(&length) && (8..=32).contains(&rest) && ends;
        let begins = self.is_pattern(end) && is_known();
        (whole || begins).then_some((end - at, Found::Unit(root, Some(unit))))
    }

    fn root(&self, at: usize) -> Option<(usize, Found<'t>)> {
        if self.slice(at..at + 2) != "r-" || !self.begins_id(at) {
            return None;
        }
        let length = self.run(at + 2, is_lower);
        let id = self.slice(at + 2..at + 2 + length);
        let end = at + 2 + length;
        let found = Some((length + 2, Found::Root(id)));
        if self.is_pattern(end) {
            let known = self.known?;
            return found.filter(|_| known.roots.iter().any(|one| one.starts_with(id)));
        }
        if self.byte(end).is_some_and(|byte| is_word(byte) || byte == b'-') {
            return None;
        }
        if !(4..=32).contains(&length) {
            return None;
        }
        match self.known {
            Some(known) => found.filter(|_| known.roots.contains(id)),
            None => found.filter(|_| self.is_root_place(at, end)),
        }
    }

    /// Whether a root stands here for sure: below an organization in a path, or as a string of
    /// its own in an answer of AWS Organizations.
    fn is_root_place(&self, at: usize, end: usize) -> bool {
        let is_quoted = self.before(at).ends_with('"') && self.byte(end) == Some(b'"');
        if self.of_organization && is_quoted {
            return true;
        }
        let before = self.before(at);
        let Some(above) = before.strip_suffix('/') else { return false };
        let above = above.strip_suffix('\\').unwrap_or(above);
        let start = above.rfind(|c: char| !(c.is_ascii_alphanumeric() || "-*?".contains(c)));
        let above = above.get(start.map_or(0, |last| last + 1)..).unwrap_or_default();
        above.starts_with("o-") || above == "*"
    }

    fn policy(&self, at: usize) -> Option<(usize, Found<'t>)> {
        if self.slice(at..at + 2) != "p-" || !self.begins_id(at) {
            return None;
        }
        let length = self.run(at + 2, |byte| is_word(byte) || byte == b'_');
        let id = self.slice(at + 2..at + 2 + length);
        let end = at + 2 + length;
        if !(8..=128).contains(&length) || self.byte(end) == Some(b'-') {
            return None;
        }
        if matches!(id, "FullAWSAccess" | "RCPFullAWSAccess") {
            return Some((length + 2, Found::AwsPolicy(id)));
        }
        if let Some(known) = self.known {
            let is_ours = known.policies.contains(id) && !known.aws_policies.contains(id);
            return is_ours.then_some((length + 2, Found::Policy(id)));
        }
        let before = self.before(at);
        let start = before.rfind(|c: char| c.is_whitespace() || c == '"');
        let arn = before.get(start.map_or(0, |last| last + 1)..).unwrap_or_default();
        let is_quoted = before.ends_with('"') && self.byte(end) == Some(b'"');
        if arn.contains(":organizations::aws:policy/") {
            return Some((length + 2, Found::AwsPolicy(id)));
        }
        let is_policy = arn.ends_with("_policy/") || (self.of_organization && is_quoted);
        is_policy.then_some((length + 2, Found::Policy(id)))
    }

    fn principal(&self, at: usize) -> Option<(usize, Found<'t>)> {
        let prefix = self.slice(at..at + 4);
        if !PRINCIPALS.contains(&prefix) || !self.begins(at, is_word) {
            return None;
        }
        let length = self.run(at + 4, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let ends = !self.byte(at + 4 + length).is_some_and(is_word);
        let id = self.slice(at + 4..at + 4 + length);
        ((12..=128).contains(&length) && ends).then_some((length + 4, Found::Principal(prefix, id)))
    }

    fn email(&self, at: usize) -> Option<(usize, Found<'t>)> {
        if !self.begins(at, is_local) {
            return None;
        }
        let local = self.run(at, is_local);
        if local == 0 || self.byte(at + local) != Some(b'@') {
            return None;
        }
        let start = at + local + 1;
        let domain = self.run(start, |byte| is_word(byte) || matches!(byte, b'.' | b'-'));
        let domain = self.slice(start..start + domain).trim_end_matches(['.', '-']);
        let last = domain.rsplit_once('.')?.1;
        let is_domain = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
        let length = local + 1 + domain.len();
        is_domain.then(|| (length, Found::Email(self.slice(at..at + length))))
    }
}

/// What may stand before the `@` of an address.
fn is_local(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'_' | b'+' | b'\'' | b'-')
}
