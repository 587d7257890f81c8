//! `org check`: every rule on every subject, public policies, and the tag check.

use std::fs;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight_policy::json;
use copy_preflight_policy::management::tag::Compliance;
use copy_preflight_policy::source::SourceId;
use copy_preflight_rules::rule::Scope;
use copy_preflight_rules::{rules, tag_policy};
use copy_preflight_tests::facts::facts;
use copy_preflight_tests::journeys::journey;
use copy_preflight_tests::places::{read, shared, workspace};
use copy_preflight_tests::running::{Ran, tool};
use serde_json::Value;

/// How many tag cases the shared folder has.
const TAG_CASES: usize = 13;
/// How many backup policies of the corpus have labels.
const LABELLED: usize = 13;
/// How many mistakes the labels list.
const MISTAKES: usize = 8;

fn check(snapshot: &Path, flags: &[&str]) -> Ran {
    let snapshot = snapshot.to_str().unwrap();
    let mut arguments = vec!["org", "check", "--snapshot", snapshot, "--now", "2026-11-22"];
    arguments.extend(["--format", "json"]);
    arguments.extend(flags);
    tool(arguments)
}

/// The outcomes of a subject of a report.
fn of<'r>(report: &'r Value, subject: &Value) -> Vec<&'r Value> {
    let numbers = subject["outcomes"].as_array().unwrap().iter();
    numbers.map(|number| &report["outcomes"][number.as_u64().unwrap() as usize]).collect()
}

