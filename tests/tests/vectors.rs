//! The vectors: cases with their expected answers, from the shared data and of our own.

use std::collections::BTreeSet;

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, Document, Documents, Operator, Outcome, Policies, Policy,
    Request, decide,
};
use copy_preflight_policy::tree::Node;
use copy_preflight_tests::nodes::{self, list, object, string};
use copy_preflight_tests::vectors::{self, Vector};
use copy_preflight_tests::{facts, places};

const TWIN: &str = "vectors/policy-vectors.json";

/// Cases of `policy-vectors.json` that are not run here, each with the reason. None is.
const LEFT_OUT: [(&str, &str); 0] = [];

/// The kind, how many there are, and what answers one.
type Count = (&'static str, usize, fn(&Vector) -> String);

/// How many cases of each kind `policy-vectors.json` has. The 20 of kind `lint` belong to the
/// tests of the lint.
const COUNTS: [Count; 3] =
    [("match", 24, matched), ("condition", 40, condition), ("decision", 70, decision)];

#[test]
fn our_policy_vectors() {
    run_policy_vectors(&places::fixture(TWIN));
}

#[test]
fn shared_policy_vectors() {
    let Some(shared) = places::shared() else { return };
    run_policy_vectors(&places::read(&shared.join(TWIN)));
}

fn run_policy_vectors(file: &str) {
    let mut wrong = Vec::new();
    for (kind, expected, answer) in COUNTS {
        let cases = vectors::of_kind(file, kind);
        let run: Vec<_> = cases
            .iter()
            .filter(|case| !LEFT_OUT.iter().any(|&(id, _)| case.text("id") == Some(id)))
            .collect();
        wrong.extend(run.iter().filter_map(|case| check(case, answer)));
        assert_eq!(run.len() + LEFT_OUT.len(), expected, "cases of kind {kind}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every operator, with `IfExists` and set operators, for keys that are there, absent, unknown.
#[test]
fn our_operator_vectors() {
    let file = places::fixture("vectors/operators.json");
    let cases = vectors::of_kind(&file, "condition");
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case, condition)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 27 * 12, "{} cases", cases.len());

    let mut seen = BTreeSet::new();
    for case in &cases {
        sourced(case);
        let block = case.node.member("condition").expect("a condition");
        for operator in block.members() {
            let name = operator.key.known().expect("an operator's name");
            let name = name.rsplit(':').next().unwrap_or(name);
            let name = name.strip_suffix("IfExists").unwrap_or(name);
            let holds = case.expected();
            seen.insert((name.to_owned(), holds.to_owned()));
        }
    }
    assert_eq!(Operator::names().count(), 27, "operators");
    for name in Operator::names() {
        // `Null` asks for presence only and is open where that is.
        for holds in ["true", "false", "unknown"] {
            let case = (name.to_owned(), holds.to_owned());
            assert!(seen.contains(&case), "no case where {name} is {holds}");
        }
    }
}

/// Decisions that the shared vectors do not cover.
#[test]
fn our_decision_vectors() {
    let file = places::fixture("vectors/decisions.json");
    let cases = vectors::of_kind(&file, "decision");
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case, decision)).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let ids: BTreeSet<_> = cases.iter().map(|case| case.text("id")).collect();
    assert_eq!(ids.len(), cases.len(), "ids are unique");
    cases.iter().for_each(sourced);
}

fn sourced(case: &Vector) {
    let source = case.text("source").unwrap_or_default();
    assert!(source.starts_with("https://docs.aws.amazon.com/"), "{}: {source}", case.name());
    assert!(case.text("why").is_some_and(|why| !why.is_empty()), "{}: no reason", case.name());
}

/// What is wrong with the answer to a case.
fn check(case: &Vector, answer: fn(&Vector) -> String) -> Option<String> {
    let mut expected = case.expected().to_owned();
    let mut answer = answer(case);
    match case.text("expected_kind") {
        Some(kind) => expected = format!("{expected}:{kind}"),
        // Which kind of deny it is, is asked only where the case says.
        None => answer = answer.split(':').next().unwrap_or_default().to_owned(),
    }
    let why = case.text("why").unwrap_or_default();
    (answer != expected)
        .then(|| format!("{}: expected {expected}, answered {answer}: {why}", case.name()))
}

fn decision(case: &Vector) -> String {
    vectors::outcome(&vectors::simulate(&case.line))
}

fn condition(case: &Vector) -> String {
    let version = case.text("version").unwrap_or("2012-10-17");
    let block = case.node.member("condition").expect("a condition");
    let policy = nodes::policy(&object([
        ("Version", string(version)),
        ("Statement", object([("Effect", string("Allow")), ("Condition", block.clone())])),
    ]));
    let context = case.context();
    let holds =
        policy.statements[0].conditions.iter().map(|one| one.holds(&context, policy.version));
    name_of(Truth::all(holds)).to_owned()
}

