//! Making parts of a world unknown.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::ContextValue;
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_tests::worlds::World;

use crate::dice::Dice;
use crate::generate;

/// Makes one part unknown, which one and how much of it the dice say. What cannot be made
/// unknown stays as it is.
pub fn blank(world: &mut World, dice: &mut Dice) {
    match dice.below(26) {
        0..=3 => context_key(world, dice),
        4 => world.open = true,
        5 => {
            let docs = count_docs(world);
            doc(world, docs, dice, |doc, _| *doc = None);
        }
        6..=13 => {
            let docs = count_docs(world);
            doc(world, docs, dice, |doc, dice| {
                if let Some(node) = doc {
                    inside(node, dice);
                }
            });
        }
        14 => whole_set(world, dice),
        15 => match dice.below(4) {
            0 => world.scp = Some(None),
            1 => world.rcp = Some(None),
            2 => world.boundary = Some(None),
            _ => world.session = Some(None),
        },
        16 => match dice.below(2) {
            0 => world.policy = Some(None),
            _ => world.endpoint = Some(None),
        },
        17 => world.grants = None,
        18 | 24 | 25 => {
            if let Some(grants) = &mut world.grants
                && !grants.is_empty()
            {
                let at = dice.below(grants.len());
                inside(&mut grants[at], dice);
            }
        }
        19 => world.resource = less(&world.resource, dice),
        20 => world.owner = None,
        21 => match dice.below(2) {
            0 => world.caller.account = None,
            _ => world.caller.principal = less(&world.caller.principal, dice),
        },
        22 => world.via_endpoint = Truth::Unknown,
        _ => world.managed_key = Truth::Unknown,
    }
}

fn context_key(world: &mut World, dice: &mut Dice) {
    let keys: Vec<&str> = generate::keys().collect();
    let key = keys[dice.below(keys.len())];
    let Some((_, value)) = world.context.iter_mut().find(|(name, _)| name == key) else {
        world.context.push((key.to_owned(), ContextValue::Unknown));
        return;
    };
    *value = match (&*value, dice.below(4)) {
        (_, 0) => ContextValue::Unknown,
        (ContextValue::Known(_) | ContextValue::Many(_), 1) => ContextValue::Present,
        (ContextValue::Known(text), _) => ContextValue::Known(less(text, dice)),
        (ContextValue::Many(texts), _) if !texts.is_empty() => {
            let mut texts = texts.clone();
            let at = dice.below(texts.len());
            texts[at] = less(&texts[at], dice);
            ContextValue::Many(texts)
        }
        (ContextValue::Many(_) | ContextValue::Present, _) => ContextValue::Present,
        (ContextValue::Absent | ContextValue::Unknown, _) => ContextValue::Unknown,
    };
}

fn count_docs(world: &World) -> usize {
    let mut docs = 0;
    world.each_doc(|_| docs += 1);
    docs
}

fn doc(
    world: &mut World,
    docs: usize,
    dice: &mut Dice,
    change: impl Fn(&mut Option<Node>, &mut Dice),
) {
    if docs == 0 {
        return;
    }
    let (chosen, mut at) = (dice.below(docs), 0);
    world.each_doc_mut(|doc| {
        if at == chosen {
            change(doc, dice);
        }
        at += 1;
    });
}

fn whole_set(world: &mut World, dice: &mut Dice) {
    let mut sets = 0;
    world.each_set_mut(|_| sets += 1);
    let (chosen, mut at) = (dice.below(sets), 0);
    world.each_set_mut(|set| {
        if at == chosen {
            *set = None;
        }
        at += 1;
    });
}

/// Makes one value, one text or one key of a tree unknown.
pub fn inside(node: &mut Node, dice: &mut Dice) {
    let chosen = dice.below(places(node));
    change_place(node, chosen, dice);
}

/// How many places of a tree can be made unknown: its values and its keys.
fn places(node: &Node) -> usize {
    1 + node.elements().iter().map(places).sum::<usize>()
        + node.members().iter().map(|member| 1 + places(&member.value)).sum::<usize>()
}

fn change_place(node: &mut Node, chosen: usize, dice: &mut Dice) {
    if chosen == 0 {
        node.value = match &node.value {
            Value::String(text) if dice.below(3) > 0 => Value::String(less(text, dice)),
            _ => Value::Unknown,
        };
        return;
    }
    let mut before = 1;
    match &mut node.value {
        Value::Array(elements) => {
            for element in elements {
                let inside = places(element);
                if chosen < before + inside {
                    return change_place(element, chosen - before, dice);
                }
                before += inside;
            }
        }
        Value::Object(members) => {
            for member in members {
                if chosen == before {
                    member.key = less(&member.key, dice);
                    return;
                }
                let inside = places(&member.value);
                if chosen < before + 1 + inside {
                    return change_place(&mut member.value, chosen - before - 1, dice);
                }
                before += 1 + inside;
            }
        }
        _ => {}
    }
}

/// The text with a gap over some of its characters, or over all.
fn less(text: &Text, dice: &mut Dice) -> Text {
    let Some(known) = text.known() else { return Text::unknown() };
    let characters: Vec<char> = known.chars().collect();
    let start = dice.below(characters.len() + 1);
    let end = start + dice.below(characters.len() - start + 1);
    let (start, end) = if dice.below(3) == 0 { (0, characters.len()) } else { (start, end) };
    let part = |range: &[char]| Piece::Known(range.iter().collect::<String>().into());
    Text::from_pieces([part(&characters[..start]), Piece::Gap, part(&characters[end..])])
}
