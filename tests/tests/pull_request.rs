//! A pull request played through: the vault's policy loses the source account, and `lint --base`
//! says which planned copy stops working, and where.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use copy_preflight_tests::places::{read, workspace};
use copy_preflight_tests::running::binary;
use copy_preflight_tests::schemas::{sarif, schema};
use serde_json::Value;

const STOPS: &str = "planned copy `prod to central` (EBS): the policy of vault `central` does not \
                     admit account 111122223333";
const LET_IN: &str =
    "account 777788889999 can now do `backup:CopyIntoBackupVault`, and could not before";

/// A repository of git whose branch `main` is the version before, and whose files are changed.
struct Repository(tempfile::TempDir);

impl Repository {
    fn of(version: &str) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.take("before");
        repository.commit("before");
        repository.take(version);
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&[
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@example.invalid",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "--quiet",
            "--message",
            message,
        ]);
    }

    /// Copies a version of the fixture over the files.
    fn take(&self, version: &str) {
        let from = workspace().join("fixtures/lint/pull-request").join(version);
        fs::create_dir_all(self.path().join("policies")).unwrap();
        for name in [
            "copy-preflight.toml",
            "policies/central-vault.json",
            "policies/central-key.json",
            "policies/prod-key.json",
        ] {
            fs::copy(from.join(name), self.path().join(name)).unwrap();
        }
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let path = self.path().join(name);
        let text = read(&path);
        assert!(text.contains(from), "{name}: {from}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = quiet(Command::new("git")).args(arguments).current_dir(self.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn lint(&self, arguments: &[&str]) -> Ran {
        let mut command = quiet(Command::new(binary()));
        command.args(["lint", ".", "--now", "2026-11-22"]).args(arguments);
        Ran::of(&command.current_dir(self.path()).output().unwrap())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.lint(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&ran.output).unwrap_or_else(|fault| panic!("{fault}: {ran:?}"))
    }
}

/// Without the variables that make git or the tool look elsewhere, or write elsewhere.
fn quiet(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy().into_owned();
        if ["GIT_", "GITHUB_", "CI", "COLUMNS"].iter().any(|prefix| name_text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_GLOBAL", "").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

#[derive(Debug)]
struct Ran {
    exit: Option<i32>,
    output: String,
    error: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            exit: output.status.code(),
            output: text(&output.stdout),
            error: text(&output.stderr),
        }
    }
}

fn found(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|one| (text(&one["rule"]), text(&one["message"]))).collect()
}

/// The parts of the texts that every format gives: what stops, whom it lets in, where.
#[test]
fn every_format_says_which_copy_stops_and_where() {
    let repository = Repository::of("after");
    for (format, parts) in [
        ("human", vec!["policies/central-vault.json:7:30", "does not name the copy role"]),
        ("concise", vec!["policies/central-vault.json:7:30: error[vault-policy-refuses-source]"]),
        ("github", vec!["::error file=policies/central-vault.json,line=7,endLine=7,col=30,"]),
        ("junit", vec!["file=\"policies/central-vault.json\" line=\"7\"><failure type=\"error\""]),
        ("json", vec!["\"line\": 7", "\"column\": 30"]),
        ("sarif", vec!["\"startLine\": 7", "\"startColumn\": 30"]),
    ] {
        let ran = repository.lint(&["--base", "main", "--format", format]);
        assert_eq!(ran.exit, Some(1), "{format}: {ran:?}");
        // The human form breaks lines.
        let plain: String = ran.output.replace("\n  │", "").replace("&apos;", "'");
        for part in parts.into_iter().chain([STOPS, LET_IN]) {
            assert!(plain.contains(part), "{format}: no `{part}` in\n{}", ran.output);
        }
        // One line a finding has no place for help.
        let admitted =
            plain.contains("before the change policies/central-vault.json:4 permitted it");
        assert_eq!(admitted, format != "concise", "{format}:\n{}", ran.output);
        // What was wrong before is not told again, though it moved by a line.
        assert!(!plain.contains("`DescribeKeys`"), "{format}:\n{}", ran.output);
    }
}

