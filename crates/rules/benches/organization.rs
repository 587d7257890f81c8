//! An organization of many accounts: every planned copy through every rule.
//!
//! One run, not a loop: the work is seconds long. Prints what was made, how long reading and
//! judging took on all cores, and the peak of memory.
//!
//! `cargo bench -p copy-preflight-rules --bench organization -- [ACCOUNTS]`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench measures, prints its figures and may stop"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use copy_preflight_rules::arn::{KeyArn, RoleArn, VaultArn};
use copy_preflight_rules::check::{Settings, Verdict, judge};
use copy_preflight_rules::copy::{From, FromKind, Lifecycle, PlannedCopy, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, Inputs, Why};
use copy_preflight_rules::plan::Planned;

const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"];
const TYPES: [(&str, &str); 5] =
    [("EBS", ""), ("RDS", "instance"), ("EFS", ""), ("S3", ""), ("DynamoDB", "advanced")];
const CENTRAL: &str = "444455556666";

fn main() {
    let accounts =
        std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(10_000_usize);
    let facts = Facts::embedded().unwrap();
    let settings = Settings { now: "2026-11-22T00:00:00Z".parse().ok(), ..Settings::default() };

    let started = Instant::now();
    let mut world = World { seed: 7, inputs: Inputs::new(), copies: Vec::new() };
    world.central();
    for number in 0..accounts {
        world.account(&format!("{:012}", 100_000_000_000 + number));
    }
    let World { mut inputs, copies, .. } = world;
    println!("{accounts} accounts, {} planned copies", copies.len());
    // What a rule asks for and the world does not hold is absent, as a snapshot would say.
    let sample = copies.iter().take(200).chain(copies.iter().rev().take(200));
    let wanted: Vec<Address> =
        sample.flat_map(|planned| judge(planned, &inputs, &facts, &settings).wanted).collect();
    let kinds = wanted.len();
    for address in wanted {
        inputs.insert_absent(address, Why::NotFetched);
    }
    println!("made and read in {:.2?} ({kinds} addresses absent in a sample)", started.elapsed());

    let started = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let (next, inputs, copies, facts, settings) = (&next, &inputs, &copies, &facts, &settings);
    let totals = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
                    loop {
                        let begin = next.fetch_add(256, Ordering::Relaxed);
                        let Some(chunk) = copies.get(begin..copies.len().min(begin + 256)) else {
                            break;
                        };
                        if chunk.is_empty() {
                            break;
                        }
                        for planned in chunk {
                            // Folded as it comes: no report outlives its copy.
                            let report = judge(planned, inputs, facts, settings);
                            *counts.entry(report.verdict).or_default() += 1;
                        }
                    }
                    counts
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(
            BTreeMap::new(),
            |mut all, one| {
                for (verdict, count) in one {
                    *all.entry(verdict).or_insert(0) += count;
                }
                all
            },
        )
    });
    let took = started.elapsed();
    println!(
        "judged in {took:.2?} on {threads} threads, {:.1} microseconds a copy and core: {totals:?}",
        took.as_secs_f64() * 1e6 * threads as f64 / copies.len() as f64
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        println!("{}", peak.unwrap_or_default());
    }
}

struct World {
    seed: u64,
    inputs: Inputs,
    copies: Vec<Planned>,
}

impl World {
    /// A number below `limit`, the same for the same seed.
    fn pick(&mut self, limit: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % limit
    }

    fn put(&mut self, address: Address, value: &serde_json::Value) {
        let name = address.path() + ".json";
        self.inputs.insert_answer(address, &name, &value.to_string());
    }

    fn organization(&mut self, account: &str) {
        let answer = serde_json::json!({ "Organization": {
            "Id": "o-a1b2c3d4e5", "MasterAccountId": "999988887777", "FeatureSet": "ALL" } });
        self.put(Address::Organization { account: account.to_owned() }, &answer);
    }

