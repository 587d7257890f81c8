//! `lint` as a command: its forms of output, what it leaves out, and bad input.

use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight_tests::places::read;
use copy_preflight_tests::running::{Ran, binary, tool};
use copy_preflight_tests::schemas::{sarif, schema, undescribed};
use serde_json::Value;

const SHARED_KEY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Administration", "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"
    },
    {
      "Sid": "Share", "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
      "Action": ["kms:Decrypt", "kms:ReEncrypt"], "Resource": "*"
    }
  ]
}
"#;

const SOUND_VAULT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Copies", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "backup:CopyIntoBackupVault", "Resource": "*"
  }
}
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lint(&self, flags: &[&str]) -> Ran {
        let path = self.path().to_str().unwrap();
        tool([&["lint", path, "--now", "2026-11-22"], flags].concat())
    }

    fn json(&self, flags: &[&str]) -> Value {
        self.lint(&[flags, &["--format", "json"]].concat()).json()
    }
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|one| one["rule"].as_str().unwrap()).collect()
}

#[test]
fn findings_fail_by_their_level_alone() {
    let sound = Folder::of(&[("vault.json", SOUND_VAULT), ("package.json", "{\"name\": \"x\"}")]);
    assert_eq!(sound.lint(&[]).exit, Exit::Fine);
    let wrong = Folder::of(&[("key.json", SHARED_KEY)]);
    assert_eq!(wrong.lint(&[]).exit, Exit::Failed);
    assert_eq!(wrong.lint(&["--exit-zero"]).exit, Exit::Fine);
    let open = SHARED_KEY.replace("kms:ReEncrypt\"", "kms:${verb}\"");
    let open = Folder::of(&[("key.json", &open)]);
    let ran = open.lint(&["--fail-on", "suggestion"]);
    assert!(ran.output.contains("open question"), "{}", ran.output);
    assert_eq!(ran.exit, Exit::Fine, "an open question alone");
    let warned = SOUND_VAULT.replace("{\"AWS\": \"arn:aws:iam::111122223333:root\"}", "\"*\"");
    let warned = Folder::of(&[("vault.json", &warned)]);
    assert_eq!(warned.lint(&[]).exit, Exit::Fine);
    assert_eq!(warned.lint(&["--fail-on", "security"]).exit, Exit::Failed);
    assert_eq!(warned.lint(&["--fail-on", "suggestion"]).exit, Exit::Failed);
    assert_eq!(tool(["lint", "no/such/file.json"]).exit, Exit::Unable);
    assert_eq!(tool(["lint"]).exit, Exit::Unable);
}

