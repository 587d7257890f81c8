//! `snapshot take --organization` against a server that stands in for AWS: `tests/server/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use copy_preflight_rules::inputs::{CALLS, Side};
use copy_preflight_tests::asking;
use copy_preflight_tests::places::say;
use copy_preflight_tests::running::tool;
use copy_preflight_tests::schemas::{schema, undescribed};
use copy_preflight_tests::server::{Manner, Proxy, Seen, Server, server};
use serde_json::Value;

/// The server and two organizations on it: one whose tree has to be walked, and one that shows it.
fn organizations() -> Option<(&'static Server, &'static [Value; 2])> {
    static MADE: OnceLock<[Value; 2]> = OnceLock::new();
    let server = server()?;
    let make = |more: &[&str]| server.make("organization.py", more);
    let made = MADE.get_or_init(|| [make(&["200000000000"]), make(&["200000000010", "paths"])]);
    Some((server, made))
}

fn take(proxy: &Proxy, organization: &Value, folder: &Path, flags: &[&str]) -> Command {
    let mut command = asking::tool(&proxy.endpoint);
    asking::keys(&mut command, &organization["management"]);
    command.env("AWS_REGION", "eu-west-1");
    command.args(["snapshot", "take", "--organization", "--format", "json"]).arg(folder);
    command.args(flags);
    command
}

const ROLE: [&str; 2] = ["--assume-role-name", "Reader"];

fn answer(output: &Output) -> Value {
    let value = asking::json(output);
    let schema = schema("snapshot-organization-v1");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
    assert_eq!(undescribed(&schema, &value), Vec::<String>::new());
    value
}

fn account<'a>(organization: &'a Value, name: &str) -> &'a str {
    organization["accounts"][name].as_str().unwrap()
}

