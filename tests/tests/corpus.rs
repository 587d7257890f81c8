//! Public policies written by others: all are read and evaluated, and the answers to questions
//! about them are compared with labels that were made by hand and by another evaluator.
//!
//! The corpus stays in the shared data. Its twin here is `fixtures/journeys`, whose policies are
//! read by every other test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, ContextValue, DenyKind, Document, Documents, Levels,
    Outcome, Policies, Policy, Request, decide,
};
use copy_preflight_policy::json;
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::text::Text;
use copy_preflight_tests::facts;
use copy_preflight_tests::places::{read, say, shared};
use serde_json::Value;

/// Folders of the corpus with policies of the IAM language, and how many each holds.
const FOLDERS: [(&str, usize); 5] =
    [("kms-key-policy", 46), ("vault-policy", 13), ("role-policy", 15), ("scp", 9), ("rcp", 6)];

/// How many labelled answers of confidence `high` are compared: per action for keys, per
/// question for vaults.
const COMPARED: usize = 640;

/// The owner where the label names none: neither of the accounts that it asks for.
const SOMEBODY: &str = "999988887777";

fn policy(path: &Path) -> Policy {
    let text = read(path);
    let reading = json::read(SourceId::new(0), &text);
    let damage = reading.problems.iter().find(|problem| problem.kind.is_syntax());
    let integrity = damage.map_or(Integrity::Whole, |problem| Integrity::Damaged(problem.span));
    Policy::read(&reading.root, integrity)
}