#[test]
fn the_json_form_is_what_its_schema_says() {
    let schema = schema("lint-v1");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = Folder::of(&[
        ("key.json", SHARED_KEY),
        ("vault.json", SOUND_VAULT),
        ("plan.json", "{\"BackupPlan\": {\"Rules\": [{\"TargetBackupVaultName\": 1,}]}}"),
    ]);
    folder.write("binary.json", b"{\0}");
    let report = folder.json(&[]);
    let errors: Vec<String> = validator.iter_errors(&report).map(|one| one.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(undescribed(&schema, &report), Vec::<String>::new());
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "unknown-action", "{report:#}");
    assert_eq!(finding["labels"][0]["text"], "\"kms:ReEncrypt\"");
    assert_eq!(finding["labels"][0]["line"], 11);
    assert_eq!(finding["fix"]["edits"][0]["text"], "\"kms:ReEncrypt*\"");
    assert_eq!(rules(&report), ["unknown-action", "json-syntax"]);
    assert_eq!(report["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn sarif_is_what_the_official_schema_says() {
    let official = sarif();
    let validator = jsonschema::validator_for(&official).unwrap();
    let hostile = SHARED_KEY.replace("Share", "a\\u001b[31m\\n::error::b");
    let files =
        [("key.json", SHARED_KEY), ("a b%,ü.json", hostile.as_str()), ("vault.json", SOUND_VAULT)];
    let folder = Folder::of(&files);
    for flags in [&["--format", "sarif"][..], &["--format", "sarif", "--sarif-all"]] {
        let log = folder.lint(flags).json();
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|one| format!("{} {one}", one.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let results = log["runs"][0]["results"].as_array().unwrap();
        let kinds: Vec<&str> = results.iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"fail"));
        assert_eq!(kinds.contains(&"pass"), flags.len() > 2);
        assert_eq!(kinds.contains(&"notApplicable"), flags.len() > 2);
        for result in results {
            let location = &result["locations"][0]["physicalLocation"];
            assert!(location["artifactLocation"]["uri"].is_string(), "{result:#}");
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            let rule = &log["runs"][0]["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], result["ruleId"]);
        }
        let encoded = results.iter().any(|one| {
            let uri = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            uri.is_some_and(|uri| uri.ends_with("a%20b%25%2C%C3%BC.json"))
        });
        assert!(encoded, "the name is percent-encoded");
    }
}

#[test]
fn fingerprints_outlive_a_move_to_another_line() {
    let print = |text: &str| {
        let folder = Folder::of(&[]);
        let file = folder.write("key.json", text.as_bytes());
        let ran = tool(["lint", file.to_str().unwrap(), "--format", "json"]);
        let report = ran.json();
        let path = report["findings"][0]["path"].as_str().unwrap().to_owned();
        (report["findings"][0]["fingerprint"].as_str().unwrap().to_owned(), path)
    };
    // The same folder, so that the path is the same.
    let folder = Folder::of(&[("key.json", SHARED_KEY)]);
    let first = folder.json(&[]);
    let moved =
        SHARED_KEY.replacen("{\n", "{\n\n\n", 1).replace("\"Action\": [", "\"Action\": [\n   ");
    folder.write("key.json", moved.as_bytes());
    let second = folder.json(&[]);
    assert_ne!(
        first["findings"][0]["labels"][0]["line"],
        second["findings"][0]["labels"][0]["line"]
    );
    assert_eq!(first["findings"][0]["fingerprint"], second["findings"][0]["fingerprint"]);
    // Two of a kind are told apart.
    let twice = SHARED_KEY.replace("\"kms:ReEncrypt\"", "\"kms:ReEncrypt\", \"kms:ReEncrypt\"");
    folder.write("key.json", twice.as_bytes());
    let report = folder.json(&[]);
    let prints: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["rule"] == "unknown-action")
        .map(|one| &one["fingerprint"])
        .collect();
    assert_eq!(prints.len(), 2);
    assert_ne!(prints[0], prints[1]);
    assert_ne!(print(SHARED_KEY).1, "", "a file by itself has a path");
}

#[test]
fn hostile_names_break_no_form() {
    let hostile = SHARED_KEY.replace(
        "kms:ReEncrypt",
        "kms:Re\\u001b[31m\\n::error file=x::pwned\\u0007]]>&\\\"<b>|%0A",
    );
    let name = if cfg!(windows) { "a,b%.json" } else { "a:b,c%\n::error::x\u{1b}[31m<b>.json" };
    let folder = Folder::of(&[(name, &hostile)]);
    for format in ["human", "concise", "github", "junit"] {
        let ran = folder.lint(&["--format", format]);
        let bad = ran.output.chars().find(|one| one.is_control() && *one != '\n');
        assert_eq!(bad, None, "{format}: {}", ran.output);
        assert_eq!(ran.exit, Exit::Failed, "{format}");
    }
    let annotations = folder.lint(&["--format", "github"]).output;
    for line in annotations.lines() {
        let known = line.starts_with("::error file=")
            || line.starts_with("::warning file=")
            || line.starts_with("::notice ")
            || line.starts_with("copy-preflight: ");
        assert!(known, "{line}");
        if let Some((properties, _)) =
            line.strip_prefix("::").and_then(|rest| rest.split_once("::"))
        {
            assert!(!properties.contains(['\n', '\r']), "{line}");
            assert!(!properties.contains("::"), "{line}");
        }
    }
    let xml = folder.lint(&["--format", "junit"]).output;
    well_formed(&xml);
    // JSON forms keep the text as it is, escaped.
    let report = folder.json(&[]);
    assert!(
        report["findings"][0]["labels"][0]["text"].as_str().unwrap().contains("\\u001b"),
        "as written"
    );
    let log = folder.lint(&["--format", "sarif"]).json();
    assert_eq!(log["version"], "2.1.0");
}

/// Tags that close in order, quotes that close, and no bare `&` or `<`.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest =
        xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a declaration");
    while let Some((text, tag)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text}");
        let (tag, behind) = tag.split_once('>').expect("a tag that ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        rest = behind;
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name), "{tag}"),
            (None, true) => {}
            (None, false) => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for part in xml.split('&').skip(1) {
        let entity = part.split(';').next().unwrap();
        assert!(["amp", "lt", "gt", "quot", "apos"].contains(&entity), "{entity}");
    }
}

