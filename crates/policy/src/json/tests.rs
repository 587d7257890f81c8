#![allow(clippy::string_slice, reason = "a span that does not fit fails the test")]

use std::fmt::Write as _;

use super::*;
use crate::tree::Member;

/// A message, the text it underlines, the text it relates to.
type Expected<'a> = (&'a str, &'a str, Option<&'a str>);

/// Reads a text and compares its tree, as [`show`] writes it, and all its problems.
#[track_caller]
fn case(text: &str, tree: &str, expected: &[Expected<'_>]) {
    let reading = read(SourceId::new(0), text);
    let problems: Vec<_> = reading.problems.iter().map(|problem| told(text, problem)).collect();
    let problems: Vec<_> = problems
        .iter()
        .map(|(message, underlined, related)| (message.as_str(), *underlined, *related))
        .collect();
    assert_eq!(problems, expected, "{text}");
    assert_eq!(show(&reading.root), tree, "{text}");
}

fn told<'a>(text: &'a str, problem: &Problem) -> (String, &'a str, Option<&'a str>) {
    let related = problem.related.map(|related| &text[related.range()]);
    (problem.to_string(), &text[problem.span.range()], related)
}

/// One line: `?` for what is not known, `…` for gaps, `'` around strings that are values.
fn show(node: &Node) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) => digits.to_string(),
        Value::String(text) => format!("'{}'", text.to_string().escape_debug()),
        Value::Array(elements) => format!("[{}]", list(elements.iter().map(show).collect())),
        Value::Object(members) => {
            let show = |member: &Member| format!("{}: {}", member.key, show(&member.value));
            format!("{{{}}}", list(members.iter().map(show).collect()))
        }
        Value::Unknown => "?".into(),
    }
}