#[test]
fn only_what_is_new_is_told() {
    let repository = Repository::of("after");
    let report = repository.json(&["--base", "main"]);
    let rules: Vec<String> = found(&report).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["vault-policy-refuses-source", "principal-newly-allowed"]);
    assert_eq!(report["summary"]["base"]["as_before"], 1);
    assert_eq!(report["copies"][0]["answer"], "not permitted");
    // As it stands, without a version before, the old mistake is told and nobody is new.
    let whole = found(&repository.json(&[]));
    assert!(whole.iter().any(|(_, message)| message.contains("`DescribeKeys`")), "{whole:?}");
    assert!(whole.iter().all(|(rule, _)| rule != "principal-newly-allowed"), "{whole:?}");
    // Once it is merged it is broken as before.
    repository.commit("after");
    let merged = repository.lint(&["--base", "main", "--format", "json"]);
    assert_eq!(merged.exit, Some(0), "{merged:?}");
    assert!(merged.output.contains("\"answer\": \"not permitted\""), "{merged:?}");
    let report = repository.json(&["--base", "main~1"]);
    assert_eq!(found(&report).len(), 2);
}

#[test]
fn forms_are_what_their_schemas_say() {
    let repository = Repository::of("after");
    for (format, schema) in [("json", schema("lint-v1")), ("sarif", sarif())] {
        let ran = repository.lint(&["--base", "main", "--format", format]);
        let report: Value = serde_json::from_str(&ran.output).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors = validator.iter_errors(&report);
        let errors: Vec<String> =
            errors.map(|one| format!("{} {one}", one.instance_path())).collect();
        assert!(errors.is_empty(), "{format}: {errors:#?}");
    }
}

#[test]
fn who_is_let_in_is_named() {
    let admit = "arn:aws:iam::111122223333:root\" },";
    for (to, expected) in [
        ("111122223333\" },", None),
        (
            "*\" },",
            Some(
                "every account (`*`) can now do `backup:CopyIntoBackupVault`, and could not before",
            ),
        ),
        (
            "arn:aws:iam::777788889999:role/x\" },",
            Some(
                "`arn:aws:iam::777788889999:role/x` can now do `backup:CopyIntoBackupVault`, and could not before",
            ),
        ),
        (
            "*\" }, \"Condition\": { \"StringEquals\": { \"aws:PrincipalOrgID\": \"o-a1b2c3d4e5\" } },",
            Some(
                "every account of `o-a1b2c3d4e5` can now do `backup:CopyIntoBackupVault`, and could not before",
            ),
        ),
        (
            "777788889999\" }, \"Condition\": { \"IpAddress\": { \"aws:SourceIp\": \"192.0.2.0/24\" } },",
            Some(
                "account 777788889999 can now do `backup:CopyIntoBackupVault` where the statement's conditions hold, and could not before",
            ),
        ),
    ] {
        let repository = Repository::of("before");
        repository.edit("policies/central-vault.json", admit, to);
        let report = repository.json(&["--base", "main"]);
        let newly =
            found(&report).into_iter().filter(|(rule, _)| rule == "principal-newly-allowed");
        let newly: Vec<String> = newly.map(|(_, message)| message).collect();
        assert_eq!(newly, expected.into_iter().collect::<Vec<_>>(), "{to}");
    }
}

#[test]
fn the_index_and_the_files_stay_as_they_are() {
    let repository = Repository::of("after");
    let before = repository.git(&["status", "--porcelain=v2", "--untracked-files=all"]);
    repository.lint(&["--base", "HEAD"]);
    let after = repository.git(&["status", "--porcelain=v2", "--untracked-files=all"]);
    assert_eq!(before, after);
    assert!(before.contains("policies/central-vault.json"), "{before}");
}