#[test]
fn github_gets_the_worst_first_and_ten_of_a_level() {
    let actions: Vec<String> = (0..14).map(|one| format!("\"kms:Nothing{one}\"")).collect();
    let many = SHARED_KEY.replace("\"kms:ReEncrypt\"", &actions.join(", "));
    let folder = Folder::of(&[("key.json", &many)]);
    let output = folder.lint(&["--format", "github"]).output;
    assert_eq!(output.matches("::error file=").count(), 10, "{output}");
    assert!(output.contains("4 more findings stand in the summary of this step"), "{output}");
    let first_notice = output.find("::notice").unwrap_or(output.len());
    assert!(output.rfind("::error").unwrap() < first_notice);
}

#[test]
fn the_summary_of_the_step_holds_all_findings() {
    let actions: Vec<String> = (0..14).map(|one| format!("\"kms:Nothing{one}\"")).collect();
    let many = SHARED_KEY.replace("\"kms:ReEncrypt\"", &actions.join(", "));
    let folder = Folder::of(&[("key.json", &many)]);
    let summary = folder.write("summary.md", b"before\n");
    let run = std::process::Command::new(binary())
        .args(["lint", "key.json", "--format", "github"])
        .current_dir(folder.path())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    let text = read(&summary);
    assert!(text.starts_with("before\n### copy-preflight lint"), "{text}");
    assert_eq!(text.matches("| error | key.json:11 | unknown-action |").count(), 14, "{text}");
}

#[test]
fn bad_input_is_told_once_and_the_rest_goes_on() {
    let folder = Folder::of(&[
        ("key.json", SHARED_KEY),
        (
            "half-key.json",
            SHARED_KEY.get(..SHARED_KEY.rfind("\"Resource\": \"*\"\n").unwrap()).unwrap(),
        ),
        ("dos-key.json", &SHARED_KEY.replace('\n', "\r\n")),
        ("empty.json", ""),
    ]);
    folder.write("binary.json", b"\x7fELF\0\0\0");
    folder.write("utf16.json", b"\xff\xfe{\0}\0");
    folder.write("large.json", &vec![b' '; (32 << 20) + 1]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let report = folder.json(&[]);
    let problems: Vec<String> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!("{} {}", one["path"].as_str().unwrap(), one["message"].as_str().unwrap())
        })
        .collect();
    for (path, what) in [
        ("binary.json", "is a binary file"),
        ("utf16.json", "UTF-16"),
        ("large.json", "larger than 32 MB"),
    ] {
        let told = problems.iter().filter(|one| one.contains(path) && one.contains(what));
        assert_eq!(told.count(), 1, "{path}: {problems:?}");
    }
    if cfg!(unix) {
        let told = problems.iter().filter(|one| one.contains("loop") && one.contains("leads back"));
        assert_eq!(told.count(), 1, "{problems:?}");
    }
    let of = |name: &str| -> Vec<&Value> {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().filter(|one| one["path"].as_str().unwrap().ends_with(name)).collect()
    };
    for name in ["/key.json", "/dos-key.json"] {
        let found = of(name);
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0]["labels"][0]["line"], 11, "{name}");
    }
    let half: Vec<&str> =
        of("half-key.json").iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert!(half.contains(&"json-syntax") && half.contains(&"unknown-action"), "{half:?}");
    assert!(!half.contains(&"missing-element"), "what was not read is not missing: {half:?}");
}

#[test]
fn only_unreadable_input_is_a_failure_of_the_tool() {
    let folder = Folder::of(&[]);
    let binary = folder.write("binary.json", b"\0\0\0");
    assert_eq!(tool(["lint", binary.to_str().unwrap()]).exit, Exit::Unable);
    assert_eq!(folder.lint(&[]).exit, Exit::Unable);
    let other = folder.write("other.json", b"{\"name\": 1}");
    let ran = tool(["lint", other.to_str().unwrap()]);
    assert_eq!(ran.exit, Exit::Fine);
    assert!(ran.output.contains("holds no document of a known kind"), "{}", ran.output);
    let ran = tool(["lint", other.to_str().unwrap(), "--kind", "key-policy"]);
    assert_eq!(ran.exit, Exit::Failed, "{}", ran.output);
}

#[test]
fn ignore_files_are_respected() {
    let folder = Folder::of(&[
        (".gitignore", "generated/\n"),
        ("generated/key.json", SHARED_KEY),
        ("vault.json", SOUND_VAULT),
    ]);
    let report = folder.json(&[]);
    assert_eq!(report["summary"]["documents"], 1);
    // What is named is linted.
    let named = folder.path().join("generated/key.json");
    assert_eq!(tool(["lint", named.to_str().unwrap()]).exit, Exit::Failed);
}

