//! What a live run is told: whose credentials read which account.

use std::collections::BTreeMap;

/// How to reach the accounts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The accounts and their credentials.
    pub accounts: Accounts,
    /// The partition of the vaults, such as `aws`.
    pub partition: String,
    /// The Region in which services without Regions are asked, and where no profile names one.
    pub region: String,
}

/// The accounts of a run and their credentials.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// The account of the source vault.
    pub source: String,
    /// The accounts of the destination vaults.
    pub destinations: Vec<String>,
    /// The profile of the source account.
    pub source_profile: Option<String>,
    /// The profile of the destination account.
    pub destination_profile: Option<String>,
    /// The profile of the management account.
    pub management_profile: Option<String>,
    /// The role to assume in each account that is not the caller's own.
    pub assume: Option<AssumeRole>,
    /// How accounts are reached where nothing above says it, by their ids.
    pub known: BTreeMap<String, Means>,
}

/// How an account is reached.
#[derive(Debug, Clone)]
pub enum Means {
    /// With the credentials of a profile.
    Profile(String),
    /// With a role that the credentials at hand assume.
    Role(AssumeRole),
}

/// A role to assume: one that exists under its name in each account, or one of an account.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The name, perhaps with its path, or the ARN.
    pub name: String,
    /// The external id that its trust policy wants.
    pub external_id: Option<String>,
}
