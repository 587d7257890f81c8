//! AWS facts: rows of data with a source, a date and a certainty.
//!
//! The rows stand in `facts/*.toml`, one table a file. What a row means is code; what AWS does
//! is data.

mod absent;
mod certainty;
mod copy_support;
mod managed;
mod overrides;
mod row;
mod steps;

pub(crate) use absent::CallOf;
pub use certainty::{Certainty, FactCertainty};
pub use copy_support::{BackupKey, CopySupport, UnencryptedCopy, VariantFrom};
pub use managed::ManagedPolicy;
pub use overrides::OverrideError;
pub use row::{Cell, FactsError, Row};
pub use steps::{Decides, Step, StepPrincipal, StepResource, Via};

use std::collections::HashMap;
use std::sync::Arc;

use copy_preflight_policy::iam::{AbsentKeys, Action, Catalogue, Policy};

use absent::Absent;

use crate::message::{MessageRow, MessageTable};

/// The tables that come with the tool: name and text.
const TABLES: [(&str, &str); 11] = [
    ("condition-keys", include_str!("../../facts/condition-keys.toml")),
    ("copy-support", include_str!("../../facts/copy-support.toml")),
    ("encryption", include_str!("../../facts/encryption.toml")),
    ("managed-policies", include_str!("../../facts/managed-policies.toml")),
    ("organization", include_str!("../../facts/organization.toml")),
    ("policy-language", include_str!("../../facts/policy-language.toml")),
    ("prerequisites", include_str!("../../facts/prerequisites.toml")),
    ("rcp-services", include_str!("../../facts/rcp-services.toml")),
    ("regions", include_str!("../../facts/regions.toml")),
    ("tag-policies", include_str!("../../facts/tag-policies.toml")),
    ("steps", include_str!("../../facts/steps.toml")),
];

/// The table that no rule reads, and the longest: see [`Facts::of_rules`].
const MESSAGES: (&str, &str) = ("messages", include_str!("../../facts/messages.toml"));

/// All facts.
#[derive(Debug, Clone)]
pub struct Facts {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    copy_support: Vec<CopySupport>,
    steps: Vec<Step>,
    catalogue: Catalogue,
    managed_policies: Vec<ManagedPolicy>,
    messages: MessageTable,
    absent: Absent,
    fully_managed_actions: Vec<(String, Action)>,
    allow_all: Policy,
    admit_all: Policy,
    overridden: Vec<String>,
}

impl Facts {
    /// The facts that come with the tool.
    ///
    /// # Errors
    /// Where a table is not well formed, which a test rules out for the tables that ship.
    pub fn embedded() -> Result<Self, FactsError> {
        Self::read(TABLES.iter().chain([&MESSAGES]))
    }

    /// The facts that rules rest on: all but what AWS says, which is half as long again. Whoever
    /// judges copies and recognises no message starts faster with them.
    ///
    /// # Errors
    /// As for [`Facts::embedded`].
    pub fn of_rules() -> Result<Self, FactsError> {
        Self::read(TABLES.iter())
    }

    /// Facts of one's own: the name and the text of each table.
    ///
    /// # Errors
    /// Names the table, the row and what is wrong with it.
    pub fn from_tables(tables: &[(&str, &str)]) -> Result<Self, FactsError> {
        Self::read(tables.iter())
    }

