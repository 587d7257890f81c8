//! Random worlds over a small alphabet, so that patterns, principals and conditions really meet
//! what they are about. Every world is complete: closed, and nothing in it is unknown.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::{Caller, CallerKind, ContextValue, Operator};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_tests::nodes::{list, node, object, string};
use copy_preflight_tests::worlds::{Doc, Set, World};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// The account of every caller, and sometimes of the resource.
pub const OWN: &str = "111122223333";
/// Another account.
pub const OTHER: &str = "444455556666";

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";
const ALIAS: &str = "arn:aws:kms:eu-west-1:111122223333:alias/a";
const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:v";
const OBJECT: &str = "arn:aws:s3:::b/o-a";
const ROLE: &str = "arn:aws:iam::111122223333:role/App";

/// What is asked: action and resource.
const QUESTIONS: [(&str, &str); 12] = [
    ("kms:Decrypt", KEY),
    ("kms:Decrypt", KEY),
    ("KMS:decrypt", KEY),
    ("kms:DescribeKey", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("kms:RetireGrant", KEY),
    ("kms:CreateAlias", ALIAS),
    ("backup:CopyIntoBackupVault", VAULT),
    ("backup:CopyIntoBackupVault", VAULT),
    ("backup:DescribeBackupVault", VAULT),
    ("s3:GetObject", OBJECT),
    ("sts:AssumeRole", ROLE),
];

const ACTIONS: [&str; 17] = [
    "*",
    "*",
    "kms:*",
    "kms:Decrypt",
    "kms:decrypt",
    "KMS:D*",
    "kms:De?rypt",
    "k*:Decrypt",
    "Decrypt",
    "backup:*",
    "backup:CopyIntoBackupVault",
    "BACKUP:copyintobackupvault",
    "backup:Copy*",
    "*:*",
    "s3:GetObject",
    "sts:AssumeRole",
    "iam:*",
];

const RESOURCES: [&str; 16] = [
    "*",
    "*",
    "*",
    KEY,
    VAULT,
    OBJECT,
    ROLE,
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:eu-west-1:111122223333:key/k2",
    "arn:aws:*:eu-west-1:111122223333:*",
    "arn:aws:backup:eu*vault:v",
    "arn:aws:backup:eu-west-1:*",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${aws:username, 'o-a'}",
    "arn:aws:kms:${aws:username}:111122223333:key/k1",
    ALIAS,
];

const PRINCIPALS: [&str; 20] = [
    "*",
    "*",
    OWN,
    OWN,
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:root",
    OTHER,
    "arn:aws:iam::444455556666:root",
    "arn:aws-iso:iam::111122223333:root",
    ROLE,
    ROLE,
    "arn:aws:iam::111122223333:role/p/Copy",
    "arn:aws:iam::111122223333:role/Copy",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/Linked",
    "arn:aws:sts::111122223333:assumed-role/App/s1",
    "arn:aws:sts::111122223333:assumed-role/App/s2",
    "arn:aws:sts::111122223333:assumed-role/Copy/s1",
    "arn:aws:iam::111122223333:user/ann",
    "AROAEXAMPLEDELETED12",
];

/// Condition keys with values that policies write and that requests carry.
const KEYS: [(&str, &[&str], &[&str]); 11] = [
    (
        "aws:PrincipalOrgID",
        &["o-a", "o-b", "O-A", "o-*", "*", "É", "", "${aws:username}", "${aws:username, 'o-a'}"],
        &["o-a", "o-b", "é", ""],
    ),
    ("aws:username", &["o-a", "É", "${aws:PrincipalTag/t}", "${*}"], &["o-a", "v", "*", "É", "k1"]),
    ("aws:PrincipalTag/t", &["o-a", "x", "${"], &["o-a", "x"]),
    ("aws:SecureTransport", &["true", "false", "TRUE", "maybe"], &["true", "false", "yes"]),
    ("aws:MultiFactorAuthAge", &["1", "2", "1.0", "x"], &["1", "1.5", "3", "y"]),
    (
        "aws:CurrentTime",
        &["2026-01-01T00:00:00Z", "2026-01-02", "x"],
        &["2026-01-01", "2026-01-01T12:00:00Z", "1795305600", "y"],
    ),
    ("aws:TagKeys", &["a", "b", "*", ""], &["a", "b", ""]),
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:role/App",
            "arn:aws:iam::*:role/*",
            "*:aws:iam::111122223333:role/*",
            "*:*:*:*:*:${aws:username}",
            "arn:aws:*:role/App",
            "x",
        ],
        &[
            "arn:aws:iam::111122223333:role/App",
            "arn:aws:iam::444455556666:role/p/App",
            "xrn:aws:iam::111122223333:role/App",
            "y",
        ],
    ),
    (
        "aws:SourceIp",
        &["192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "x"],
        &["192.0.2.1", "198.51.100.1", "2001:db8::1", "y"],
    ),
    ("kms:EncryptionContext:k", &["v", "w"], &["v", "w"]),
    ("kms:EncryptionContextKeys", &["k", "l"], &["k", "l"]),
];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Node> {
    select(texts).prop_map(string)
}

