//! Cases of rules on accounts: the journey of an organization with edits, and the outcome that one
//! rule has on the organization or on one account.
//!
//! An example on a page is a fenced block. `json breaks plan` holds a merge patch of the plan
//! `daily` (`null` takes a member out), `policy:ID` one of a whole policy, any other word is the
//! path of a file. `account:ID` names the account; `plan:NAME` and the words after it stand for
//! edits that several examples share.

use std::fs;
use std::path::Path;

use copy_preflight_rules::rule::Rule;
use serde_json::{Value, json};

use crate::cases::{Case, materialise};
use crate::running::tool;

/// The journey that cases start from.
const BASE: &str = "organization";
/// The account whose outcome a case is about.
const ACCOUNT: &str = "111122223333";
/// The policy of all workloads.
const POLICY: &str = "p-bk1d4a7l0y";
/// The policy of one account.
const SECOND: &str = "p-bk2f8r3k5t";
/// The tag policy.
const TAGS: &str = "p-tg7k2m9q4x";

/// The report of `org check` on a case.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn report(case: &Case) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let base = Case { base: BASE.to_owned(), ..case.clone() };
    materialise(&base, folder.path());
    edit(case, folder.path());
    let snapshot = folder.path().to_str().unwrap();
    let mut arguments = vec!["org", "check", "--snapshot", snapshot];
    arguments.extend(["--now", "2026-11-22", "--format", "json"]);
    arguments.extend(case.flags.iter().map(String::as_str));
    tool(arguments).json()
}

/// The worst outcome of a rule on the subject of a case.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn outcome(rule: &Rule, case: &Case) -> Value {
    let report = report(case);
    let account = case.account.as_deref().unwrap_or(ACCOUNT);
    let of = |subject: &Value| -> Vec<Value> {
        let numbers = subject["outcomes"].as_array().unwrap().iter();
        numbers
            .map(|number| report["outcomes"][number.as_u64().unwrap() as usize].clone())
            .filter(|one| one["rule"] == rule.id().as_str())
            .collect()
    };
    let accounts = report["accounts"].as_array().unwrap();
    let found = accounts.iter().find(|one| one["id"] == account);
    let found = found.unwrap_or_else(|| panic!("{}: no account {account}", case.name));
    let mut outcomes = of(found);
    outcomes.extend(of(&report["organization"]));
    let rank = |one: &Value| match one["outcome"].as_str().unwrap() {
        "broken" => 0,
        "undecided" => 1,
        "holds" => 2,
        _ => 3,
    };
    // Where a case names its reason, an outcome with that reason is meant.
    let meant = |one: &&Value| {
        case.reason.as_deref().is_none_or(|reason| one["reason"] == reason)
            && one["outcome"] == case.expect.as_str()
    };
    let worst = outcomes.iter().map(rank).min();
    let worst = worst.unwrap_or_else(|| panic!("{} / {}: silent", rule.id(), case.name));
    let mut of_worst = outcomes.iter().filter(|one| rank(one) == worst);
    of_worst.clone().find(meant).or_else(|| of_worst.next()).unwrap().clone()
}

fn edit(case: &Case, folder: &Path) {
    if case.without_paths {
        change(&folder.join("organization/accounts.json"), |accounts| {
            for account in accounts["Accounts"].as_array_mut().unwrap() {
                account.as_object_mut().unwrap().remove("Paths");
            }
        });
    }
    if case.beside {
        let from = format!("organization/attachments/{POLICY}.json");
        let to = format!("organization/attachments/{SECOND}.json");
        fs::copy(folder.join(from), folder.join(to)).unwrap();
    }
    if case.tags_everywhere {
        let path = folder.join(format!("organization/attachments/{TAGS}.json"));
        fs::write(path, r#"{"Targets": [{"TargetId": "r-ab12", "Type": "ROOT"}]}"#).unwrap();
    }
    if let Some(plan) = &case.plan {
        let plan: Value = serde_json::from_str(plan)
            .unwrap_or_else(|fault| panic!("{}: {fault}: {plan}", case.name));
        patch_policy(folder, POLICY, &json!({"plans": {"daily": plan}}));
    }
    for (id, patch) in &case.policy {
        let patch: Value = serde_json::from_str(patch)
            .unwrap_or_else(|fault| panic!("{}: {fault}: {patch}", case.name));
        patch_policy(folder, id, &patch);
    }
    if case.long {
        let path = folder.join(format!("organization/policies/{POLICY}.json"));
        change(&path, |answer| {
            let text = answer["Policy"]["Content"].as_str().unwrap();
            let long = format!("{}{}", " ".repeat(10_001 - text.len()), text);
            answer["Policy"]["Content"] = Value::from(long);
        });
    }
}

/// Lays a merge patch over a policy. A patch of a plan by its key in lower case.
fn patch_policy(folder: &Path, id: &str, patch: &Value) {
    change(&folder.join(format!("organization/policies/{id}.json")), |answer| {
        let mut content: Value =
            serde_json::from_str(answer["Policy"]["Content"].as_str().unwrap()).unwrap();
        merge(&mut content, patch);
        let text = serde_json::to_string_pretty(&content).unwrap();
        answer["Policy"]["Content"] = Value::from(text);
    });
}

fn change(path: &Path, change: impl FnOnce(&mut Value)) {
    let text =
        fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    let mut value = serde_json::from_str(&text).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
}

/// A merge patch: members that are null are taken out.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    let object = into.as_object_mut().unwrap();
    for (key, value) in members {
        match value {
            Value::Null => {
                object.remove(key);
            }
            value => merge(object.entry(key.clone()).or_insert(Value::Null), value),
        }
    }
}

/// Makes a case of an example on a page.
///
/// # Panics
/// Where a word is none that is known.
pub(crate) fn example<'w>(
    case: &mut Case,
    language: &str,
    words: impl Iterator<Item = &'w str>,
    body: String,
) {
    case.flags.clear();
    if language == "sh" {
        case.flags = body.split_whitespace().map(str::to_owned).collect();
        return;
    }
    assert_eq!(language, "json", "{}", case.name);
    for (number, word) in words.enumerate() {
        match word.split_once(':') {
            None if number == 0 && word == "plan" => case.plan = Some(body.clone()),
            Some(("policy", id)) if number == 0 => {
                case.policy.insert(id.to_owned(), body.clone());
            }
            None if number == 0 => {
                // An error stands in the place of the answer.
                let answer = word.strip_suffix(".error.json").map(|stem| format!("{stem}.json"));
                case.remove.extend(answer);
                case.write.insert(word.to_owned(), body.clone());
            }
            Some(("account", id)) => case.account = Some(id.to_owned()),
            Some(("tags", "everywhere")) => case.tags_everywhere = true,
            Some(("plan", name)) => case.plan = Some(shared(name).to_owned()),
            None if word == "without-paths" => case.without_paths = true,
            None if word == "beside" => {
                case.beside = true;
            }
            None if word == "long" => case.long = true,
            _ => panic!("{}: `{word}` is not known", case.name),
        }
    }
}

/// Patches of the plan that several examples share.
fn shared(name: &str) -> &'static str {
    match name {
        "default" => {
            r#"{"rules": {"nightly": {"target_backup_vault_name": {"@@assign": "Default"}}}}"#
        }
        "milan" => r#"{"regions": {"@@assign": ["eu-south-1"]}}"#,
        "tables" => {
            r#"{"selections": {"resources": {"file-systems": {"resource_types":
                {"@@assign": ["arn:aws:dynamodb:*:*:table/*"]}}}}}"#
        }
        other => panic!("no patch `{other}`"),
    }
}