    fn read<'t>(tables: impl Iterator<Item = &'t (&'t str, &'t str)>) -> Result<Self, FactsError> {
        let mut rows = Vec::new();
        for (table, text) in tables {
            rows.extend(row::read(table, text)?);
        }
        Self::from_rows(rows)
    }

    fn from_rows(rows: Vec<Row>) -> Result<Self, FactsError> {
        let mut by_id = HashMap::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            if by_id.insert(row.id.clone(), index).is_some() {
                return Err(FactsError::new(&row.table, &row.id, "the id stands twice"));
            }
        }
        let table = |name: &'static str| rows.iter().filter(move |row| row.table == name);
        let copy_support =
            table("copy-support").map(CopySupport::read).collect::<Result<_, _>>()?;
        let steps: Vec<Step> = table("steps").filter_map(Step::read).collect::<Result<_, _>>()?;
        let catalogue = catalogue(&rows);
        let managed_policies =
            table("managed-policies").map(ManagedPolicy::read).collect::<Result<_, _>>()?;
        let messages = MessageTable::read(table("messages"), &steps)?;
        let absent = Absent::of(&rows);
        let fully_managed_actions = fully_managed_actions(&rows);
        let allow_all =
            managed::parse(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
        let admit_all = managed::parse(
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#,
        );
        Ok(Self {
            rows,
            by_id,
            copy_support,
            steps,
            catalogue,
            managed_policies,
            messages,
            absent,
            fully_managed_actions,
            allow_all,
            admit_all,
            overridden: Vec::new(),
        })
    }

    /// All rows, table by table.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The ids of the rows that a user laid cells over.
    #[must_use]
    pub fn overridden(&self) -> &[String] {
        &self.overridden
    }

    /// The row with this id.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.by_id.get(id).and_then(|&index| self.rows.get(index))
    }

    /// The certainty of a row. A row that does not exist supports nothing.
    #[must_use]
    pub fn certainty(&self, id: &str) -> FactCertainty {
        self.row(id).map_or(FactCertainty::Unknown, |row| row.certainty)
    }

    /// What AWS Backup can copy, by resource type and variant.
    #[must_use]
    pub fn copy_support(&self) -> &[CopySupport] {
        &self.copy_support
    }

    /// The variants of a resource type; empty for a type that the facts do not know.
    pub fn variants<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a CopySupport> {
        self.copy_support.iter().filter(move |row| row.resource_type == resource_type)
    }

    /// The requests of a copy, step by step.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The service lists that the evaluator needs.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What AWS says when a job fails, with the causes; none among the facts of rules alone.
    #[must_use]
    pub fn messages(&self) -> &[MessageRow] {
        self.messages.rows()
    }

    pub(crate) fn message_table(&self) -> &MessageTable {
        &self.messages
    }

    pub(crate) fn managed_policies(&self) -> &[ManagedPolicy] {
        &self.managed_policies
    }

    /// The AWS managed policy of that name.
    #[must_use]
    pub fn managed_policy(&self, name: &str) -> Option<&ManagedPolicy> {
        self.managed_policies.iter().find(|policy| policy.name == name)
    }

    /// A policy that allows everything: stands in for policies that another rule judges.
    #[must_use]
    pub fn allow_all(&self) -> &Policy {
        &self.allow_all
    }

    /// A policy of a resource that admits everybody: stands in for policies that another rule
    /// judges.
    #[must_use]
    pub fn admit_all(&self) -> &Policy {
        &self.admit_all
    }

    /// What copies of fully managed types may do with a resource, in the order of the rows.
    pub(crate) fn fully_managed_actions<'f>(
        &'f self,
        resource: &'f str,
    ) -> impl Iterator<Item = &'f Action> {
        self.fully_managed_actions
            .iter()
            .filter(move |(of, _)| of == resource)
            .map(|(_, action)| action)
    }

    /// The condition keys that a call does not carry.
    pub(crate) fn absent_keys(&self, action: &Action, call: CallOf) -> Arc<AbsentKeys> {
        self.absent.keys(action, call)
    }

    /// How many days before `now` the oldest check among the rows was; `None` for a time before
    /// it.
    #[must_use]
    pub fn age_in_days(&self, now: jiff::Timestamp) -> Option<i64> {
        let checked: jiff::civil::Date = self.as_of().parse().ok()?;
        let checked = jiff::tz::TimeZone::UTC.to_timestamp(checked.into()).ok()?;
        let days = (now.as_second() - checked.as_second()).div_euclid(24 * 60 * 60);
        (days >= 0).then_some(days)
    }

    /// The day of the oldest check among the rows.
    #[must_use]
    pub fn as_of(&self) -> &str {
        self.rows.iter().map(|row| row.checked.as_str()).min().unwrap_or("")
    }
}

