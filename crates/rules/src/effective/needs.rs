//! What has to be read in an account to judge its effective backup policy and the copies that it
//! plans: what the policy names, and what the rules ask for.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::management::backup::PlannedCopy as Promised;
use copy_preflight_policy::management::{Entry, Value};

use super::Judged;
use crate::arn::{RoleArn, VaultArn};
use crate::check::{Settings, check};
use crate::copy::{From, FromKind, Lifecycle, PlannedCopy, SourceKeys};
use crate::facts::{CopySupport, Facts};
use crate::inputs::{Address, Inputs};
use crate::inventory::Walk;
use crate::plan::{Plan, Planned};

/// What the policies of an organization name in one account.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The Regions of its plans, and those of vaults that copies enter.
    pub regions: BTreeSet<String>,
    /// The vaults that rules and copies name in it.
    pub vaults: BTreeSet<VaultArn>,
    /// The roles of selections.
    pub roles: BTreeSet<RoleArn>,
    copies: Vec<Pair>,
}

/// A planned copy, of whatever is backed up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    source: VaultArn,
    destination: VaultArn,
    role: Option<RoleArn>,
}

/// What the effective policies of accounts name, by the account in which it is. A value that only
/// another possible outcome of a merge has counts as named.
#[must_use]
pub fn of<'j>(
    policies: impl IntoIterator<Item = &'j Judged>,
    facts: &Facts,
    partition: &str,
) -> BTreeMap<String, Needs> {
    let mut found: BTreeMap<String, Needs> = BTreeMap::new();
    for judged in policies {
        let mut own = Named::of(judged, facts, partition);
        for pair in &own.needs.copies {
            let destination = &pair.destination;
            let there = found.entry(destination.account.clone()).or_default();
            there.regions.insert(destination.region.clone());
            there.vaults.insert(destination.clone());
        }
        let needs = found.entry(judged.account.clone()).or_default();
        needs.regions.append(&mut own.needs.regions);
        needs.vaults.append(&mut own.needs.vaults);
        needs.roles.append(&mut own.needs.roles);
        needs.copies.append(&mut own.needs.copies);
    }
    found
}

impl Needs {
    /// What is wanted next, after what the inputs hold already.
    #[must_use]
    pub fn wanted(&self, account: &str, inputs: &Inputs, facts: &Facts) -> BTreeSet<Address> {
        let mut walk = Walk::new(inputs, facts);
        for region in &self.regions {
            let (account, region) = (account.to_owned(), region.clone());
            let settings =
                Address::RegionSettings { account: account.clone(), region: region.clone() };
            walk.read(&format!("region-settings[{region}]"), settings);
            walk.read(&format!("vaults[{region}]"), Address::Vaults { account, region });
        }
        for vault in self.vaults.iter().filter(|vault| vault.account == account) {
            if let Some(key) = walk.vault(vault) {
                walk.read(&format!("key-aliases[{}]", key.id), Address::KeyAliases(key.clone()));
            }
        }
        for role in &self.roles {
            walk.role(role);
        }
        let mut wanted = walk.wanted();
        wanted.append(&mut self.asked_by_rules(inputs, facts));
        wanted
    }

    /// What the rules want to know of the copies. What will be backed up is not known, so each
    /// type is asked about that can be copied.
    fn asked_by_rules(&self, inputs: &Inputs, facts: &Facts) -> BTreeSet<Address> {
        let kinds: Vec<&CopySupport> =
            facts.copy_support().iter().filter(|row| !row.is_never_copyable()).collect();
        let mut wanted = BTreeSet::new();
        for pair in &self.copies {
            let copies = kinds.iter().map(|row| Planned { copy: pair.of(row), counts: true });
            let plan = Plan { copies: copies.collect(), ..Plan::default() };
            wanted.append(&mut check(&plan, inputs, facts, &Settings::default()).wanted);
        }
        wanted
    }
}

impl Pair {
    fn of(&self, row: &CopySupport) -> PlannedCopy {
        PlannedCopy {
            from: From { kind: FromKind::Plan, name: None, rule: None },
            source: self.source.clone(),
            destination: self.destination.clone(),
            resource_type: Some(row.resource_type.clone()),
            variant: Some(row.variant.clone()),
            recovery_point: None,
            source_keys: SourceKeys::NotGiven,
            role: self.role.clone(),
            caller: None,
            lifecycle: Lifecycle::default(),
            source_lifecycle: None,
            plan_size: None,
        }
    }
}

/// What one effective policy names.
struct Named<'a> {
    account: &'a str,
    needs: Needs,
}

impl<'a> Named<'a> {
    fn of(judged: &'a Judged, facts: &Facts, partition: &str) -> Self {
        let mut named = Self { account: &judged.account, needs: Needs::default() };
        let plans = judged.effective.root.child("plans");
        let mut roles: BTreeMap<&str, BTreeSet<RoleArn>> = BTreeMap::new();
        for plan in plans.into_iter().flat_map(|plans| &plans.children) {
            named.plan(plan, facts, partition);
            roles.insert(&plan.key, named.roles(plan));
        }
        for copy in &judged.copies {
            named.copy(copy, roles.get(copy.plan.as_str()));
        }
        named.needs.roles = roles.into_values().flatten().collect();
        named.needs.copies.sort();
        named.needs.copies.dedup();
        named
    }

    fn plan(&mut self, plan: &Entry, facts: &Facts, partition: &str) {
        let regions = texts(plan.child("regions"));
        let rules = plan.child("rules").map(|rules| rules.children.as_slice());
        let vaults = rules.unwrap_or_default().iter();
        let vaults: BTreeSet<String> =
            vaults.flat_map(|rule| texts(rule.child("target_backup_vault_name"))).collect();
        for region in regions {
            let of_region = facts.partition(&region).and_then(|row| row.text("partition"));
            self.needs.vaults.extend(vaults.iter().map(|name| VaultArn {
                partition: of_region.unwrap_or(partition).to_owned(),
                region: region.clone(),
                account: self.account.to_owned(),
                name: name.clone(),
            }));
            self.needs.regions.insert(region);
        }
    }

    fn roles(&self, plan: &Entry) -> BTreeSet<RoleArn> {
        let selections = plan.child("selections").into_iter();
        let kinds = selections
            .flat_map(|selections| ["tags", "resources"].map(|kind| selections.child(kind)));
        let each = kinds.flatten().flat_map(|kind| &kind.children);
        each.flat_map(|selection| texts(selection.child("iam_role_arn")))
            .filter_map(|arn| arn.replace("$account", self.account).parse().ok())
            .filter(|role: &RoleArn| role.account == self.account)
            .collect()
    }

    fn copy(&mut self, copy: &Promised, roles: Option<&BTreeSet<RoleArn>>) {
        let (Ok(source), Ok(destination)) = (copy.source.parse(), copy.destination.parse()) else {
            return;
        };
        let pair = Pair { source, destination, role: None };
        let of_role = |role: &RoleArn| Pair { role: Some(role.clone()), ..pair.clone() };
        match roles.filter(|roles| !roles.is_empty()) {
            Some(roles) => self.needs.copies.extend(roles.iter().map(of_role)),
            None => self.needs.copies.push(pair),
        }
    }
}

/// Each value that a setting may have, or that its list may hold.
fn texts(entry: Option<&Entry>) -> BTreeSet<String> {
    let setting = entry.and_then(|entry| entry.setting.as_ref());
    let possible = setting.map(|setting| setting.possible.as_slice()).unwrap_or_default();
    let known = possible.iter().flatten().filter_map(Value::list).flatten();
    known.filter_map(|text| text.known().map(str::to_owned)).collect()
}
