//! Rules: a static of data and a function; registration is one line.

use crate::facts::Facts;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::view::View;

/// One thing that can be wrong: what is to be said of it, whatever it is judged on.
pub struct Rule {
    /// The module of the rule; its last part is the id.
    pub(crate) module: &'static str,
    /// What it judges.
    pub scope: Scope,
    /// Ids of the starting catalogue that this rule stands for.
    pub aliases: &'static [&'static str],
    /// What a broken outcome means.
    pub level: Level,
    /// What is wrong when it is broken.
    pub summary: &'static str,
    /// The reasons for broken and undecided, in lists that rules share.
    pub(crate) reason_lists: &'static [&'static [Reason]],
    /// The facts that it may rest on, without the rows of tables that it goes through.
    pub facts: &'static [&'static str],
    /// The page, in Markdown.
    pub page: &'static str,
}

/// A rule on one planned copy: one outcome each.
pub struct CopyRule {
    /// What is said of it.
    pub rule: Rule,
    /// The gate of a copy that it belongs to.
    pub gate: Gate,
    pub(crate) check: fn(&View<'_>) -> Outcome,
}

/// A rule on one document: an outcome for each thing that it finds, none where it holds.
pub struct DocumentRule {
    /// What is said of it.
    pub rule: Rule,
    /// The kinds of documents that it concerns.
    pub kinds: &'static [DocumentKind],
    pub(crate) check: fn(&DocumentView<'_>) -> Vec<Outcome>,
}

/// A rule on two versions of one document: an outcome for each thing that the change brings.
pub struct ChangeRule {
    /// What is said of it.
    pub rule: Rule,
    /// The kinds of documents that it concerns.
    pub kinds: &'static [DocumentKind],
    pub(crate) check: ChangeCheck,
}

/// Judges a document by its version before, which is `None` for a new document.
pub(crate) type ChangeCheck = fn(Option<&DocumentView<'_>>, &DocumentView<'_>) -> Vec<Outcome>;

/// What a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One planned copy.
    PlannedCopy,
    /// One document.
    Document,
    /// One account's effective backup policy, and what it hangs on.
    Account,
    /// Two versions of one document.
    Change,
}

impl Scope {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PlannedCopy => "planned-copy",
            Self::Document => "document",
            Self::Account => "account",
            Self::Change => "change",
        }
    }
}

/// Why an outcome is broken or undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The name, in kebab case.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// How bad a broken outcome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It does not work.
    Error,
    /// It lets in more than it should.
    Security,
    /// Something that the user should know.
    Warning,
    /// It works, and could be better.
    Suggestion,
}

impl Level {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Security => "security",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// The gates of a copy, in the order in which AWS meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Partition and Regions.
    Regions,
    /// Organization and its settings.
    Organization,
    /// Resource type and variant.
    ResourceType,
    /// The recovery point.
    RecoveryPoint,
    /// Source and destination vault.
    Vaults,
    /// The copy role.
    CopyRole,
    /// SCPs and RCPs.
    Guardrails,
    /// The access policy of the destination vault.
    VaultPolicy,
    /// The key of the source.
    SourceKey,
    /// The key of the destination.
    DestinationKey,
    /// Tags.
    Tags,
    /// Quotas.
    Quotas,
}

impl Gate {
    /// All gates in order.
    pub const ALL: [Self; 12] = [
        Self::Regions,
        Self::Organization,
        Self::ResourceType,
        Self::RecoveryPoint,
        Self::Vaults,
        Self::CopyRole,
        Self::Guardrails,
        Self::VaultPolicy,
        Self::SourceKey,
        Self::DestinationKey,
        Self::Tags,
        Self::Quotas,
    ];

    /// What the gate asks, in a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Regions => "partition and Regions",
            Self::Organization => "organization",
            Self::ResourceType => "resource type",
            Self::RecoveryPoint => "recovery point",
            Self::Vaults => "vaults",
            Self::CopyRole => "copy role",
            Self::Guardrails => "SCPs and RCPs",
            Self::VaultPolicy => "destination vault policy",
            Self::SourceKey => "source key",
            Self::DestinationKey => "destination key",
            Self::Tags => "tags",
            Self::Quotas => "quotas",
        }
    }
}

impl Rule {
    /// The id: the name of the module in kebab case.
    #[must_use]
    pub fn id(&self) -> String {
        self.module.rsplit("::").next().unwrap_or(self.module).replace('_', "-")
    }

    /// The closed list of reasons for broken and undecided.
    pub fn reasons(&self) -> impl Iterator<Item = &'static Reason> {
        self.reason_lists.iter().copied().flatten()
    }

    /// Whether the id or an alias is this one.
    #[must_use]
    pub fn is_named(&self, id: &str) -> bool {
        self.id() == id || self.aliases.contains(&id)
    }

    /// The cited facts that do not exist; empty for a rule that is in order.
    #[must_use]
    pub fn unknown_facts(&self, facts: &Facts) -> Vec<&'static str> {
        self.facts.iter().copied().filter(|id| facts.row(id).is_none()).collect()
    }
}

/// Makes the static of a rule on planned copies from the module it stands in.
macro_rules! copy_rule {
    (gate: $gate:expr, check: $check:expr, $($field:ident: $value:expr),* $(,)?) => {
        pub(crate) static RULE: $crate::rule::CopyRule = $crate::rule::CopyRule {
            rule: $crate::rule::Rule {
                module: module_path!(),
                scope: $crate::rule::Scope::PlannedCopy,
                $($field: $value),*
            },
            gate: $gate,
            check: $check,
        };
    };
}
pub(crate) use copy_rule;

/// Makes the static of a rule on documents from the module it stands in.
macro_rules! document_rule {
    (kinds: $kinds:expr, check: $check:expr, $($field:ident: $value:expr),* $(,)?) => {
        pub(crate) static RULE: $crate::rule::DocumentRule = $crate::rule::DocumentRule {
            rule: $crate::rule::Rule {
                module: module_path!(),
                scope: $crate::rule::Scope::Document,
                $($field: $value),*
            },
            kinds: $kinds,
            check: $check,
        };
    };
}
pub(crate) use document_rule;

/// Makes the static of a rule on changes from the module it stands in.
macro_rules! change_rule {
    (kinds: $kinds:expr, check: $check:expr, $($field:ident: $value:expr),* $(,)?) => {
        pub(crate) static RULE: $crate::rule::ChangeRule = $crate::rule::ChangeRule {
            rule: $crate::rule::Rule {
                module: module_path!(),
                scope: $crate::rule::Scope::Change,
                $($field: $value),*
            },
            kinds: $kinds,
            check: $check,
        };
    };
}
pub(crate) use change_rule;

/// The rules of modules, in this order.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        &[$(&$module::RULE),*]
    };
}
pub(crate) use rules;
