//! What cannot be read, or is made to hurt: the run goes on, says where, and judges the rest.
//!
//! Each input stands once in place of the access policy of the destination vault and once in place
//! of the policy of the source key, in a copy of the journey `clear-ebs`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::journeys::ebs;
use copy_preflight_tests::running::report;
use serde_json::Value;

/// The two documents that are spoiled: path, and the rule that reads it.
const TARGETS: [(&str, &str); 2] = [
    ("accounts/444455556666/eu-west-1/vaults/central.policy.json", "vault-policy-refuses-source"),
    (
        "accounts/111122223333/eu-west-1/keys/1234abcd-12ab-34cd-56ef-1234567890ab.policy.json",
        "source-key-refuses-destination",
    ),
];

/// Where the report says what is wrong.
enum Told<'a> {
    /// A problem of the whole file, whose message has this part.
    OfFile(&'a str),
    /// A problem in this line, whose message has this part.
    At(u64, &'a str),
    /// Valid JSON: under the label of the outcome, in this line.
    Label(u64),
}

enum Content {
    Folder,
    Bytes(Vec<u8>),
}

/// The outcome of the rule that reads the document, where the report says why, and that all others
/// stand as they did.
fn assert_told(content: &Content, expected: &str, told: &Told<'_>) {
    for (path, rule) in TARGETS {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&root().join("fixtures/journeys/clear-ebs"), folder.path());
        let file = folder.path().join(path);
        fs::remove_file(&file).unwrap();
        match content {
            Content::Folder => fs::create_dir(&file).unwrap(),
            Content::Bytes(bytes) => fs::write(&file, bytes).unwrap(),
        }
        let (exit, report) = report(folder.path(), &ebs());
        let outcomes = report["copies"][0]["outcomes"].as_array().unwrap();
        for outcome in outcomes {
            let found = outcome["outcome"].as_str().unwrap();
            if outcome["rule"] == rule {
                assert_eq!(found, expected, "{rule}: {outcome:#}");
            } else {
                let stands = found == "holds" || found == "not-applicable";
                assert!(stands, "{rule} is spoiled, and so is {outcome:#}");
            }
        }
        assert_eq!(exit, if expected == "holds" { Exit::Fine } else { Exit::Undecided }, "{rule}");
        let outcome = outcomes.iter().find(|one| one["rule"] == rule).unwrap();
        let problems = report["problems"].as_array().unwrap();
        match told {
            Told::OfFile(part) => {
                let problem = about(problems, path);
                assert!(problem["message"].as_str().unwrap().contains(part), "{problem:#}");
            }
            Told::At(line, part) => {
                let problem = about(problems, path);
                assert_eq!(problem["line"], *line, "{problem:#}");
                assert!(problem["column"].as_u64().is_some(), "{problem:#}");
                assert!(problem["message"].as_str().unwrap().contains(part), "{problem:#}");
            }
            Told::Label(line) => {
                let place = &outcome["labels"][0]["in_file"];
                assert!(place["path"].as_str().unwrap().ends_with(path), "{outcome:#}");
                assert_eq!(place["line"], *line, "{outcome:#}");
            }
        }
    }
}

fn about<'a>(problems: &'a [Value], path: &str) -> &'a Value {
    let first =
        problems.iter().find(|one| one["path"].as_str().is_some_and(|at| at.ends_with(path)));
    first.unwrap_or_else(|| panic!("no problem names {path}: {problems:#?}"))
}

fn text(text: impl Into<String>) -> Content {
    Content::Bytes(text.into().into_bytes())
}

fn spoiled(name: &str) -> Content {
    Content::Bytes(fs::read(root().join("fixtures/bad-input").join(name)).unwrap())
}

/// The answer around the text of a policy.
fn answer(policy: &str) -> String {
    serde_json::json!({ "Policy": policy }).to_string()
}

