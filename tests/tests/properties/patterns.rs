//! Patterns against a matcher that is too simple to be wrong, and gaps against their fillings.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Condition, Context, ContextValue, Outcome, Policy,
};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_tests::nodes::{self, gapped, node, object, string};
use copy_preflight_tests::worlds;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::worlds::cases;

/// `*` for any characters, `?` for one.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        ['?', rest @ ..] => !text.is_empty() && glob(rest, &text[1..]),
        [first, rest @ ..] => text.first() == Some(first) && glob(rest, &text[1..]),
    }
}

fn glob_text(pattern: &str, text: &str) -> bool {
    let characters = |text: &str| text.chars().collect::<Vec<_>>();
    glob(&characters(pattern), &characters(text))
}

/// As ARN: six components one by one; `None` where one of the two is no ARN.
fn glob_arn(pattern: &str, text: &str) -> Option<bool> {
    let patterns: Vec<_> = pattern.splitn(6, ':').collect();
    let texts: Vec<_> = text.splitn(6, ':').collect();
    if patterns.len() != 6 || texts.len() != 6 || texts[0] != "arn" {
        return None;
    }
    Some(patterns.iter().zip(&texts).all(|(pattern, text)| glob_text(pattern, text)))
}

/// All texts up to this length over an alphabet.
fn texts(alphabet: &[char], longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|text| alphabet.iter().map(move |letter| format!("{text}{letter}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// The text with each gap filled in every way.
fn fillings(written: &str, fill: &[String]) -> Vec<String> {
    let mut parts = written.split('~');
    let mut filled = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        filled = filled
            .iter()
            .flat_map(|before| fill.iter().map(move |gap| format!("{before}{gap}{part}")))
            .collect();
    }
    filled
}

fn condition(operator: &str, pattern: Text) -> Policy {
    nodes::policy(&object([(
        "Statement",
        object([
            ("Effect", string("Allow")),
            ("Condition", object([(operator, object([("k", node(Value::String(pattern)))]))])),
        ]),
    )]))
}

fn holds(operator: &str, pattern: Text, text: Text) -> Truth {
    let policy = condition(operator, pattern);
    let conditions: &[Condition] = &policy.statements[0].conditions;
    let context = Context::closed().with("k", ContextValue::Known(text));
    Truth::all(conditions.iter().map(|one| one.holds(&context, policy.version)))
}

/// A definite answer holds for every filling; an unknown one claims nothing.
fn agrees(
    answer: Truth,
    operator: &str,
    pattern: &str,
    text: &str,
    pattern_fill: &[String],
    text_fill: &[String],
) -> Result<(), TestCaseError> {
    if answer.is_unknown() {
        return Ok(());
    }
    for pattern in fillings(pattern, pattern_fill) {
        for text in fillings(text, text_fill) {
            let one = holds(operator, pattern.as_str().into(), text.as_str().into());
            prop_assert_eq!(one, answer, "{} `{}` `{}`", operator, pattern, text);
        }
    }
    Ok(())
}

/// A text over some letters, in which a few gaps stand.
fn with_gaps(letters: &'static str, longest: usize, gaps: usize) -> impl Strategy<Value = String> {
    let letters: Vec<char> = letters.chars().collect();
    let text = prop::collection::vec(prop::sample::select(letters), 0..=longest);
    (text, prop::collection::vec(any::<prop::sample::Index>(), 0..=gaps)).prop_map(
        |(mut text, gaps)| {
            for gap in gaps {
                text.insert(gap.index(text.len() + 1), '~');
            }
            text.into_iter().collect()
        },
    )
}

/// Six components, more or less, each with or without wildcards.
fn arn(components: &'static [&'static str], gaps: usize) -> impl Strategy<Value = String> {
    let rest = prop::collection::vec(prop::sample::select(components), 3..7);
    let first = prop_oneof![6 => Just("arn"), 1 => prop::sample::select(components)];
    (first, rest, prop::collection::vec(any::<prop::sample::Index>(), 0..=gaps)).prop_map(
        |(first, rest, gaps)| {
            let mut text: Vec<char> = format!("{first}:{}", rest.join(":")).chars().collect();
            for gap in gaps {
                text.insert(gap.index(text.len() + 1), '~');
            }
            text.into_iter().collect()
        },
    )
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(cases(400)) })]

    #[test]
    fn known_patterns_match_as_the_simple_matcher(
        pattern in with_gaps("ab:é**??", 7, 0), text in with_gaps("ab:é", 7, 0),
    ) {
        let expected = Truth::from(glob_text(&pattern, &text));
        let (p, t) = (|| pattern.as_str().into(), || text.as_str().into());
        prop_assert_eq!(holds("StringLike", p(), t()), expected);
        prop_assert_eq!(holds("StringNotLike", p(), t()), !expected);
        prop_assert_eq!(holds("StringEquals", p(), t()), Truth::from(pattern == text));
    }

    #[test]
    fn arns_match_component_by_component(
        pattern in arn(&["", "a", "b", "*", "a*", "*b", "?"], 0), text in arn(&["", "a", "b", "ab"], 0),
    ) {
        let (p, t) = (|| pattern.as_str().into(), || text.as_str().into());
        let expected = glob_arn(&pattern, &text);
        let likes = expected.map_or(Truth::False, Truth::from);
        let differs = expected.map_or(Truth::Unknown, |matched| Truth::from(!matched));
        prop_assert_eq!(holds("ArnLike", p(), t()), likes);
        prop_assert_eq!(holds("ArnEquals", p(), t()), likes);
        prop_assert_eq!(holds("ArnNotLike", p(), t()), differs);
        prop_assert_eq!(holds("ArnNotEquals", p(), t()), differs);
    }

    /// Gaps in the text, or one in the pattern, for operators on text.
    #[test]
    fn gaps_are_judged_as_their_fillings(
        pattern in with_gaps("ab:*?", 4, 1), text in with_gaps("ab:", 4, 1),
    ) {
        let (any_text, any_pattern) = (texts(&['a', 'b', ':'], 3), texts(&['a', ':', '*'], 2));
        for operator in ["StringLike", "StringNotLike", "StringEquals"] {
            let answer = holds(operator, gapped(&pattern), gapped(&text));
            agrees(answer, operator, &pattern, &text, &any_pattern, &any_text)?;
        }
    }

    #[test]
    fn two_gaps_are_judged_as_their_fillings(
        pattern in with_gaps("ab**?", 4, 0), text in with_gaps("ab", 3, 2),
    ) {
        let answer = holds("StringLike", pattern.as_str().into(), gapped(&text));
        agrees(answer, "StringLike", &pattern, &text, &[], &texts(&['a', 'b'], 3))?;
    }

    #[test]
    fn gaps_in_text_without_case(
        pattern in with_gaps("aAéÉß", 3, 1), text in with_gaps("aAéÉß", 3, 1),
    ) {
        let any = texts(&['a', 'A', 'é', 'É'], 2);
        for operator in ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"] {
            let answer = holds(operator, gapped(&pattern), gapped(&text));
            agrees(answer, operator, &pattern, &text, &any, &any)?;
        }
    }

    #[test]
    fn gaps_in_arns(
        pattern in arn(&["", "a", "*", "a*"], 1), text in arn(&["", "a", "b"], 1),
    ) {
        let any = texts(&['a', ':'], 3);
        let mut any_pattern = any.clone();
        any_pattern.extend(["*", "*:", "a*", "arn"].map(str::to_owned));
        for operator in ["ArnLike", "ArnNotLike"] {
            let answer = holds(operator, gapped(&pattern), gapped(&text));
            agrees(answer, operator, &pattern, &text, &any_pattern, &any)?;
        }
    }

    /// A gap in a pattern for actions is judged as its fillings.
    #[test]
    fn gaps_in_actions(pattern in with_gaps("kKab:*?", 4, 1)) {
        let action = Action::parse("k:ab").expect("an action");
        let matches = |text: Text| {
            let policy = nodes::policy(&object([(
                "Statement",
                object([("Action", node(Value::String(text)))]),
            )]));
            let element = policy.statements[0].action.as_ref().expect("an action");
            matches_action(&element.terms[0], &action)
        };
        let answer = matches(gapped(&pattern));
        for filled in fillings(&pattern, &texts(&['k', 'a', 'b', ':', '*'], 3)) {
            let one = matches(filled.as_str().into());
            let expected = match filled.split_once(':') {
                _ if filled == "*" => Truth::True,
                Some((service, name)) => {
                    let (service, name) = (service.to_lowercase(), name.to_lowercase());
                    let fits = Truth::from(glob_text(&service, "k") && glob_text(&name, "ab"));
                    if service == "k" { fits } else { fits.at_most_unknown() }
                }
                None => Truth::False,
            };
            prop_assert_eq!(one, expected, "`{}`", &filled);
            prop_assert!(answer.is_unknown() || answer == one, "`{}` `{}`", pattern, filled);
        }
    }

    /// A pattern for resources matches no text that the whole-text reading excludes, and where
    /// a part of the resource is not known a definite answer holds for every filling.
    #[test]
    fn gaps_in_resources(
        pattern in arn(&["", "a", "*", "a*", "*a", "a*b", "a?"], 0),
        resource in arn(&["", "a", "ab", "aab"], 1),
    ) {
        let whole = outcome(&pattern, gapped(&resource));
        for filled in fillings(&resource, &texts(&['a', 'b', ':'], 3)) {
            let one = outcome(&pattern, filled.as_str().into());
            if glob_text(&pattern, &filled) {
                prop_assert!(!one.is_false(), "`{}` `{}`", pattern, filled);
            } else {
                prop_assert!(one.is_false(), "`{}` `{}`", pattern, filled);
            }
            prop_assert!(whole.is_unknown() || whole == one, "`{}` `{}` `{}`", pattern, resource, filled);
        }
    }
}

/// Whether an identity policy for these resources covers this one.
fn outcome(pattern: &str, resource: Text) -> Truth {
    let account = "111122223333";
    let caller = Caller {
        kind: CallerKind::User,
        principal: "arn:aws:iam::111122223333:user/ann".into(),
        account: Some(account.into()),
        role_arn: None,
    };
    let mut world = worlds::empty("a:B", "", account, caller);
    world.resource = resource;
    world.identity = Some(vec![Some(policy_for(pattern))]);
    match world.decide().outcome {
        Outcome::Allow => Truth::True,
        Outcome::Deny(_) => Truth::False,
        Outcome::Depends => Truth::Unknown,
    }
}

fn policy_for(resource: &str) -> Node {
    object([(
        "Statement",
        object([
            ("Effect", string("Allow")),
            ("Action", string("a:B")),
            ("Resource", string(resource)),
        ]),
    )])
}
