//! What may stand in a config.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use copy_preflight_rules::arn::{KeyArn, RoleArn, VaultArn};
use copy_preflight_rules::rule;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The organization that the accounts are of.
    #[serde(default)]
    pub organization: Organization,
    /// Accounts by id and name, and whose credentials read them.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
    /// Copies that the documents of the repository have to permit.
    #[serde(default, rename = "planned-copy")]
    pub planned_copies: Vec<Spanned<PlannedCopy>>,
    /// Rules that are turned off, or weigh more or less than they would.
    #[serde(default)]
    pub rules: BTreeMap<Spanned<String>, Level>,
    /// Findings that are known and accepted.
    #[serde(default, rename = "suppress")]
    pub suppressions: Vec<Suppression>,
    /// What no document shows.
    #[serde(default, rename = "answer")]
    pub answers: Vec<StatedAnswer>,
}

/// The organization.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Organization {
    /// Its id, `o-…`.
    pub id: Option<Spanned<String>>,
    /// The id of its management account.
    #[serde(default, deserialize_with = "optional_account_id")]
    pub management_account: Option<String>,
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Account {
    /// Its id, twelve digits.
    #[serde(deserialize_with = "account_id")]
    pub id: Spanned<String>,
    /// What the team calls it.
    pub name: Option<String>,
    /// The profile whose credentials are of this account.
    pub profile: Option<String>,
    /// The role to assume in it: a name or an ARN.
    pub role: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// A copy that is relied on, and the documents of the repository that have to permit it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlannedCopy {
    /// What the team calls it.
    pub name: Option<String>,
    /// The vault that it leaves.
    #[serde(deserialize_with = "parsed")]
    pub source_vault: VaultArn,
    /// The vault that it enters.
    #[serde(deserialize_with = "parsed")]
    pub destination_vault: VaultArn,
    /// Resource types, as AWS Backup names them.
    #[serde(default)]
    pub resource_type: OneOrMany,
    /// The variant of the type, as `facts copy-support` names it.
    pub variant: Option<String>,
    /// Keys that encrypt the source.
    #[serde(default, deserialize_with = "keys")]
    pub source_key: Vec<KeyArn>,
    /// The source is not encrypted.
    #[serde(default)]
    pub source_unencrypted: bool,
    /// The customer managed key of the source vault.
    #[serde(default, deserialize_with = "optional_key")]
    pub source_vault_key: Option<Spanned<KeyArn>>,
    /// The customer managed key of the destination vault.
    #[serde(default, deserialize_with = "optional_key")]
    pub destination_key: Option<Spanned<KeyArn>>,
    /// The role that AWS Backup assumes.
    #[serde(default, deserialize_with = "optional_role")]
    pub role: Option<RoleArn>,
    /// Days after which the copy is deleted; -1 keeps the source's expiry.
    pub delete_after_days: Option<i64>,
    /// Days after which the copy moves to cold storage.
    pub cold_after_days: Option<i64>,
    /// The documents, by the slots that they fill: a path from the folder of the config, and
    /// behind `#` the resource of a template.
    #[serde(default)]
    pub documents: BTreeMap<Spanned<String>, Spanned<String>>,
    /// A folder of saved AWS answers that says the rest.
    pub snapshot: Option<String>,
}

/// How much a rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// It is not judged.
    Off,
    /// See [`rule::Level::Suggestion`].
    Suggestion,
    /// See [`rule::Level::Warning`].
    Warning,
    /// See [`rule::Level::Security`].
    Security,
    /// See [`rule::Level::Error`].
    Error,
}

impl Level {
    /// The level that findings have; `None` where there are none.
    #[must_use]
    pub fn of_findings(self) -> Option<rule::Level> {
        match self {
            Self::Off => None,
            Self::Suggestion => Some(rule::Level::Suggestion),
            Self::Warning => Some(rule::Level::Warning),
            Self::Security => Some(rule::Level::Security),
            Self::Error => Some(rule::Level::Error),
        }
    }
}

/// A finding that is known and accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Suppression {
    /// The id of the rule.
    pub rule: Spanned<String>,
    /// Where: a path from the folder of the config, with `*` and `**`, and behind `#` the
    /// resource of a template. Left out: everywhere.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    #[serde(default, deserialize_with = "optional_day")]
    pub until: Option<Date>,
}

/// What no document shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatedAnswer {
    /// The id that a report names.
    pub id: Spanned<String>,
    /// The answer.
    pub value: String,
    /// How that is known.
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default, deserialize_with = "optional_day")]
    pub until: Option<Date>,
}

impl StatedAnswer {
    /// Whether it still holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}

/// One text, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    /// The texts.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

fn keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<KeyArn>, D::Error> {
    let given = OneOrMany::deserialize(from)?;
    given.texts().iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn optional_key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Spanned<KeyArn>>, D::Error> {
    let text = Spanned::<String>::deserialize(from)?;
    let key = text.get_ref().parse().map_err(D::Error::custom)?;
    Ok(Some(Spanned::new(text.span(), key)))
}

fn optional_role<'de, D: Deserializer<'de>>(from: D) -> Result<Option<RoleArn>, D::Error> {
    parsed(from).map(Some)
}

fn optional_account_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    account_id(from).map(|id| Some(id.into_inner()))
}

fn account_id<'de, D: Deserializer<'de>>(from: D) -> Result<Spanned<String>, D::Error> {
    let id = Spanned::<String>::deserialize(from)?;
    let text = id.get_ref();
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(id),
        false => Err(D::Error::custom("an account id has twelve digits")),
    }
}

/// A day: a TOML date, or a text of the same form.
fn optional_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    let day = match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    let fault = || D::Error::custom("a day is written 2027-01-31");
    day.parse().map(Some).map_err(|_| fault())
}
