//! What an account holds that its copies touch: vaults and their keys, plans and the roles of
//! their selections. What a planned copy needs besides, its rules ask for.

use std::collections::BTreeSet;

use copy_preflight_policy::tree::Node;

use crate::arn::{KeyArn, RoleArn, VaultArn};
use crate::facts::Facts;
use crate::inputs::{Address, Entry, Inputs};
use crate::view::Slot;

/// What is known of an account's vaults and plans.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The documents, by the parts that they play in the account.
    pub slots: Vec<Slot>,
    /// Those of them that nobody looked at.
    pub wanted: BTreeSet<Address>,
    /// The backup plans: Region and id.
    pub plans: Vec<(String, String)>,
}

/// Walks what an account has in these Regions, as far as the documents lead.
#[must_use]
pub fn of(account: &str, regions: &[String], inputs: &Inputs, facts: &Facts) -> Inventory {
    let mut walk = Walk::new(inputs, facts);
    let mut roles = BTreeSet::new();
    for region in regions {
        let here = || (account.to_owned(), region.clone());
        let (account, region) = here();
        walk.read(
            &format!("region-settings[{region}]"),
            Address::RegionSettings { account, region },
        );
        walk.vaults(here());
        walk.plans(here(), &mut roles);
    }
    for role in &roles {
        walk.role(role);
    }
    walk.found
}

/// Follows documents to those that they name.
pub(crate) struct Walk<'a> {
    found: Inventory,
    inputs: &'a Inputs,
    facts: &'a Facts,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(inputs: &'a Inputs, facts: &'a Facts) -> Self {
        Self { found: Inventory::default(), inputs, facts }
    }

    /// What nobody looked at yet.
    pub(crate) fn wanted(self) -> BTreeSet<Address> {
        self.found.wanted
    }

    pub(crate) fn read(&mut self, name: &str, address: Address) -> Option<&'a Node> {
        let slot = Slot::named(name, address);
        // A key may encrypt many vaults.
        if !self.found.slots.iter().any(|known| known.address == slot.address) {
            self.found.slots.push(slot.clone());
        }
        match self.inputs.get(&slot.address) {
            Some(Entry::Present(answer)) => Some(&answer.root),
            Some(Entry::Absent(_)) => None,
            None => {
                self.found.wanted.insert(slot.address);
                None
            }
        }
    }

    fn vaults(&mut self, (account, region): (String, String)) {
        let own = account.clone();
        let list = self.read(&format!("vaults[{region}]"), Address::Vaults { account, region });
        for arn in texts(list, "BackupVaultList", "BackupVaultArn") {
            // A vault that another account shares is asked about there.
            let vault = arn.parse::<VaultArn>().ok().filter(|vault| vault.account == own);
            if let Some(vault) = vault {
                self.vault(&vault);
            }
        }
    }

    /// A vault with its policy, its tags and its key.
    pub(crate) fn vault(&mut self, vault: &VaultArn) -> Option<KeyArn> {
        let name = &vault.name;
        let described = self.read(&format!("vault[{name}]"), Address::Vault(vault.clone()));
        self.read(&format!("vault-policy[{name}]"), Address::VaultPolicy(vault.clone()));
        self.read(&format!("vault-tags[{name}]"), Address::VaultTags(vault.clone()));
        let key = described.and_then(|vault| vault.member("EncryptionKeyArn")?.as_str());
        let key = key.and_then(|key| key.parse::<KeyArn>().ok())?;
        self.key(&key);
        Some(key)
    }

    fn key(&mut self, key: &KeyArn) {
        let id = &key.id;
        self.read(&format!("key[{id}]"), Address::Key(key.clone()));
        self.read(&format!("key-policy[{id}]"), Address::KeyPolicy(key.clone()));
        self.read(&format!("key-grants[{id}]"), Address::KeyGrants(key.clone()));
    }

    fn plans(&mut self, (account, region): (String, String), roles: &mut BTreeSet<RoleArn>) {
        let here = || (account.clone(), region.clone());
        let (of, at) = here();
        let list = self
            .read(&format!("plans[{region}]"), Address::BackupPlans { account: of, region: at });
        for id in texts(list, "BackupPlansList", "BackupPlanId") {
            let plan = id.to_owned();
            self.found.plans.push((region.clone(), plan.clone()));
            let (of, at) = here();
            let address = Address::BackupPlan { account: of, region: at, id: plan.clone() };
            self.read(&format!("plan[{id}]"), address);
            let (of, at) = here();
            let address = Address::BackupSelections { account: of, region: at, plan: plan.clone() };
            let list = self.read(&format!("selections[{id}]"), address);
            for one in texts(list, "BackupSelectionsList", "SelectionId") {
                let (of, at) = here();
                let (plan, selection) = (plan.clone(), one.to_owned());
                let address =
                    Address::BackupSelection { account: of, region: at, plan, id: selection };
                let selection = self.read(&format!("selection[{one}]"), address);
                let role = selection
                    .map(|root| root.member("BackupSelection").unwrap_or(root))
                    .and_then(|selection| selection.member("IamRoleArn")?.as_str()?.parse().ok());
                roles.extend(role);
            }
        }
    }

    /// A role with its policies.
    pub(crate) fn role(&mut self, role: &RoleArn) {
        let name = &role.name;
        self.read(&format!("role[{name}]"), Address::Role(role.clone()));
        let attached =
            self.read(&format!("role-attached[{name}]"), Address::RoleAttached(role.clone()));
        let inline = self.read(&format!("role-inline[{name}]"), Address::RoleInline(role.clone()));
        let attached = texts(attached, "AttachedPolicies", "PolicyArn").map(str::to_owned);
        let inline = inline.and_then(|list| list.member("PolicyNames")).map(Node::elements);
        let inline = inline.unwrap_or_default().iter().filter_map(Node::as_str);
        let policies: Vec<String> =
            attached.chain(inline.map(|name| format!("inline:{name}"))).collect();
        for policy in policies {
            let short = policy.rsplit('/').next().unwrap_or(&policy);
            let is_of_aws = policy.contains("::aws:policy/");
            // AWS publishes the text.
            if is_of_aws && self.facts.managed_policy(short).is_some() {
                continue;
            }
            let part = format!("role-policy[{name}/{short}]");
            self.read(&part, Address::RolePolicy { role: role.clone(), policy: policy.clone() });
        }
    }
}

