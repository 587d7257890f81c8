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
            let copies =
                kinds.iter().map(|row| Planned { copy: pair.of(row), counts: true, doubt: None });
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

#[cfg(test)]
mod tests {
    use copy_preflight_policy::source::Sources;

    use super::*;
    use crate::effective::{Limits, judge, levels};

    const POLICY: &str = r#"{"plans":{"Nightly":{
        "regions":{"@@assign":["eu-west-1","us-gov-west-1"]},
        "rules":{
            "all":{"target_backup_vault_name":{"@@assign":"Prod"},"copy_actions":{
                "arn:aws:backup:eu-central-1:444455556666:backup-vault:Central":{
                    "target_backup_vault_arn":{"@@assign":
                        "arn:aws:backup:eu-central-1:444455556666:backup-vault:Central"}}}},
            "own":{"target_backup_vault_name":{"@@assign":"other"}}},
        "selections":{"tags":{"daily":{
            "iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/service-role/Copier"},
            "tag_key":{"@@assign":"backup"},"tag_value":{"@@assign":["daily"]}}}}}}}"#;

    fn judged(account: &str, levels: &str) -> Judged {
        let text = format!(
            r#"{{"policy_type":"BACKUP_POLICY","account_id":"{account}","levels":[{levels}]}}"#
        );
        let limits = Limits::of(&Facts::embedded().unwrap());
        let given = levels::read(&mut Sources::new(), "levels", &text, &limits).unwrap();
        judge(&given, &limits)
    }

    fn level(target: &str, policies: &[&str]) -> String {
        let policy =
            |(id, content): (usize, &&str)| format!(r#"{{"id":"p-{id}","content":{content}}}"#);
        let policies: Vec<String> = policies.iter().enumerate().map(policy).collect();
        format!(r#"{{"target":"{target}","policies":[{}]}}"#, policies.join(","))
    }

    fn names(found: &BTreeMap<String, Needs>, account: &str) -> Vec<String> {
        let needs = &found[account];
        let vaults = needs.vaults.iter().map(ToString::to_string);
        let roles = needs.roles.iter().map(ToString::to_string);
        needs.regions.iter().cloned().chain(vaults).chain(roles).collect()
    }

    #[test]
    fn what_a_policy_names_stands_in_the_account_that_has_it() {
        let facts = Facts::embedded().unwrap();
        let judged = judged("111122223333", &level("r-ab12", &[POLICY]));
        let found = of([&judged], &facts, "aws");
        assert_eq!(
            names(&found, "111122223333"),
            [
                "eu-west-1",
                "us-gov-west-1",
                "arn:aws:backup:eu-west-1:111122223333:backup-vault:Prod",
                "arn:aws:backup:eu-west-1:111122223333:backup-vault:other",
                "arn:aws-us-gov:backup:us-gov-west-1:111122223333:backup-vault:Prod",
                "arn:aws-us-gov:backup:us-gov-west-1:111122223333:backup-vault:other",
                "arn:aws:iam::111122223333:role/service-role/Copier",
            ]
        );
        // Nothing of the plan, and all that a copy enters.
        assert_eq!(
            names(&found, "444455556666"),
            ["eu-central-1", "arn:aws:backup:eu-central-1:444455556666:backup-vault:Central"]
        );
    }

    #[test]
    fn each_possible_value_is_needed() {
        let facts = Facts::embedded().unwrap();
        let rule = |vault: &str| {
            format!(
                r#"{{"plans":{{"Nightly":{{"rules":{{"own":{{
                    "target_backup_vault_name":{{"@@assign":"{vault}"}}}}}}}}}}}}"#
            )
        };
        // Two policies of one level: AWS does not say which of them wins.
        let levels =
            [level("r-ab12", &[POLICY]), level("111122223333", &[&rule("one"), &rule("two")])];
        let judged = judged("111122223333", &levels.join(","));
        let found = of([&judged], &facts, "aws");
        for name in ["one", "two", "Prod"] {
            let vault = format!("arn:aws:backup:eu-west-1:111122223333:backup-vault:{name}");
            assert!(names(&found, "111122223333").contains(&vault), "{vault}");
        }
    }

    #[test]
    fn what_is_wanted_ends_and_holds_what_rules_ask_for() {
        let facts = Facts::embedded().unwrap();
        let judged = judged("111122223333", &level("r-ab12", &[POLICY]));
        let needs = of([&judged], &facts, "aws");
        let mut inputs = Inputs::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let wanted = |inputs: &Inputs| -> BTreeSet<Address> {
            needs.iter().flat_map(|(account, one)| one.wanted(account, inputs, &facts)).collect()
        };
        for _ in 0..10 {
            let wanted = wanted(&inputs);
            if wanted.is_empty() {
                break;
            }
            for address in wanted {
                let path = address.path();
                let text = match &address {
                    Address::Vault(vault) => format!(
                        r#"{{"EncryptionKeyArn":"arn:{}:kms:{}:{}:key/of-{}"}}"#,
                        vault.partition, vault.region, vault.account, vault.name
                    ),
                    _ => "{}".to_owned(),
                };
                assert!(seen.insert(path.clone()), "{path} is wanted twice");
                inputs.insert_answer(address, &path, &text);
            }
        }
        assert!(wanted(&inputs).is_empty());
        for path in [
            "accounts/111122223333/eu-west-1/region-settings",
            "accounts/111122223333/eu-west-1/vaults",
            "accounts/111122223333/eu-west-1/vaults/other.policy",
            "accounts/111122223333/eu-west-1/keys/of-other.aliases",
            "accounts/111122223333/roles/Copier.attached",
            // Of the copies, by their rules.
            "accounts/444455556666/eu-central-1/vaults/Central.policy",
            "accounts/444455556666/eu-central-1/keys/of-Central.policy",
            "accounts/444455556666/roles/AWSServiceRoleForBackup",
            "organization/global-settings",
        ] {
            assert!(seen.contains(path), "{path}: {seen:#?}");
        }
    }
}
