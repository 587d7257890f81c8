//! An organization as a snapshot in memory: texts by their addresses.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use copy_preflight_rules::arn::{KeyArn, RoleArn, VaultArn};
use copy_preflight_rules::effective::snapshot;
use copy_preflight_rules::inputs::{Address, Inputs, Why};

const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"];
/// What plans select: two types under keys of their own, three that AWS Backup manages fully.
const RESOURCES: [&str; 5] = [
    "arn:aws:ec2:*:*:volume/*",
    "arn:aws:rds:*:*:db:*",
    "arn:aws:elasticfilesystem:*:*:file-system/*",
    "arn:aws:s3:::*",
    "arn:aws:timestream:*:*:database/*",
];
const CENTRAL: &str = "444455556666";
const MANAGEMENT: &str = "999988887777";
const ORGANIZATION: &str = "o-a1b2c3d4e5";
const ROOT: &str = "r-ab12";
/// OUs below the root, and all OUs: the others stand below those.
const ABOVE: usize = 25;
const UNITS: usize = 500;
/// SCPs on OUs, each on four of them; with the backup policies and those on the root there are
/// 200 policies.
const GUARDS: usize = 125;
/// Backup policies on OUs.
const BACKUP: usize = 70;

pub(crate) struct World {
    seed: u64,
    saved: HashMap<Address, Saved>,
}

/// What a snapshot has at an address.
enum Saved {
    Answer(Box<str>),
    NotFound,
}

impl World {
    /// An organization with so many accounts beside the management and the central one.
    pub(crate) fn new(accounts: usize) -> Self {
        let mut world = Self { seed: 7, saved: HashMap::new() };
        let ids: Vec<String> =
            (0..accounts).map(|number| format!("{:012}", 100_000_000_000 + number)).collect();
        world.management(&ids);
        world.central();
        for account in &ids {
            world.account(account);
        }
        world
    }

    /// How many answers are saved.
    pub(crate) fn answers(&self) -> usize {
        self.saved.len()
    }

    /// What the organization has in common.
    pub(crate) fn shared(&self) -> Inputs {
        let mut inputs = Inputs::new();
        self.load(&snapshot::wanted().into_iter().collect(), &mut inputs);
        self.load(&snapshot::wanted_policies(&inputs).into_iter().collect(), &mut inputs);
        inputs
    }

    /// Reads what is wanted.
    pub(crate) fn load(&self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) {
        for address in wanted {
            match self.saved.get(address) {
                Some(Saved::Answer(text)) => {
                    inputs.insert_answer(address.clone(), &(address.path() + ".json"), text);
                }
                Some(Saved::NotFound) => inputs.insert_absent(address.clone(), Why::NotFound),
                None => inputs.insert_absent(address.clone(), Why::NotFetched),
            }
        }
    }

    /// A number below `limit`, the same for the same seed.
    fn pick(&mut self, limit: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % limit
    }

    fn put(&mut self, address: Address, value: &Value) {
        self.saved.insert(address, Saved::Answer(value.to_string().into()));
    }

    fn organization(&mut self, account: &str) {
        let answer = json!({ "Organization": {
            "Id": ORGANIZATION, "MasterAccountId": MANAGEMENT, "FeatureSet": "ALL" } });
        self.put(Address::Organization { account: account.to_owned() }, &answer);
    }