/// A string, a list of one, or a list of a few.
fn string_or_list(item: impl Strategy<Value = Node> + 'static) -> BoxedStrategy<Node> {
    let item = item.boxed();
    prop_oneof![
        4 => item.clone(),
        1 => item.clone().prop_map(|one| list([one])),
        2 => prop::collection::vec(item, 0..3).prop_map(list),
    ]
    .boxed()
}

fn principal() -> BoxedStrategy<Node> {
    let aws = string_or_list(one_of(&PRINCIPALS));
    let service = string_or_list(one_of(&["backup.amazonaws.com", "ec2.amazonaws.com", "*"]));
    prop_oneof![
        2 => Just(string("*")),
        6 => aws.clone().prop_map(|values| object([("AWS", values)])),
        2 => service.clone().prop_map(|values| object([("Service", values)])),
        2 => (aws, service).prop_map(|(aws, service)| object([("AWS", aws), ("Service", service)])),
        1 => Just(object([("Federated", string("*"))])),
        1 => one_of(&PRINCIPALS),
        1 => Just(object::<&str>([])),
    ]
    .boxed()
}

fn operator() -> BoxedStrategy<String> {
    let names: Vec<&str> = Operator::names().chain(["StringEquals", "StringNotEquals"]).collect();
    let set = prop_oneof![6 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("ForAnyValue:")];
    let suffix = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
    let name =
        (set, select(names), suffix).prop_map(|(set, name, suffix)| format!("{set}{name}{suffix}"));
    prop_oneof![30 => name, 1 => Just("StringEqual".to_owned())].boxed()
}

/// One operator with one key that its values fit, as a rule.
fn condition_entry() -> BoxedStrategy<(String, (String, Node))> {
    let fitting = |operator: &str| match operator {
        _ if operator.contains("Numeric") => 4..5,
        _ if operator.contains("Date") => 5..6,
        _ if operator.contains("Bool") => 3..4,
        _ if operator.contains("Arn") => 7..8,
        _ if operator.contains("Ip") => 8..9,
        _ if operator.contains(':') => 6..7,
        _ => 0..KEYS.len(),
    };
    (operator(), any::<bool>())
        .prop_flat_map(move |(operator, fits)| {
            let keys = if fits { fitting(&operator) } else { 0..KEYS.len() };
            (Just(operator), keys)
        })
        .prop_flat_map(|(operator, key)| {
            let (name, written, _) = KEYS[key];
            let values = if operator.contains("Null") {
                string_or_list(prop_oneof![
                    Just(string("true")),
                    Just(string("false")),
                    Just(node(Value::Bool(true))),
                ])
            } else {
                string_or_list(one_of(written))
            };
            let name = prop_oneof![3 => Just(name.to_owned()), 1 => Just(name.to_uppercase())];
            (Just(operator), (name, values))
        })
        .boxed()
}

fn condition() -> BoxedStrategy<Option<Node>> {
    prop_oneof![
        2 => Just(None),
        3 => prop::collection::vec(condition_entry(), 1..3).prop_map(|entries| {
            // One member an operator; the same operator twice would be a duplicate.
            let mut operators: Vec<(String, Vec<(String, Node)>)> = Vec::new();
            for (operator, key) in entries {
                match operators.iter_mut().find(|(name, _)| *name == operator) {
                    Some((_, keys)) if keys.iter().any(|(name, _)| *name == key.0) => {}
                    Some((_, keys)) => keys.push(key),
                    None => operators.push((operator, vec![key])),
                }
            }
            Some(object(operators.into_iter().map(|(name, keys)| (name, object(keys)))))
        }),
    ]
    .boxed()
}

