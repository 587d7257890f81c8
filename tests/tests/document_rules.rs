//! Rules on documents: their cases in `fixtures/rules/document`, and the examples on their pages.

use std::collections::BTreeSet;

use copy_preflight_rules::rule::DocumentRule;
use copy_preflight_rules::rules::document::RULES;
use copy_preflight_tests::documents::{
    DocumentCase, DocumentCases, assert_document_case, document_examples,
};
use copy_preflight_tests::places::{read, workspace};

/// The cases of a rule: those of its page and those of its file, which it needs only where the
/// page does not show everything.
fn cases(rule: &DocumentRule) -> Vec<DocumentCase> {
    let mut cases = document_examples(&rule.rule);
    let file = workspace().join(format!("fixtures/rules/document/{}.toml", rule.rule.id()));
    if file.exists() {
        let text = read(&file);
        let more: DocumentCases =
            toml::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        cases.extend(more.case);
    }
    cases
}

#[test]
fn every_reason_of_every_rule_is_given_and_every_rule_stays_quiet() {
    let mut faults = Vec::new();
    for rule in RULES {
        let mut given = BTreeSet::new();
        let cases = cases(rule);
        for expected in ["broken", "holds"] {
            if !cases.iter().any(|case| case.expect == expected) {
                faults.push(format!("{}: no case for `{expected}`", rule.rule.id()));
            }
        }
        for case in &cases {
            let result = std::panic::catch_unwind(|| assert_document_case(rule, case));
            match result {
                Ok(reasons) => given.extend(reasons),
                Err(fault) => faults.push(
                    fault.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned()),
                ),
            }
        }
        for reason in rule.rule.reasons() {
            if !given.contains(reason.name) {
                faults.push(format!("{}: no case gives `{}`", rule.rule.id(), reason.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn case_files_belong_to_rules() {
    let ids: BTreeSet<String> = RULES.iter().map(|rule| rule.rule.id()).collect();
    let folder = workspace().join("fixtures/rules/document");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(ids.contains(name.trim_end_matches(".toml")), "{name}: no such rule");
    }
}
