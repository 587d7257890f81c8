//! Cases of rules: a journey with edits, flags, and the outcome that is expected.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use copy_preflight::output::human::Style;
use copy_preflight::{Streams, run};
use copy_preflight_rules::rule::Rule;
use serde::Deserialize;

use crate::folders::copy_folder;
use crate::places::workspace;

const SOURCE: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod";
const DESTINATION: &str = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole";

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// The cases.
    pub case: Vec<Case>,
}

/// A journey with a few edits, and the outcome that one rule has on it.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// The rule that the case is of, where the file is not named after it.
    pub rule: Option<String>,
    /// The journey that the case starts from.
    #[serde(default = "clear_ebs")]
    pub base: String,
    /// Flags that are added; a flag given here replaces the one that every case has.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Edits of files: path in the snapshot, and pairs of text to find (once) and to put there.
    #[serde(default)]
    pub replace: BTreeMap<String, Vec<[String; 2]>>,
    /// Files to write whole.
    #[serde(default)]
    pub write: BTreeMap<String, String>,
    /// Files to leave out.
    #[serde(default)]
    pub remove: Vec<String>,
    /// `holds`, `broken`, `undecided` or `not-applicable`.
    pub expect: String,
    /// The reason of an outcome that is broken or undecided.
    pub reason: Option<String>,
    /// How sure the outcome is.
    pub certainty: Option<String>,
    /// The text under the first label.
    pub underlined: Option<String>,
    /// Parts that the message has.
    #[serde(default)]
    pub message: Vec<String>,
    /// What is missing, by slot or flag.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Other rules that no longer concern the copy.
    #[serde(default)]
    pub steps_aside: Vec<String>,
}

/// The journey that cases start from.
#[must_use]
pub fn clear_ebs() -> String {
    "clear-ebs".to_owned()
}

/// Copies the base with the edits of the case.
fn materialise(case: &Case, into: &Path) {
    copy_folder(&workspace().join("fixtures/journeys").join(&case.base), into);
    for (path, edits) in &case.replace {
        let file = into.join(path);
        let mut text = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {path}: {error}", case.name));
        for [find, put] in edits {
            assert_eq!(text.matches(find.as_str()).count(), 1, "{}: `{find}` in {path}", case.name);
            text = text.replace(find.as_str(), put);
        }
        fs::write(&file, text).unwrap();
    }
    for (path, text) in &case.write {
        let file = into.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    for path in &case.remove {
        fs::remove_file(into.join(path))
            .unwrap_or_else(|error| panic!("{}: {path}: {error}", case.name));
    }
}

fn arguments(case: &Case, snapshot: &Path) -> Vec<OsString> {
    let defaults = [
        ("--source-vault", SOURCE),
        ("--destination-vault", DESTINATION),
        ("--role", ROLE),
        ("--now", "2026-11-22"),
    ];
    let mut arguments: Vec<OsString> =
        ["copy-preflight", "check", "--format", "json"].map(OsString::from).into();
    arguments.push("--snapshot".into());
    arguments.push(snapshot.into());
    for (flag, value) in defaults {
        let given =
            case.flags.iter().any(|given| given == flag || given == &format!("--no{}", &flag[1..]));
        if !given {
            arguments.extend([flag.into(), value.into()]);
        }
    }
    let meant = case.flags.iter().filter(|flag| !flag.starts_with("--no-"));
    arguments.extend(meant.map(OsString::from));
    arguments
}

impl Cases {
    /// Reads a file of `fixtures`.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn read(path: &str) -> Self {
        let file = workspace().join("fixtures").join(path);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// The report on a case.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn report(case: &Case) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    materialise(case, folder.path());
    let (mut output, mut error) = (Vec::new(), Vec::new());
    run(
        arguments(case, folder.path()),
        Streams {
            input: &mut std::io::empty(),
            output: &mut output,
            error: &mut error,
            style: Style::PLAIN,
            error_is_terminal: false,
        },
    );
    serde_json::from_slice(&output).unwrap_or_else(|fault| {
        panic!("{}: {fault}: {}", case.name, String::from_utf8_lossy(&error))
    })
}

/// The outcome of a rule on the first planned copy of a case.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn outcome(rule: &Rule, case: &Case) -> serde_json::Value {
    let report = report(case);
    let outcomes = report["copies"][0]["outcomes"]
        .as_array()
        .unwrap_or_else(|| panic!("{}: no copy", case.name));
    outcomes.iter().find(|one| one["rule"] == rule.id().as_str()).unwrap().clone()
}

