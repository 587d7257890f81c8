//! The rows of `messages.toml`: what AWS says, and the causes that it can have.

use crate::facts::{FactCertainty, FactsError, Row};

use super::placeholder;
use super::stem::Stem;

/// A message of AWS, with its causes.
#[derive(Debug, Clone)]
pub struct MessageRow {
    /// The id of the fact.
    pub id: String,
    /// Where it is seen: one of [`KINDS`].
    pub kind: String,
    /// The texts, as AWS writes them or wrote them.
    pub stems: Vec<Stem>,
    /// Types of resources whose jobs show it, in the spelling of AWS Backup's API; empty for any.
    pub resource_types: Vec<String>,
    /// Whether the job that shows it completed all the same.
    pub completes: bool,
    /// The causes, the likeliest first, the others in the order in which to test them.
    pub causes: Vec<CauseRow>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// Whether the source states the causes, or they follow from the wording.
    pub certainty: FactCertainty,
}

/// One cause of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseRow {
    /// One of [`CLASSES`].
    pub class: String,
    /// The rule that judges it, where there is one.
    pub rule: Option<String>,
    /// The reason of that rule which is this cause. A cause without one stands for every reason
    /// that no other cause of the row names: see [`MessageRow::stands_for`].
    pub reason: Option<String>,
    /// Who has to act.
    pub side: Side,
    /// What the cause rests on.
    pub basis: Basis,
    /// Why AWS says so.
    pub why: String,
    /// How to tell it from the other causes of the row; empty where it is the only one.
    pub tell_apart: String,
    /// Commands that confirm it, with the placeholders of [`super::placeholder`].
    pub confirm: Vec<String>,
    /// What mends it.
    pub fix: String,
    /// Facts that say more.
    pub facts: Vec<String>,
    /// For a quota: whether it can be raised, and where.
    pub quota: Option<Quota>,
}

/// A quota that a message speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Whether AWS raises it on request; `None` where its pages do not say.
    pub raised: Option<bool>,
    /// Where it is shown or asked for.
    pub at: String,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The account that the backup is copied from, or that makes the backup.
    Source,
    /// The account that it is copied to.
    Destination,
    /// One of the two; the message does not say which.
    Either,
    /// The management account of the organization.
    Organization,
    /// AWS itself.
    Aws,
    /// The message does not tell.
    Unknown,
}

/// What a cause rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A source says that the message means this.
    Stated,
    /// It follows from the wording.
    Wording,
}

/// The kinds of messages.
pub const KINDS: [&str; 8] = [
    "copy-job",
    "any-job",
    "underlying-service",
    "backup-job",
    "category-regex",
    "api-error",
    "notification",
    "cloudtrail",
];

/// The classes of causes.
pub const CLASSES: [&str; 40] = [
    "not-same-organization",
    "cross-account-not-enabled",
    "scp-or-rcp-deny",
    "tag-policy",
    "opt-in-disabled",
    "default-vault-key",
    "vault-policy-denies",
    "destination-vault-missing",
    "destination-key-policy",
    "vault-lock-retention",
    "option-group",
    "allowed-amis",
    "region-not-enabled",
    "source-key-policy",
    "aws-managed-source-key",
    "key-disabled-or-deleted",
    "role-missing-permission",
    "role-not-assumable",
    "cross-region-and-account-unsupported",
    "resource-type-unsupported",
    "marketplace-product-code",
    "sharing-revoked",
    "tag-limit",
    "quota-or-throttle",
    "concurrent-job",
    "lifecycle-invalid",
    "maintenance-window",
    "resource-state",
    "resource-missing",
    "continuous-conflict",
    "lag-vault-unsupported",
    "s3-prerequisite",
    "vss",
    "vmware",
    "sap-hana",
    "user-action",
    "cleanup-leftover",
    "authoring-error",
    "service-internal",
    "notification-no-detail",
];

impl Side {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Source,
        Self::Destination,
        Self::Either,
        Self::Organization,
        Self::Aws,
        Self::Unknown,
    ];

    /// The word in tables and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Either => "either",
            Self::Organization => "organization",
            Self::Aws => "aws",
            Self::Unknown => "unknown",
        }
    }
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Stated, Self::Wording];

    /// The word in tables and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Wording => "wording",
        }
    }
}

