//! Decisions in spite of unknown keys against brute force over the values of the keys.

use copy_preflight_policy::iam::{Caller, CallerKind, ContextValue, DenyKind, Outcome};
use copy_preflight_policy::tree::Node;
use copy_preflight_tests::nodes::{list, object, string, strings};
use copy_preflight_tests::worlds::{self, World};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::Config;

use crate::worlds::cases;

/// A key with one value: operators that compare it in a way for which finitely many values stand
/// for all, values that policies write, and values that stand for all that requests carry.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    written: &'static [&'static str],
    carried: &'static [&'static str],
}

const TEXT: &[&str] = &["StringEquals", "StringNotEquals", "StringEqualsIfExists"];
const BOOL: &[&str] = &["Bool", "BoolIfExists"];
const NUMBER: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEqualsIfExists",
];
const DATE: &[&str] = &[
    "DateEquals",
    "DateLessThan",
    "DateLessThanEqualsIfExists",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];

const KEYS: [Key; 5] = [
    Key {
        name: "aws:PrincipalOrgID",
        operators: TEXT,
        written: &["a", "b"],
        carried: &["a", "b", "c", ""],
    },
    Key {
        name: "aws:PrincipalTag/t",
        operators: TEXT,
        written: &["a", "b", "another value"],
        carried: &["a", "b", "another value", "c"],
    },
    Key {
        name: "aws:SecureTransport",
        operators: BOOL,
        written: &["true", "false"],
        carried: &["true", "false", "neither"],
    },
    Key {
        name: "aws:MultiFactorAuthAge",
        operators: NUMBER,
        written: &["1", "2", "3"],
        carried: &["-5", "1", "1.5", "2", "2.5", "3", "4e3", "x"],
    },
    Key {
        name: "aws:CurrentTime",
        operators: DATE,
        written: &["2026-01-01", "2026-01-02T00:00:00Z"],
        carried: &["2025-07-01", "2026-01-01", "2026-01-01T12:00:00Z", "2026-01-02", "2027", "x"],
    },
];

/// Uses for which no finite list of values stands: a decision may still be definite, and must
/// then be right.
const OTHER_USES: [(&str, &str); 9] = [
    ("StringLike", "a*"),
    ("StringNotLike", "?"),
    ("StringEqualsIgnoreCase", "A"),
    ("StringEquals", "${aws:PrincipalTag/t}"),
    ("StringNotEquals", "${aws:PrincipalOrgID, 'a'}"),
    ("ForAllValues:StringEquals", "a"),
    ("ForAnyValue:StringNotEquals", "a"),
    ("NumericLessThan", "2"),
    ("NumericEquals", "1e999"),
];

fn entry(plain: bool) -> BoxedStrategy<(String, (String, Node))> {
    let fitting = (0..KEYS.len())
        .prop_flat_map(|key| {
            let Key { name, operators, written, .. } = &KEYS[key];
            let values = subsequence(*written, 1..=written.len());
            (Just(*name), select(*operators), values)
        })
        .prop_map(|(name, operator, values)| {
            (operator.to_owned(), (name.to_owned(), strings(&values)))
        });
    let null = (0..KEYS.len(), select(vec!["true", "false"]))
        .prop_map(|(key, value)| ("Null".to_owned(), (KEYS[key].name.to_owned(), string(value))));
    let other =
        (0..KEYS.len(), select(OTHER_USES.to_vec())).prop_map(|(key, (operator, value))| {
            (operator.to_owned(), (KEYS[key].name.to_owned(), string(value)))
        });
    if plain {
        prop_oneof![5 => fitting, 1 => null].boxed()
    } else {
        prop_oneof![5 => fitting, 1 => null, 2 => other].boxed()
    }
}

