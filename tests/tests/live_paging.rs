//! Lists of many pages and sessions that end, against a server that stands in for AWS.

use std::fs;
use std::path::Path;
use std::time::Duration;

use copy_preflight_tests::asking::{from_source, json, said, text};
use copy_preflight_tests::server::{Manner, Proxy, server};
use serde_json::Value;

/// A document of a snapshot.
fn document(folder: &Path, name: &str) -> Value {
    let text =
        fs::read_to_string(folder.join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    serde_json::from_str(&text).unwrap()
}

/// How many elements a list has.
fn length(answer: &Value, list: &str) -> usize {
    answer[list].as_array().unwrap().len()
}

#[test]
fn each_page_is_read_and_judged() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["many"];
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    // Without a type, the vault is asked what it holds.
    let output = from_source(&proxy.endpoint, set_up)
        .args(["check", "--source-vault", text(set_up, "/source/vault")])
        .args(["--destination-vault", text(set_up, "/destination/vault")])
        .args(["--role", text(set_up, "/role"), "--assume-role-name", "Reader"])
        .args(["--now", "2026-11-25", "--format", "json", "--save"])
        .arg(&saved)
        .output()
        .unwrap();
    let told = json(&output);
    let source = format!("accounts/{}/eu-west-1", text(set_up, "/source/account"));
    let points = document(&saved, &format!("{source}/recovery-points.prod.json"));
    assert_eq!(length(&points, "RecoveryPoints"), 11);
    // The type of the last page is planned too.
    let copies = told["copies"].as_array().unwrap();
    let types: Vec<&str> =
        copies.iter().map(|copy| copy["resource_type"].as_str().unwrap()).collect();
    assert!(types.contains(&"S3") && types.contains(&"EFS"), "{types:?}");
    // The SCP of the last page denies.
    let broken = copies.iter().flat_map(|copy| copy["outcomes"].as_array().unwrap());
    let broken = broken.filter(|one| one["outcome"] == "broken");
    assert!(broken.into_iter().any(|one| one["rule"] == "guardrail-denies-copy"), "{told:#}");
    let policies = fs::read_dir(saved.join("organization/policies")).unwrap().count();
    assert_eq!(policies, 10, "FullAWSAccess, RCPFullAWSAccess, `guard`, six others and `last`");

    // As many calls as pages, in the manifest too.
    let manifest = document(&saved, "manifest.json");
    let calls = |operation: &str| {
        let calls = manifest["calls"].as_array().unwrap().iter();
        calls.filter(|call| call["operation"] == operation).count()
    };
    assert_eq!(calls("ListRecoveryPointsByBackupVault"), 3);
    // Nine SCPs, one RCP, and two types without any.
    assert_eq!(calls("ListPolicies"), 3 + 1 + 2);
}

#[test]
fn grants_of_all_pages_stand_in_the_snapshot() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["many"];
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    // The destination account by itself: its vaults, and the key with its grants.
    let mut command = from_source(&proxy.endpoint, set_up);
    for (name, value) in set_up["destination"]["keys"].as_object().unwrap() {
        command.env(name.to_uppercase(), value.as_str().unwrap());
    }
    let output = command.args(["snapshot", "take"]).arg(&saved).arg("--account").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let keys =
        saved.join(format!("accounts/{}/eu-west-1/keys", text(set_up, "/destination/account")));
    let names = fs::read_dir(keys).unwrap().map(|entry| entry.unwrap().path());
    let grants: Vec<_> =
        names.filter(|path| path.to_string_lossy().ends_with(".grants.json")).collect();
    assert_eq!(grants.len(), 1);
    let grants: Value = serde_json::from_str(&fs::read_to_string(&grants[0]).unwrap()).unwrap();
    assert_eq!(length(&grants, "Grants"), 10);
}

#[test]
fn a_session_that_ends_is_renewed() {
    let Some(server) = server() else { return };
    let set_up = &server.set_ups["clear"];
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    // Each step takes longer than the first session of the role in the destination lasts.
    proxy.behave(Manner {
        delay: Duration::from_millis(400),
        first_session: Some(Duration::from_millis(300)),
        ..Manner::default()
    });
    let output = from_source(&proxy.endpoint, set_up)
        .args(["check", "--source-vault", text(set_up, "/source/vault")])
        .args(["--destination-vault", text(set_up, "/destination/vault")])
        .args(["--recovery-point", text(set_up, "/point"), "--role", text(set_up, "/role")])
        .args(["--assume-role-name", "Reader", "--now", "2026-11-25", "--format", "json"])
        .arg("--save")
        .arg(&saved)
        .output()
        .unwrap();
    let told = json(&output);
    assert_eq!(told["verdict"], "clear", "{told:#}");
    let assumed: Vec<String> = proxy
        .seen()
        .into_iter()
        .filter(|request| request.permission == "sts:AssumeRole")
        .map(|request| request.whole)
        .collect();
    let destination = text(set_up, "/destination/account");
    let there = assumed.iter().filter(|one| one.contains(destination)).count();
    assert!(there >= 2, "{assumed:#?}");
    // The manifest holds the renewals too.
    let manifest = document(&saved, "manifest.json");
    let calls = manifest["calls"].as_array().unwrap().iter();
    let noted = calls.filter(|call| call["operation"] == "AssumeRole").count();
    assert_eq!(noted, assumed.len(), "{manifest:#}");
}
