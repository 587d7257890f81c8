//! A text inside a string inside a string: every place in it is found in the file.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "what is missing or does not fit fails the test"
)]

use copy_preflight_policy::json::{self, embedded};
use copy_preflight_policy::source::{SourceId, Sources, Span};
use proptest::collection::vec;
use proptest::prelude::*;

/// Writes a JSON string, each character in the way that the next choice says.
fn quoted(text: &str, choices: &mut impl Iterator<Item = u8>) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        let choice = choices.next().unwrap_or(0) % 4;
        let short = match character {
            '"' | '\\' | '/' => Some(character),
            '\n' => Some('n'),
            '\t' => Some('t'),
            '\r' => Some('r'),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            _ => None,
        };
        let may_stand = character >= ' ' && character != '"' && character != '\\';
        match short {
            Some(short) if choice == 1 || !may_stand && choice < 3 => quoted.extend(['\\', short]),
            _ if may_stand && choice < 3 => quoted.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    quoted.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

/// The value of the string whose inside this is.
fn decoded(inside: &str) -> String {
    serde_json::from_str(&format!("\"{inside}\"")).unwrap()
}

/// Reads the one string of a source and adds its value as a source of its own.
fn opened(sources: &mut Sources, carrier: SourceId) -> SourceId {
    let text = sources.get(carrier).unwrap().text.clone();
    let reading = json::read(carrier, &text);
    assert_eq!(reading.problems, []);
    let string = &reading.root.member("Policy").unwrap();
    let embedded = embedded(&text, string.span).unwrap();
    assert_eq!(Some(embedded.text.as_str()), string.as_str());
    sources.add_carried("policy", embedded.text, embedded.carrier)
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[ab\"\\\\/\n\té😀\u{1}]{0,12}", any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_range_decodes_from_its_place(text in texts(), choices in vec(any::<u8>(), 1..40)) {
        let mut choices = choices.iter().copied().cycle();
        let member = |string: String| format!(" {{\"é\": 1, \"Policy\": {string} }}\n");
        let middle = member(quoted(&text, &mut choices));
        let outer = member(quoted(&middle, &mut choices));

        let mut sources = Sources::new();
        let file = sources.add("file", outer);
        let middle = opened(&mut sources, file);
        let inner = opened(&mut sources, middle);
        prop_assert_eq!(&*sources.get(inner).unwrap().text, &text);

        let bounds: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (index, &start) in bounds.iter().enumerate() {
            for &end in &bounds[index..] {
                let span = Span::new(inner, start as u32, end as u32);
                let place = sources.outermost(span);
                prop_assert_eq!(place.source, file);
                let written = sources.slice(place);
                prop_assert_eq!(decoded(&decoded(written)), &text[start..end], "{}", written);
            }
        }
    }
}

#[test]
fn neighbours_that_stand_for_themselves_are_one_segment() {
    let text = r#"["plain é text\nand more"]"#;
    let reading = json::read(SourceId::new(0), text);
    let embedded = embedded(text, reading.root.elements()[0].span).unwrap();
    assert_eq!(embedded.text, "plain é text\nand more");
    let segments = format!("{:?}", embedded.carrier).matches("Segment {").count();
    assert_eq!(segments, 3);
}

#[test]
fn a_string_with_tolerated_mistakes_is_opened() {
    let text = "{'a': 'b\"\tc', \"d\": \"{\r\n \\\"e\\\": 1}\"}";
    let reading = json::read(SourceId::new(0), text);
    let opened: Vec<_> = reading
        .root
        .members()
        .iter()
        .map(|member| embedded(text, member.value.span).unwrap().text)
        .collect();
    assert_eq!(opened, ["b\"\tc", "{\r\n \"e\": 1}"]);
}

#[test]
fn what_is_no_whole_string_is_not_opened() {
    for text in [r#""a"#, r#""a\qb""#, r#""\ud800""#, "“a”", "12", "[]", "", "\"", r#""a\""#] {
        let whole = Span::new(SourceId::new(0), 0, text.len() as u32);
        assert!(embedded(text, whole).is_none(), "{text}");
        assert!(embedded(text, Span::new(whole.source, 0, whole.end + 1)).is_none(), "{text}");
    }
}
