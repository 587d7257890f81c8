//! Every rule: its registration, its cases in `fixtures/rules`, and the examples on its page.
//!
//! A case is a journey with a few edits and the outcome that one rule has on it. An example on a
//! page is a fenced block whose info string says what it is:
//! `json breaks PATH` and `json holds PATH` put a document at that path of the base snapshot,
//! `sh breaks` and `sh holds` add flags to the command. `(reason)` may follow `breaks`.

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::rule::{Rule, Scope};
use copy_preflight_rules::rules;
use copy_preflight_tests::cases::{Cases, assert_case, examples};

/// A rule that only ever says that it cannot be told.
fn never_breaks(rule: &Rule) -> bool {
    // What AWS does cannot be told from documents that contradict each other.
    // Nor from policies on which AWS contradicts itself.
    let ids = [
        "inputs-disagree",
        "effective-policy-differs",
        "same-level-conflict",
        "copy-key-lower-cased",
    ];
    ids.contains(&rule.id().as_str())
}

#[test]
fn rules_are_registered_whole() {
    let facts = Facts::embedded().unwrap();
    let mut ids: Vec<String> = rules::all().map(Rule::id).collect();
    for rule in rules::all() {
        let id = rule.id();
        let why = match rule.scope {
            Scope::PlannedCopy => "## Why the copy fails",
            Scope::Document | Scope::Account | Scope::Change => "## Why it matters",
        };
        assert!(
            !rule.summary.ends_with('.') && !rule.summary.starts_with(char::is_uppercase),
            "{id}"
        );
        assert!(rule.unknown_facts(&facts).is_empty(), "{id}: {:?}", rule.unknown_facts(&facts));
        let mut names: Vec<&str> = rule.reasons().map(|reason| reason.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(all, names.len(), "{id}: a reason stands twice");
        for section in [
            "## What it checks",
            why,
            "## Example that breaks",
            "## Example that holds",
            "## How to fix",
            "## Facts",
            "## When it cannot decide",
        ] {
            assert!(rule.page.contains(section), "{id}: the page has no `{section}`");
        }
        assert!(rule.page.starts_with(&format!("# {id}\n")), "{id}: the page begins with the id");
    }
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(all, ids.len(), "an id stands twice");
}

/// The rules that one outcome for each subject is asked of. Those on documents and on changes have
/// tests of their own, `document_rules` and `change_rules`.
fn with_cases() -> impl Iterator<Item = &'static Rule> {
    rules::all().filter(|rule| matches!(rule.scope, Scope::PlannedCopy | Scope::Account))
}

#[test]
fn every_rule_fires_stays_quiet_and_admits_what_it_cannot_decide() {
    let mut ran = 0;
    for rule in with_cases() {
        let cases = Cases::read(&format!("rules/{}.toml", rule.id()));
        for expected in ["broken", "holds", "undecided"] {
            if expected == "broken" && never_breaks(rule) {
                continue;
            }
            let found = cases.case.iter().any(|case| case.expect == expected);
            // A rule that can never be undecided, or only warns, says so by its reasons.
            assert!(found, "{}: no case for `{expected}`", rule.id());
        }
        for case in &cases.case {
            assert_case(rule, case);
            ran += 1;
        }
    }
    let rules = with_cases().count();
    assert!(ran >= 3 * rules, "{ran} cases for {rules} rules");
}

#[test]
fn examples_on_pages_do_what_the_page_says() {
    for rule in with_cases() {
        let examples = examples(rule);
        for expected in ["broken", "holds"] {
            let expected =
                if expected == "broken" && never_breaks(rule) { "undecided" } else { expected };
            let found = examples.iter().any(|case| case.expect == expected);
            assert!(found, "{}: no example for `{expected}`", rule.id());
        }
        for case in &examples {
            assert_case(rule, case);
        }
    }
}