#[test]
fn a_folder_in_place_of_a_file() {
    assert_told(&Content::Folder, "undecided", &Told::OfFile("cannot be read"));
}

#[test]
fn other_encodings_than_utf_8() {
    assert_told(&spoiled("utf16.json"), "undecided", &Told::OfFile("UTF-16 (little endian)"));
    assert_told(&spoiled("latin1.json"), "undecided", &Told::OfFile("not UTF-8"));
    let zeros = Content::Bytes(vec![0; 64]);
    assert_told(&zeros, "undecided", &Told::At(1, ""));
}

#[test]
fn an_answer_that_ends_in_its_middle() {
    assert_told(&text("{\n  \"Policy\": \"{\\\"Version\\\":"), "undecided", &Told::At(2, ""));
    assert_told(&text(""), "undecided", &Told::At(1, ""));
    assert_told(&spoiled("truncated.json"), "undecided", &Told::At(9, "never closed"));
}

#[test]
fn json_as_other_languages_write_it() {
    assert_told(&spoiled("comments.json"), "undecided", &Told::At(8, "comment"));
    assert_told(&spoiled("trailing-comma.json"), "undecided", &Told::At(9, ""));
    assert_told(&spoiled("single-quotes.json"), "undecided", &Told::At(2, ""));
}

#[test]
fn the_text_of_a_policy_that_ends_in_its_middle() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Prin"#;
    assert_told(&text(answer(policy)), "undecided", &Told::At(1, ""));
}

#[test]
fn a_policy_that_is_a_list() {
    assert_told(&text("{\n\"Policy\": []}"), "undecided", &Told::Label(2));
    assert_told(&text("{\n\"Policy\": \"[]\"}"), "undecided", &Told::Label(2));
}

/// 10 MB: as an object, and as a string that holds it.
#[test]
fn half_a_million_members_in_one_object() {
    let mut policy = String::from("{");
    for index in 0..500_000 {
        let _ = write!(policy, "\"m{index:06}\":\"{index:06}\",");
    }
    policy.push_str("\"Version\":\"2012-10-17\"}");
    assert_told(&text(format!("{{\n\"Policy\":\n{policy}}}")), "undecided", &Told::Label(3));
    assert_told(&text(answer(&policy)), "undecided", &Told::Label(1));
}

#[test]
fn a_hundred_thousand_levels() {
    let levels = 100_000;
    let deep = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let policy = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{deep}}}");
    assert_told(&text(format!("{{\n\"Policy\":\n{policy}}}")), "undecided", &Told::At(3, ""));
    assert_told(&text(answer(&policy)), "undecided", &Told::At(1, ""));
    assert_told(&text(deep), "undecided", &Told::At(1, ""));
}

#[test]
fn a_hundred_thousand_members_of_one_name() {
    let members = "\"Statement\":[],".repeat(100_000);
    let policy = format!("{{{members}\"Version\":\"2012-10-17\"}}");
    assert_told(&text(format!("{{\n\"Policy\":\n{policy}}}")), "undecided", &Told::At(3, ""));
    assert_told(&text(answer(&policy)), "undecided", &Told::At(1, ""));
}

#[test]
fn patterns_of_four_thousand_stars() {
    for pattern in ["*".repeat(4_000), "*a".repeat(4_000), "*?".repeat(4_000)] {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "{pattern}"}}]}}"#
        );
        let folder = tempfile::tempdir().unwrap();
        for (path, rule) in TARGETS {
            copy_folder(&root().join("fixtures/journeys/clear-ebs"), folder.path());
            fs::write(folder.path().join(path), answer(&policy)).unwrap();
            let (exit, report) = report(folder.path(), &ebs());
            assert_ne!(exit, Exit::Fine, "{rule}");
            let outcomes = report["copies"][0]["outcomes"].as_array().unwrap();
            let outcome = outcomes.iter().find(|one| one["rule"] == rule).unwrap();
            assert_ne!(outcome["outcome"], "holds", "{outcome:#}");
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
