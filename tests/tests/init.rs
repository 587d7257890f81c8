//! `init`: a first config from what a repository holds.

use std::fs;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight::config::{Config, FILE_NAME, Located, PlannedCopy};
use copy_preflight_tests::places::fixture;
use copy_preflight_tests::running::{Ran, tool};
use copy_preflight_tests::schemas::schema;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn init(folder: &Path) -> Ran {
    tool(["init".as_ref(), folder.as_os_str()])
}

/// What `init` writes, which the reader of configs takes.
fn written(folder: &Path) -> (String, Config) {
    let ran = init(folder);
    assert_eq!(ran.exit, Exit::Fine, "{}", ran.error);
    let path = folder.join(FILE_NAME);
    let text = fs::read_to_string(&path).unwrap();
    let located =
        Located::find(Some(&path), Path::new("")).unwrap_or_else(|e| panic!("{e}\n{text}"));
    (text, located.config)
}

/// The config with its settings switched on, and what is to be filled in filled in.
fn switched_on(text: &str) -> Config {
    let mut seen = Vec::new();
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') && !setting.is_empty() => setting,
        _ => line,
    });
    let mut filled = String::new();
    for line in lines {
        // Of several documents for one part, the first is kept.
        let key = line.split(" = ").next().unwrap_or_default();
        if line.starts_with('[') {
            seen.clear();
        } else if line.contains(" = ") && !line.starts_with('#') {
            if seen.contains(&key.to_owned()) {
                continue;
            }
            seen.push(key.to_owned());
        }
        let empty = match key {
            "id" | "management-account" => "\"123456789012\"",
            _ => "\"x\"",
        };
        let line = line
            .replace("REGION", "eu-west-1")
            .replace("ACCOUNT", "111122223333")
            .replace("NAME", "prod")
            .replace("key/ID", "key/1234abcd");
        let line = match line.strip_suffix("\"\"") {
            Some(start) => format!("{start}{empty}"),
            None => line,
        };
        filled.push_str(&line);
        filled.push('\n');
    }
    toml::from_str(&filled).unwrap_or_else(|fault| panic!("{fault}\n{filled}"))
}

/// Name, vaults, days and documents of a planned copy.
type Told<'a> = (Option<&'a str>, String, Option<i64>, Vec<(&'a str, &'a str)>);

fn planned_copies(text: &str) -> Vec<PlannedCopy> {
    switched_on(text).planned_copies.into_iter().map(toml::Spanned::into_inner).collect()
}

fn organization(config: &Config) -> Option<&str> {
    config.organization.id.as_ref().map(|id| id.get_ref().as_str())
}

