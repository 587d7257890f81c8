//! What holds of every merge, on random policies.

use copy_preflight_policy::management::{
    Attached, Effective, Entry, Kind, Level, Merge, effective,
};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_tests::nodes;
use proptest::prelude::*;

const CONTROL: &str = "@@operators_allowed_for_child_policies";

/// A number generator that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

fn lock(dice: &mut Dice, members: &mut Vec<(String, Node)>) {
    if dice.roll(6) == 0 {
        let locks: [&[&str]; 4] =
            [&["@@none"], &["@@append"], &["@@assign", "@@remove"], &["@@all"]];
        let words: &[&str] = dice.pick::<&[&str]>(&locks);
        members.push((CONTROL.to_owned(), nodes::strings(words)));
    }
}

fn setting(dice: &mut Dice, is_list: bool) -> Node {
    let mut members = Vec::new();
    if is_list {
        let operator = *dice.pick(&["@@assign", "@@append", "@@remove"]);
        let values = [*dice.pick(&["a", "b", "c"]), *dice.pick(&["c", "d"])];
        members.push((operator.to_owned(), nodes::strings(&values)));
    } else {
        members.push(("@@assign".to_owned(), nodes::string(dice.pick::<&str>(&["x", "y", "z"]))));
    }
    lock(dice, &mut members);
    nodes::object(members)
}

fn policy(dice: &mut Dice) -> Node {
    let mut plans = Vec::new();
    for plan in ["Daily", "weekly"] {
        if dice.roll(4) == 0 {
            continue;
        }
        let mut members = Vec::new();
        for (key, is_list) in [("regions", true), ("name", false), ("more", true)] {
            if dice.roll(3) > 0 {
                members.push((key.to_owned(), setting(dice, is_list)));
            }
        }
        lock(dice, &mut members);
        plans.push((plan.to_owned(), nodes::object(members)));
    }
    lock(dice, &mut plans);
    nodes::object([("plans", nodes::object(plans))])
}

/// Four levels of up to two policies each.
fn path(seed: u64) -> Vec<Vec<Node>> {
    let mut dice = Dice(seed);
    (0..4).map(|_| (0..dice.roll(3)).map(|_| policy(&mut dice)).collect()).collect()
}

fn levels(path: &[Vec<Node>]) -> Vec<Level<'_>> {
    path.iter()
        .enumerate()
        .map(|(depth, policies)| Level {
            target: format!("level-{depth}"),
            policies: policies
                .iter()
                .enumerate()
                .map(|(number, content)| Attached {
                    id: format!("p-{depth}-{number}"),
                    order: None,
                    content,
                })
                .collect(),
        })
        .collect()
}

/// All settings with their possible values, in an order of their own.
fn settings(effective: &Effective) -> Vec<String> {
    fn collect(entry: &Entry, path: &str, found: &mut Vec<String>) {
        let path = format!("{path}/{}", entry.key);
        if let Some(setting) = &entry.setting {
            let value = |value: &Option<_>| match value {
                Some(copy_preflight_policy::management::Value::List(list)) => {
                    let mut list: Vec<String> = list.iter().map(ToString::to_string).collect();
                    list.sort();
                    list.join(",")
                }
                Some(value) => value.to_string(),
                None => "-".to_owned(),
            };
            let possible: Vec<String> = setting.possible.iter().map(value).collect();
            if possible != ["-"] {
                found.push(format!("{path} = {}", possible.join(" | ")));
            }
        }
        entry.children.iter().for_each(|child| collect(child, &path, found));
    }
    let mut found = Vec::new();
    collect(&effective.root, "", &mut found);
    found.sort();
    found
}

fn of(path: &[Vec<Node>]) -> Effective {
    effective(Kind::Backup, &levels(path))
}

fn reversed(node: &Node) -> Node {
    let mut node = node.clone();
    if let Value::Object(members) = &mut node.value {
        members.reverse();
        for member in members {
            member.value = reversed(&member.value);
        }
    }
    node
}