impl MessageRow {
    /// Whether a broken or undecided outcome of this rule, with this reason, speaks of the cause.
    ///
    /// A cause that names a reason stands for that one; a cause without stands for the reasons
    /// that no other cause of the row names for the same rule.
    #[must_use]
    pub fn stands_for(&self, cause: &CauseRow, rule: &str, reason: &str) -> bool {
        if cause.rule.as_deref() != Some(rule) {
            return false;
        }
        match &cause.reason {
            Some(own) => own == reason,
            None => !self.causes.iter().any(|other| {
                other.rule.as_deref() == Some(rule) && other.reason.as_deref() == Some(reason)
            }),
        }
    }

    pub(super) fn read(row: &Row) -> Result<Self, FactsError> {
        let fail = |fault: String| FactsError::new(&row.table, &row.id, fault);
        let kind = row.need_text("kind")?.to_owned();
        if !KINDS.contains(&kind.as_str()) {
            return Err(fail(format!("`{kind}` is no kind of message")));
        }
        let stems = row.need_strings("stems")?;
        if stems.is_empty() {
            return Err(row.lacks("stems"));
        }
        Ok(Self {
            id: row.id.clone(),
            kind,
            stems: stems
                .iter()
                .map(|stem| Stem::parse(stem))
                .collect::<Result<_, _>>()
                .map_err(fail)?,
            resource_types: row.need_strings("resource_types")?,
            completes: row.flag("completes").unwrap_or(false),
            causes: causes(row)?,
            sources: row.sources.clone(),
            certainty: row.certainty,
        })
    }
}

fn causes(row: &Row) -> Result<Vec<CauseRow>, FactsError> {
    let list = row.value.get("causes").and_then(toml::Value::as_array);
    let list = list.filter(|list| !list.is_empty()).ok_or_else(|| row.lacks("causes"))?;
    let read = |cause: &toml::Value| {
        let cause = cause.as_table().ok_or_else(|| "a cause is a table".to_owned())?;
        CauseRow::read(cause)
    };
    list.iter()
        .map(read)
        .collect::<Result<_, String>>()
        .map_err(|fault| FactsError::new(&row.table, &row.id, fault))
}

const CELLS: [&str; 11] = [
    "class",
    "rule",
    "reason",
    "side",
    "basis",
    "why",
    "tell_apart",
    "confirm",
    "fix",
    "facts",
    "quota",
];

impl CauseRow {
    fn read(cause: &toml::Table) -> Result<Self, String> {
        if let Some(unknown) = cause.keys().find(|key| !CELLS.contains(&key.as_str())) {
            return Err(format!("a cause has no cell `{unknown}`"));
        }
        let text = |cell: &str| cause.get(cell).and_then(toml::Value::as_str).map(str::to_owned);
        let need = |cell: &str| text(cell).ok_or_else(|| format!("a cause lacks `{cell}`"));
        let list = |cell: &str| -> Vec<String> {
            let list = cause.get(cell).and_then(toml::Value::as_array).into_iter().flatten();
            list.filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        let class = need("class")?;
        if !CLASSES.contains(&class.as_str()) {
            return Err(format!("`{class}` is no class of causes"));
        }
        let side = need("side")?;
        let basis = need("basis")?;
        let cause = Self {
            class,
            rule: text("rule"),
            reason: text("reason"),
            side: Side::ALL
                .into_iter()
                .find(|one| one.word() == side)
                .ok_or_else(|| format!("`{side}` is no side"))?,
            basis: Basis::ALL
                .into_iter()
                .find(|one| one.word() == basis)
                .ok_or_else(|| format!("`{basis}` is no basis"))?,
            why: need("why")?,
            tell_apart: text("tell_apart").unwrap_or_default(),
            confirm: list("confirm"),
            fix: need("fix")?,
            facts: list("facts"),
            quota: cause.get("quota").map(Quota::read).transpose()?,
        };
        if cause.reason.is_some() && cause.rule.is_none() {
            return Err("a reason stands without its rule".to_owned());
        }
        for template in cause.confirm.iter().chain([&cause.fix]) {
            if let Some(unknown) = placeholder::unknown(template) {
                return Err(format!("there is no placeholder `{{{unknown}}}`"));
            }
        }
        Ok(cause)
    }
}

impl Quota {
    fn read(quota: &toml::Value) -> Result<Self, String> {
        let raised = match quota.get("raised").and_then(toml::Value::as_str) {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            Some("not-said") => None,
            _ => return Err("a quota is `raised` on request: yes, no or not-said".to_owned()),
        };
        let at = quota.get("at").and_then(toml::Value::as_str);
        let at = at.ok_or_else(|| "a quota lacks `at`".to_owned())?.to_owned();
        Ok(Self { raised, at })
    }
}
