//! `check` against a server that stands in for AWS: `tests/server/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use copy_preflight_tests::asking::{json as report, keys, text, tool, without_origin};
use copy_preflight_tests::places::say;
use copy_preflight_tests::server::{Fault, Manner, Proxy, Server, server};
use serde_json::Value;

/// The set-ups that are broken, and the rule that finds it.
const BROKEN: [(&str, &str); 9] = [
    ("vault-without-policy", "vault-policy-refuses-source"),
    ("foreign-organization", "vault-policy-refuses-source"),
    ("cross-account-backup-disabled", "cross-account-backup-disabled"),
    ("not-same-organization", "not-same-organization"),
    ("scp-denies", "guardrail-denies-copy"),
    ("role-not-trusted", "source-role-not-assumable"),
    ("role-cannot-copy", "source-role-cannot-copy"),
    ("source-vault-denies", "source-vault-policy-denies-copy"),
    ("destination-key-disabled", "destination-key-unusable"),
];

/// The flags of the pair.
fn pair(set_up: &Value) -> [&str; 6] {
    [
        "--source-vault",
        text(set_up, "/source/vault"),
        "--destination-vault",
        text(set_up, "/destination/vault"),
        "--now",
        "2026-11-25",
    ]
}

/// `check` with the keys of the management account and a role in the others.
fn check(proxy: &Proxy, set_up: &Value, flags: &[&str]) -> Command {
    let mut command = tool(&proxy.endpoint);
    keys(&mut command, &set_up["management"]);
    command.arg("check").args(pair(set_up)).args(flags);
    command.args(["--assume-role-name", "Reader", "--format", "json"]);
    command
}

/// The flags of the recovery point and its role.
fn point(set_up: &Value) -> [&str; 4] {
    ["--recovery-point", text(set_up, "/point"), "--role", text(set_up, "/role")]
}

/// The outcome of each rule of the only copy.
fn outcomes(report: &Value) -> BTreeMap<String, Value> {
    let outcomes = report["copies"][0]["outcomes"].as_array().expect("outcomes");
    let by_rule = |one: &Value| (one["rule"].as_str().expect("a rule").to_owned(), one.clone());
    outcomes.iter().map(by_rule).collect()
}

/// The server and the set-up that is clear.
fn clear() -> Option<(&'static Server, &'static Value)> {
    server().map(|server| (server, &server.set_ups["clear"]))
}

#[test]
fn each_set_up_is_judged_as_its_snapshot_is() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, rule) in BROKEN.into_iter().chain([("clear", "")]) {
        let set_up = &server.set_ups[name];
        let proxy = Proxy::new(server);
        let saved = folder.path().join(name);
        let shown = saved.to_str().unwrap();
        let mut flags = vec!["--save", shown];
        flags.extend(point(set_up));
        let live = check(&proxy, set_up, &flags).output().unwrap();
        let told = report(&live);
        let broken: BTreeSet<&str> = told["copies"][0]["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["outcome"] == "broken")
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        if name == "clear" {
            assert_eq!(told["verdict"], "clear", "{name}: {told:#}");
            assert_eq!(live.status.code(), Some(0));
        } else {
            assert_eq!(told["verdict"], "blocked", "{name}: {told:#}");
            assert!(broken.contains(rule), "{name}: {broken:?}");
            assert_eq!(live.status.code(), Some(1));
        }
        // The same with the network off.
        let offline = tool("http://127.0.0.1:9")
            .arg("check")
            .args(pair(set_up))
            .args(point(set_up))
            .args(["--snapshot", shown, "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(without_origin(told), without_origin(report(&offline)), "{name}");
        assert_eq!(live.status, offline.status);
        // No call is made twice, and nothing is asked that does not only read.
        let seen = proxy.seen();
        let distinct: BTreeSet<&str> = seen.iter().map(|request| request.whole.as_str()).collect();
        assert_eq!(distinct.len(), seen.len(), "{name}: {seen:#?}");
        no_secret_is_written(&saved, set_up);
    }
}

/// Neither a key nor a token nor the name of a session stands in a snapshot.
fn no_secret_is_written(folder: &Path, set_up: &Value) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for part in ["management", "source", "destination"] {
                for secret in set_up[part]["keys"].as_object().unwrap().values() {
                    assert!(!text.contains(secret.as_str().unwrap()), "{}", path.display());
                }
            }
            assert!(!text.contains("ASIA"), "{}", path.display());
            assert!(!text.contains("Reader/copy-preflight"), "{}", path.display());
        }
    }
}

