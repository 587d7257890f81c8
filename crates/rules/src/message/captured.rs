//! What a text carries besides the message: ids, ARNs, the code and the request of an SDK.

use std::ops::Range;

use super::stem::Filled;
use super::words::Words;
use crate::arn::Arn;

/// How many words before and behind a message belong to it.
const AROUND: usize = 60;

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// What stood in front of the message, such as the label of the console.
    pub label: Option<String>,
    /// The error code, such as `KMSKeyNotAccessibleFault`.
    pub code: Option<String>,
    /// The operation that an SDK names, such as `CopyDBSnapshot`.
    pub operation: Option<String>,
    /// The service that an SDK names.
    pub service: Option<String>,
    /// The HTTP status.
    pub status: Option<String>,
    /// The request id, which AWS Support asks for.
    pub request_id: Option<String>,
    values: Vec<(&'static str, String)>,
}

impl Captured {
    /// What a placeholder stands for, by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All that stands for placeholders.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Reads what stands around the message that these words are.
    pub(super) fn read(words: &Words<'_>, filled: &Filled, message: Range<usize>) -> Self {
        let mut captured = Self::default();
        for (name, range) in filled {
            captured.gap(name, words.raw(range.clone()));
        }
        let begin = message.start;
        let label = words.raw(begin.saturating_sub(AROUND)..begin).trim();
        captured.label = (!label.is_empty()).then(|| label.to_owned());
        for at in begin.saturating_sub(AROUND)..words.len().min(message.end + AROUND) {
            captured.wrapper(words, at);
            captured.arn(words.raw(at..at + 1));
        }
        if captured.code.is_none() {
            captured.code = leading_code(words, begin);
        }
        captured
    }

    /// What stood in a gap. Where the id of a key should be, AWS also writes `None`.
    fn gap(&mut self, name: &'static str, text: &str) {
        let region = match name {
            "source_key" => "source_region",
            "destination_key" => "destination_region",
            _ => return self.put(name, text),
        };
        if text.bytes().any(|byte| byte.is_ascii_digit()) {
            self.put(name, text);
        }
        if let Some(arn) = Arn::parse(text) {
            self.put(region, arn.region);
        }
    }

    /// The first of a name counts: the message itself is read before what is around it.
    fn put(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() && self.value(name).is_none() {
            self.values.push((name, value.to_owned()));
        }
    }

    /// What an SDK puts around a message.
    fn wrapper(&mut self, words: &Words<'_>, at: usize) {
        let next = |ahead: usize| {
            let text = words.raw(at + ahead..at + ahead + 1);
            (!text.is_empty()).then(|| text.to_owned())
        };
        let colon = words.word(at).is_some_and(|word| word.colon);
        match (words.folded(at), words.folded(at + 1)) {
            ("error", "occurred") if words.word(at + 2).is_some_and(|word| word.bracket) => {
                set(&mut self.code, next(2));
            }
            ("api", "error") => set(&mut self.code, next(2)),
            ("error", "code") => set(&mut self.code, next(2)),
            ("calling", "the") if words.folded(at + 3) == "operation" => {
                set(&mut self.operation, next(2));
            }
            ("operation", "error") if words.word(at + 2).is_some_and(|word| word.colon) => {
                set(&mut self.service, next(2));
                set(&mut self.operation, next(3));
            }
            ("service", _) if colon && words.word(at).is_some_and(|word| word.bracket) => {
                set(&mut self.service, next(1));
            }
            ("failure", "message") => {
                self.put("encoded_message", words.raw(at + 2..at + 3));
            }
            ("status", "code") => set(&mut self.status, next(2).filter(|text| is_number(text))),
            ("statuscode", _) if colon => {
                set(&mut self.status, next(1).filter(|text| is_number(text)));
            }
            // `Request ID: ;` has none.
            ("request", "id") => {
                let own = words.word(at + 1).is_some_and(|word| word.colon && !word.semicolon);
                set(&mut self.request_id, next(2).filter(|_| own));
            }
            ("requestid", _) if colon => set(&mut self.request_id, next(1)),
            _ => {}
        }
    }

    fn arn(&mut self, text: &str) {
        let Some(arn) = Arn::parse(text) else { return };
        let region = arn.region;
        match (arn.service, arn.resource) {
            ("kms", resource) if resource.starts_with("key/") => {
                self.put("key", text);
                self.put("region", region);
            }
            ("iam", resource) if resource.starts_with("role/") => {
                self.put("role", text);
                self.put("role_name", resource.rsplit('/').next().unwrap_or_default());
            }
            ("backup", resource) if resource.starts_with("backup-vault:") => {
                self.put("vault", resource.strip_prefix("backup-vault:").unwrap_or_default());
                self.put("region", region);
            }
            ("backup", resource) if resource.starts_with("recovery-point:") => {
                self.put("recovery_point", text);
                self.put("region", region);
            }
            ("ec2", resource) if resource.starts_with("image/") => {
                self.put("recovery_point", text);
                self.put("image", resource.strip_prefix("image/").unwrap_or_default());
            }
            ("ec2", resource) if resource.starts_with("snapshot/") => {
                self.put("recovery_point", text);
                self.put("snapshot", resource.strip_prefix("snapshot/").unwrap_or_default());
            }
            ("s3", bucket) => self.put("bucket", bucket),
            ("sts", _) => {}
            _ => self.put("resource", text),
        }
        self.put("account", arn.account);
    }
}

fn set(place: &mut Option<String>, found: Option<String>) {
    if place.is_none() {
        *place = found;
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `KMSKeyNotAccessibleFault: …` or `MalformedPolicyDocumentException - …`, also behind a label.
fn leading_code(words: &Words<'_>, begin: usize) -> Option<String> {
    // The message itself may begin with its code.
    (begin.saturating_sub(AROUND)..=begin).rev().find_map(|at| {
        let text = words.raw(at..at + 1);
        let set_off = words.word(at)?.colon || words.word(at + 1)?.dash;
        let name = text.rsplit('.').next()?;
        let capitals = name.bytes().filter(u8::is_ascii_uppercase).count();
        let is_code = capitals > 1
            && name.bytes().any(|byte| byte.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // `a.b.SomeException`, but `SnapshotCopyUnsupported.InterRegion`.
        let code = if text.bytes().next()?.is_ascii_uppercase() { text } else { name };
        (set_off && is_code && code.len() > 7).then(|| code.to_owned())
    })
}
