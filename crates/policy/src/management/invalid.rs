//! Errors of effective policies.
//!
//! The page on invalid policies names three codes with an example each
//! (`invalid-policy-alerts.html`); where it names no code for an error that other pages document,
//! the code is the one of the nearest example, or ours (`LINT_…`).

/// An error of an effective policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The code.
    pub code: InvalidCode,
    /// Where, with `/` between keys. How AWS writes its own paths is known from one sample only.
    pub path: String,
    /// False where another possible value of an ambiguous setting removes the error.
    pub certain: bool,
}

/// Codes of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvalidCode {
    /// Something that the syntax page requires is missing.
    KeyRequired,
    /// Too few of something: no Region.
    ElementsTooFew,
    /// Too many of something, such as rules of a plan.
    ElementsTooMany,
    /// `tags` and `resources`, which exclude each other. AWS names no code.
    TagsAndResources,
    /// The key of a tag policy and its `tag_key` differ in more than case. AWS names no code.
    TagKeyDiffers,
    /// More than one `*` in a value of a tag policy. AWS names no code.
    TagValueWildcards,
    /// What `enforced_for` cannot name: all services, or a type of all services. AWS names no code.
    EnforcedFor,
}

impl InvalidCode {
    /// What is wrong, said of the path.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::KeyRequired => "is required and missing",
            Self::ElementsTooFew => "is missing or empty: a plan needs a Region",
            Self::ElementsTooMany => "has too many elements",
            Self::TagsAndResources => {
                "has `tags` and `resources`, which exclude each other (the code is ours)"
            }
            Self::TagKeyDiffers => {
                "differs from the key of the policy in more than case (the code is ours)"
            }
            Self::TagValueWildcards => "has a value with more than one `*` (the code is ours)",
            Self::EnforcedFor => {
                "names what is no `service:type` of one service (the code is ours)"
            }
        }
    }

    /// The code in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::KeyRequired => "KEY_REQUIRED",
            Self::ElementsTooFew => "ELEMENTS_TOO_FEW",
            Self::ElementsTooMany => "ELEMENTS_TOO_MANY",
            Self::TagsAndResources => "LINT_TAGS_AND_RESOURCES",
            Self::TagKeyDiffers => "LINT_TAG_KEY_DIFFERS",
            Self::TagValueWildcards => "LINT_TAG_VALUE_WILDCARDS",
            Self::EnforcedFor => "LINT_ENFORCED_FOR",
        }
    }
}
