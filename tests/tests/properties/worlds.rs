//! Properties of decisions.

use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::iam::{DenyKind, Outcome, Policy};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_tests::nodes::{list, object};
use copy_preflight_tests::worlds::World;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::blank::blank;
use crate::dice::Dice;
use crate::generate::{statement_with, world};
use crate::same::rewrite;

/// A complete world, and the same with some parts unknown.
fn blanked() -> impl Strategy<Value = (World, World)> {
    (world(), 0..4_usize, any::<u64>()).prop_map(|(world, blanks, seed)| {
        let (mut less, mut dice) = (world.clone(), Dice::new(seed));
        for _ in 0..blanks {
            blank(&mut less, &mut dice);
        }
        (world, less)
    })
}

/// Deny is less than depends, depends is less than allow.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Deny(_) => 0,
        Outcome::Depends => 1,
        Outcome::Allow => 2,
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(cases(400)) })]

    /// Where less is known the decision stays or is left open; it never turns.
    #[test]
    fn unknown_never_decides_otherwise((complete, less) in blanked()) {
        let (before, after) = (complete.decide().outcome, less.decide().outcome);
        if before != Outcome::Depends {
            prop_assert!(
                after == Outcome::Depends || rank(after) == rank(before),
                "{before:?} became {after:?} in {less:?}"
            );
        }
    }

    /// A Deny more never opens.
    #[test]
    fn a_deny_never_opens((_, world) in blanked(), named in statement_with("Deny", true),
                          unnamed in statement_with("Deny", false), seed in any::<u64>()) {
        prop_assume!(says_one_thing(&named) && says_one_thing(&unnamed));
        let more = with_statement(&world, &named, &unnamed, seed);
        let (before, after) = (world.decide().outcome, more.decide().outcome);
        prop_assert!(rank(after) <= rank(before), "{before:?} became {after:?} in {more:?}");
    }

    /// An Allow more never closes.
    #[test]
    fn an_allow_never_closes((_, world) in blanked(), named in statement_with("Allow", true),
                             unnamed in statement_with("Allow", false), seed in any::<u64>()) {
        prop_assume!(says_one_thing(&named) && says_one_thing(&unnamed));
        let more = with_statement(&world, &named, &unnamed, seed);
        let (before, after) = (world.decide().outcome, more.decide().outcome);
        prop_assert!(rank(after) >= rank(before), "{before:?} became {after:?} in {more:?}");
    }

    /// Order, a string or a list of one, an account's digits or its root, and the case of
    /// actions, keys and operators change nothing.
    #[test]
    fn another_writing_decides_the_same((_, world) in blanked(), seed in any::<u64>()) {
        let mut other = world.clone();
        rewrite(&mut other, &mut Dice::new(seed));
        let (before, after) = (world.decide().outcome, other.decide().outcome);
        prop_assert_eq!(before, after, "{:?}\n{:?}", world, other);
    }

    /// A decision says what it rests on.
    #[test]
    fn decisions_give_their_grounds((_, world) in blanked()) {
        let decision = world.decide();
        match decision.outcome {
            Outcome::Allow | Outcome::Deny(DenyKind::Explicit) => {
                prop_assert!(!decision.deciding.is_empty(), "nothing decides");
            }
            Outcome::Depends => prop_assert!(!decision.depends_on.is_empty(), "hangs on nothing"),
            Outcome::Deny(DenyKind::Implicit | DenyKind::ServiceRule) => {}
        }
    }
}

/// Every outcome is met often enough for the properties to mean something.
#[test]
fn worlds_are_varied() {
    let mut runner = TestRunner::deterministic();
    let (mut counts, mut blank_counts) = ([0_usize; 5], [0_usize; 5]);
    let slot = |outcome| match outcome {
        Outcome::Allow => 0,
        Outcome::Deny(DenyKind::Explicit) => 1,
        Outcome::Deny(DenyKind::Implicit) => 2,
        Outcome::Deny(DenyKind::ServiceRule) => 3,
        Outcome::Depends => 4,
    };
    for _ in 0..1_000 {
        let (complete, less) = blanked().new_tree(&mut runner).expect("a world").current();
        counts[slot(complete.decide().outcome)] += 1;
        blank_counts[slot(less.decide().outcome)] += 1;
    }
    println!(
        "allow, explicit, implicit, service rule, depends: {counts:?}, blanked {blank_counts:?}"
    );
    assert!(counts.iter().all(|&count| count >= 30), "{counts:?}");
}

/// The number of cases: `PROPTEST_CASES`, else what is fit for a normal run.
pub fn cases(normal: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(normal)
}

/// Whether a statement leaves the document it stands in clear: a member that stands twice puts
/// all of it in doubt.
fn says_one_thing(statement: &Node) -> bool {
    let document = object([("Statement", statement.clone())]);
    Policy::read(&document, Integrity::Whole).doubt.is_none()
}

/// The world with one statement more in one of its policies; as it is where it has none.
fn with_statement(world: &World, named: &Node, unnamed: &Node, seed: u64) -> World {
    let (mut more, mut dice) = (world.clone(), Dice::new(seed));
    let mut docs = 0;
    world.each_doc(|_| docs += 1);
    let (chosen, mut at) = (dice.below(docs), 0);
    let names = |statement: &Node| {
        statement.member("Principal").is_some() || statement.member("NotPrincipal").is_some()
    };
    more.each_doc_mut(|doc| {
        let here = at == chosen;
        at += 1;
        let Some(Node { value: Value::Object(members), .. }) = doc else { return };
        let Some(statements) =
            members.iter_mut().find(|member| member.key.known() == Some("Statement"))
        else {
            return;
        };
        if !here {
            return;
        }
        let node = &mut statements.value;
        if matches!(node.value, Value::Unknown) {
            return;
        }
        if !matches!(node.value, Value::Array(_)) {
            *node = list([node.clone()]);
        }
        if let Value::Array(list) = &mut node.value {
            let statement = if list.iter().any(names) { named } else { unnamed };
            list.insert(dice.below(list.len() + 1), statement.clone());
        }
    });
    more
}
