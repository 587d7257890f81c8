//! Texts that punish a reader: large, deep, or wrong from end to end. Deep recursion ends these
//! tests, and quadratic time makes them last.

use std::fmt::Write as _;

use copy_preflight_policy::json::{MAX_DEPTH, ProblemKind, Reading, read};
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::tree::Value;

fn read_text(text: &str) -> Reading {
    read(SourceId::new(0), text)
}

fn object(members: usize, key: impl Fn(usize) -> usize) -> String {
    let mut text = String::from("{");
    for index in 0..members {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n  \"key{}\": {index}", key(index));
    }
    text + "\n}"
}

#[test]
fn many_members() {
    let reading = read_text(&object(100_000, |index| index));
    assert_eq!(reading.root.members().len(), 100_000);
    assert_eq!(reading.problems, []);
}

#[test]
fn many_duplicates() {
    let reading = read_text(&object(100_000, |_| 7));
    assert_eq!(reading.root.members().len(), 100_000);
    assert_eq!(reading.problems.len(), 99_999);
    let first = Some(reading.root.members()[0].key_span);
    assert!(reading.problems.iter().all(|problem| problem.related == first));
}

#[test]
fn many_levels() {
    const LEVELS: usize = 100_000;
    for (opening, closing) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]"), ("[\n", "\n]")] {
        let (opening, closing) = (opening.repeat(LEVELS), closing.repeat(LEVELS));
        let closed = read_text(&format!("{opening}{closing}"));
        let cut_off = read_text(&opening);
        for (reading, others) in [(closed, 0), (cut_off, 1)] {
            let too_deep =
                reading.problems.iter().filter(|problem| problem.kind == ProblemKind::TooDeep);
            assert_eq!(too_deep.count(), 1);
            assert_eq!(reading.problems.len(), 1 + others);
            let mut depth = 0;
            let mut node = Some(&reading.root);
            while let Some(inner) = node {
                depth += usize::from(inner.value != Value::Unknown);
                node = inner.elements().first().or(inner.members().first().map(|m| &m.value));
            }
            assert_eq!(depth, MAX_DEPTH);
        }
    }
}

#[test]
fn many_values_nested_too_deeply() {
    let opening = "[".repeat(MAX_DEPTH);
    let text = format!("{opening}{}1{}", "[[]],".repeat(5_000), "]".repeat(MAX_DEPTH));
    assert_eq!(read_text(&text).problems.len(), 5_000);
}

/// One mistake after the other, in ways that make a reader look ahead or back.
#[test]
fn one_thing_only() {
    let short = [
        "[", "]", "{", "}", "\"", "'", "`", "“", "\\", ",", ":", "/", "/*", "//", "#", "\n",
        "\r\n", "1 ", "a ", "a", "-", ";", "$", "${", "é", "\u{a0}", "\0", "\u{82}", "[{", "[}",
        "{]", "[,", "\"\n", "'\n", "“\n ", "'}", "\"}", "“}", "a:", "a: ", "[a:", "\r", "[1}",
        "{},", "[],", ":-", "/**/-", "a:-", ":;", "'a'b", "\"a\"b", "\"a\" ", "\"\\\n",
    ];
    let long = [
        r#"{"a":"#,
        r#"{"a" "#,
        r#"["a":"#,
        r#"[1,"a":"#,
        r#"{"a":[1,"b":"#,
        r#"[{"a":1,{"#,
        r#"[{"a":1{"#,
        r#"{"a":[1}"#,
        r#"{"a":[1},""#,
        r#"{"a":1]"#,
        r#""a"b'a'b"#,
        r#""a, "b"#,
        r#""\u"#,
        r#""\ud800"#,
        r#""\""#,
        r#""",-"#,
    ];
    for scrap in short.iter().chain(&long) {
        for prefix in ["", "[", "{", "{\"a\":", "[\"", "[{\"a\": [", "['", "[[[[[[{"] {
            let text = format!("{prefix}{}", scrap.repeat(60_000 / scrap.len()));
            assert!(!read_text(&text).problems.is_empty(), "{prefix}{scrap}…");
        }
    }
}