/// Every key and setting locked, containers too.
fn locked(node: &Node) -> Node {
    let mut node = node.clone();
    if let Value::Object(members) = &mut node.value {
        members.retain(|member| member.key.known() != Some(CONTROL));
        for member in members.iter_mut() {
            member.value = locked(&member.value);
        }
        let none = nodes::object([(CONTROL, nodes::strings(&["@@none"]))]);
        members.extend(none.members().iter().cloned());
    }
    node
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_keys_changes_nothing(seed: u64) {
        let path = path(seed);
        let turned: Vec<Vec<Node>> =
            path.iter().map(|level| level.iter().map(reversed).collect()).collect();
        prop_assert_eq!(settings(&of(&path)), settings(&of(&turned)));
    }

    #[test]
    fn an_empty_policy_changes_nothing(seed: u64, at in 0_usize..4, nested: bool) {
        let path = path(seed);
        let mut more = path.clone();
        let plans: [(&str, Node); 0] = [];
        let empty = nodes::object(plans);
        more[at].push(if nested { nodes::object([("plans", empty)]) } else { empty });
        prop_assert_eq!(settings(&of(&path)), settings(&of(&more)));
    }

    #[test]
    fn what_is_locked_stays(seed: u64, below: u64) {
        let first = locked(&policy(&mut Dice(seed)));
        let alone = vec![vec![first.clone()]];
        let mut path = path(below);
        path.insert(0, vec![first]);
        prop_assert_eq!(settings(&of(&alone)), settings(&of(&path)));
    }

    /// A lock that is added anywhere opens nothing: what was ignored before is ignored still.
    #[test]
    fn locks_never_widen(seed: u64, at in 0_usize..4, words in 0_usize..4) {
        let path = path(seed);
        let words: &[&str] = [
            &["@@none"] as &[&str], &["@@append"], &["@@assign"], &["@@all"],
        ][words];
        let control = nodes::object([(CONTROL, nodes::strings(words))]);
        let lock = nodes::object([("plans", nodes::object([
            ("Daily", nodes::object([("regions", control.clone())])),
            ("weekly", nodes::object([("name", control)])),
        ]))]);
        let mut more = path.clone();
        more[at].push(lock);
        let blocked = |effective: &Effective| -> Vec<String> {
            let found = effective.diagnostics.iter().filter(|one| {
                one.code == copy_preflight_policy::management::Code::BlockedByParent
                    && (one.path.ends_with("regions") || one.path.ends_with("name"))
            });
            found.map(|one| format!("{} {:?} {}", one.path, one.operator, one.policy)).collect()
        };
        let after = of(&more);
        for one in blocked(&of(&path)) {
            prop_assert!(blocked(&after).contains(&one), "{} was opened", one);
        }
    }

    /// What may be: a policy of which nothing is known leaves nothing certain.
    #[test]
    fn an_unknown_policy_leaves_nothing_certain(seed: u64, at in 0_usize..4) {
        let mut path = path(seed);
        path[at].push(nodes::node(Value::Unknown));
        let effective = of(&path);
        prop_assert!(effective.root.is_open());
        for entry in &effective.root.children {
            let mut all = vec![entry];
            while let Some(entry) = all.pop() {
                if let Some(setting) = &entry.setting {
                    prop_assert!(setting.is_open());
                }
                all.extend(&entry.children);
            }
        }
    }

    #[test]
    fn accounts_share_what_lies_above(seed: u64, other: u64) {
        let path = path(seed);
        let all = levels(&path);
        let mut shared = Merge::new(Kind::Backup);
        all[..2].iter().for_each(|level| shared.level(level));
        // Another account of the OU changes nothing here.
        let elsewhere = policy(&mut Dice(other));
        let mut sibling = shared.clone();
        sibling.level(&levels(&[vec![elsewhere]])[0]);
        let _ = sibling.finish();
        all[2..].iter().for_each(|level| shared.level(level));
        prop_assert_eq!(settings(&shared.finish()), settings(&of(&path)));
    }
}
