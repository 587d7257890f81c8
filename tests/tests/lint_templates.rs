//! `lint` finds the same in every form of a policy: the same rules and reasons, with the same
//! values underlined, each on its line.

use std::fs;

use copy_preflight_rules::rules::document::RULES;
use copy_preflight_tests::documents::document_examples;
use copy_preflight_tests::running::tool;
use copy_preflight_tests::templates::{Case, Form, Kind, cases, written};
use serde_json::Value;

/// A finding: rule, outcome, reason, and what is underlined.
#[derive(Debug)]
struct Finding {
    rule: String,
    outcome: String,
    reason: String,
    underlined: Vec<Option<String>>,
}

impl Finding {
    /// Whether it is the same, as far as both forms underline a value.
    fn agrees(&self, other: &Self) -> bool {
        let mut pairs = self.underlined.iter().zip(&other.underlined);
        (&self.rule, &self.outcome, &self.reason) == (&other.rule, &other.outcome, &other.reason)
            && self.underlined.len() == other.underlined.len()
            && pairs.all(|(one, other)| one.is_none() || other.is_none() || one == other)
    }
}

/// Whether both lists have the same findings, in whatever order.
fn agree(some: &[Finding], others: &[Finding]) -> bool {
    some.len() == others.len()
        && some.iter().all(|one| others.iter().any(|other| one.agrees(other)))
        && others.iter().all(|one| some.iter().any(|other| one.agrees(other)))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::KeyPolicy => "key-policy",
        Kind::VaultPolicy => "vault-policy",
        Kind::IdentityPolicy => "identity-policy",
        Kind::TrustPolicy => "trust-policy",
        Kind::ServiceControlPolicy => "scp",
        Kind::ResourceControlPolicy => "rcp",
    }
}

/// The policies of pages that break a rule on them.
fn broken() -> Vec<Case> {
    let kind = |word: &str| {
        Some(match word {
            "key-policy" => Kind::KeyPolicy,
            "vault-policy" => Kind::VaultPolicy,
            "identity-policy" => Kind::IdentityPolicy,
            "trust-policy" => Kind::TrustPolicy,
            "scp" => Kind::ServiceControlPolicy,
            "rcp" => Kind::ResourceControlPolicy,
            _ => return None,
        })
    };
    let mut found = Vec::new();
    for rule in RULES {
        for (index, case) in document_examples(&rule.rule).into_iter().enumerate() {
            let policy = serde_json::from_str(&case.document());
            if let (Some(kind), Ok(policy)) = (kind(&case.kind), policy) {
                found.push(Case { name: format!("{}-{index}", rule.rule.id()), kind, policy });
            }
        }
    }
    found
}

/// A value, or a key with its value, without what formats put around them; `None` for objects and
/// lists, which every format writes in its own way, and for the first character of a policy, which
/// stands for all of it.
fn scalar(text: &str) -> Option<String> {
    let is_scalar = !text.contains(['{', '[', '\n']) && text.chars().count() > 1;
    is_scalar.then(|| plain(text))
}

/// Without quotes, the marks between key and value, and the escapes of Terraform.
fn plain(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{").replace(['"', '\'', ' ', ':', '='], "")
}

/// What `lint` finds in a form of a policy.
fn findings(case: &Case, form: Form) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let file = written(case, form);
    let path = folder.path().join(&file.name);
    fs::write(&path, &file.text).unwrap();
    let mut arguments = vec!["lint", "--format", "json", "--now", "2026-11-22"];
    // A bare policy does not always say what it is; the resource of a template does.
    if matches!(form, Form::Json | Form::Answer) {
        arguments.extend(["--kind", word(case.kind)]);
    }
    arguments.push(path.to_str().unwrap());
    let report = tool(arguments).json();
    let at = format!("{} as {form:?}\n{}", case.name, file.text);
    assert_eq!(report["problems"], Value::Array(Vec::new()), "{at}");
    assert_eq!(report["summary"]["documents"], 1, "{at}\n{report:#}");
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    for one in report["findings"].as_array().unwrap() {
        let mut underlined = Vec::new();
        for label in one["labels"].as_array().unwrap() {
            underlined.push(scalar(label["text"].as_str().unwrap()));
            let Some(Some(text)) = underlined.last() else { continue };
            let line = usize::try_from(label["line"].as_u64().unwrap()).unwrap();
            if form.has_lines(case.kind) {
                let line = lines.get(line - 1).unwrap();
                assert!(plain(line).contains(text) || text.contains('\\'), "{text}: {line}\n{at}");
            }
        }
        let cell = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let (rule, outcome, reason) = (cell("rule"), cell("outcome"), cell("reason"));
        found.push(Finding { rule, outcome, reason, underlined });
    }
    found
}

#[test]
fn every_form_of_a_policy_has_the_same_findings() {
    let (mut policies, mut all, mut faults) = (0, 0, Vec::new());
    for case in cases() {
        let expected = findings(&case, Form::Json);
        all += expected.len();
        policies += 1;
        for form in Form::ALL {
            let found = findings(&case, form);
            if !agree(&found, &expected) {
                faults.push(format!("{} as {form:?}:\n  {found:?}\n  {expected:?}", case.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(policies >= 20 && all >= 5, "{all} findings in {policies} policies");
}

/// `aws_iam_policy_document` cannot say most of what is wrong on these pages.
#[test]
fn every_form_that_can_say_it_has_the_mistakes_of_the_pages() {
    let (mut broken_policies, mut faults) = (0, Vec::new());
    for case in broken() {
        let expected = findings(&case, Form::Json);
        broken_policies += usize::from(!expected.is_empty());
        for form in Form::ALL {
            let found = match form {
                Form::PolicyDocument => continue,
                form => findings(&case, form),
            };
            if !agree(&found, &expected) {
                faults.push(format!("{} as {form:?}:\n  {found:?}\n  {expected:?}", case.name));
            }
        }
    }
    assert!(faults.is_empty(), "{} differ\n{}", faults.len(), faults.join("\n"));
    assert!(broken_policies >= 40, "{broken_policies} policies with findings");
}