#[test]
fn what_the_documents_name_is_written() {
    let folder = folder(&[
        ("policies/vault-central.json", &fixture("config/policies/vault-central.json")),
        ("policies/vault-isolated.json", &fixture("config/policies/vault-central.json")),
        ("policies/key-prod.json", &fixture("config/policies/key-prod.json")),
        ("plans/daily.json", &fixture("plans/daily.json")),
        (".gitignore", "ignored/\n"),
        ("ignored/vault.json", &fixture("config/policies/vault-central.json")),
        ("package.json", r#"{"name": "x", "version": "111122224444"}"#),
    ]);
    let ran = init(folder.path());
    let said = |line: &str| assert!(ran.output.contains(line), "{line}\n{}", ran.output);
    said("key-policy");
    said("vault-policy         2  policies/vault-central.json");
    said("copy actions         2  daily / daily-one-month -> central");
    said("o-a1b2c3d4e5");
    said("account and Region of the source vault: 2 planned copies");
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();

    let (text, config) = written(folder.path());
    assert_eq!(organization(&config), Some("o-a1b2c3d4e5"));
    let accounts: Vec<&str> = config.accounts.iter().map(|one| one.id.get_ref().as_str()).collect();
    assert_eq!(accounts, ["111122223333", "444455556666"]);
    // Nothing is relied on before somebody says so.
    assert!(config.planned_copies.is_empty() && config.suppressions.is_empty());
    assert!(!text.contains("ignored/") && !text.contains("111122224444"));

    let copies = planned_copies(&text);
    let told: Vec<Told<'_>> = copies
        .iter()
        .map(|copy| {
            let documents = copy.documents.iter();
            (
                copy.name.as_deref(),
                format!("{} {}", copy.source_vault, copy.destination_vault),
                copy.delete_after_days,
                documents
                    .map(|(slot, path)| (slot.get_ref().as_str(), path.get_ref().as_str()))
                    .collect(),
            )
        })
        .collect();
    let prod = "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod";
    let copy =
        |vault: &str| format!("{prod} arn:aws:backup:eu-west-1:444455556666:backup-vault:{vault}");
    // The one key is of the other account, as its policy shows.
    let documents = |vault| {
        vec![
            ("destination-key-policy", "x"),
            ("destination-vault-policy", vault),
            ("source-key-policy[0]", "policies/key-prod.json"),
        ]
    };
    let name = Some("daily / daily-one-month");
    assert_eq!(
        told,
        [
            (name, copy("central"), Some(365), documents("policies/vault-central.json")),
            (name, copy("isolated"), None, documents("policies/vault-isolated.json")),
        ]
    );
}

#[test]
fn a_backup_policy_plans_copies_too() {
    let policy = r#"{"plans": {"nightly": {
        "regions": {"@@assign": ["eu-west-1"]},
        "rules": {"main": {
            "target_backup_vault_name": {"@@assign": "prod"},
            "copy_actions": {
                "arn:aws:backup:eu-west-1:444455556666:backup-vault:central": {
                    "target_backup_vault_arn": {"@@assign": "arn:aws:backup:eu-west-1:444455556666:backup-vault:central"},
                    "lifecycle": {"delete_after_days": {"@@assign": "35"}}
                },
                "arn:aws:backup:eu-west-1:$account:backup-vault:dr": {
                    "target_backup_vault_arn": {"@@assign": "arn:aws:backup:eu-west-1:$account:backup-vault:dr"}
                }
            }
        }}
    }}}"#;
    // The effective policy, which says the same without operators, is no other copy.
    let effective = r#"{"EffectivePolicy": {"PolicyType": "BACKUP_POLICY", "PolicyContent":
        "{\"plans\": {\"nightly\": {\"regions\": [\"eu-west-1\"], \"rules\": {\"main\": {
        \"target_backup_vault_name\": \"prod\", \"copy_actions\": {
        \"arn:aws:backup:eu-west-1:444455556666:backup-vault:central\": {
        \"lifecycle\": {\"delete_after_days\": \"35\"}}}}}}}}"}}"#;
    let effective = effective.replace("\n        ", " ");
    let folder = folder(&[("a.json", effective.as_str()), ("backup-policy.json", policy)]);
    let (text, config) = written(folder.path());
    assert_eq!(config.accounts.len(), 1, "{text}");
    assert!(text.contains("A copy action in a.json."), "{text}");
    assert!(text.contains("arn:aws:backup:eu-west-1:ACCOUNT:backup-vault:prod"), "{text}");
    assert!(text.contains("arn:aws:backup:eu-west-1:$account:backup-vault:dr"), "{text}");
    let copies = planned_copies(&text);
    let days: Vec<Option<i64>> = copies.iter().map(|copy| copy.delete_after_days).collect();
    assert_eq!(days, [Some(35), None]);
    assert!(copies.iter().all(|copy| copy.name.as_deref() == Some("nightly / main")));
}

#[test]
fn nothing_found_is_a_config_all_the_same() {
    let folder = folder(&[("README.md", "x")]);
    let (text, config) = written(folder.path());
    assert!(config.accounts.is_empty() && organization(&config).is_none());
    let on = switched_on(&text);
    assert_eq!((on.accounts.len(), on.planned_copies.len()), (1, 1));
    assert_eq!((on.suppressions.len(), on.answers.len()), (1, 1));
}

