//! Stems: the words of a message that do not vary, with gaps for what does.

use super::words::Words;

/// The words of a message, in lower case and without punctuation, with gaps.
///
/// Written as AWS writes the message. `one|other` is a word that changed over the years, and
/// `{name}` a gap: what stands there is captured under this name. A stem is a whole sentence, or
/// several: words before or behind it make it another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// As it is written in the table.
    pub text: String,
    parts: Vec<Part>,
    words: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Word { one_of: Vec<String>, stop: bool },
    Gap(Gap),
}

/// A part of a message that varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    name: &'static str,
    shape: Shape,
    /// How many words it holds, so that no prose fits into it.
    least: usize,
    most: usize,
}

/// What a gap accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Any word.
    Any,
    /// `eu-west-1`, or what stands for one.
    Region,
    /// A number with digits.
    Number,
    /// The ARN of a policy, or a word that announces it.
    PolicyArn,
    /// The ARN of the service-linked role of AWS Backup.
    ServiceLinkedRole,
    /// An action, of this service where one is given.
    Action(&'static str),
}

/// The gaps that stems may have.
const GAPS: [(&str, Gap); 25] = [
    gap("account", "account", Shape::Any, 1, 1),
    gap("action", "action", Shape::Action(""), 1, 1),
    gap("backup-action", "action", Shape::Action("backup"), 1, 1),
    gap("kms-action", "action", Shape::Action("kms"), 1, 1),
    gap("arn", "arn", Shape::Any, 1, 1),
    gap("bucket", "bucket", Shape::Any, 1, 2),
    gap("image", "image", Shape::Any, 1, 1),
    gap("copy-job", "copy_job", Shape::Any, 1, 1),
    gap("backup-job", "backup_job", Shape::Any, 1, 1),
    gap("recovery-point", "recovery_point", Shape::Any, 1, 1),
    gap("encoded-message", "encoded_message", Shape::Any, 1, 1),
    // `[None]`, or dots, or nothing where the id is empty.
    gap("source-key", "source_key", Shape::Any, 0, 1),
    gap("destination-key", "destination_key", Shape::Any, 0, 1),
    gap("number", "number", Shape::Number, 1, 1),
    gap("options", "options", Shape::Any, 0, 12),
    // `: arn:…` or `, with policy ARN: arn:…`, in newer answers.
    gap("policy", "policy", Shape::PolicyArn, 0, 4),
    gap("principal", "principal", Shape::Any, 1, 3),
    gap("source-region", "source_region", Shape::Region, 1, 1),
    gap("destination-region", "destination_region", Shape::Region, 1, 1),
    gap("resource", "resource", Shape::Any, 1, 2),
    gap("resource-type", "resource_type", Shape::Any, 1, 5),
    gap("rest", "rest", Shape::Any, 0, 8),
    gap("role", "role", Shape::Any, 1, 1),
    gap("service-linked-role", "role", Shape::ServiceLinkedRole, 1, 1),
    gap("tag-key", "tag_key", Shape::Any, 1, 4),
];

const fn gap(
    written: &'static str,
    name: &'static str,
    shape: Shape,
    least: usize,
    most: usize,
) -> (&'static str, Gap) {
    (written, Gap { name, shape, least, most })
}

/// What stood in the gaps, by name, as ranges of words.
pub(super) type Filled = Vec<(&'static str, std::ops::Range<usize>)>;

impl Stem {
    /// Reads a stem.
    ///
    /// # Errors
    /// Says what is wrong with it: a gap that there is not, or one at its beginning.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = 0;
        for written in text.split_whitespace() {
            // A gap may stand in brackets or quotes, and punctuation may follow.
            let inner = written.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            if let Some((name, _)) = inner {
                let Some((_, gap)) = GAPS.iter().find(|(known, _)| *known == name) else {
                    return Err(format!("there is no gap `{{{name}}}`"));
                };
                parts.push(Part::Gap(*gap));
                // A gap for one thing only says as much as a word.
                literal += usize::from(gap.shape == Shape::ServiceLinkedRole);
                continue;
            }
            let words = Words::read(written);
            if words.len() == 0 {
                continue;
            }
            let stop = words.word(0).is_some_and(|word| word.stop);
            let one_of = words.folded(0).split('|').map(str::to_owned).collect();
            parts.push(Part::Word { one_of, stop });
            literal += 1;
        }
        match parts.first() {
            Some(Part::Word { .. }) => Ok(Self { text: text.to_owned(), parts, words: literal }),
            _ => Err(format!("stem `{text}` begins with no word")),
        }
    }

    /// How many words it demands: of two stems that match, the one with more says more.
    #[must_use]
    pub fn specificity(&self) -> usize {
        self.words
    }

    /// The words that a text can begin with.
    pub(super) fn first(&self) -> &[String] {
        match self.parts.first() {
            Some(Part::Word { one_of, .. }) => one_of,
            _ => &[],
        }
    }

    /// Whether the text has the stem from this word on, to an end: what stood in the gaps, and
    /// the first word behind it.
    pub(super) fn matches(
        &self,
        words: &Words<'_>,
        at: usize,
        accepts: &dyn Fn(&str) -> bool,
    ) -> Option<(Filled, usize)> {
        let mut filled = Vec::new();
        let end = match_parts(&self.parts, words, at, accepts, &mut filled)?;
        // The innermost gap is noted first.
        filled.reverse();
        Some((filled, end))
    }
}