/// How often each service was asked, and each operation of Organizations.
fn counted(seen: &[Seen]) -> (BTreeMap<&str, usize>, BTreeMap<&str, usize>) {
    let (mut services, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for request in seen {
        let (service, operation) = request.permission.split_once(':').unwrap();
        *services.entry(service).or_default() += 1;
        if service == "organizations" {
            *operations.entry(operation).or_default() += 1;
        }
    }
    (services, operations)
}

/// Files of a snapshot, relative to it, with their text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// No request is sent twice, and each is allowed by what `permissions` prints for the part that
/// the asking account plays.
fn asked_once_and_allowed(seen: &[Seen], organization: &Value) {
    let distinct: BTreeSet<&str> = seen.iter().map(|request| request.whole.as_str()).collect();
    assert_eq!(distinct.len(), seen.len());
    let management = organization["management"]["keys"]["aws_access_key_id"].as_str().unwrap();
    for request in seen {
        let call = CALLS.iter().find(|call| call.permission == request.permission).unwrap();
        let here = match request.access_key == management {
            true => vec![Side::Management],
            false => vec![Side::Source, Side::Destination],
        };
        let is_allowed = call.service == "sts" || here.iter().any(|side| call.sides.contains(side));
        assert!(is_allowed, "{} as {here:?}", request.permission);
    }
}

#[test]
fn an_organization_is_collected_and_judged() {
    let Some((server, [organization, _])) = organizations() else { return };
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let proxy = Proxy::new(server);
    let output = take(&proxy, organization, &saved, &ROLE).output().unwrap();
    let told = answer(&output);
    let seen = proxy.seen();
    let (services, operations) = counted(&seen);
    say(&format!("15 accounts: {} calls {services:?} {operations:?}", seen.len()));

    // One account cannot be entered, and is one gap.
    assert_eq!(output.status.code(), Some(3), "{told:#}");
    let shut = account(organization, "shut");
    assert_eq!(told["organization"], organization["organization"]);
    assert_eq!(told["accounts"]["listed"], 15, "{told:#}");
    assert_eq!(told["accounts"]["entered"], 13, "{told:#}");
    assert_eq!(told["accounts"]["not_entered"].as_array().unwrap().len(), 1);
    assert_eq!(told["accounts"]["not_entered"][0]["account"], shut);
    assert_eq!(told["accounts"]["not_entered"][0]["code"], "RoleNotAssumed");
    assert_eq!(told["accounts"]["inactive"][0]["account"], account(organization, "gone"));
    assert_eq!(told["gaps"].as_array().unwrap().len(), 0, "{told:#}");
    assert_eq!(told["problems"].as_array().unwrap().len(), 0, "{told:#}");
    assert_eq!(told["accounts"]["unjudged"].as_array().unwrap().len(), 0, "{told:#}");

    // Every call of Organizations as often as there is something to ask about: 6 policies and the
    // two that AWS attaches everywhere, 7 parents, 14 accounts that are not closed.
    let expected = BTreeMap::from([
        ("DescribeOrganization", 13),
        ("ListAccounts", 1),
        ("ListRoots", 1),
        ("ListPolicies", 4),
        ("DescribePolicy", 8),
        ("ListTargetsForPolicy", 8),
        ("ListOrganizationalUnitsForParent", 7),
        ("ListAccountsForParent", 7),
        ("DescribeEffectivePolicy", 28),
        ("ListAWSServiceAccessForOrganization", 1),
        ("ListDelegatedAdministrators", 1),
        ("ListAccountsWithInvalidEffectivePolicy", 2),
    ]);
    assert_eq!(operations, expected);
    // Who is asked: one role in each account that is not the caller's own.
    assert_eq!(services["sts"], 1 + 13);
    asked_once_and_allowed(&seen, organization);

    // The layout: what is said of all, of each account, of each Region of its plans.
    let files = files(&saved);
    let has = |name: String| files.contains_key(&name);
    for name in [
        "organization",
        "roots",
        "accounts",
        "tree",
        "global-settings",
        "service-access",
        "delegated-administrators",
        "invalid-effective-policies/BACKUP_POLICY",
        "invalid-effective-policies/TAG_POLICY",
    ] {
        assert!(has(format!("organization/{name}.json")), "{name}: {:#?}", files.keys());
    }
    assert!(!files.keys().any(|name| name.starts_with('.')), "{:#?}", files.keys());
    for (name, regions) in [
        ("payments-1", &["eu-west-1", "eu-central-1"][..]),
        ("payments-4", &["eu-west-1", "eu-central-1"]),
        ("prod-2", &["eu-west-1"]),
        ("dev-1", &["eu-west-1"]),
    ] {
        let root = format!("accounts/{}", account(organization, name));
        assert!(has(format!("{root}/organization.json")), "{name}");
        assert!(has(format!("{root}/effective-policies/BACKUP_POLICY.json")), "{name}");
        assert!(has(format!("{root}/effective-policies/TAG_POLICY.json")), "{name}");
        for role in [
            "roles/Copier.json",
            "roles/Copier.attached.json",
            "roles/Copier.inline.json",
            "roles/Copier.policies/inline%3ACopy.json",
        ] {
            assert!(has(format!("{root}/{role}")), "{name}: {role}");
        }
        for region in regions {
            let vault = format!("{root}/{region}/vaults/prod");
            for suffix in [".json", ".policy.error.json", ".tags.json"] {
                assert!(has(format!("{vault}{suffix}")), "{vault}{suffix}");
            }
            assert!(has(format!("{root}/{region}/region-settings.json")), "{name} {region}");
            assert!(has(format!("{root}/{region}/vaults.json")), "{name} {region}");
            let described: Value = serde_json::from_str(&files[&format!("{vault}.json")]).unwrap();
            let key = described["EncryptionKeyArn"].as_str().unwrap().rsplit('/').next().unwrap();
            for suffix in [".json", ".policy.json", ".grants.json", ".aliases.json"] {
                let file = format!("{root}/{region}/keys/{key}{suffix}");
                assert!(has(file.clone()), "{file}");
            }
        }
    }
    // Not in a Region that its plans do not name.
    let elsewhere = format!("accounts/{}/eu-central-1", account(organization, "prod-1"));
    assert!(!files.keys().any(|name| name.starts_with(&elsewhere)));
    // Where copies go, and what the settings of the management account say in each Region.
    let central = format!("accounts/{}", account(organization, "central"));
    assert!(has(format!("{central}/eu-west-1/vaults/central.policy.json")));
    let role = format!("{central}/roles/AWSServiceRoleForBackup");
    assert!(has(format!("{role}.json")) || has(format!("{role}.error.json")));
    for region in ["eu-west-1", "eu-central-1"] {
        assert!(has(format!("accounts/200000000000/{region}/region-settings.json")), "{region}");
    }
    // What is not there is an answer.
    let bare = format!("accounts/{}", account(organization, "dev-3"));
    for missing in ["roles/Copier.error.json", "eu-west-1/vaults/prod.error.json"] {
        assert!(has(format!("{bare}/{missing}")), "{missing}");
    }
    // One gap, not one for each document; and what is told from above is there all the same.
    let of_shut: Vec<&String> =
        files.keys().filter(|name| name.starts_with(&format!("accounts/{shut}/"))).collect();
    assert_eq!(
        of_shut,
        [
            &format!("accounts/{shut}/effective-policies/BACKUP_POLICY.json"),
            &format!("accounts/{shut}/effective-policies/TAG_POLICY.json"),
            &format!("accounts/{shut}/organization.error.json"),
        ]
    );

    // It is judged from there: what is in force, what AWS says of it, the copies.
    let shown = saved.to_str().unwrap();
    let ran = tool(["org", "effective", "--snapshot", shown, "--all", "--format", "json"]);
    let lines: Vec<Value> =
        ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 15, "{}", ran.error);
    let of = |name: &str| {
        let id = account(organization, name);
        lines.iter().find(|line| line["account_id"] == id).unwrap_or_else(|| panic!("{name}"))
    };
    for (name, copies) in
        [("payments-1", 2), ("prod-1", 1), ("shut", 1), ("dev-1", 0), ("sandbox-1", 0)]
    {
        let line = of(name);
        assert_eq!(line["copies"].as_array().unwrap().len(), copies, "{name}: {line:#}");
        assert_eq!(line["validation"].as_array().unwrap().len(), 0, "{name}: {line:#}");
    }
    let days = |name: &str| {
        of(name)["effective"]["plans"]["nightly"]["rules"]["nightly"]["lifecycle"]
            ["delete_after_days"]
            .clone()
    };
    assert_eq!((days("dev-1"), days("dev-2")), ("7".into(), "35".into()));

    // What was read is never written over, and nothing partial is left.
    let again = take(&proxy, organization, &saved, &ROLE).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn where_aws_shows_the_tree_it_is_not_walked() {
    let Some((server, [_, organization])) = organizations() else { return };
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let proxy = Proxy::new(server);
    // Without a role the organization is read, and its accounts are not.
    let output = take(&proxy, organization, &saved, &[]).output().unwrap();
    let told = answer(&output);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(told["accounts"]["entered"], 1, "{told:#}");
    assert_eq!(told["accounts"]["not_entered"].as_array().unwrap().len(), 13);
    let seen = proxy.seen();
    let (services, operations) = counted(&seen);
    say(&format!("15 accounts from above: {} calls {services:?}", seen.len()));
    assert_eq!(services["sts"], 1);
    assert!(!operations.keys().any(|operation| operation.ends_with("ForParent")));
    assert!(!saved.join("organization/tree.json").exists());
    asked_once_and_allowed(&seen, organization);
    let shown = saved.to_str().unwrap();
    let ran = tool(["org", "effective", "--snapshot", shown, "--all", "--format", "json"]);
    assert_eq!(ran.output.lines().count(), 15, "{}", ran.error);
    let copies = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["copies"].as_array().unwrap().len()
    };
    // Four accounts with two Regions each, and three with one.
    assert_eq!(ran.output.lines().map(copies).sum::<usize>(), 4 * 2 + 3);
}

