//! The table of mistakes: the clear pair with one edit, which changes what one rule says and
//! nothing else.

use std::collections::BTreeMap;

use copy_preflight_rules::rule::Rule;
use copy_preflight_rules::rules;
use copy_preflight_tests::cases::{Case, Cases, assert_case, clear_ebs, report};
use serde_json::Value;

const POINT: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718";
const KEY_POLICY: &str =
    "accounts/111122223333/eu-west-1/keys/1234abcd-12ab-34cd-56ef-1234567890ab.policy.json";

/// What each rule says of the copy.
fn kinds(report: &Value) -> BTreeMap<String, String> {
    let outcomes = report["copies"][0]["outcomes"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    outcomes.iter().map(|one| (text(&one["rule"]), text(&one["outcome"]))).collect()
}

fn clear_pair() -> Case {
    Case {
        name: "the clear pair".to_owned(),
        base: clear_ebs(),
        flags: vec!["--recovery-point".to_owned(), POINT.to_owned()],
        ..Case::default()
    }
}

fn rule_of(case: &Case) -> &'static Rule {
    let id = case.rule.as_deref().unwrap_or_else(|| panic!("{}: no rule", case.name));
    rules::named(id).unwrap_or_else(|| panic!("no rule `{id}`"))
}

fn assert_mutation(case: &Case, clear: &BTreeMap<String, String>) {
    let edits = case.replace.values().map(Vec::len).sum::<usize>() + case.write.len();
    assert_eq!((edits, case.remove.len()), (1, 0), "{}: not one edit", case.name);
    let rule = rule_of(case);
    assert_case(rule, case);
    let mut expected = clear.clone();
    expected.insert(rule.id(), case.expect.clone());
    for aside in &case.steps_aside {
        expected.insert(aside.clone(), "not-applicable".to_owned());
    }
    assert_eq!(kinds(&report(case)), expected, "{}: another rule changed", case.name);
}

#[test]
fn a_mistake_changes_what_one_rule_says() {
    let clear = report(&clear_pair());
    assert_eq!(clear["verdict"], "clear", "{clear:#}");
    let clear = kinds(&clear);
    let cases = Cases::read("rules-table.toml").case;
    assert!(cases.len() >= 13, "{} cases", cases.len());
    for case in &cases {
        assert_mutation(case, &clear);
    }
}

#[test]
fn keys_of_the_source_in_many_situations() {
    for case in &Cases::read("rules-keys.toml").case {
        assert_case(rule_of(case), case);
    }
}

/// The largest policy that KMS takes, in which everybody stands but the destination.
#[test]
fn a_policy_of_32_kb_without_the_destination() {
    const LIMIT: usize = 32 * 1024;
    let own = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;
    let mut policy = format!(r#"{{"Version":"2012-10-17","Statement":[{own}"#);
    for account in 500_000_000_000_u64.. {
        let statement = format!(
            r#",{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":["kms:DescribeKey","kms:CreateGrant","kms:ReEncrypt*"],"Resource":"*"}}"#
        );
        if policy.len() + statement.len() + 2 > LIMIT {
            break;
        }
        policy.push_str(&statement);
    }
    policy.push_str("]}");
    assert!(policy.len() > LIMIT - 256, "{} bytes", policy.len());
    let case = Case {
        name: "a policy of 32 KB without the destination".to_owned(),
        rule: Some("source-key-refuses-destination".to_owned()),
        write: BTreeMap::from([(
            KEY_POLICY.to_owned(),
            serde_json::json!({ "Policy": policy }).to_string(),
        )]),
        expect: "broken".to_owned(),
        reason: Some("no-statement".to_owned()),
        underlined: Some("arn:aws:iam::111122223333:root".to_owned()),
        ..clear_pair()
    };
    assert_mutation(&case, &kinds(&report(&clear_pair())));
}
