//! Plans and jobs by their ids alone, accounts as a config names them, and whole accounts, against a
//! server that stands in for AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use copy_preflight_tests::asking::{from_source, json, keys, said, text, tool, without_origin};
use copy_preflight_tests::server::{Fault, Manner, Proxy, Server, server};
use serde_json::Value;

/// The server and the set-up that is clear.
fn clear() -> Option<(&'static Server, &'static Value)> {
    server().map(|server| (server, &server.set_ups["clear"]))
}

/// Nobody listens there.
const OFF: &str = "http://127.0.0.1:9";

const NOW: [&str; 2] = ["--now", "2026-11-25"];

/// A command on a snapshot, with the network off.
fn offline(command: &[&str], folder: &Path, flags: &[&str]) -> Output {
    let mut tool = tool(OFF);
    tool.args(command).arg(folder).args(flags).args(["--format", "json"]).output().unwrap()
}

const CHECK: &[&str] = &["check", "--snapshot"];

#[test]
fn a_plan_or_job_needs_no_vault() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    for (flag, id) in
        [("--copy-job", text(set_up, "/job")), ("--backup-plan-id", text(set_up, "/plan"))]
    {
        let asked = [flag, id, NOW[0], NOW[1]];
        let live = [&asked[..], &["--assume-role-name", "Reader"]].concat();
        let run = |more: &[&str]| {
            proxy.behave(Manner::default());
            let mut command = from_source(&proxy.endpoint, set_up);
            json(&command.arg("check").args(&live).args(more).output().unwrap())
        };
        // Account and Region of the credentials are those of the vault.
        let saved = folder.path().join(flag.trim_start_matches('-'));
        let told = run(&["--format", "json", "--save", saved.to_str().unwrap()]);
        assert_eq!(told["verdict"], "clear", "{flag}: {told:#}");
        let seen = proxy.seen();
        let distinct: BTreeSet<&str> = seen.iter().map(|request| request.whole.as_str()).collect();
        assert_eq!(distinct.len(), seen.len(), "{flag}: {seen:#?}");
        let named = run(&["--format", "json", "--source-vault", text(set_up, "/source/vault")]);
        assert_eq!(without_origin(told.clone()), without_origin(named), "{flag}");

        // Whose the credentials are stands in the manifest like every call.
        let manifest = fs::read_to_string(saved.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        let noted: BTreeSet<String> = manifest["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| format!("{}:{}", call["service"], call["operation"]).replace('"', ""))
            .collect();
        let made: BTreeSet<String> = seen.into_iter().map(|one| one.permission).collect();
        assert_eq!(noted, made, "{flag}");

        // The snapshot is asked in the same words.
        let again = json(&offline(CHECK, &saved, &asked));
        assert_eq!(again["verdict"], "clear", "{flag}: {again:#}");
        assert_eq!(again["copies"][0]["id"], told["copies"][0]["id"]);
        let gaps = json(&offline(&["snapshot", "check"], &saved, &asked));
        assert_eq!(gaps["complete"], true, "{flag}: {gaps:#}");
        let mut diff = tool(OFF);
        diff.args(["snapshot", "diff"]).arg(&saved).arg(&saved).args(asked);
        assert_eq!(diff.output().unwrap().status.code(), Some(0), "{flag}");

        // `snapshot take` takes the same.
        let taken = folder.path().join(format!("{}-taken", flag.trim_start_matches('-')));
        let mut command = from_source(&proxy.endpoint, set_up);
        let output = command.args(["snapshot", "take"]).arg(&taken).args(&live).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{flag}: {}", said(&output));
        assert_eq!(files(&taken), files(&saved), "{flag}");
    }
    // What the snapshot does not hold is said, and what to name.
    let saved = folder.path().join("copy-job");
    let output = offline(CHECK, &saved, &["--copy-job", "none"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("the snapshot holds no copy job `none`"), "{}", said(&output));
    // The account by its id, with credentials of another one.
    let mut command = tool(&proxy.endpoint);
    keys(&mut command, &set_up["management"]);
    let output = command
        .args(["check", "--copy-job", text(set_up, "/job"), "--region", "eu-west-1"])
        .args(["--account", text(set_up, "/source/account"), "--assume-role-name", "Reader"])
        .args(NOW)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert_eq!(json(&output)["verdict"], "clear", "{}", said(&output));
}

/// The names of all files in a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    found.insert(path.strip_prefix(folder).unwrap().display().to_string());
                }
            }
        }
    }
    found
}