/// A statement with this effect. It may lack elements or have too many: such policies are met.
pub fn statement_with(effect: &'static str, named: bool) -> BoxedStrategy<Node> {
    let action = string_or_list(one_of(&ACTIONS));
    let resource = string_or_list(one_of(&RESOURCES));
    let actions = prop_oneof![
        8 => action.clone().prop_map(|action| vec![("Action", action)]),
        2 => action.clone().prop_map(|action| vec![("NotAction", action)]),
        1 => (action.clone(), action).prop_map(|(yes, no)| vec![("Action", yes), ("NotAction", no)]),
        1 => Just(vec![]),
    ];
    let resources = prop_oneof![
        8 => resource.clone().prop_map(|resource| vec![("Resource", resource)]),
        2 => resource.prop_map(|resource| vec![("NotResource", resource)]),
        1 => Just(vec![]),
    ];
    let named_by = prop_oneof![
        8 => principal().prop_map(|one| vec![("Principal", one)]),
        2 => principal().prop_map(|one| vec![("NotPrincipal", one)]),
        1 => Just(vec![]),
    ];
    let unnamed = prop_oneof![
        20 => Just(vec![]),
        1 => principal().prop_map(|one| vec![("Principal", one)]),
    ];
    let principals = if named { named_by.boxed() } else { unnamed.boxed() };
    let oddity = prop_oneof![
        30 => Just(vec![]),
        1 => Just(vec![("Comment", string("x"))]),
    ];
    (actions, resources, principals, condition(), oddity)
        .prop_map(move |(actions, resources, principals, condition, oddity)| {
            let mut members = vec![("Sid", string("s")), ("Effect", string(effect))];
            members.extend(principals);
            members.extend(actions);
            members.extend(resources);
            members.extend(condition.map(|condition| ("Condition", condition)));
            members.extend(oddity);
            object(members)
        })
        .boxed()
}

fn statement(named: bool) -> BoxedStrategy<Node> {
    prop_oneof![
        12 => statement_with("Allow", named),
        6 => statement_with("Deny", named),
        1 => statement_with("allow", named),
    ]
    .boxed()
}

/// A statement about everything that the caller does.
fn sweeping(effect: &str, named: bool) -> Node {
    let mut members =
        vec![("Effect", string(effect)), ("Action", string("*")), ("Resource", string("*"))];
    if named {
        let caller = [OWN, ROLE, "arn:aws:iam::111122223333:role/p/Copy"];
        members.push((
            "Principal",
            object([
                ("AWS", list(caller.map(string))),
                ("Service", string("backup.amazonaws.com")),
            ]),
        ));
    }
    object(members)
}

fn policy(named: bool) -> BoxedStrategy<Node> {
    let version = prop_oneof![
        8 => Just(Some("2012-10-17")),
        1 => Just(Some("2008-10-17")),
        1 => Just(Some("2020-01-01")),
        1 => Just(None),
    ];
    let statements = prop::collection::vec(statement(named), 0..3);
    let open = prop::bool::weighted(0.75);
    let shut = option::weighted(0.05, condition());
    (version, statements, open, shut, any::<bool>())
        .prop_map(move |(version, mut statements, open, shut, alone)| {
            if let Some(condition) = shut {
                let mut deny = sweeping("Deny", named);
                if let (Some(condition), Value::Object(members)) = (condition, &mut deny.value) {
                    let condition = object([("Condition", condition)]);
                    members.extend(condition.members().iter().cloned());
                }
                statements.insert(0, deny);
            }
            if open {
                statements.insert(0, sweeping("Allow", named));
            }
            let statements = match statements.as_slice() {
                [only] if alone => only.clone(),
                _ => list(statements),
            };
            let version = version.map(|version| ("Version", string(version)));
            object(version.into_iter().chain([("Statement", statements)]))
        })
        .boxed()
}

fn doc(named: bool) -> BoxedStrategy<Doc> {
    policy(named).prop_map(Some).boxed()
}

fn set(sizes: std::ops::Range<usize>, named: bool) -> BoxedStrategy<Set> {
    prop::collection::vec(doc(named), sizes).prop_map(Some).boxed()
}

/// Parts that most worlds lack.
fn rare<T: Clone + std::fmt::Debug + 'static>(
    part: BoxedStrategy<T>,
) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.2, part)
}