/// A member of each element of a list.
fn texts<'n>(
    root: Option<&'n Node>,
    list: &'n str,
    member: &'n str,
) -> impl Iterator<Item = &'n str> {
    let elements = root.and_then(|root| root.member(list)).map(Node::elements);
    elements.unwrap_or_default().iter().filter_map(move |one| one.member(member)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::Why;

    const VAULTS: &str = r#"{"BackupVaultList":[
        {"BackupVaultArn":"arn:aws:backup:eu-west-1:999988887777:backup-vault:shared"},
        {"BackupVaultArn":"arn:aws:backup:eu-west-1:111122223333:backup-vault:prod"}]}"#;
    const KEY: &str = r#"{"EncryptionKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k1"}"#;
    const SELECTION: &str =
        r#"{"BackupSelection":{"IamRoleArn":"arn:aws:iam::111122223333:role/Copier"}}"#;
    const ATTACHED: &str = r#"{"AttachedPolicies":[
        {"PolicyArn":"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"},
        {"PolicyArn":"arn:aws:iam::111122223333:policy/Own"}]}"#;

    /// Round by round, each document is wanted once, and what it names the next time.
    #[test]
    fn each_document_leads_to_the_next() {
        let facts = Facts::embedded().unwrap();
        let mut inputs = Inputs::new();
        let mut seen: Vec<String> = Vec::new();
        let last = loop {
            let found = of("111122223333", &["eu-west-1".to_owned()], &inputs, &facts);
            if found.wanted.is_empty() {
                break found;
            }
            for address in &found.wanted {
                let path = address.path();
                let text = match path.split_once("/111122223333/").unwrap().1 {
                    "eu-west-1/vaults" => VAULTS,
                    "eu-west-1/vaults/prod" => KEY,
                    "eu-west-1/plans" => r#"{"BackupPlansList":[{"BackupPlanId":"p1"}]}"#,
                    "eu-west-1/plans/p1.selections" => {
                        r#"{"BackupSelectionsList":[{"SelectionId":"s1"}]}"#
                    }
                    "eu-west-1/plans/p1.selections/s1" => SELECTION,
                    "roles/Copier.attached" => ATTACHED,
                    "roles/Copier.inline" => r#"{"PolicyNames":["mine"]}"#,
                    _ => "{}",
                };
                inputs.insert_answer(address.clone(), &path, text);
                seen.push(path);
            }
        };
        seen.sort();
        let expected = [
            "eu-west-1/keys/k1",
            "eu-west-1/keys/k1.grants",
            "eu-west-1/keys/k1.policy",
            "eu-west-1/plans",
            "eu-west-1/plans/p1",
            "eu-west-1/plans/p1.selections",
            "eu-west-1/plans/p1.selections/s1",
            "eu-west-1/region-settings",
            "eu-west-1/vaults",
            "eu-west-1/vaults/prod",
            "eu-west-1/vaults/prod.policy",
            "eu-west-1/vaults/prod.tags",
            "roles/Copier",
            "roles/Copier.attached",
            "roles/Copier.inline",
            "roles/Copier.policies/arn%3Aaws%3Aiam%3A%3A111122223333%3Apolicy%2FOwn",
            "roles/Copier.policies/inline%3Amine",
        ];
        let expected: Vec<String> =
            expected.iter().map(|path| format!("accounts/111122223333/{path}")).collect();
        assert_eq!(seen, expected);
        assert_eq!(last.plans, [("eu-west-1".to_owned(), "p1".to_owned())]);
        assert_eq!(last.slots.len(), expected.len());
    }

    #[test]
    fn what_was_refused_leads_nowhere() {
        let facts = Facts::embedded().unwrap();
        let mut inputs = Inputs::new();
        let regions = ["eu-west-1".to_owned()];
        for address in of("111122223333", &regions, &inputs, &facts).wanted {
            inputs.insert_absent(address, Why::Denied);
        }
        let found = of("111122223333", &regions, &inputs, &facts);
        assert!(found.wanted.is_empty() && found.plans.is_empty());
        assert_eq!(found.slots.len(), 3);
    }
}