#[test]
fn a_baseline_leaves_out_what_was_there() {
    let folder = Folder::of(&[("key.json", SHARED_KEY)]);
    let baseline = folder.path().join("known.baseline");
    let baseline = baseline.to_str().unwrap();
    assert_eq!(folder.lint(&["--write-baseline", baseline]).exit, Exit::Fine);
    let ran = folder.lint(&["--baseline", baseline]);
    assert_eq!(ran.exit, Exit::Fine, "{}", ran.output);
    assert!(ran.output.contains("1 in the baseline"), "{}", ran.output);
    let worse = SHARED_KEY.replace("kms:Decrypt", "kms:Dekrypt");
    folder.write("key.json", worse.as_bytes());
    let report = folder.json(&["--baseline", baseline]);
    assert_eq!(rules(&report), ["unknown-action"]);
    assert_eq!(report["findings"][0]["labels"][0]["text"], "\"kms:Dekrypt\"");
    let other = folder.write("other.json", b"{\"schema\":\"x\",\"findings\":[]}");
    assert_eq!(folder.lint(&["--baseline", other.to_str().unwrap()]).exit, Exit::Unable);
}

#[test]
fn the_config_weighs_and_suppresses() {
    let config = |text: &str| {
        let folder =
            Folder::of(&[("policies/key.json", SHARED_KEY), ("copy-preflight.toml", text)]);
        let path = folder.path().join("copy-preflight.toml");
        let ran = folder.lint(&["--config", path.to_str().unwrap(), "--format", "json"]);
        (ran.exit, ran.json())
    };
    let (exit, report) = config("[rules]\nunknown-action = \"warning\"\n");
    assert_eq!(exit, Exit::Fine);
    assert_eq!(report["findings"][0]["level"], "warning");
    let (_, report) = config("[rules]\nunknown-action = \"off\"\n");
    assert_eq!(rules(&report), Vec::<&str>::new());
    let suppress = |place: &str, until: &str| {
        format!(
            "[[suppress]]\nrule = \"unknown-action\"\nwhere = \"{place}\"\nreason = \"known\"\n{until}"
        )
    };
    for place in ["policies/*.json", "**", "policies/key.json"] {
        let (exit, report) = config(&suppress(place, "until = 2026-12-31\n"));
        assert_eq!(exit, Exit::Fine, "{place}");
        assert_eq!(report["summary"]["suppressed"], 1, "{place}");
        assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{place}");
    }
    let (exit, report) = config(&suppress("policies/*.json", "until = 2026-11-21\n"));
    assert_eq!(exit, Exit::Failed);
    let told = report["problems"][0]["message"].as_str().unwrap();
    assert!(told.contains("ended on 2026-11-21"), "{told}");
    let (exit, report) = config(&suppress("other/*.json", ""));
    assert_eq!(exit, Exit::Failed);
    let problem = &report["problems"][0];
    assert!(problem["message"].as_str().unwrap().contains("is not used"), "{problem}");
    assert!(problem["path"].as_str().unwrap().ends_with("copy-preflight.toml:2:8"), "{problem}");
    let (_, report) = config("[rules]\nno-such-rule = \"off\"\n");
    let told = report["problems"][0]["message"].as_str().unwrap();
    assert!(told.contains("there is no rule `no-such-rule`"), "{told}");
}

#[test]
fn an_answer_of_the_aws_cli_is_underlined_in_its_string() {
    let policy = serde_json::to_string(SHARED_KEY).unwrap();
    let answer = format!("{{\n  \"Policy\": {policy},\n  \"PolicyName\": \"default\"\n}}\n");
    let folder = Folder::of(&[("answer.json", &answer)]);
    let report = folder.json(&[]);
    let finding = &report["findings"][0];
    assert_eq!(finding["document"]["kind"], "key-policy");
    assert_eq!(finding["labels"][0]["text"], "\"kms:ReEncrypt\"");
    assert_eq!(finding["labels"][0]["line"], 2);
    let (start, end) = (&finding["labels"][0]["start"], &finding["labels"][0]["end"]);
    let range = start.as_u64().unwrap() as usize..end.as_u64().unwrap() as usize;
    assert_eq!(answer.get(range), Some("\\\"kms:ReEncrypt\\\""));
    assert!(finding["fix"].is_null(), "the edit does not fit the escaped text");
}