    fn key(&mut self, account: &str, region: &str, shared: bool) -> KeyArn {
        let key = KeyArn {
            partition: "aws".into(),
            region: region.into(),
            account: account.into(),
            id: format!("{account}-{region}"),
        };
        let describe = serde_json::json!({ "KeyMetadata": {
            "AWSAccountId": account, "KeyId": key.id, "Arn": key.to_string(), "Enabled": true,
            "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": false } });
        self.put(Address::Key(key.clone()), &describe);
        let root = |account: &str| format!("arn:aws:iam::{account}:root");
        let mut statements = vec![serde_json::json!({ "Sid": "Root", "Effect": "Allow",
            "Principal": { "AWS": root(account) }, "Action": "kms:*", "Resource": "*" })];
        if shared {
            statements.push(serde_json::json!({ "Sid": "Use", "Effect": "Allow",
                "Principal": { "AWS": root(CENTRAL) }, "Resource": "*",
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"] }));
            statements.push(serde_json::json!({ "Sid": "Grant", "Effect": "Allow",
                "Principal": { "AWS": root(CENTRAL) }, "Resource": "*",
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } } }));
        }
        let policy =
            serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        self.put(Address::KeyPolicy(key.clone()), &serde_json::json!({ "Policy": policy }));
        self.put(Address::KeyGrants(key.clone()), &serde_json::json!({ "Grants": [] }));
        key
    }

    fn vault(
        &mut self,
        account: &str,
        region: &str,
        name: &str,
        key: &KeyArn,
        policy: Option<String>,
    ) -> VaultArn {
        let vault = VaultArn {
            partition: "aws".into(),
            region: region.into(),
            account: account.into(),
            name: name.into(),
        };
        let describe = serde_json::json!({
            "BackupVaultName": name, "BackupVaultArn": vault.to_string(), "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE", "EncryptionKeyArn": key.to_string(), "Locked": false,
            "EncryptionKeyType": "CUSTOMER_MANAGED_KMS_KEY" });
        self.put(Address::Vault(vault.clone()), &describe);
        match policy {
            Some(policy) => {
                self.put(
                    Address::VaultPolicy(vault.clone()),
                    &serde_json::json!({ "Policy": policy }),
                );
            }
            None => self.inputs.insert_absent(Address::VaultPolicy(vault.clone()), Why::NotFound),
        }
        vault
    }

    fn central(&mut self) {
        self.organization(CENTRAL);
        let settings =
            serde_json::json!({ "GlobalSettings": { "isCrossAccountBackupEnabled": "true" } });
        self.put(Address::GlobalSettings, &settings);
        for region in REGIONS {
            let key = self.key(CENTRAL, region, false);
            let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*",
                "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }] });
            self.vault(CENTRAL, region, "central", &key, Some(policy.to_string()));
        }
    }

    fn account(&mut self, account: &str) {
        self.organization(account);
        let role = RoleArn {
            partition: "aws".into(),
            account: account.into(),
            path: "/service-role/".into(),
            name: "AWSBackupDefaultServiceRole".into(),
        };
        let trust = serde_json::json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": "backup.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let describe = serde_json::json!({ "Role": { "Path": role.path, "RoleName": role.name,
            "Arn": role.to_string(), "AssumeRolePolicyDocument": trust } });
        self.put(Address::Role(role.clone()), &describe);
        let managed = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup";
        let attached = serde_json::json!({ "AttachedPolicies": [{ "PolicyArn": managed }] });
        self.put(Address::RoleAttached(role.clone()), &attached);
        self.put(Address::RoleInline(role.clone()), &serde_json::json!({ "PolicyNames": [] }));
        for region in REGIONS {
            // One key in fifty is not shared.
            let shared = self.pick(50) != 0;
            let key = self.key(account, region, shared);
            let source = self.vault(account, region, "prod", &key, None);
            for (resource_type, variant) in TYPES {
                let copy = PlannedCopy {
                    from: From { kind: FromKind::Flags, name: None, rule: None },
                    destination: VaultArn {
                        account: CENTRAL.into(),
                        name: "central".into(),
                        ..source.clone()
                    },
                    source: source.clone(),
                    resource_type: Some(resource_type.into()),
                    variant: Some(variant.into()),
                    recovery_point: None,
                    source_keys: SourceKeys::Given(vec![key.clone()]),
                    role: Some(role.clone()),
                    caller: None,
                    lifecycle: Lifecycle { delete_after_days: Some(35), cold_after_days: None },
                    plan_size: None,
                    source_lifecycle: None,
                };
                self.copies.push(Planned { copy, counts: true });
            }
        }
    }
}