fn matched(case: &Vector) -> String {
    match case.text("element") {
        Some("action") => action_matches(case).to_owned(),
        Some("resource") => resource_matches(case).to_owned(),
        Some("principal") => principal_class(case).to_owned(),
        other => panic!("{}: element {other:?}", case.name()),
    }
}

fn name_of(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
}

fn action_matches(case: &Vector) -> &'static str {
    let pattern = case.text("pattern").expect("a pattern");
    let policy = nodes::policy(&object([(
        "Statement",
        object([("Effect", string("Allow")), ("Action", string(pattern))]),
    )]));
    let element = policy.statements[0].action.as_ref().expect("an action");
    let action = case.text("value").and_then(Action::parse).expect("an action");
    name_of(matches_action(&element.terms[0], &action))
}

/// An identity policy of the resource's account decides alone, so it allows exactly where its
/// only statement matches.
fn resource_matches(case: &Vector) -> &'static str {
    let version = case.text("version").unwrap_or("2012-10-17");
    let pattern = case.text("pattern").expect("a pattern");
    let policy = nodes::policy(&object([
        ("Version", string(version)),
        (
            "Statement",
            object([
                ("Effect", string("Allow")),
                ("Action", string("*")),
                ("Resource", string(pattern)),
            ]),
        ),
    ]));
    let request = Request::new(
        Action::parse("s3:GetObject").expect("an action"),
        case.text("value").expect("a resource").into(),
        Some("111122223333".into()),
        Caller {
            kind: CallerKind::User,
            principal: "arn:aws:iam::111122223333:user/tester".into(),
            account: Some("111122223333".into()),
            role_arn: None,
        },
        case.context(),
    );
    let policies = Policies { identity: only(&policy), ..Policies::default() };
    match decide(&request, &policies, facts::catalogue()).outcome {
        Outcome::Allow => "true",
        Outcome::Deny(_) => "false",
        Outcome::Depends => "unknown",
    }
}

/// The class in which a principal matches, told by decisions on a key that only this principal
/// may use: a stranger gets in by `*` alone; a boundary that allows nothing stops a role but no
/// session; and an account does nothing without an identity policy.
fn principal_class(case: &Vector) -> &'static str {
    let key = key_policy(case.node.member("pattern").expect("a pattern").clone());
    let value = case.node.member("value").expect("a caller");
    let text = |name: &str| value.member(name).and_then(Node::as_str);
    let account = text("principal_account").expect("the caller's account");
    let caller = Caller {
        kind: match text("principal_kind") {
            Some("slr") => CallerKind::ServiceLinkedRole,
            Some("role") => CallerKind::Role,
            Some("user") => CallerKind::User,
            other => panic!("{}: caller of kind {other:?}", case.name()),
        },
        principal: text("principal").expect("a principal").into(),
        account: Some(account.into()),
        role_arn: text("role_arn").map(Into::into),
    };
    let stranger = Caller {
        kind: CallerKind::User,
        principal: "arn:aws:iam::777788889999:user/stranger".into(),
        account: Some("777788889999".into()),
        role_arn: None,
    };
    let everything = identity_policy("*");
    let nothing = identity_policy("s3:*");
    let allows = |caller: &Caller, identity: Option<&Policy>, boundary: Option<&Policy>| {
        let policies = Policies {
            resource: Some(Document::Known(&key)),
            identity: identity.map(only).unwrap_or_default(),
            boundary: boundary.map(only),
            ..Policies::default()
        };
        let request = Request::new(
            Action::parse("kms:Decrypt").expect("an action"),
            format!("arn:aws:kms:eu-west-1:{account}:key/k").into(),
            Some(account.into()),
            caller.clone(),
            Context::closed(),
        );
        match decide(&request, &policies, facts::catalogue()).outcome {
            Outcome::Allow => true,
            Outcome::Deny(_) => false,
            Outcome::Depends => panic!("{}: the class is open", case.name()),
        }
    };
    if allows(&stranger, Some(&everything), None) {
        "wild"
    } else if allows(&caller, None, Some(&nothing)) {
        "direct"
    } else if allows(&caller, None, None) {
        "role"
    } else if allows(&caller, Some(&everything), None) {
        "account"
    } else {
        "none"
    }
}

fn only(policy: &Policy) -> Documents<'_> {
    Documents::Known(vec![Document::Known(policy)])
}

fn key_policy(principal: Node) -> Policy {
    nodes::policy(&object([(
        "Statement",
        list([object([
            ("Effect", string("Allow")),
            ("Principal", principal),
            ("Action", string("kms:*")),
            ("Resource", string("*")),
        ])]),
    )]))
}

fn identity_policy(action: &str) -> Policy {
    nodes::policy(&object([(
        "Statement",
        list([object([
            ("Effect", string("Allow")),
            ("Action", string(action)),
            ("Resource", string("*")),
        ])]),
    )]))
}
