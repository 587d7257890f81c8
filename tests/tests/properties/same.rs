//! Other ways to write the same world.

use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};
use copy_preflight_tests::nodes::{list, object, string};
use copy_preflight_tests::worlds::World;

use crate::dice::Dice;
use crate::generate::{OTHER, OWN};

/// Writes everything in another order and in another form.
pub fn rewrite(world: &mut World, dice: &mut Dice) {
    world.each_set_mut(|set| {
        if let Some(docs) = set {
            dice.shuffle(docs);
        }
    });
    for levels in [&mut world.scp, &mut world.rcp] {
        if let Some(Some(levels)) = levels {
            dice.shuffle(levels);
        }
    }
    if let Some(grants) = &mut world.grants {
        dice.shuffle(grants);
        for grant in grants {
            shuffle_members(grant, dice);
        }
    }
    world.each_doc_mut(|doc| {
        if let Some(node) = doc {
            policy(node, dice);
        }
    });
    dice.shuffle(&mut world.context);
    for (key, _) in &mut world.context {
        *key = swap_case(key, dice);
    }
    world.action = swap_case(&world.action, dice);
}

fn policy(node: &mut Node, dice: &mut Dice) {
    shuffle_members(node, dice);
    let Value::Object(members) = &mut node.value else { return };
    for member in members.iter_mut().filter(|member| member.key.known() == Some("Statement")) {
        one_or_list(&mut member.value, dice);
        match &mut member.value.value {
            Value::Array(statements) => {
                dice.shuffle(statements);
                statements.iter_mut().for_each(|one| statement(one, dice));
            }
            _ => statement(&mut member.value, dice),
        }
    }
}

fn statement(node: &mut Node, dice: &mut Dice) {
    shuffle_members(node, dice);
    let Value::Object(members) = &mut node.value else { return };
    for member in members {
        let value = &mut member.value;
        match member.key.known() {
            Some("Action" | "NotAction") => {
                values(value, dice, swap_case);
            }
            Some("Resource" | "NotResource") => values(value, dice, |text, _| text.to_owned()),
            Some("Principal" | "NotPrincipal") => principal(value, dice),
            Some("Condition") => condition(value, dice),
            _ => {}
        }
    }
}

fn principal(node: &mut Node, dice: &mut Dice) {
    if node.as_str() == Some("*") && dice.flip() {
        *node = object([("AWS", string("*"))]);
    }
    shuffle_members(node, dice);
    let Value::Object(members) = &mut node.value else { return };
    for member in members {
        let is_aws = member.key.known() == Some("AWS");
        values(&mut member.value, dice, |text, dice| match is_aws && dice.flip() {
            true => other_account_form(text),
            false => text.to_owned(),
        });
    }
}

/// An account as twelve digits or as the ARN of its root.
fn other_account_form(text: &str) -> String {
    for account in [OWN, OTHER] {
        let root = format!("arn:aws:iam::{account}:root");
        if text == account {
            return root;
        }
        if text == root {
            return account.to_owned();
        }
    }
    text.to_owned()
}

fn condition(node: &mut Node, dice: &mut Dice) {
    shuffle_members(node, dice);
    let Value::Object(operators) = &mut node.value else { return };
    swap_case_of_keys(operators, dice);
    for operator in operators {
        shuffle_members(&mut operator.value, dice);
        let Value::Object(keys) = &mut operator.value.value else { continue };
        swap_case_of_keys(keys, dice);
        for key in keys {
            values(&mut key.value, dice, |text, _| text.to_owned());
        }
    }
}

/// Leaves keys alone that differ in case only: in one spelling they would be duplicates.
fn swap_case_of_keys(members: &mut [Member], dice: &mut Dice) {
    let mut names: Vec<_> =
        members.iter().map(|member| member.key.to_string().to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return;
    }
    for member in members {
        if let Some(name) = member.key.known() {
            member.key = swap_case(name, dice).into();
        }
    }
}

/// A string or a list of strings, in another order and form.
fn values(node: &mut Node, dice: &mut Dice, rewrite: impl Fn(&str, &mut Dice) -> String) {
    one_or_list(node, dice);
    let items = match &mut node.value {
        Value::Array(items) => {
            dice.shuffle(items);
            items.as_mut_slice()
        }
        _ => std::slice::from_mut(node),
    };
    for item in items {
        if let Value::String(Text::Known(text)) = &item.value {
            item.value = Value::String(rewrite(text, dice).into());
        }
    }
}

/// A list of one as its element, and the other way round. A value that is not known may itself
/// be a list, so it stays.
fn one_or_list(node: &mut Node, dice: &mut Dice) {
    if !dice.flip() {
        return;
    }
    match &mut node.value {
        Value::Array(items) => {
            if let [only] = items.as_mut_slice()
                && only.value != Value::Unknown
            {
                *node = only.clone();
            }
        }
        Value::Unknown => {}
        _ => *node = list([node.clone()]),
    }
}

fn shuffle_members(node: &mut Node, dice: &mut Dice) {
    if let Value::Object(members) = &mut node.value {
        dice.shuffle(members);
    }
}

fn swap_case(text: &str, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => text.to_ascii_uppercase(),
        1 => text.to_ascii_lowercase(),
        _ => text.to_owned(),
    }
}