fn files(corpus: &Path, folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// A session of a role; the context holds what is known of any caller of the account.
fn request(action: &str, resource: &str, owner: &str, role: &str) -> Request {
    let account = role.split(':').nth(4).unwrap().to_owned();
    let name = role.rsplit('/').next().unwrap();
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let mut context = Context::open()
        .with("aws:PrincipalArn", known(role))
        .with("aws:PrincipalAccount", known(&account))
        .with("aws:PrincipalOrgID", known("o-exampleorgid"))
        .with("aws:PrincipalIsAWSService", known("false"));
    // Only a service principal carries these, and only some actions the grant's.
    for key in ["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalServiceName"] {
        context.set(key, ContextValue::Absent);
    }
    if action.starts_with("kms:") {
        context.set("kms:CallerAccount", known(&account));
        let for_service =
            if action == "kms:CreateGrant" { known("true") } else { ContextValue::Absent };
        context.set("kms:GrantIsForAWSResource", for_service);
    }
    let kind = match role.contains("aws-service-role") {
        true => CallerKind::ServiceLinkedRole,
        false => CallerKind::Role,
    };
    Request::new(
        Action::parse(action).unwrap(),
        resource.into(),
        Some(owner.into()),
        Caller {
            kind,
            principal: format!("arn:aws:sts::{account}:assumed-role/{name}/s").into(),
            account: Some(account.into()),
            role_arn: Some(role.into()),
        },
        context,
    )
}

/// The vault that the policy is of: the one of its owner that a statement names.
fn vault(text: &str, owner: &str) -> String {
    let named = text.split('"').find(|word| {
        word.starts_with(&format!("arn:aws:backup:us-east-1:{owner}:backup-vault:"))
            && !word.ends_with('*')
    });
    named.map_or_else(
        || format!("arn:aws:backup:us-east-1:{owner}:backup-vault:vault"),
        str::to_owned,
    )
}

fn ask(policy: &Policy, request: &Request) -> Outcome {
    let facts = facts::facts();
    let policies = Policies {
        resource: Some(Document::Known(policy)),
        identity: Documents::Known(vec![Document::Known(facts.allow_all())]),
        ..Policies::default()
    };
    decide(request, &policies, facts.catalogue()).outcome
}

#[test]
fn every_policy_is_read_and_evaluated() {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus");
    let facts = facts::facts();
    let mut problems = BTreeMap::new();
    for (folder, expected) in FOLDERS {
        let files = files(&corpus, folder);
        assert_eq!(files.len(), expected, "{folder}");
        for file in files {
            let policy = policy(&file);
            *problems.entry(folder).or_insert(0) += policy.problems.len();
            let role = "arn:aws:iam::444455556666:role/Copy";
            for (action, resource) in [
                ("kms:ReEncryptFrom", "arn:aws:kms:us-east-1:111122223333:key/k"),
                (
                    "backup:CopyIntoBackupVault",
                    "arn:aws:backup:us-east-1:111122223333:backup-vault:v",
                ),
            ] {
                let request = request(action, resource, "111122223333", role);
                let known = || Documents::Known(vec![Document::Known(&policy)]);
                let policies = match folder {
                    "role-policy" => Policies { identity: known(), ..Policies::default() },
                    "scp" => {
                        Policies { scp: Some(Levels::Known(vec![known()])), ..Policies::default() }
                    }
                    "rcp" => {
                        Policies { rcp: Some(Levels::Known(vec![known()])), ..Policies::default() }
                    }
                    _ => {
                        Policies { resource: Some(Document::Known(&policy)), ..Policies::default() }
                    }
                };
                let _ = decide(&request, &policies, facts.catalogue());
            }
        }
    }
    say(&format!("corpus: what the grammar does not allow, by folder: {problems:?}"));
}

#[derive(Default)]
struct Tally {
    compared: usize,
    agreed: usize,
    settled: usize,
    undecided: usize,
    differences: Vec<String>,
}

impl Tally {
    /// Compares an answer with what a label says.
    fn compare(&mut self, file: &str, account: &str, action: &str, label: &str, answer: Outcome) {
        self.compared += 1;
        let agrees = match label {
            "allowed" => answer == Outcome::Allow,
            "no" | "not-granted" => answer == Outcome::Deny(DenyKind::Implicit),
            "denied" => answer == Outcome::Deny(DenyKind::Explicit),
            // The label leaves the condition open; where the request shows the key it is not.
            "conditional" => true,
            other => panic!("{file}: a label `{other}`"),
        };
        if answer == Outcome::Depends {
            self.undecided += 1;
        }
        if label == "conditional" && answer != Outcome::Depends {
            self.settled += 1;
        } else if agrees {
            self.agreed += 1;
        } else {
            self.differences
                .push(format!("{file} {account} {action}: label {label}, ours {answer:?}"));
        }
    }
}

#[test]
fn labelled_answers_agree() {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus");
    let mut tally = Tally::default();
    for line in read(&corpus.join("labels.jsonl")).lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let question = label["question_id"].as_str().unwrap();
        if label["confidence"] != "high" || question.starts_with("backup-policy") {
            continue;
        }
        let file = label["file"].as_str().unwrap();
        let policy = policy(&corpus.join(file));
        let account = question.rsplit('-').next().unwrap();
        let some_role = format!("arn:aws:iam::{account}:role/SomeRole");
        let answer = &label["answer"];
        if let Some(actions) = answer["actions"].as_object() {
            let owner = answer["owner_account"].as_str().unwrap_or(SOMEBODY);
            let key =
                format!("arn:aws:kms:us-east-1:{owner}:key/11111111-2222-3333-4444-555555555555");
            for (name, said) in actions {
                let action = format!("kms:{name}");
                let status = said["status"].as_str().unwrap();
                if status == "only-named-principals" {
                    for principal in said["principals"].as_array().unwrap() {
                        let request = request(&action, &key, owner, principal.as_str().unwrap());
                        tally.compare(file, account, &action, "allowed", ask(&policy, &request));
                    }
                    let request = request(&action, &key, owner, &some_role);
                    tally.compare(file, account, &action, "no", ask(&policy, &request));
                } else {
                    let request = request(&action, &key, owner, &some_role);
                    tally.compare(file, account, &action, status, ask(&policy, &request));
                }
            }
        } else {
            let owner = answer["vault_owner"].as_str().unwrap_or(SOMEBODY);
            let vault = vault(&read(&corpus.join(file)), owner);
            let request = request("backup:CopyIntoBackupVault", &vault, owner, &some_role);
            let said = answer["overall"].as_str().unwrap();
            let ours = ask(&policy, &request);
            // Within the vault's own account the identity policy is enough, which the label of
            // the policy alone does not say.
            if owner == account && said == "not-granted" {
                assert_eq!(ours, Outcome::Allow, "{file}");
                tally.compare(file, account, "backup:CopyIntoBackupVault", "allowed", ours);
            } else {
                tally.compare(file, account, "backup:CopyIntoBackupVault", said, ours);
            }
        }
    }
    let Tally { compared, agreed, settled, undecided, differences } = &tally;
    say(&format!(
        "corpus: compared {compared}, agreed {agreed}, settled {settled}, undecided {undecided}"
    ));
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert_eq!(*compared, COMPARED);
}