/// A folder with a config and profiles, and the tool in a folder below it.
fn configured(proxy: &Proxy, set_up: &Value, folder: &Path, config: &str) -> Command {
    let mut profiles = String::new();
    for part in ["management", "source", "destination"] {
        profiles.push_str(&format!("[{part}-profile]\n"));
        for (name, value) in set_up[part]["keys"].as_object().unwrap() {
            profiles.push_str(&format!("{name} = {}\n", value.as_str().unwrap()));
        }
    }
    fs::write(folder.join("credentials"), profiles).unwrap();
    let mut text_of = config.to_owned();
    for part in ["management", "source", "destination"] {
        let account = text(set_up, &format!("/{part}/account"));
        text_of = text_of.replace(&format!("<{part}>"), account);
    }
    fs::write(folder.join("copy-preflight.toml"), text_of).unwrap();
    let below = folder.join("a/b");
    fs::create_dir_all(&below).unwrap();
    proxy.behave(Manner::default());
    let mut command = tool(&proxy.endpoint);
    command.env("AWS_SHARED_CREDENTIALS_FILE", folder.join("credentials")).current_dir(below);
    command
}

fn pair(set_up: &Value) -> [&str; 10] {
    [
        "check",
        "--source-vault",
        text(set_up, "/source/vault"),
        "--destination-vault",
        text(set_up, "/destination/vault"),
        "--recovery-point",
        text(set_up, "/point"),
        "--role",
        text(set_up, "/role"),
        "--format=json",
    ]
}

const CONFIG: &str = r#"
[organization]
management-account = "<management>"

[[account]]
id = "<management>"
profile = "management-profile"

[[account]]
id = "<source>"
name = "production"
profile = "source-profile"

[[account]]
id = "<destination>"
name = "vaults"
role = "Reader"
"#;

#[test]
fn accounts_are_reached_as_the_config_says() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let run = |config: &str, flags: &[&str]| {
        let mut command = configured(&proxy, set_up, folder.path(), config);
        // At hand are those of the management account.
        keys(&mut command, &set_up["management"]);
        command.args(flags).args(NOW).output().unwrap()
    };
    let told = json(&run(CONFIG, &pair(set_up)));
    assert_eq!(told["verdict"], "clear", "{told:#}");
    let assumed = || {
        let seen = proxy.seen().into_iter();
        let asked = seen.filter(|one| one.permission == "sts:AssumeRole").map(|one| one.whole);
        asked.collect::<Vec<_>>()
    };
    // The source has a profile, the destination a role.
    let [only] = assumed().try_into().unwrap();
    assert!(only.contains(text(set_up, "/destination/account")), "{only}");

    // A flag wins over it.
    let flags = [&pair(set_up)[..], &["--assume-role-name", "Auditor"]].concat();
    let output = run(CONFIG, &flags);
    assert_eq!(json(&output)["verdict"], "clear", "{}", said(&output));
    assert_eq!(assumed().len(), 2);
    assert!(assumed().iter().all(|one| one.contains("Auditor")), "{:?}", assumed());

    // Accounts have names.
    let job = text(set_up, "/job");
    let flags = ["check", "--copy-job", job, "--region", "eu-west-1", "--format", "json"];
    let output = run(CONFIG, &[&flags[..], &["--account", "production"]].concat());
    assert_eq!(json(&output)["verdict"], "clear", "{}", said(&output));
    let output = run(CONFIG, &[&flags[..], &["--account", "prod"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("it has `production`, `vaults`"), "{}", said(&output));

    // A profile of another account is told, and nothing is read with it.
    let wrong = CONFIG.replace("source-profile", "destination-profile");
    let told = json(&run(&wrong, &pair(set_up)));
    assert_eq!(told["verdict"], "undecided");
    let problems = told["problems"].to_string();
    assert!(problems.contains("the profile `destination-profile` is of account"), "{problems}");

    // What is wrong in the file is told with its place.
    let output = run(&CONFIG.replace("name =", "nam ="), &pair(set_up));
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("copy-preflight.toml:11:1: unknown field"), "{}", said(&output));
}