fn fully_managed_actions(rows: &[Row]) -> Vec<(String, Action)> {
    let steps = rows
        .iter()
        .filter(|row| row.table == "steps" && row.text("management") == Some("fully-managed"));
    let mut found = Vec::new();
    for row in steps {
        let Some(resource) = row.text("resource") else { continue };
        let actions = row.strings("actions").filter_map(Action::parse);
        found.extend(actions.map(|action| (resource.to_owned(), action)));
    }
    found
}

fn catalogue(rows: &[Row]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for row in rows {
        match row.id.as_str() {
            "rcp-services-list" => {
                catalogue.rcp_services.extend(row.strings("services").map(Into::into));
            }
            "kms-cross-account-operations" => {
                for action in row.strings("cryptographic").chain(row.strings("other")) {
                    let name = action.split_once(':').map_or(action, |(_, name)| name);
                    catalogue.kms_cross_account.insert(name.to_ascii_lowercase().into());
                }
            }
            _ if row.table == "condition-keys" && row.text("cardinality") == Some("single") => {
                if let Some(key) = row.text("key") {
                    // `aws:PrincipalTag/${TagKey}` is a family of keys.
                    let key = match key.split_once("${") {
                        Some((family, _)) => format!("{family}*"),
                        None => key.to_owned(),
                    };
                    catalogue.single_valued_keys.insert(key.to_ascii_lowercase().into());
                }
            }
            _ => {}
        }
    }
    catalogue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_source_and_date() {
        let facts = Facts::embedded().unwrap();
        assert!(facts.rows().len() > 300, "{} rows", facts.rows().len());
        for row in facts.rows() {
            assert!(!row.sources.is_empty(), "{} has no source", row.id);
            assert!(row.sources.iter().all(|source| source.starts_with("https://")), "{}", row.id);
            assert!(
                row.checked.parse::<jiff::civil::Date>().is_ok(),
                "{}: {}",
                row.id,
                row.checked
            );
        }
    }

    #[test]
    fn rules_miss_nothing_but_messages() {
        let (all, some) = (Facts::embedded().unwrap(), Facts::of_rules().unwrap());
        assert!(all.messages().len() > 100 && some.messages().is_empty());
        assert_eq!(all.rows().len(), some.rows().len() + all.messages().len());
        assert_eq!(all.as_of(), some.as_of());
    }

    #[test]
    fn catalogue_is_filled() {
        let facts = Facts::embedded().unwrap();
        let catalogue = facts.catalogue();
        assert!(catalogue.rcp_services.contains("kms"));
        assert!(!catalogue.rcp_services.contains("backup"));
        assert!(catalogue.kms_cross_account.contains("reencryptfrom"));
        assert!(catalogue.single_valued_keys.contains("kms:viaservice"));
        assert!(catalogue.single_valued_keys.contains("aws:principaltag/*"));
        assert!(!catalogue.single_valued_keys.contains("aws:principalorgpaths"));
    }

    #[test]
    fn a_row_without_source_or_date_is_refused() {
        for (text, fault) in [
            ("[[row]]\nid='x'\nchecked='2026-11-22'\ncertainty='documented'\n", "source"),
            ("[[row]]\nid='x'\nsource='https://a'\ncertainty='documented'\n", "checked"),
            (
                "[[row]]\nid='x'\nsource='https://a'\nchecked='2026-11-22'\ncertainty='sure'\n",
                "certainty",
            ),
            (
                "[[row]]\nid='x'\nsource='https://a'\nchecked='soon'\ncertainty='documented'\n",
                "checked",
            ),
        ] {
            let error = row::read("t", text).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