fn caller() -> impl Strategy<Value = Caller> {
    let of = |kind, principal: &str, role_arn: Option<&str>| Caller {
        kind,
        principal: principal.into(),
        account: (kind != CallerKind::Service).then(|| OWN.into()),
        role_arn: role_arn.map(Into::into),
    };
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/Linked";
    let callers = [
        of(CallerKind::Role, "arn:aws:sts::111122223333:assumed-role/App/s1", Some(ROLE)),
        of(
            CallerKind::Role,
            "arn:aws:sts::111122223333:assumed-role/Copy/s1",
            Some("arn:aws:iam::111122223333:role/p/Copy"),
        ),
        of(CallerKind::Role, ROLE, Some(ROLE)),
        of(CallerKind::Role, ROLE, None),
        of(CallerKind::User, "arn:aws:iam::111122223333:user/ann", None),
        of(CallerKind::User, "arn:aws:iam::111122223333:root", None),
        of(
            CallerKind::ServiceLinkedRole,
            "arn:aws:sts::111122223333:assumed-role/Linked/s1",
            Some(linked),
        ),
        of(CallerKind::Service, "backup.amazonaws.com", None),
    ];
    select(callers.to_vec())
}

fn context() -> impl Strategy<Value = Vec<(String, ContextValue)>> {
    let value = |key: usize| {
        let (name, _, carried) = KEYS[key];
        let many = name == "aws:TagKeys" || name == "kms:EncryptionContextKeys";
        let known = select(carried).prop_map(|text| ContextValue::Known(text.into()));
        let several = prop::collection::vec(select(carried).prop_map(Text::from), 0..3)
            .prop_map(ContextValue::Many);
        let value = if many {
            prop_oneof![1 => known, 3 => several].boxed()
        } else {
            prop_oneof![12 => known, 1 => several].boxed()
        };
        option::weighted(0.6, value)
            .prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    (0..KEYS.len())
        .map(value)
        .collect::<Vec<_>>()
        .prop_map(|values| values.into_iter().flatten().collect())
}

fn grant() -> impl Strategy<Value = Node> {
    let grantee = one_of(&[
        ROLE,
        "arn:aws:sts::111122223333:assumed-role/App/s1",
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:role/p/Copy",
        OWN,
        "backup.amazonaws.com",
    ]);
    let operations =
        prop::collection::vec(one_of(&["Decrypt", "DescribeKey", "RetireGrant"]), 0..3)
            .prop_map(list);
    let constraint = select(vec!["EncryptionContextSubset", "EncryptionContextEquals"]);
    let pairs =
        prop_oneof![Just(vec![]), Just(vec![("k", "v")]), Just(vec![("k", "v"), ("l", "w")])];
    let constraints = option::of((constraint, pairs));
    (grantee, operations, constraints).prop_map(|(grantee, operations, constraints)| {
        let mut members = vec![("GranteePrincipal", grantee), ("Operations", operations)];
        if let Some((constraint, pairs)) = constraints {
            let pairs = object(pairs.into_iter().map(|(key, value)| (key, string(value))));
            members.push(("Constraints", object([(constraint, pairs)])));
        }
        object(members)
    })
}

/// A complete world.
pub fn world() -> impl Strategy<Value = World> {
    let levels = |named| prop::collection::vec(set(0..3, named), 1..3).prop_map(Some).boxed();
    let question = (
        select(QUESTIONS.to_vec()),
        prop::bool::weighted(0.7),
        caller(),
        context(),
        (prop::bool::weighted(0.2), prop::bool::weighted(0.1)),
        select(vec![None, None, None, Some(OWN), Some(OTHER)]),
    );
    let policies = (
        option::weighted(0.9, doc(true)),
        set(0..4, false),
        rare(set(0..2, false)),
        rare(set(0..2, false)),
        rare(levels(false)),
        rare(levels(true)),
        rare(doc(true)),
        prop::collection::vec(grant(), 0..2),
    );
    (question, policies).prop_map(|(question, policies)| {
        let ((action, resource), own, caller, context, (via_endpoint, managed_key), management) =
            question;
        let (policy, identity, boundary, session, scp, rcp, endpoint, grants) = policies;
        World {
            action: action.to_owned(),
            resource: resource.into(),
            owner: Some(if own { OWN } else { OTHER }.to_owned()),
            caller,
            context,
            open: false,
            via_endpoint: Truth::from(via_endpoint),
            managed_key: Truth::from(managed_key),
            management: management.map(str::to_owned),
            policy,
            identity,
            boundary,
            session,
            scp,
            rcp,
            endpoint,
            grants: Some(grants),
        }
    })
}

/// The names of all condition keys that worlds use.
pub fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|&(name, _, _)| name)
}