#[test]
fn a_document_is_the_body_as_received() {
    let Some((server, set_up)) = clear() else { return };
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let mut flags = vec!["--save", saved.to_str().unwrap()];
    flags.extend(point(set_up));
    let output = check(&Proxy::new(server), set_up, &flags).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let account = text(set_up, "/source/account");
    let points = saved.join(format!("accounts/{account}/eu-west-1/recovery-points"));
    let file = fs::read_dir(points).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| !path.to_string_lossy().contains(".tags")).unwrap();
    let body = fs::read_to_string(file).unwrap();
    // A member that no SDK knows, and a number as it was written.
    assert!(body.contains(r#""ANewMember": {"that": "no SDK knows", "number": 1.5}"#), "{body}");
    assert!(body.contains("1795000000.123"), "{body}");
    // The text of a policy of IAM, as it was written.
    let role = saved.join(format!("accounts/{account}/roles/Copier.json"));
    let role = fs::read_to_string(role).unwrap();
    assert!(role.contains("\n      \"Effect\": \"Allow\""), "{role}");
}

#[test]
fn each_call_refused_in_turn_is_an_empty_slot() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let run = || check(&proxy, set_up, &point(set_up)).output().unwrap();
    let whole = outcomes(&report(&run()));
    let made: BTreeSet<String> =
        proxy.seen().into_iter().map(|request| request.permission).collect();
    assert!(made.len() > 20, "{made:?}");
    for permission in made {
        let faults = BTreeMap::from([(permission.clone(), Fault::AccessDenied)]);
        proxy.behave(Manner { faults, ..Manner::default() });
        let output = run();
        let told = report(&output);
        if permission.starts_with("sts:") {
            // Nothing could be read; that is said, and nothing is judged clear.
            assert_ne!(told["verdict"], "clear", "{permission}");
            assert!(!told["problems"].as_array().unwrap().is_empty(), "{permission}");
            continue;
        }
        let mut named = false;
        for (rule, outcome) in outcomes(&told) {
            let missing = outcome["missing"].as_array().unwrap();
            let needs = missing.iter().any(|one| one["permission"] == permission.as_str());
            named |= needs;
            if needs {
                assert_eq!(outcome["outcome"], "undecided", "{permission}: {rule}");
            } else {
                assert_eq!(outcome["outcome"], whole[&rule]["outcome"], "{permission}: {rule}");
            }
        }
        // A verdict that stays clear did not need the call.
        let code = output.status.code();
        let expected = if told["verdict"] == "clear" { Some(0) } else { Some(3) };
        assert_eq!(code, expected, "{permission}: {told:#}");
        assert!(named || code == Some(0), "{permission} is not named: {told:#}");
        // Each of them is one that the tool may send.
        let _ = proxy.seen();
    }
}

/// How many calls have to follow each other before this one: by what each needs to know.
fn depth(permission: &str, levels: usize) -> usize {
    match permission {
        "sts:GetCallerIdentity" => 1,
        "sts:AssumeRole" => 2,
        // Behind `list-accounts`, a level after the other.
        "organizations:ListParents" => 4 + levels,
        // Which account is the management account, `describe-organization` tells.
        "backup:DescribeGlobalSettings"
        | "organizations:ListAccounts"
        | "organizations:ListRoots"
        | "organizations:ListPolicies" => 4,
        "organizations:DescribePolicy" | "organizations:ListTargetsForPolicy" => 5,
        // The vault names the key.
        "kms:DescribeKey" => 4,
        "kms:GetKeyPolicy" | "kms:ListGrants" => 5,
        "iam:GetPolicy" | "iam:GetRolePolicy" => 4,
        "iam:GetPolicyVersion" => 5,
        _ => 3,
    }
}