fn match_parts(
    parts: &[Part],
    words: &Words<'_>,
    at: usize,
    accepts: &dyn Fn(&str) -> bool,
    filled: &mut Filled,
) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else {
        return ends(words, at).then_some(at);
    };
    match part {
        Part::Word { one_of, stop } => {
            let word = words.word(at)?;
            let folded = words.folded(at);
            let same = one_of.iter().any(|one| one == folded);
            // A sentence that ends here is another text, unless the stem ends one here too.
            let goes_on = *stop || !word.stop || rest.iter().all(Part::may_be_empty);
            if !same || !goes_on {
                return None;
            }
            match_parts(rest, words, at + 1, accepts, filled)
        }
        Part::Gap(gap) => {
            for length in 0..=gap.most {
                if length > 0 {
                    let last = at + length - 1;
                    let before = last.checked_sub(1).and_then(|before| words.word(before));
                    if before.is_some_and(|word| word.stop) {
                        return None;
                    }
                    words.word(last)?;
                    if !gap.shape.accepts(words.folded(last), accepts) {
                        return None;
                    }
                }
                if length < gap.least {
                    continue;
                }
                if let Some(end) = match_parts(rest, words, at + length, accepts, filled) {
                    filled.push((gap.name, at..at + length));
                    return Some(end);
                }
            }
            None
        }
    }
}

impl Part {
    fn may_be_empty(&self) -> bool {
        matches!(self, Self::Gap(Gap { least: 0, .. }))
    }
}

impl Shape {
    fn accepts(self, word: &str, action_is_known: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Region => word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            Self::Number => word.bytes().any(|b| b.is_ascii_digit()),
            Self::PolicyArn => {
                matches!(word, "with" | "policy" | "arn") || word.starts_with("arn:")
            }
            Self::ServiceLinkedRole => word.ends_with("/awsserviceroleforbackup"),
            Self::Action(service) => word.split_once(':').is_some_and(|(prefix, _)| {
                (service.is_empty() || prefix == service) && action_is_known(word)
            }),
        }
    }
}

/// What may follow a message in the same line: what an SDK appends.
const APPENDED: [[&str; 2]; 4] =
    [["status", "code"], ["request", "id"], ["statuscode", ""], ["requestid", ""]];
/// The same in brackets.
const IN_BRACKETS: [&str; 8] =
    ["service", "status", "request", "requestid", "error", "code", "sdk", "attempt"];

/// Whether a message can end before this word.
fn ends(words: &Words<'_>, at: usize) -> bool {
    let last = at.checked_sub(1).and_then(|last| words.word(last));
    last.is_some_and(|last| last.stop) || is_over(words, at)
}

/// Whether nothing of the message follows: the text, the quotation or the field ends, or what an
/// SDK appends begins.
pub(super) fn is_over(words: &Words<'_>, at: usize) -> bool {
    let Some(next) = words.word(at) else { return true };
    let last = at.checked_sub(1).and_then(|last| words.word(last));
    if last.is_some_and(|last| last.semicolon || last.closes_quote) {
        return true;
    }
    let (first, second) = (words.folded(at), words.folded(at + 1));
    if next.bracket {
        return IN_BRACKETS.contains(&first);
    }
    APPENDED.iter().any(|[one, other]| first == *one && (other.is_empty() || second == *other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stem: &str, text: &str) -> Option<Vec<(&'static str, String)>> {
        let words = Words::read(text);
        let stem = Stem::parse(stem).unwrap();
        let (filled, _) = stem.matches(&words, 0, &|_| true)?;
        Some(filled.into_iter().map(|(name, range)| (name, words.raw(range).to_owned())).collect())
    }

    #[test]
    fn gaps_are_captured() {
        let stem = "Copy job from {source-region} to {destination-region} cannot be initiated for {resource-type} resources";
        let text = "Copy job from us-west-2 to us-east-1 cannot be initiated for Storage Gateway resources.";
        let expected = [
            ("source_region", "us-west-2"),
            ("destination_region", "us-east-1"),
            ("resource_type", "Storage Gateway"),
        ];
        assert_eq!(
            found(stem, text).unwrap(),
            expected.map(|(name, text)| (name, text.to_owned()))
        );
    }

    #[test]
    fn a_word_more_or_less_is_another_text() {
        let stem = "Snapshots encrypted with the AWS Managed CMK|key can't be shared";
        assert!(
            found(stem, "Snapshots encrypted with the AWS managed key can’t be shared.").is_some()
        );
        assert!(
            found(
                stem,
                "Snapshots encrypted with the AWS managed CMK can't be shared (Service: AmazonEC2)"
            )
            .is_some()
        );
        for text in [
            "Snapshots encrypted with AWS managed key can't be shared",
            "Snapshots encrypted with the AWS managed key can't be shared yet",
            "Snapshots encrypted with the AWS managed keys can't be shared",
            "Snapshots encrypted. With the AWS managed key can't be shared",
            "Snapshots encrypted with the AWS managed key can't be",
        ] {
            assert_eq!(found(stem, text), None, "{text}");
        }
    }

    #[test]
    fn a_stem_with_a_mistake_is_refused() {
        assert!(Stem::parse("{arn} is gone").is_err());
        assert!(Stem::parse("vault {name} is gone").unwrap_err().contains("{name}"));
        assert!(Stem::parse(" . ").is_err());
    }
}