#[test]
fn a_whole_account_is_taken() {
    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    let folder = tempfile::tempdir().unwrap();
    let take = |name: &str, flags: &[&str]| {
        let mut command = from_source(&proxy.endpoint, set_up);
        command.args(["snapshot", "take"]).arg(folder.path().join(name)).args(flags).args(NOW);
        command.args(["--assume-role-name", "Reader", "--format", "json"]).output().unwrap()
    };
    let output = take("whole", &["--account"]);
    let told = json(&output);
    assert_eq!(
        (&told["complete"], output.status.code()),
        (&Value::Bool(true), Some(0)),
        "{told:#}"
    );
    assert_eq!(told["verdict"], "clear");
    let seen = proxy.seen();
    let distinct: BTreeSet<&str> = seen.iter().map(|request| request.whole.as_str()).collect();
    assert_eq!(distinct.len(), seen.len(), "{seen:#?}");
    let whole = folder.path().join("whole");
    let (source, destination) =
        (text(set_up, "/source/account"), text(set_up, "/destination/account"));
    let (plan, found) = (text(set_up, "/plan"), files(&whole));
    for name in [
        format!("accounts/{source}/eu-west-1/region-settings.json"),
        format!("accounts/{source}/eu-west-1/vaults.json"),
        format!("accounts/{source}/eu-west-1/vaults/prod.json"),
        format!("accounts/{source}/eu-west-1/vaults/prod.policy.error.json"),
        format!("accounts/{source}/eu-west-1/vaults/prod.tags.json"),
        format!("accounts/{source}/eu-west-1/plans.json"),
        format!("accounts/{source}/eu-west-1/plans/{plan}.json"),
        format!("accounts/{source}/roles/Copier.json"),
        format!("accounts/{source}/roles/Copier.attached.json"),
        format!("accounts/{destination}/eu-west-1/vaults/central.policy.json"),
        "organization/global-settings.json".to_owned(),
    ] {
        assert!(found.contains(&name), "{name}: {found:#?}");
    }
    for part in [".json", ".policy.json", ".grants.json"] {
        let is_key = |name: &&String| name.contains(&format!("{source}/eu-west-1/keys/"));
        assert!(found.iter().filter(is_key).any(|name| name.ends_with(part)), "{part}");
    }
    // Each of its plans is judged from it.
    let judged = json(&offline(CHECK, &whole, &["--backup-plan-id", plan, NOW[0], NOW[1]]));
    assert_eq!(judged["verdict"], "clear", "{judged:#}");

    // Two Regions, of which one has nothing.
    let output = take("two", &["--account", "--region", "eu-west-1", "--region", "eu-west-2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let two = files(&folder.path().join("two"));
    assert!(two.contains(&format!("accounts/{source}/eu-west-2/vaults.json")), "{two:#?}");
    assert_eq!(two.difference(&found).count(), 3, "{two:#?}");

    // What is refused is a gap with its permission, and the rest is taken.
    for (permission, slot) in [
        ("backup:DescribeRegionSettings", "region-settings[eu-west-1]"),
        ("backup:ListBackupVaults", "vaults[eu-west-1]"),
        ("backup:GetBackupVaultAccessPolicy", "vault-policy[prod]"),
        ("backup:ListTags", "vault-tags[prod]"),
        ("backup:ListBackupPlans", "plans[eu-west-1]"),
        ("backup:ListBackupSelections", "selections["),
        ("backup:GetBackupSelection", "selection["),
        ("kms:ListGrants", "key-grants["),
        ("iam:ListRolePolicies", "role-inline[Copier]"),
    ] {
        let faults = BTreeMap::from([(permission.to_owned(), Fault::AccessDenied)]);
        proxy.behave(Manner { faults, ..Manner::default() });
        let output = take(&permission.replace(':', "-"), &["--account"]);
        let told = json(&output);
        assert_eq!((&told["complete"], output.status.code()), (&Value::Bool(false), Some(3)));
        let gaps = told["gaps"].as_array().unwrap();
        let is_slot = |one: &Value| one.as_str().unwrap().starts_with(slot);
        let gap = gaps.iter().find(|gap| gap["slots"].as_array().unwrap().iter().any(is_slot));
        let gap = gap.unwrap_or_else(|| panic!("{permission}: {gaps:#?}"));
        assert_eq!((&gap["permission"], &gap["why"]), (&permission.into(), &"denied".into()));
        assert!(told["calls"].as_u64().unwrap() > 8, "{permission}: {told:#}");
    }

    // A plan alone: nothing of the account besides.
    proxy.behave(Manner::default());
    let output = take("plan", &["--backup-plan-id", plan]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let of_plan = files(&folder.path().join("plan"));
    assert!(of_plan.contains(&format!("accounts/{source}/eu-west-1/plans/{plan}.json")));
    let of_account = ["plans", "vaults", "region-settings"];
    for name in of_account.map(|name| format!("accounts/{source}/eu-west-1/{name}.json")) {
        assert!(found.contains(&name) && !of_plan.contains(&name), "{name}: {of_plan:#?}");
    }
    let output = take("plans", &["--backup-plan-id", plan, "--region", "a-1", "--region", "b-1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("name `--region` once"), "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn a_whole_account_goes_on_where_it_was_cut_short() {
    use std::process::Stdio;
    use std::time::Duration;

    let Some((server, set_up)) = clear() else { return };
    let proxy = Proxy::new(server);
    proxy.behave(Manner { delay: Duration::from_secs(1), ..Manner::default() });
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let take = || {
        let mut command = from_source(&proxy.endpoint, set_up);
        command.args(["snapshot", "take"]).arg(&saved).args(["--account", "--assume-role-name"]);
        command.arg("Reader").stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let child = take().spawn().unwrap();
    while proxy.seen().len() < 8 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(said(&output).contains("the same command goes on with it"), "{}", said(&output));
    assert!(!saved.exists());
    proxy.behave(Manner::default());
    let output = take().output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("goes on with"), "{}", said(&output));
    let again =
        proxy.seen().iter().filter(|one| one.permission == "backup:ListBackupPlans").count();
    assert_eq!(again, 0, "what was read is not asked again");
}
