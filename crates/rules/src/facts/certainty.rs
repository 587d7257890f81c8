//! How sure a fact is, and how sure a verdict that rests on facts.

/// The certainty of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactCertainty {
    /// AWS says so.
    Documented,
    /// AWS does not say so; the row tells why we believe it.
    Inferred,
    /// Sources contradict each other.
    Contested,
    /// Nobody says.
    Unknown,
}

/// The certainty of an outcome or verdict; the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// All it rests on is documented.
    Documented,
    /// It rests on an inferred fact.
    Inferred,
    /// It rests on an answer of the user.
    Stated,
}

impl FactCertainty {
    /// All of them, the surest first.
    pub const ALL: [Self; 4] = [Self::Documented, Self::Inferred, Self::Contested, Self::Unknown];

    /// Reads the word of a facts file.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::Contested => "contested",
            Self::Unknown => "unknown",
        }
    }

    /// The certainty of an outcome that rests on the fact; `None` where nothing can rest on it.
    #[must_use]
    pub fn supports(self) -> Option<Certainty> {
        match self {
            Self::Documented => Some(Certainty::Documented),
            Self::Inferred => Some(Certainty::Inferred),
            Self::Contested | Self::Unknown => None,
        }
    }
}

impl Certainty {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::Stated => "stated",
        }
    }
}