#[test]
fn a_base_that_is_not_there_is_told() {
    let repository = Repository::of("after");
    let unknown = repository.lint(&["--base", "no-such-branch"]);
    assert_eq!(unknown.exit, Some(2), "{unknown:?}");
    assert!(unknown.error.contains("fetch it first"), "{unknown:?}");
    fs::create_dir(repository.path().join("main")).unwrap();
    let both = repository.lint(&["--base", "main"]);
    assert_eq!(both.exit, Some(2), "{both:?}");
    assert!(both.error.contains("is both a folder and a revision"), "{both:?}");
    // A folder beside it holds no repository.
    let alone = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(binary()));
    command.env("GIT_CEILING_DIRECTORIES", alone.path().parent().unwrap());
    command.args(["lint", ".", "--base", "main"]).current_dir(alone.path());
    let none = Ran::of(&command.output().unwrap());
    assert_eq!(none.exit, Some(2), "{none:?}");
    assert!(none.error.contains("needs a git repository"), "{none:?}");
    // Without git the fault is that, and says what `--base` needs it for.
    let mut command = quiet(Command::new(binary()));
    command.env("PATH", alone.path()).args(["lint", ".", "--base", "main~0"]);
    let no_git = Ran::of(&command.current_dir(repository.path()).output().unwrap());
    assert_eq!(no_git.exit, Some(2), "{no_git:?}");
    assert!(no_git.error.contains("runs `git`, which cannot be run"), "{no_git:?}");
}

#[test]
fn a_new_planned_copy_has_no_version_before() {
    let repository = Repository::of("before");
    // The copy is relied on from now on, and was never permitted.
    repository.edit("copy-preflight.toml", "\"EBS\"", "[\"EBS\", \"RDS\"]");
    repository.edit(
        "policies/prod-key.json",
        "\"arn:aws:iam::444455556666:root\"",
        "\"arn:aws:iam::999988887777:root\"",
    );
    let report = repository.json(&["--base", "main"]);
    let broken: Vec<(String, String)> = found(&report)
        .into_iter()
        .filter(|(rule, _)| rule == "source-key-refuses-destination")
        .collect();
    assert!(broken.iter().any(|(_, message)| message.contains("EBS")), "{broken:?}");
    assert!(broken.iter().any(|(_, message)| message.contains("RDS")), "{broken:?}");
    let path = PathBuf::from("policies/prod-key.json");
    let first = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["rule"] == "source-key-refuses-destination");
    assert_eq!(first.unwrap()["path"].as_str().map(PathBuf::from), Some(path));
}

#[test]
fn what_was_accepted_before_is_not_called_unused() {
    let repository = Repository::of("after");
    let config = read(&repository.path().join("copy-preflight.toml"));
    let accepted = "[[suppress]]\nrule = \"unknown-action\"\nreason = \"known\"\n";
    fs::write(repository.path().join("copy-preflight.toml"), format!("{config}\n{accepted}"))
        .unwrap();
    let report = repository.json(&["--base", "main"]);
    assert_eq!(report["problems"], Value::Array(Vec::new()), "{report}");
    assert_eq!(found(&report).len(), 2);
}

#[test]
fn a_version_before_that_cannot_be_judged_is_told_and_stops_nothing() {
    let repository = Repository::of("before");
    repository.edit("copy-preflight.toml", "policies/prod-key.json", "policies/none.json");
    repository.commit("a config that names a file that is not there");
    repository.take("after");
    let report = repository.json(&["--base", "main"]);
    let problems = report["problems"].as_array().unwrap();
    let expected = "planned copy `prod to central` could not be judged in the version before: \
                    copy-preflight.toml:25:26: `policies/none.json` does not exist";
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["message"], expected);
    assert!(found(&report).iter().any(|(_, message)| message == STOPS), "{report}");
}

#[test]
fn a_file_that_moved_did_not_change() {
    let repository = Repository::of("before");
    repository.git(&["mv", "policies/central-vault.json", "policies/vault.json"]);
    repository.git(&["mv", "policies/central-key.json", "policies/key.json"]);
    repository.edit("copy-preflight.toml", "central-vault", "vault");
    repository.edit("copy-preflight.toml", "central-key", "key");
    let report = repository.json(&["--base", "main"]);
    assert_eq!(found(&report), vec![], "{report:#}");
    assert_eq!(report["summary"]["base"]["as_before"], 1);
    assert_eq!(report["copies"][0]["answer"], "permitted");
}