/// Checks that a rule has the outcome of a case.
///
/// # Panics
/// Where it has another.
pub fn assert_case(rule: &Rule, case: &Case) {
    let found = outcome(rule, case);
    let at = format!("{} / {}: {found:#}", rule.id(), case.name);
    assert_eq!(found["outcome"], case.expect.as_str(), "{at}");
    if let Some(reason) = &case.reason {
        assert_eq!(found["reason"], reason.as_str(), "{at}");
    }
    if let Some(reason) = found["reason"].as_str() {
        assert!(
            rule.reasons().any(|one| one.name == reason),
            "reason not in the rule's list: {at}"
        );
    }
    if let Some(certainty) = &case.certainty {
        assert_eq!(found["certainty"], certainty.as_str(), "{at}");
    }
    if let Some(underlined) = &case.underlined {
        assert_eq!(found["labels"][0]["text"], underlined.as_str(), "{at}");
    }
    for part in &case.message {
        assert!(found["message"].as_str().unwrap().contains(part.as_str()), "{part}: {at}");
    }
    for what in &case.missing {
        let missing = found["missing"].as_array().unwrap();
        assert!(missing.iter().any(|one| one["what"] == what.as_str()), "{what}: {at}");
    }
    for fact in found["facts"].as_array().unwrap() {
        assert!(
            crate::facts::facts().row(fact.as_str().unwrap()).is_some(),
            "unknown fact {fact}: {at}"
        );
    }
}

/// The fenced blocks of a page that say what they are, with that and their text.
pub fn blocks(page: &str) -> impl Iterator<Item = (&str, String)> {
    let mut lines = page.lines();
    std::iter::from_fn(move || {
        let info =
            lines.find_map(|line| line.strip_prefix("```").filter(|info| !info.is_empty()))?;
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        Some((info, body.join("\n")))
    })
}

/// The examples of a page as cases.
///
/// # Panics
/// Where an example is no example.
#[must_use]
pub fn examples(rule: &Rule) -> Vec<Case> {
    let mut cases = Vec::new();
    for (info, body) in blocks(rule.page) {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let Some(word) = words.next() else { continue };
        let (verb, reason) = match word.split_once('(') {
            Some((verb, reason)) => (verb, Some(reason.trim_end_matches(')').to_owned())),
            None => (word, None),
        };
        let expect = match verb {
            "breaks" => "broken",
            "holds" => "holds",
            "undecided" => "undecided",
            _ => continue,
        };
        let mut case = Case {
            name: format!("page: {info}"),
            base: clear_ebs(),
            expect: expect.to_owned(),
            reason,
            flags: vec![
                "--recovery-point".into(),
                "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718".into(),
            ],
            ..Case::default()
        };
        match language {
            "json" => {
                let path =
                    words.next().unwrap_or_else(|| panic!("{}: `{info}` names no path", rule.id()));
                // An error stands in the place of the answer.
                let answer = path.strip_suffix(".error.json").map(|stem| format!("{stem}.json"));
                let base = workspace().join("fixtures/journeys").join(&case.base);
                case.remove.extend(answer.filter(|answer| base.join(answer).exists()));
                case.write.insert(path.to_owned(), body);
                // Flags may follow the path.
                case.flags.extend(words.map(str::to_owned));
            }
            "sh" => {
                case.flags = body
                    .split_whitespace()
                    .filter(|word| *word != "\\")
                    .map(str::to_owned)
                    .collect();
            }
            other => panic!("{}: an example cannot be `{other}`", rule.id()),
        }
        cases.push(case);
    }
    cases
}