#[test]
fn a_delay_counts_once_for_each_step() {
    const DELAY: Duration = Duration::from_millis(100);
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let flags = point(set_up);
    // The first run fills the memory of the proxy, so that only its delay counts.
    assert!(check(&proxy, set_up, &flags).output().unwrap().status.success());
    let mut best = Duration::MAX;
    // A machine that does other things may be slow for a while.
    for _ in 0..5 {
        proxy.behave(Manner { delay: DELAY, ..Manner::default() });
        let clock = Instant::now();
        assert!(check(&proxy, set_up, &flags).output().unwrap().status.success());
        best = best.min(clock.elapsed());
    }
    let seen = proxy.seen();
    // The source account stands below an OU, so its parents are two calls.
    let chain = seen.iter().map(|request| depth(&request.permission, 2)).max().unwrap();
    let limit = DELAY * u32::try_from(chain + 2).unwrap() + Duration::from_millis(500);
    let calls = u32::try_from(seen.len()).unwrap();
    say(&format!("{calls} calls, chain {chain}: {best:?}, aim {limit:?}"));
    // The aim is a figure to read; a slow machine is no fault. One call after the other is one.
    let one_by_one = DELAY * calls;
    assert!(best < one_by_one * 3 / 4, "{best:?} for {calls} calls of {DELAY:?}");
}

#[test]
fn throttling_is_waited_for_and_shown() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let throttled = ["kms:DescribeKey", "organizations:ListPolicies", "iam:GetRole"];
    let faults = throttled.map(|permission| (permission.to_owned(), Fault::Throttled(2)));
    proxy.behave(Manner { faults: faults.into(), ..Manner::default() });
    let mut flags = vec!["-v"];
    flags.extend(point(set_up));
    let output = check(&proxy, set_up, &flags).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    for permission in throttled {
        assert!(error.contains(&format!("{permission} again: Throttling")), "{error}");
    }
    assert!(error.contains("sent 3 times"), "{error}");
}

#[test]
fn each_fault_of_the_way_has_its_words() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    for (fault, words) in [
        (Fault::Html, "a page of HTML with status 404"),
        (Fault::Truncated, "ended before the answer did"),
        (Fault::Expired, "sign in again"),
        (Fault::Throttled(100), "try again later"),
    ] {
        let faults = BTreeMap::from([("kms:GetKeyPolicy".to_owned(), fault)]);
        proxy.behave(Manner { faults, ..Manner::default() });
        let output = check(&proxy, set_up, &point(set_up)).output().unwrap();
        let told = report(&output);
        assert_eq!(told["verdict"], "undecided", "{fault:?}");
        let said = outcomes(&told).into_values().flat_map(|outcome| {
            let missing = outcome["missing"].as_array().unwrap().clone();
            missing.into_iter().map(|one| one["refused_by"].to_string())
        });
        let said: BTreeSet<String> = said.collect();
        assert!(said.iter().any(|said| said.contains(words)), "{fault:?}: {said:?}");
    }
    // Nobody listens.
    let mut command = tool("http://127.0.0.1:9");
    keys(&mut command, &set_up["management"]);
    let flags = ["--assume-role-name", "Reader", "--format", "json"];
    let output = command.arg("check").args(pair(set_up)).args(point(set_up)).args(flags);
    let output = output.output().unwrap();
    let told = report(&output);
    assert_eq!(output.status.code(), Some(3));
    assert!(told["problems"].to_string().contains("no connection to sts"), "{told:#}");
}