#[test]
fn every_rule_speaks_of_every_subject() {
    let ran = check(&journey("organization"), &[]);
    assert_eq!(ran.exit, Exit::Failed);
    let report = ran.json();
    let accounts = report["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 6);
    let names = |subject: &Value| {
        let mut names: Vec<String> = of(&report, subject)
            .iter()
            .map(|one| one["rule"].as_str().unwrap().to_owned())
            .collect();
        names.dedup();
        names
    };
    let own = names(&report["organization"]);
    let mut all: Vec<String> = own.clone();
    all.extend(names(&accounts[0]));
    all.sort();
    let mut expected: Vec<String> = rules::all()
        .filter(|rule| rule.scope == Scope::Account)
        .map(copy_preflight_rules::rule::Rule::id)
        .collect();
    expected.sort();
    assert_eq!(all, expected);
    for account in accounts {
        assert_eq!(names(account).len(), expected.len() - own.len(), "{}", account["id"]);
    }
}

#[test]
fn one_account_each_says_what_is_wrong_with_it() {
    let report = check(&journey("organization"), &[]).json();
    for (account, verdict, broken) in [
        ("111122223333", "clear", None),
        ("222233334444", "blocked", Some(("plan-vault-missing", "no-such-vault"))),
        ("333344445555", "blocked", Some(("plan-role-unusable", "role-missing"))),
        ("444455556666", "blocked", Some(("effective-policy-invalid", "no-region"))),
        ("555566667777", "blocked", Some(("opt-in-off", "type-not-opted-in"))),
        ("999988887777", "clear", Some(("account-outside-policies", "no-policy"))),
    ] {
        let accounts = report["accounts"].as_array().unwrap();
        let found = accounts.iter().find(|one| one["id"] == account).unwrap();
        assert_eq!(found["verdict"], verdict, "{account}");
        let told: Vec<(&str, &str)> = of(&report, found)
            .into_iter()
            .filter(|one| one["outcome"] == "broken" || one["outcome"] == "undecided")
            .map(|one| (one["rule"].as_str().unwrap(), one["reason"].as_str().unwrap()))
            .collect();
        assert_eq!(told, Vec::from_iter(broken), "{account}");
    }
}

#[test]
fn an_account_can_be_named() {
    let ran = check(&journey("organization"), &["--account", "111122223333"]);
    assert_eq!(ran.exit, Exit::Fine);
    assert_eq!(ran.json()["accounts"].as_array().unwrap().len(), 1);
    let strict = check(&journey("organization"), &["--account", "111122223333", "--strict"]);
    assert_eq!(strict.exit, Exit::Undecided);
    let nobody = check(&journey("organization"), &["--account", "123412341234"]);
    assert_eq!(nobody.exit, Exit::Unable);
    assert!(nobody.error.contains("lists no account 123412341234"), "{}", nobody.error);
}

#[test]
fn one_cause_of_many_accounts_is_told_once() {
    // The same role is missing in two accounts.
    let folder = tempfile::tempdir().unwrap();
    copy_preflight_tests::folders::copy_folder(&journey("organization"), folder.path());
    let roles = "accounts/111122223333/roles/AWSBackupDefaultServiceRole";
    fs::remove_file(folder.path().join(format!("{roles}.json"))).unwrap();
    let error = r#"{"code": "NoSuchEntityException", "message": "none"}"#;
    fs::write(folder.path().join(format!("{roles}.error.json")), error).unwrap();
    let report = check(folder.path(), &[]).json();
    let first = &report["causes"][0];
    assert_eq!(first["accounts"], serde_json::json!(["111122223333", "333344445555"]));
    let number = first["outcomes"][0].as_u64().unwrap() as usize;
    assert_eq!(report["outcomes"][number]["rule"], "plan-role-unusable");
}

/// Runs the cases of a vector: what the policy says of each tag, and whether it is refused.
fn tag_cases(path: &Path) -> usize {
    let vector: Value = serde_json::from_str(&read(path)).unwrap();
    let text = vector["effective"].to_string();
    let policy = json::read(SourceId::new(0), &text).root;
    let cases = vector["cases"].as_array().unwrap();
    for case in cases {
        let resource_type = case["resource_type"].as_str().unwrap();
        let (mut result, mut blocked) = ("NOT_EVALUATED", false);
        for (key, value) in case["tags"].as_object().unwrap() {
            let tag = (key.as_str(), value.as_str().unwrap());
            let (compliance, refused) = tag_policy::judge(&policy, tag, resource_type, facts());
            blocked |= refused;
            let found = match compliance {
                Compliance::NotEvaluated => "NOT_EVALUATED",
                Compliance::Compliant => "COMPLIANT",
                Compliance::KeyCase { .. } => "NONCOMPLIANT_KEY_CASE",
                Compliance::Value { .. } => "NONCOMPLIANT_VALUE",
                Compliance::NotClear { expected, .. } => panic!("{expected}: {case:#}"),
            };
            // One tag that does not comply is enough.
            if !result.starts_with("NONCOMPLIANT") && found != "NOT_EVALUATED" {
                result = found;
            }
        }
        assert_eq!(result, case["result"].as_str().unwrap(), "{case:#}");
        assert_eq!(
            blocked,
            case["blocked_if_operation_sets_these_tags"].as_bool().unwrap(),
            "{case:#}"
        );
    }
    cases.len()
}

#[test]
fn shared_tag_cases() {
    let Some(shared) = shared() else { return };
    let ran = tag_cases(&shared.join("vectors/effective-policies/99-tag-compliance-cases.json"));
    assert_eq!(ran, TAG_CASES);
}

#[test]
fn our_tag_cases() {
    assert_eq!(tag_cases(&workspace().join("fixtures/vectors/tag-compliance.json")), 11);
}

/// The findings on a policy that stands alone on a root with one account: rule, message, labels.
fn findings(policy_type: &str, content: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("organization");
    for folder in ["policies", "attachments"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let arn = "arn:aws:organizations::222222222222";
    let answers = [
        ("roots", format!(r#"{{"Roots": [{{"Id": "r-ab12", "Arn": "{arn}:root/o-exampleorgid/r-ab12", "PolicyTypes": [{{"Type": "{policy_type}", "Status": "ENABLED"}}]}}]}}"#)),
        ("accounts", r#"{"Accounts": [{"Id": "111122223333", "Paths": ["o-exampleorgid/r-ab12/111122223333/"]}, {"Id": "444455556666", "Paths": ["o-exampleorgid/r-ab12/444455556666/"]}]}"#.to_owned()),
        ("attachments/p-1", r#"{"Targets": [{"TargetId": "r-ab12", "Type": "ROOT"}]}"#.to_owned()),
        ("policies/p-1", format!(r#"{{"Policy": {{"PolicySummary": {{"Id": "p-1", "Type": "{policy_type}"}}, "Content": {content}}}}}"#)),
    ];
    for (name, text) in answers {
        fs::write(root.join(format!("{name}.json")), text).unwrap();
    }
    let ran = check(folder.path(), &["--account", "111122223333"]);
    assert_ne!(ran.exit, Exit::Unable, "{}", ran.error);
    let report = ran.json();
    of(&report, &report["accounts"][0])
        .into_iter()
        .filter(|one| one["outcome"] == "broken")
        .map(|one| {
            let notes = one["labels"].as_array().unwrap().iter();
            let notes: Vec<&str> = notes.map(|label| label["note"].as_str().unwrap()).collect();
            let told = format!("{} {}", one["message"].as_str().unwrap(), notes.join(" "));
            (one["rule"].as_str().unwrap().to_owned(), told)
        })
        .collect()
}

/// The rule that finds a mistake which a label names, and what it says.
fn rule_of(problem: &str) -> (&'static str, &'static str) {
    for (words, rule, told) in [
        ("element regions absent", "effective-policy-invalid", "ELEMENTS_TOO_FEW"),
        ("schedule_expression absent", "effective-policy-invalid", "KEY_REQUIRED"),
        ("is an unresolved template reference", "copy-destination-invalid", "${"),
        ("differs from target_backup_vault_arn", "copy-key-differs", "<Replace"),
        ("is less than move_to_cold_storage_after_days", "plan-lifecycle-invalid", "deleted after"),
    ] {
        if problem.contains(words) {
            return (rule, told);
        }
    }
    panic!("no rule for: {problem}");
}

const RULES: [&str; 4] = [
    "effective-policy-invalid",
    "copy-destination-invalid",
    "copy-key-differs",
    "plan-lifecycle-invalid",
];

#[test]
fn shared_corpus_mistakes_are_found() {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus");
    let (mut labelled, mut mistakes) = (0, 0);
    for line in read(&corpus.join("labels.jsonl")).lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let file = label["file"].as_str().unwrap();
        if !file.starts_with("backup-policy/") {
            continue;
        }
        labelled += 1;
        let found = findings("BACKUP_POLICY", &read(&corpus.join(file)));
        let problems = label["answer"]["problems_in_document"].as_array().unwrap();
        for problem in problems {
            let (rule, told) = rule_of(problem.as_str().unwrap());
            let is_it = |one: &&(String, String)| one.0 == rule && one.1.contains(told);
            assert!(found.iter().any(|one| is_it(&one)), "{file}: {problem}: {found:#?}");
            mistakes += 1;
        }
        if problems.is_empty() {
            let surplus = found.iter().find(|one| RULES.contains(&one.0.as_str()));
            assert!(surplus.is_none(), "{file}: {surplus:?}");
        }
    }
    assert_eq!((labelled, mistakes), (LABELLED, MISTAKES));
    let folder = fs::read_dir(corpus.join("tag-policy")).unwrap();
    let tags: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(tags.len(), 1);
    for file in tags {
        let found = findings("TAG_POLICY", &read(&file));
        assert!(found.iter().all(|(rule, _)| rule == "account-outside-policies"), "{found:#?}");
    }
}

/// The twin: the same mistakes in policies of our own.
#[test]
fn our_mistakes_are_found() {
    let whole = r#"{"plans": {"nightly": {"regions": {"@@assign": ["eu-west-1"]}, "rules": {"r": {
        "schedule_expression": {"@@assign": "cron(0 3 ? * * *)"}, "target_backup_vault_name": {"@@assign": "v"},
        "lifecycle": {"move_to_cold_storage_after_days": {"@@assign": "30"}, "delete_after_days": {"@@assign": "120"}},
        "copy_actions": {"arn:aws:backup:eu-west-1:444455556666:backup-vault:c": {"target_backup_vault_arn":
            {"@@assign": "arn:aws:backup:eu-west-1:444455556666:backup-vault:c"}}}}},
        "selections": {"tags": {"s": {"iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/B"},
            "tag_key": {"@@assign": "k"}, "tag_value": {"@@assign": ["v"]}}}}}}}"#;
    let of_rules = |content: &str| -> Vec<String> {
        let found = findings("BACKUP_POLICY", content).into_iter().map(|(rule, _)| rule);
        found.filter(|rule| RULES.contains(&rule.as_str())).collect()
    };
    assert_eq!(of_rules(whole), Vec::<String>::new());
    for (find, put, rule) in [
        (r#"["eu-west-1"]"#, "[]", "effective-policy-invalid"),
        ("schedule_expression", "schedule", "effective-policy-invalid"),
        (
            r#""@@assign": "arn:aws:backup:eu-west-1:444455556666:backup-vault:c""#,
            r#""@@assign": "${V}""#,
            "copy-destination-invalid",
        ),
        (
            r#""arn:aws:backup:eu-west-1:444455556666:backup-vault:c": {"#,
            r#""KEY": {"#,
            "copy-key-differs",
        ),
        (r#""120""#, r#""100""#, "plan-lifecycle-invalid"),
    ] {
        assert_eq!(whole.matches(find).count(), 1, "{find}");
        let found = of_rules(&whole.replace(find, put));
        assert!(found.iter().any(|one| one == rule), "{rule}: {found:?}");
    }
}