fn statement(plain: bool) -> BoxedStrategy<Node> {
    let effect = select(vec!["Allow", "Allow", "Deny"]);
    (effect, prop::collection::vec(entry(plain), 0..4))
        .prop_map(|(effect, entries)| {
            let mut operators: Vec<(String, Vec<(String, Node)>)> = Vec::new();
            for (operator, key) in entries {
                match operators.iter_mut().find(|(name, _)| *name == operator) {
                    Some((_, keys)) if keys.iter().any(|(name, _)| *name == key.0) => {}
                    Some((_, keys)) => keys.push(key),
                    None => operators.push((operator, vec![key])),
                }
            }
            let condition = object(operators.into_iter().map(|(name, keys)| (name, object(keys))));
            object([
                ("Effect", string(effect)),
                ("Action", string("*")),
                ("Resource", string("*")),
                ("Condition", condition),
            ])
        })
        .boxed()
}

/// A world in which up to three keys are unknown, or present without a known value.
fn world(plain: bool) -> impl Strategy<Value = World> {
    let statements = prop::collection::vec(statement(plain), 1..6);
    let indices: Vec<usize> = (0..KEYS.len()).collect();
    let unknown = (subsequence(indices, 1..=3), prop::collection::vec(any::<bool>(), 3));
    let known =
        (0..KEYS.len()).map(|key| prop::option::of(select(KEYS[key].carried))).collect::<Vec<_>>();
    (statements, unknown, known).prop_map(|(statements, (unknown, present), known)| {
        let account = "111122223333";
        let caller = Caller {
            kind: CallerKind::User,
            principal: "arn:aws:iam::111122223333:user/ann".into(),
            account: Some(account.into()),
            role_arn: None,
        };
        let mut world = worlds::empty("s3:GetObject", "arn:aws:s3:::b/k", account, caller);
        let policy = object([("Version", string("2012-10-17")), ("Statement", list(statements))]);
        world.identity = Some(vec![Some(policy)]);
        for (key, value) in KEYS.iter().zip(known) {
            let value = value.map_or(ContextValue::Absent, |text| ContextValue::Known(text.into()));
            world.context.push((key.name.to_owned(), value));
        }
        for (key, present) in unknown.into_iter().zip(present) {
            world.context[key].1 =
                if present { ContextValue::Present } else { ContextValue::Unknown };
        }
        world
    })
}

/// The world with each unknown key at each of its values.
fn concrete(world: &World) -> Vec<World> {
    let mut concrete = vec![world.clone()];
    for (at, key) in KEYS.iter().enumerate() {
        let absent = match world.context[at].1 {
            ContextValue::Unknown => Some(ContextValue::Absent),
            ContextValue::Present => None,
            _ => continue,
        };
        let carried = key.carried.iter().map(|&text| ContextValue::Known(text.into()));
        let values: Vec<_> = carried.chain(absent).collect();
        concrete = concrete
            .iter()
            .flat_map(|world| {
                values.iter().map(move |value| {
                    let mut world = world.clone();
                    world.context[at].1 = value.clone();
                    world
                })
            })
            .collect();
    }
    concrete
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(cases(300)) })]

    /// A definite decision is that of every value of the unknown keys.
    #[test]
    fn definite_decisions_hold_for_every_value(world in prop_oneof![world(true), world(false)]) {
        let decided = world.decide().outcome;
        if decided != Outcome::Depends {
            for world in concrete(&world) {
                let one = world.decide().outcome;
                let same = match decided {
                    // An implicit Deny may be an explicit one for some of the values.
                    Outcome::Deny(DenyKind::Implicit) => matches!(one, Outcome::Deny(_)),
                    _ => one == decided,
                };
                prop_assert!(same, "{:?}, but {:?} in {:?}", decided, one, world);
            }
        }
    }

    /// Where all values agree and finitely many stand for all, the decision is definite.
    #[test]
    fn what_every_value_decides_is_decided(world in world(true)) {
        let mut outcomes = concrete(&world).into_iter().map(|world| match world.decide().outcome {
            Outcome::Allow => Some(true),
            Outcome::Deny(_) => Some(false),
            Outcome::Depends => None,
        });
        let first = outcomes.next().flatten();
        if first.is_some() && outcomes.all(|outcome| outcome == first) {
            let decided = world.decide();
            prop_assert!(decided.outcome != Outcome::Depends, "{:?} in {:?}", decided.depends_on, world);
        }
    }
}