#[test]
fn credentials_of_another_account_read_nothing() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let mut profiles = String::new();
    for part in ["management", "source", "destination"] {
        profiles.push_str(&format!("[{part}]\n"));
        for (name, value) in set_up[part]["keys"].as_object().unwrap() {
            profiles.push_str(&format!("{name} = {}\n", value.as_str().unwrap()));
        }
    }
    let file = folder.path().join("credentials");
    fs::write(&file, profiles).unwrap();
    let run = |source: &str, destination: &str| {
        proxy.behave(Manner::default());
        let output = tool(&proxy.endpoint)
            .env("AWS_SHARED_CREDENTIALS_FILE", &file)
            .arg("check")
            .args(pair(set_up))
            .args(point(set_up))
            .args(["--source-profile", source, "--destination-profile", destination])
            .args(["--management-profile", "management", "--format", "json"])
            .output()
            .unwrap();
        report(&output)
    };
    let right = run("source", "destination");
    assert_eq!(right["verdict"], "clear", "{right:#}");
    assert!(proxy.seen().iter().all(|request| request.permission != "sts:AssumeRole"));

    let wrong = run("destination", "source");
    assert_eq!(wrong["verdict"], "undecided", "{wrong:#}");
    let problems = wrong["problems"].to_string();
    let account = text(set_up, "/source/account");
    assert!(problems.contains("the profile `destination` is of account"), "{problems}");
    assert!(problems.contains(&format!("the source vault is in {account}")), "{problems}");
    for request in proxy.seen() {
        let reads =
            ["backup:", "kms:", "iam:"].iter().any(|one| request.permission.starts_with(one));
        let global = request.permission == "backup:DescribeGlobalSettings";
        assert!(!reads || global, "{request:?}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_half_written_snapshot() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    proxy.behave(Manner { delay: Duration::from_secs(1), ..Manner::default() });
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let mut flags = vec!["--save", saved.to_str().unwrap()];
    flags.extend(point(set_up));
    let mut child =
        check(&proxy, set_up, &flags).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // In the middle: some answers are there.
    while proxy.seen().len() < 8 {
        thread::sleep(Duration::from_millis(20));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!saved.exists());

    // What was read is not asked again.
    proxy.behave(Manner::default());
    let output = check(&proxy, set_up, &flags).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(saved.join("manifest.json").exists());
}

#[test]
fn plans_and_jobs_are_read_from_the_account() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let source = ["--source-vault", text(set_up, "/source/vault"), "--now", "2026-11-25"];
    for (flag, id, kind) in [
        ("--backup-plan-id", text(set_up, "/plan"), "plan"),
        ("--copy-job", text(set_up, "/job"), "job"),
    ] {
        let saved = folder.path().join(kind);
        let mut live = tool(&proxy.endpoint);
        keys(&mut live, &set_up["management"]);
        let output = live
            .arg("check")
            .args(source)
            .args([flag, id, "--assume-role-name", "Reader", "--format", "json", "--save"])
            .arg(&saved)
            .output()
            .unwrap();
        let told = report(&output);
        assert_eq!(told["copies"][0]["from"]["kind"], kind, "{told:#}");
        assert_eq!(told["copies"][0]["role_arn"], text(set_up, "/role"));
        assert_eq!(told["copies"][0]["resource_type"], "EFS");
        assert_eq!(
            told["copies"][0]["destination"]["vault_arn"],
            text(set_up, "/destination/vault")
        );
        assert_eq!(told["verdict"], "clear", "{told:#}");
        let offline = tool("http://127.0.0.1:9")
            .arg("check")
            .args(source)
            .args([flag, id, "--format", "json", "--snapshot"])
            .arg(&saved)
            .output()
            .unwrap();
        assert_eq!(without_origin(told), without_origin(report(&offline)), "{flag}");
    }
    // One that is not there is told, and is no clear verdict.
    let mut live = tool(&proxy.endpoint);
    keys(&mut live, &set_up["management"]);
    let flags = ["--copy-job", "none", "--assume-role-name", "Reader", "--format", "json"];
    let told = report(&live.arg("check").args(source).args(flags).output().unwrap());
    assert_eq!(told["verdict"], "undecided");
    assert!(told["problems"].to_string().contains("Cannot find copy job"), "{told:#}");
}