#[cfg(unix)]
#[test]
fn what_was_read_before_an_interruption_is_not_asked_again() {
    let Some((server, [organization, _])) = organizations() else { return };
    let folder = tempfile::tempdir().unwrap();
    // What an uninterrupted run asks.
    let whole = Proxy::new(server);
    let reference = folder.path().join("reference");
    assert_eq!(
        take(&whole, organization, &reference, &ROLE).output().unwrap().status.code(),
        Some(3)
    );
    let all = whole.seen();

    let saved = folder.path().join("saved");
    let proxy = Proxy::new(server);
    // Once while policies are read, once among the accounts.
    let mut sent: Vec<Seen> = Vec::new();
    for part in [20, all.len() / 2] {
        proxy.behave(Manner { delay: Duration::from_millis(100), ..Manner::default() });
        let mut child = take(&proxy, organization, &saved, &ROLE)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while sent.len() + proxy.seen().len() < part {
            assert!(child.try_wait().unwrap().is_none(), "it ended too early");
            thread::sleep(Duration::from_millis(20));
        }
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(!saved.exists());
        sent.extend(proxy.seen());
    }
    // What the journal says that they brought.
    let journal = fs::read_to_string(folder.path().join("saved.partial/calls.jsonl")).unwrap();
    let calls = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_of_document = |call: &Value| {
        let operation = call["operation"].as_str().unwrap();
        call["service"] != "sts" && !operation.ends_with("ForParent")
    };
    let brought = calls.filter(is_of_document).count();
    proxy.behave(Manner::default());
    let output = take(&proxy, organization, &saved, &ROLE).output().unwrap();
    let told = answer(&output);
    assert_eq!(output.status.code(), Some(3), "{told:#}");
    let last = proxy.seen();
    say(&format!(
        "interrupted twice: {} calls, then {}; {} at once",
        sent.len(),
        last.len(),
        all.len()
    ));

    // The snapshot is the one of an uninterrupted run.
    let (one, other) = (files(&reference), files(&saved));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());

    // A document whose call had ended is not asked for again: what is asked twice is what was on
    // its way, at most as many as run side by side, besides credentials and a walk of the tree.
    let is_document = |seen: &&Seen| {
        !seen.permission.starts_with("sts:") && !seen.permission.ends_with("ForParent")
    };
    let ask = |seen: &Seen| {
        // A session has new keys after the interruption; of those that the server gives, the first
        // characters tell the account.
        let (key, request) = seen.whole.split_once(' ').unwrap();
        format!("{} {request}", &key[..12])
    };
    let mut twice = 0;
    let mut known: BTreeSet<String> = BTreeSet::new();
    for request in sent.iter().chain(&last).filter(is_document) {
        twice += usize::from(!known.insert(ask(request)));
    }
    let once: BTreeSet<String> = all.iter().filter(is_document).map(ask).collect();
    let differ: Vec<&String> = known.symmetric_difference(&once).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    // No document was brought twice.
    let manifest: Value = serde_json::from_str(&other["manifest.json"]).unwrap();
    let mut brought_by: BTreeMap<String, usize> = BTreeMap::new();
    for call in manifest["calls"].as_array().unwrap().iter().filter(|call| is_of_document(call)) {
        *brought_by.entry(format!("{} {}", call["operation"], call["file"])).or_default() += 1;
    }
    // Four lists, of one policy type each, are one document.
    brought_by.retain(|call, times| *times > 1 && !call.contains("ListPolicies"));
    assert!(brought_by.is_empty(), "{brought_by:#?}");
    // What the last run asked is what the others had not brought, to the call.
    let documents = |seen: &[Seen]| seen.iter().filter(is_document).count();
    assert_eq!(documents(&last) + brought, documents(&all));
    say(&format!("{twice} documents were on their way when it was interrupted"));
    assert!(last.len() < all.len(), "{} of {}", last.len(), all.len());
}