    /// The tree, the list of accounts, and the policies with what they are attached to.
    fn management(&mut self, accounts: &[String]) {
        let settings = json!({ "GlobalSettings": { "isCrossAccountBackupEnabled": "true" } });
        self.put(Address::GlobalSettings, &settings);
        let types = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "BACKUP_POLICY"]
            .map(|name| json!({ "Type": name, "Status": "ENABLED" }));
        let roots = json!({ "Roots": [{ "Id": ROOT, "Name": "Root", "PolicyTypes": types }] });
        self.put(Address::OrganizationRoots, &roots);
        let mut tree = serde_json::Map::new();
        let mut list = Vec::new();
        let everyone = [MANAGEMENT, CENTRAL].into_iter().chain(accounts.iter().map(String::as_str));
        for (number, account) in everyone.enumerate() {
            let number = number % UNITS;
            let unit = unit(number);
            list.push(json!({ "Id": account, "Name": format!("account-{number}"),
                "Status": "ACTIVE", "State": "ACTIVE",
                "Paths": [format!("{ORGANIZATION}/{ROOT}/{}{unit}/{account}/", above(number))] }));
            tree.insert(account.to_owned(), unit.into());
        }
        for number in 0..UNITS {
            let parent = if number < ABOVE { ROOT.to_owned() } else { unit(number % ABOVE) };
            tree.insert(unit(number), parent.into());
        }
        let everywhere: Vec<String> = tree.keys().cloned().chain([ROOT.to_owned()]).collect();
        self.put(Address::OrganizationTree, &Value::Object(tree));
        self.put(Address::OrganizationAccounts, &json!({ "Accounts": list }));
        self.guardrails(&everywhere);
    }

    fn guardrails(&mut self, everywhere: &[String]) {
        let admit = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]);
        let admit_all =
            json!([{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }]);
        let mut ids = vec![
            self.guardrail("p-FullAWSAccess", "SERVICE_CONTROL_POLICY", &admit, everywhere),
            self.guardrail("p-RCPFullAWSAccess", "RESOURCE_CONTROL_POLICY", &admit_all, everywhere),
        ];
        let baseline = json!([
            { "Sid": "StayInTheOrganization", "Effect": "Deny",
                "Action": "organizations:LeaveOrganization", "Resource": "*" },
            { "Sid": "KeepTheTrail", "Effect": "Deny", "Resource": "*",
                "Action": ["cloudtrail:DeleteTrail", "cloudtrail:StopLogging"],
                "Condition": { "ArnNotLike": {
                    "aws:PrincipalArn": "arn:aws:iam::*:role/trail-admin" } } },
            { "Sid": "Regions", "Effect": "Deny", "Resource": "*",
                "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
                "Condition": { "StringNotEquals": { "aws:RequestedRegion": REGIONS } } }]);
        let root = [ROOT.to_owned()];
        ids.push(self.guardrail("p-baseline0", "SERVICE_CONTROL_POLICY", &baseline, &root));
        let perimeter = json!([{ "Sid": "OrganizationOnly", "Effect": "Deny", "Principal": "*",
            "Action": ["s3:*", "kms:*", "sts:AssumeRole"], "Resource": "*", "Condition": {
                "StringNotEqualsIfExists": { "aws:PrincipalOrgID": ORGANIZATION },
                "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } } }]);
        ids.push(self.guardrail("p-perimeter", "RESOURCE_CONTROL_POLICY", &perimeter, &root));
        for number in 0..GUARDS {
            // One in twenty forbids what a copy needs.
            let denied =
                if number % 20 == 3 { "backup:CopyFromBackupVault" } else { "ec2:RunInstances" };
            let policy = json!([{ "Effect": "Deny", "Action": denied, "Resource": "*" }]);
            let id = format!("p-unit{number:06}");
            let units: Vec<String> = (0..4).map(|one| unit(number + one * GUARDS)).collect();
            ids.push(self.guardrail(&id, "SERVICE_CONTROL_POLICY", &policy, &units));
        }
        ids.extend(self.backup_policies());
        self.put(Address::OrganizationPolicies, &json!({ "Policies": ids }));
    }

    /// A plan for each Region on the root; OUs change how long copies are kept.
    fn backup_policies(&mut self) -> Vec<Value> {
        let assign = |value: &str| json!({ "@@assign": value });
        let destination = |region: &str| {
            format!("arn:aws:backup:{}:{CENTRAL}:backup-vault:central", copy_region(region))
        };
        let mut plans = serde_json::Map::new();
        for region in REGIONS {
            let plan = json!({
                "regions": { "@@assign": [region] },
                "rules": { "daily": {
                    "schedule_expression": assign("cron(30 2 ? * * *)"),
                    "target_backup_vault_name": assign("prod"),
                    "copy_actions": { (destination(region)): {
                        "target_backup_vault_arn": assign(&destination(region)),
                        "lifecycle": { "delete_after_days": assign("35") } } } } },
                "selections": { "resources": { "all": {
                    "iam_role_arn":
                        assign("arn:aws:iam::$account:role/service-role/AWSBackupDefaultServiceRole"),
                    "resource_types": { "@@assign": RESOURCES } } } } });
            plans.insert(format!("daily-{region}"), plan);
        }
        let root = [ROOT.to_owned()];
        let mut ids =
            vec![self.policy("p-backup0root", "BACKUP_POLICY", &json!({ "plans": plans }), &root)];
        for number in 0..BACKUP {
            let region = REGIONS[number % REGIONS.len()];
            let days = (30 + number).to_string();
            let change = json!({ "plans": { (format!("daily-{region}")): { "rules": { "daily": {
                "copy_actions": { (destination(region)): {
                    "lifecycle": { "delete_after_days": assign(&days) } } } } } } } });
            let id = format!("p-backup{number:06}");
            ids.push(self.policy(&id, "BACKUP_POLICY", &change, &[unit(number * 7)]));
        }
        ids
    }

    fn guardrail(&mut self, id: &str, kind: &str, statements: &Value, targets: &[String]) -> Value {
        let content = json!({ "Version": "2012-10-17", "Statement": statements });
        self.policy(id, kind, &content, targets)
    }

    fn policy(&mut self, id: &str, kind: &str, content: &Value, targets: &[String]) -> Value {
        let content = content.to_string();
        let summary = json!({ "Id": id, "Name": id, "Type": kind });
        let policy = json!({ "Policy": { "PolicySummary": summary, "Content": content } });
        self.put(Address::OrganizationPolicy { id: id.to_owned() }, &policy);
        let targets: Vec<Value> =
            targets.iter().map(|target| json!({ "TargetId": target })).collect();
        let targets = json!({ "Targets": targets });
        self.put(Address::OrganizationPolicyTargets { id: id.to_owned() }, &targets);
        json!({ "Id": id })
    }

    fn key(&mut self, account: &str, region: &str, shared: bool) -> KeyArn {
        let key = KeyArn {
            partition: "aws".into(),
            region: region.into(),
            account: account.into(),
            id: format!("{:08x}-0000-4000-8000-{account}", self.pick(u64::from(u32::MAX))),
        };
        let describe = json!({ "KeyMetadata": {
            "AWSAccountId": account, "KeyId": key.id, "Arn": key.to_string(), "Enabled": true,
            "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": false } });
        self.put(Address::Key(key.clone()), &describe);
        let root = |account: &str| format!("arn:aws:iam::{account}:root");
        let mut statements = vec![json!({ "Sid": "Root", "Effect": "Allow",
            "Principal": { "AWS": root(account) }, "Action": "kms:*", "Resource": "*" })];
        if shared {
            statements.push(json!({ "Sid": "Use", "Effect": "Allow",
                "Principal": { "AWS": root(CENTRAL) }, "Resource": "*",
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"] }));
            statements.push(json!({ "Sid": "Grant", "Effect": "Allow",
                "Principal": { "AWS": root(CENTRAL) }, "Resource": "*",
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } } }));
        }
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        self.put(Address::KeyPolicy(key.clone()), &json!({ "Policy": policy }));
        self.put(Address::KeyGrants(key.clone()), &json!({ "Grants": [] }));
        key
    }

    fn vault(
        &mut self,
        account: &str,
        region: &str,
        name: &str,
        key: &KeyArn,
        policy: Option<String>,
    ) {
        let vault = VaultArn {
            partition: "aws".into(),
            region: region.into(),
            account: account.into(),
            name: name.into(),
        };
        let describe = json!({
            "BackupVaultName": name, "BackupVaultArn": vault.to_string(), "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE", "EncryptionKeyArn": key.to_string(), "Locked": false,
            "EncryptionKeyType": "CUSTOMER_MANAGED_KMS_KEY" });
        self.put(Address::Vault(vault.clone()), &describe);
        match policy {
            Some(policy) => {
                self.put(Address::VaultPolicy(vault), &json!({ "Policy": policy }));
            }
            None => {
                self.saved.insert(Address::VaultPolicy(vault), Saved::NotFound);
            }
        }
    }

    fn central(&mut self) {
        self.organization(CENTRAL);
        let role = RoleArn::service_linked("aws", CENTRAL);
        let published =
            "arn:aws:iam::aws:policy/aws-service-role/AWSBackupServiceLinkedRolePolicyForBackup";
        self.role(&role, published);
        let account = CENTRAL.to_owned();
        let tag_policy = Address::EffectivePolicy { account, policy_type: "TAG_POLICY".to_owned() };
        self.saved.insert(tag_policy, Saved::NotFound);
        for region in REGIONS {
            let key = self.key(CENTRAL, region, false);
            let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*",
                "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }] });
            self.vault(CENTRAL, region, "central", &key, Some(policy.to_string()));
        }
    }

    /// A role of AWS Backup with one policy.
    fn role(&mut self, role: &RoleArn, policy: &str) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": "backup.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let describe = json!({ "Role": { "Path": role.path, "RoleName": role.name,
            "Arn": role.to_string(), "AssumeRolePolicyDocument": trust } });
        self.put(Address::Role(role.clone()), &describe);
        let attached = json!({ "AttachedPolicies": [{ "PolicyArn": policy }] });
        self.put(Address::RoleAttached(role.clone()), &attached);
        self.put(Address::RoleInline(role.clone()), &json!({ "PolicyNames": [] }));
    }

    fn account(&mut self, account: &str) {
        self.organization(account);
        let role = RoleArn {
            partition: "aws".into(),
            account: account.into(),
            path: "/service-role/".into(),
            name: "AWSBackupDefaultServiceRole".into(),
        };
        let managed = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup";
        self.role(&role, managed);
        for region in REGIONS {
            // One key in fifty is not shared.
            let shared = self.pick(50) != 0;
            let key = self.key(account, region, shared);
            self.vault(account, region, "prod", &key, None);
        }
    }
}

fn unit(number: usize) -> String {
    format!("ou-ab12-{number:08}")
}

/// The OU above an OU, with the line that ends it in a path.
fn above(number: usize) -> String {
    if number < ABOVE { String::new() } else { format!("{}/", unit(number % ABOVE)) }
}

/// Copies leave their Region in one of the four.
fn copy_region(region: &str) -> &str {
    match region {
        "us-west-2" => "us-east-1",
        region => region,
    }
}