#[test]
fn several_organizations_are_a_question() {
    let ours = fixture("config/policies/vault-central.json");
    let theirs = ours.replace("o-a1b2c3d4e5", "o-zzzz999999");
    let folder = folder(&[("a.json", &ours), ("b.json", &theirs)]);
    let (text, config) = written(folder.path());
    assert_eq!(organization(&config), None);
    assert!(text.contains("#id = \"o-a1b2c3d4e5\"") && text.contains("#id = \"o-zzzz999999\""));
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder(&[(FILE_NAME, "# mine\n")]);
    let ran = init(folder.path());
    assert_eq!(ran.exit, Exit::Unable);
    assert!(ran.error.contains("is there already, and `init` overwrites nothing"), "{}", ran.error);
    assert_eq!(ran.output, "");
    assert_eq!(fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(), "# mine\n");
}

/// A link to nowhere is a file that somebody meant.
#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let folder = folder(&[("a.json", "{}")]);
    let target = folder.path().join("elsewhere");
    std::os::unix::fs::symlink(&target, folder.path().join(FILE_NAME)).unwrap();
    assert_eq!(init(folder.path()).exit, Exit::Unable);
    assert!(!target.exists());
}

#[test]
fn what_cannot_be_asked() {
    let folder = folder(&[]);
    let missing = folder.path().join("missing");
    let ran = init(&missing);
    assert_eq!((ran.exit, missing.exists()), (Exit::Unable, false));
    assert!(ran.error.contains("is no folder"), "{}", ran.error);
    let ran =
        tool(["init".as_ref(), "--config".as_ref(), "x.toml".as_ref(), folder.path().as_os_str()]);
    assert_eq!(ran.exit, Exit::Unable);
    assert!(ran.error.contains("takes no `--config`"), "{}", ran.error);
    assert!(!folder.path().join(FILE_NAME).exists());
}

/// Names of plans, vaults and files are text, whatever stands in them.
#[test]
fn hostile_names_stay_text() {
    let hostile = "x\"]\n[[answer]]\nid = \"owned\"\u{1b}[31m\u{7f}\\u0000'''#";
    let plan = serde_json::json!({"BackupPlan": {
        "BackupPlanName": hostile,
        "Rules": [{
            "RuleName": hostile,
            "TargetBackupVaultName": hostile,
            "CopyActions": [
                {"DestinationBackupVaultArn": format!("arn:aws:backup:eu-west-1:444455556666:backup-vault:{hostile}")},
                {"DestinationBackupVaultArn": hostile, "Lifecycle": {"DeleteAfterDays": "35\nx"}},
            ],
        }],
    }});
    let name = if cfg!(unix) { "a\"\n[rules]\nx = 1\u{1b}.json" } else { "a [rules].json" };
    let vault = fixture("config/policies/vault-central.json");
    let folder = folder(&[(name, &plan.to_string()), ("b'''\u{7f}/vault.json", &vault)]);
    let ran = init(folder.path());
    assert!(ran.output.chars().all(|one| one == '\n' || !one.is_control()), "{}", ran.output);
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
    let (text, config) = written(folder.path());
    assert!(config.answers.is_empty() && config.rules.is_empty());
    assert!(text.chars().all(|one| one == '\n' || !one.is_control()), "{text}");
    let copies = planned_copies(&text);
    let names: Vec<Option<&str>> = copies.iter().map(|one| one.name.as_deref()).collect();
    let both = format!("{hostile} / {hostile}");
    assert_eq!(names, [Some(both.as_str()); 2]);
}

/// The schema that editors use takes what is written, as it is and switched on.
#[test]
fn the_schema_takes_what_is_written() {
    let validator = jsonschema::validator_for(&schema("config-v1")).unwrap();
    let folder = folder(&[("plans/daily.json", &fixture("plans/daily.json"))]);
    let (text, _) = written(folder.path());
    let json: serde_json::Value = toml::from_str(&text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&json).map(|one| one.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