#[test]
fn values_without_mistakes() {
    case("0", "0", &[]);
    case(" \t\r\n[ ] \n", "[]", &[]);
    case(r#"{"": -0.5e+10}"#, "{: -0.5e+10}", &[]);
    case(r#"[true, false, null, "", {}, 1e400]"#, "[true, false, null, '', {}, 1e400]", &[]);
    case(r#""\"\\\/\b\f\n\r\t""#, r#"'\"\\/\u{8}\u{c}\n\r\t'"#, &[]);
    case(r#""é\u00e9\uD83D\uDE00😀\u0000""#, r"'éé😀😀\0'", &[]);
    case(r#""a string of more than 23 bytes""#, "'a string of more than 23 bytes'", &[]);
    case("\"\u{7f}\u{2028}\"", r"'\u{7f}\u{2028}'", &[]);
}

#[test]
fn spans_cover_values_and_keys() {
    let text = r#" {"Action" : [ "kms:*" , -1.5 ], "b":{ } }"#;
    let reading = read(SourceId::new(3), text);
    let underlined = |span: Span| &text[span.range()];
    assert_eq!(underlined(reading.root.span), text.trim());
    let members = reading.root.members();
    assert_eq!(underlined(members[0].key_span), r#""Action""#);
    assert_eq!(underlined(members[0].value.span), r#"[ "kms:*" , -1.5 ]"#);
    assert_eq!(underlined(members[0].value.elements()[0].span), r#""kms:*""#);
    assert_eq!(underlined(members[0].value.elements()[1].span), "-1.5");
    assert_eq!(underlined(members[1].value.span), "{ }");
    assert_eq!(reading.root.span.source, SourceId::new(3));
}

#[test]
fn what_stands_around_a_document() {
    case("", "?", &[("the document is empty", "", None)]);
    case(" \n", "?", &[("the document is empty", " \n", None)]);
    case("\u{feff}[1]", "[1]", &[("byte order mark before the document", "\u{feff}", None)]);
    case("{}\n{}", "{}", &[("text after the end of the document", "{", None)]);
    case(r#"{"a": {"b": 1}}, "c": 2}"#, "{a: {b: 1}, c: 2}", &[("unexpected `}`", "}", None)]);
    case(r#"{"a":1}]"#, "{a: 1}", &[("text after the end of the document", "]", None)]);
    case(
        r#""Version": "2012-10-17", "Statement": []"#,
        "'Version'",
        &[("text after the end of the document", ":", None)],
    );
    case("]", "?", &[("unexpected `]`", "]", None)]);
    // A text of another language is one mistake.
    case(
        "Version: 2012\nStatement:\n  - Effect: Allow\n",
        "?",
        &[("`Version` is no JSON value: a string stands in double quotes", "Version", None)],
    );
}

#[test]
fn comments() {
    case(
        "// first\n{\"a\": 1, /* second */ \"b\": 2 # third\r\n}",
        "{a: 1, b: 2}",
        &[
            ("comment (`//`): JSON has none", "// first", None),
            ("comment (`/*`): JSON has none", "/* second */", None),
            ("comment (`#`): JSON has none", "# third", None),
        ],
    );
    case(
        "{\"a\": [1 /* never",
        "{a: [1]}",
        &[("comment that is never closed, and JSON has none", "/*", None)],
    );
    case(
        "[/, 1]",
        "[?, 1]",
        &[("`/` is no JSON value: a string stands in double quotes", "/", None)],
    );
    case(
        r#"["http://a", "/* b */", "\#"]"#,
        "['http://a', '/* b */', '…']",
        &[(r"`\#` is no escape: a backslash is `\\`", r"\#", None)],
    );
}

#[test]
fn white_space_of_web_pages() {
    case(
        "{\u{a0}\u{a0}\"a\":\u{200b}1\u{feff}}",
        "{a: 1}",
        &[
            ("character U+00A0 is no white space in JSON", "\u{a0}\u{a0}", None),
            ("character U+200B is no white space in JSON", "\u{200b}", None),
            ("character U+FEFF is no white space in JSON", "\u{feff}", None),
        ],
    );
    case("[1,\u{c}2]", "[1, 2]", &[("character U+000C is no white space in JSON", "\u{c}", None)]);
}

#[test]
fn commas() {
    let trailing_list = ("trailing comma before `]`", ",", None);
    let unexpected = ("unexpected comma", ",", None);
    case("[1, 2,]", "[1, 2]", &[trailing_list]);
    case(r#"{"a": 1,}"#, "{a: 1}", &[("trailing comma before `}`", ",", None)]);
    case("[[1,],]", "[[1]]", &[trailing_list, trailing_list]);
    case("[1,,2]", "[1, 2]", &[unexpected]);
    case("[1,,,2]", "[1, 2]", &[unexpected]);
    case("[1,,]", "[1]", &[unexpected]);
    case("[,1]", "[1]", &[unexpected]);
    case("[,]", "[]", &[unexpected]);
    case(r#"{"a": 1, , "b": 2}"#, "{a: 1, b: 2}", &[unexpected]);
    case(r#"{,"a": 1}"#, "{a: 1}", &[unexpected]);
    let elements = "missing comma between elements";
    case(r#"["a" "b"]"#, "['a', 'b']", &[(elements, r#""b""#, Some(""))]);
    case(r#"["a"{"b": 1}]"#, "['a', {b: 1}]", &[(elements, "{", Some(""))]);
    case("[1 true]", "[1, true]", &[(elements, "true", Some(""))]);
    case(r#"["a" b, 1]"#, "['a', 1]", &[("unexpected `b`", "b", None)]);
    case(
        "{\"a\": 1\n \"b\": 2}",
        "{a: 1, b: 2}",
        &[("missing comma between members", r#""b""#, Some(""))],
    );
    case(
        r#"{"a": 1 b: 2}"#,
        "{a: 1, b: 2}",
        &[
            ("missing comma between members", "b", Some("")),
            ("the key `b` needs double quotes", "b", None),
        ],
    );
    case(r#"{"a": 1; "b": 2}"#, "{a: 1, b: 2}", &[("unexpected `;`", ";", None)]);
}

#[test]
fn colons() {
    let missing = "missing colon after the key `a`";
    case(r#"{"a" 1}"#, "{a: 1}", &[(missing, r#""a""#, None)]);
    case(r#"{"a"{"b": 1}}"#, "{a: {b: 1}}", &[(missing, r#""a""#, None)]);
    case(r#"{"a" = 1}"#, "{a: 1}", &[(missing, "=", None)]);
    case(r#"{"a" => 1}"#, "{a: 1}", &[(missing, "=>", None)]);
    case(r#"{"a":: 1}"#, "{a: 1}", &[("unexpected colon", ":", None)]);
    case(r#"{"a": "b": 1, "c": 2}"#, "{a: 'b', c: 2}", &[("unexpected colon", ":", None)]);
    case(r#"["a": 1]"#, "['a', 1]", &[("unexpected colon", ":", None)]);
    case(r#"{"a"}"#, "{a: ?}", &[("the key `a` has no value", r#""a""#, None)]);
    case(r#"{"a":}"#, "{a: ?}", &[("the key `a` has no value", r#""a""#, None)]);
    case(r#"{"a", "b": 1}"#, "{a: ?, b: 1}", &[("the key `a` has no value", r#""a""#, None)]);
    case(r#"{"a": , "b": 1}"#, "{a: ?, b: 1}", &[("the key `a` has no value", r#""a""#, None)]);
    // A list without its opening bracket is one mistake.
    case(
        r#"{"a": "b", "c", "d"], "e": 1}"#,
        "{a: 'b', c: ?, d: ?, e: 1}",
        &[("the key `c` has no value", r#""c""#, None)],
    );
    let no_key = "missing key: an object holds `\"key\": value`";
    case("{: 1}", "{…: 1}", &[(no_key, ":", None)]);
    case(r#"{"a": 1, {"b": 2}}"#, "{a: 1, …: {b: 2}}", &[(no_key, "{", None)]);
}

#[test]
fn quotes() {
    let single = "single quotes: JSON strings stand in `\"`";
    let typographic = "typographic quotes: JSON strings stand in `\"`";
    case(
        r#"{'a': 'b\'"c', "d": 1}"#,
        r#"{a: 'b\'\"c', d: 1}"#,
        &[(single, "'a'", None), (single, r#"'b\'"c'"#, None)],
    );
    case("['it's', 1]", "['it…', 1]", &[(single, "'it's'", None)]);
    case("[`a`]", "['a']", &[("backticks: JSON strings stand in `\"`", "`a`", None)]);
    case(
        "{“Effect”: ‘Allow’, \"b\": 1}",
        "{Effect: 'Allow', b: 1}",
        &[(typographic, "“Effect”", None), (typographic, "‘Allow’", None)],
    );
    case(
        "{Version: 1, aws:SourceArn: 2, b:3, 4: 5}",
        "{Version: 1, aws:SourceArn: 2, b: 3, 4: 5}",
        &[
            ("the key `Version` needs double quotes", "Version", None),
            ("the key `aws:SourceArn` needs double quotes", "aws:SourceArn", None),
            ("the key `b` needs double quotes", "b", None),
            ("the key `4` needs double quotes", "4", None),
        ],
    );
    case(
        r#"{Effect": "Allow", aws:a:b": 1, @@a": 2}"#,
        "{Effect: 'Allow', aws:a:b: 1, @@a: 2}",
        &[
            ("the key `Effect` needs double quotes", "Effect\"", None),
            ("the key `aws:a:b` needs double quotes", "aws:a:b\"", None),
            ("the key `@@a` needs double quotes", "@@a\"", None),
        ],
    );
    case(
        r#"["say "hi" now", 1]"#,
        "['say …', 1]",
        &[("quote inside a string: write `\\\"`", "\"", None)],
    );
}

#[test]
fn values_of_other_languages() {
    case(
        "[True, FALSE, None, nil, undefined, NaN, -Infinity, 1]",
        "[?, ?, ?, ?, ?, ?, ?, 1]",
        &[
            ("`True` is no JSON value: write `true`", "True", None),
            ("`FALSE` is no JSON value: write `false`", "FALSE", None),
            ("`None` is no JSON value: write `null`", "None", None),
            ("`nil` is no JSON value: write `null`", "nil", None),
            ("`undefined` is a value that JSON does not have", "undefined", None),
            ("`NaN` is a value that JSON does not have", "NaN", None),
            ("`-Infinity` is a value that JSON does not have", "-Infinity", None),
        ],
    );
    for word in ["Allow", "tru", "truee", "*", "<name>", "${name}", "two words", "arn:aws:a:b", "é"]
    {
        let message = format!("`{word}` is no JSON value: a string stands in double quotes");
        let list = format!("[{word}, 1]");
        case(&list, "[?, 1]", &[(&message, word, None)]);
        let object = format!("{{\"a\": {word}, \"b\": 1}}");
        case(&object, "{a: ?, b: 1}", &[(&message, word, None)]);
    }
    case(
        r#"{"a": Allow", "b": 1}"#,
        "{a: ?, b: 1}",
        &[("`Allow\"` is no JSON value: a string stands in double quotes", "Allow\"", None)],
    );
}

#[test]
fn numbers() {
    let zero = "it begins with zero (an account id is a string)";
    for (number, fault) in [
        ("012345678901", zero),
        ("-01", zero),
        ("01.5", zero),
        ("+1", "it begins with a plus"),
        (".5", "a digit belongs before the point"),
        ("-.5", "a digit belongs before the point"),
        ("1.", "a digit belongs after the point"),
        ("1.e5", "a digit belongs after the point"),
        ("1e", "a digit belongs after the `e`"),
        ("1.5E+", "a digit belongs after the `e`"),
        ("2012-10-17", "a string stands in double quotes"),
        ("10.0.0.1", "a string stands in double quotes"),
        ("0x1F", "a string stands in double quotes"),
        ("1_000", "a string stands in double quotes"),
        ("-", "a string stands in double quotes"),
    ] {
        let message = format!("`{number}` is not a number: {fault}");
        case(&format!("[{number}, 1]"), "[?, 1]", &[(&message, number, None)]);
    }
}

#[test]
fn escapes_and_control_characters() {
    case(
        r#"["C:\Users", "\d+", 1]"#,
        "['C:…sers', '…+', 1]",
        &[
            (r"`\U` is no escape: a backslash is `\\`", r"\U", None),
            (r"`\d` is no escape: a backslash is `\\`", r"\d", None),
        ],
    );
    let digits = r"`\u12` is no escape: `\u` needs four hexadecimal digits";
    case(r#"["\u12", "\u12é4"]"#, "['…', '…é4']", &[(digits, r"\u12", None); 2]);
    case(
        r#"["\ud800", "\udc00b", "\uD800\u0041"]"#,
        "['…', '…b', '…A']",
        &[
            (r"`\ud800` is half of a surrogate pair", r"\ud800", None),
            (r"`\udc00` is half of a surrogate pair", r"\udc00", None),
            (r"`\uD800` is half of a surrogate pair", r"\uD800", None),
        ],
    );
    // Of each kind the first in a string is told.
    case(
        "[\"a\tb\tc\", \"\u{1}\t\"]",
        r"['a\tb\tc', '\u{1}\t']",
        &[
            (r"tab in a string: write `\t`", "\t", None),
            (r"control character U+0001 in a string: write `\u0001`", "\u{1}", None),
            (r"tab in a string: write `\t`", "\t", None),
        ],
    );
    let line_break = r"line break in a string: write `\n`";
    case("[\"a\nb\nc\", 1]", r"['a\nb\nc', 1]", &[(line_break, "\n", None)]);
    case("[\"a\r\nb\", 1]", r"['a\r\nb', 1]", &[(line_break, "\r\n", None)]);
    case(
        "{\"Policy\": \"{\n \\\"a\\\": [\n  1\n ]\n}\", \"b\": 1}",
        r#"{Policy: '{\n \"a\": [\n  1\n ]\n}', b: 1}"#,
        &[(line_break, "\n", None)],
    );
    case("[\"a\rb\"]", r"['a\rb']", &[(r"carriage return in a string: write `\r`", "\r", None)]);
}

#[test]
fn strings_without_an_end() {
    let unclosed = "this string is never closed";
    // The line end ends it, without the punctuation that belongs behind it.
    case(
        "{\"Effect\": \"Allow,\n \"Action\": \"s3:*\"}",
        "{Effect: 'Allow…', Action: 's3:*'}",
        &[(unclosed, "\"Allow", Some(""))],
    );
    case(
        "{\"a\": [\"${b}\", \"${aws:username}],\n \"c\": 1}",
        "{a: ['${b}', '${aws:username}…'], c: 1}",
        &[(unclosed, "\"${aws:username}", Some(""))],
    );
    case("{\"a: {\n \"b\": 1}}", "{a…: {b: 1}}", &[(unclosed, "\"a", Some(""))]);
    case("{\"a\": \"b\\n\n}", r"{a: 'b\n…'}", &[(unclosed, "\"b\\n", Some(""))]);
    case(r#"{"a": "b}"#, "{a: 'b…'}", &[(unclosed, "\"b", Some(""))]);
    // The next string's opening quote would close it.
    case(
        r#"{"Action": ["s3:*, "kms:*"], "b": 1}"#,
        "{Action: ['s3:*…', 'kms:*'], b: 1}",
        &[(unclosed, "\"s3:*", Some("\""))],
    );
    case(r#"["a, "*", 1]"#, "['a…', '*', 1]", &[(unclosed, "\"a", Some("\""))]);
    case(
        r#"{"Effect: "Allow", "b": 1}"#,
        "{Effect…: 'Allow', b: 1}",
        &[(unclosed, "\"Effect", Some("\""))],
    );
    // The end of the text is the one mistake.
    case(r#"{"a": ["b"#, "{a: ['b…']}", &[(unclosed, "\"b", Some(""))]);
    case("['a\n]", "['a…']", &[(unclosed, "'a", Some(""))]);
    case("[“a\n]", "['…']", &[(unclosed, "“a", Some(""))]);
}

#[test]
fn brackets_without_an_end() {
    let list = "this list is never closed";
    let object = "this object is never closed";
    // A text that is cut off has one mistake.
    case(r#"{"a": [{"b": 1 "#, "{a: [{b: 1}]}", &[(object, "{", Some(""))]);
    case("[1,", "[1]", &[(list, "[", Some(""))]);
    case(r#"{"a""#, "{a: ?}", &[(object, "{", Some(""))]);
    case(r#"{"a":"#, "{a: ?}", &[(object, "{", Some(""))]);
    case("[[1], [2, [3]]", "[[1], [2, [3]]]", &[(list, "[", Some(""))]);
    // The bracket of something further out.
    case(r#"{"a": [1, 2}"#, "{a: [1, 2]}", &[(list, "[", Some("}"))]);
    case(r#"[{"a": 1]"#, "[{a: 1}]", &[(object, "{", Some("]"))]);
    case(r#"[{"a": ["b", "c"}, {"d": 1}]"#, "[{a: ['b', 'c']}, {d: 1}]", &[(list, "[", Some("}"))]);
    // What can only stand further out.
    case(
        r#"{"Action": ["a", "b", "Effect": "Allow"}"#,
        "{Action: ['a', 'b'], Effect: 'Allow'}",
        &[(list, "[", Some(r#""Effect""#))],
    );
    case(
        r#"{"a": [1, "\q": 2}"#,
        "{a: [1, '…', 2]}",
        &[
            (list, "[", Some("}")),
            (r"`\q` is no escape: a backslash is `\\`", r"\q", None),
            ("unexpected colon", ":", None),
        ],
    );
    case(
        r#"[{"Effect": "Allow", {"Effect": "Deny"}]"#,
        "[{Effect: 'Allow'}, {Effect: 'Deny'}]",
        &[(object, "{", Some("{"))],
    );
    case(
        r#"[{"Effect": "Allow" {"Effect": "Deny"}]"#,
        "[{Effect: 'Allow'}, {Effect: 'Deny'}]",
        &[(object, "{", Some("{"))],
    );
}

#[test]
fn brackets_of_the_wrong_kind() {
    let not_list = "`}` cannot close this list: write `]`";
    let not_object = "`]` cannot close this object: write `}`";
    case("[1}", "[1]", &[(not_list, "}", Some("["))]);
    case(r#"{"a": 1]"#, "{a: 1}", &[(not_object, "]", Some("{"))]);
    case(r#"{"a": ["b", "c"}, "d": 1}"#, "{a: ['b', 'c'], d: 1}", &[(not_list, "}", Some("["))]);
    case(r#"[{"a": 1], {"b": 2}]"#, "[{a: 1}, {b: 2}]", &[(not_object, "]", Some("{"))]);
    let surplus = ("unexpected `]`", "]", None);
    case(r#"{"a": 1], "b": 2}"#, "{a: 1, b: 2}", &[surplus]);
    // Where both readings go on well, the indentation decides.
    let text = "{\n  \"a\": {\n    \"b\": [\n      1\n    },\n    \"c\": 2\n  }\n}";
    case(text, "{a: {b: [1], c: 2}}", &[(not_list, "}", Some("["))]);
    let text = "{\n  \"a\": {\n    \"b\": [\n      1\n  },\n  \"c\": 2\n}";
    case(text, "{a: {b: [1]}, c: 2}", &[("this list is never closed", "[", Some("}"))]);
}

#[test]
fn duplicates_are_kept_and_relate_to_the_first() {
    let duplicate = |key: &'static str| (key, Some(key));
    for fill in [0, 40] {
        let mut text = String::from("{\"a\": [{\"é\": 1, \"\\u00e9\": 2}]");
        for index in 0..fill {
            let _ = write!(text, ", \"key{index}\": {index}");
        }
        text.push_str(", \"b\": 1, \"a\": 2, \"b\": 3, \"a\": 4}");
        let reading = read(SourceId::new(0), &text);
        let problems: Vec<_> =
            reading.problems.iter().map(|problem| told(&text, problem)).collect();
        let places: Vec<_> = problems.iter().map(|(_, key, first)| (*key, *first)).collect();
        assert_eq!(problems[0].0, "duplicate member `é`");
        assert_eq!(places[0], ("\"\\u00e9\"", Some("\"é\"")));
        assert_eq!(places[1..], [duplicate("\"a\""), duplicate("\"b\""), duplicate("\"a\"")]);
        let firsts: Vec<_> = reading.problems.iter().filter_map(|p| p.related).collect();
        assert_eq!(firsts[1].start, 1);
        assert_eq!(firsts[3].start, 1);
        assert_eq!(reading.root.members().len(), 5 + fill);
        assert!(reading.problems.iter().all(|problem| problem.kind.is_duplicate()));
        assert!(!reading.problems.iter().any(|problem| problem.kind.is_syntax()));
    }
    case(r#"{"a": {"b": 1}, "b": {"a": 1}}"#, "{a: {b: 1}, b: {a: 1}}", &[]);
}

#[test]
fn a_value_nested_too_deeply_is_all_that_is_lost() {
    let deep = |inside: &str| format!("{}{inside}{}", "[".repeat(126), "]".repeat(126));
    let message = "nested more than 127 levels deep";
    for too_deep in ["[{}]", "{\"a\": {\"]}\\\"\": []}}", "[[\"a\n, [1]]]"] {
        let text = format!("{{\"a\": {}, \"b\": [1]}}", deep(too_deep));
        let reading = read(SourceId::new(0), &text);
        let expected = Value::Array(vec![]);
        let problems: Vec<_> =
            reading.problems.iter().map(|problem| told(&text, problem)).collect();
        assert_eq!(problems, [(message.to_owned(), &too_deep[..1], None)]);
        assert_eq!(reading.root.member("b").map(show).as_deref(), Some("[1]"));
        let mut inner = reading.root.member("a");
        while let Some(next) = inner.and_then(|node| node.elements().first()) {
            inner = Some(next);
        }
        let inner = inner.unwrap();
        assert_ne!(inner.value, expected);
        assert_eq!(inner.value, Value::Unknown);
        assert_eq!(&text[inner.span.range()], too_deep);
    }
    let each = deep("[[]], [[[]]], 1");
    let reading = read(SourceId::new(0), &format!("[{each}, 2]"));
    assert_eq!(reading.problems.len(), 2);
    assert!(reading.problems.iter().all(|problem| problem.to_string() == message));
}

#[test]
fn independent_mistakes_give_one_problem_each_in_order() {
    let text = r#"{
  // 1: a comment
  "Version": '2012-10-17',
  "Statement": [
    {
      "Sid": "a	b",
      "Effect" "Allow",
      "Principal": {"AWS": 012345678901},
      "Action": ["kms:Decrypt" "kms:Encrypt"],
      "Resource": "arn:aws:kms:\d",
      "Condition": {"Bool": {"aws:SecureTransport": True,}}
    },
    {
      "Effect": "Deny,
      "Action": [s3:Get*],
      "Resource": ["a", "b",
      "NotPrincipal": {"AWS": "*", "AWS": "*"},
      Sid: "x"
    }
    {
      "Effect": "Allow"
    }},
  ]
}
"#;
    let reading = read(SourceId::new(0), text);
    let underlined: Vec<_> =
        reading.problems.iter().map(|problem| &text[problem.span.range()]).collect();
    let expected = [
        "// 1: a comment",
        "'2012-10-17'",
        "\t",
        r#""Effect""#,
        "012345678901",
        r#""kms:Encrypt""#,
        r"\d",
        "True",
        ",",
        "\"Deny",
        "s3:Get*",
        "[",
        r#""AWS""#,
        "Sid",
        "{",
        "}",
        ",",
    ];
    assert_eq!(underlined, expected);
    let statements = reading.root.member("Statement").unwrap().elements();
    assert_eq!(statements.len(), 3);
    assert_eq!(show(&statements[2]), "{Effect: 'Allow'}");
}

#[test]
fn messages_are_of_the_house_style() {
    let text =
        "\u{feff}/**/{a\u{a0}: +1, 'b' True 'c', \"d\n : NaN : [}, \"\\q\" \"\\u\t\", {}; ,]";
    for mistake in read(SourceId::new(0), text).problems {
        let message = mistake.to_string();
        assert!(!message.starts_with(|c: char| c.is_uppercase()), "{message}");
        assert!(!message.ends_with('.'), "{message}");
        assert_eq!(message.matches('`').count() % 2, 0, "{message}");
    }
    let long = format!("[{}]", "é".repeat(100));
    let expected =
        format!("`{}…` is no JSON value: a string stands in double quotes", "é".repeat(40));
    assert_eq!(read(SourceId::new(0), &long).problems[0].to_string(), expected);
    case(
        "{\"a\\n\": 1, \"a\\n\": 2}",
        "{a\n: 1, a\n: 2}",
        &[("duplicate member `a\\n`", "\"a\\n\"", Some("\"a\\n\""))],
    );
}

#[test]
fn a_binary_file_has_a_list_of_bearable_length() {
    let text = format!("[{}1", "1 ".repeat(50_000));
    let problems = read(SourceId::new(0), &text).problems;
    assert_eq!(problems.len(), 10_001);
    assert_eq!(problems[10_000].kind, ProblemKind::TooMany);
}
