//! `serde_json` is the judge of what is JSON, and of what it means.

mod agreement;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

const SAMPLES: [&str; 4] = [
    r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"]},
   "Action": ["kms:Decrypt", "kms:Create*"], "Resource": "*",
   "Condition": {"Bool": {"kms:GrantIsForAWSResource": true}}},
  {"Effect": "Deny", "NotPrincipal": null, "Action": "kms:\u002a", "Resource": []}
]}"#,
    r#"{"plans":{"daily":{"rules":{"r":{"lifecycle":{"delete_after_days":{"@@assign":"35"}}}}}}}"#,
    r#"{"Policy":"{\n  \"Statement\": [{\"Sid\":\"\\u00e9\\\\\"}]\n}","n":[0,-1.5e+3,10,{}]}"#,
    "[\n\t{\r\n \"é\": \"\\ud83d\\ude00 😀\" , \"\\/\" :false}\r\n]\n",
];

/// What documents are damaged with.
const SCRAPS: [&str; 56] = [
    "{", "}", "[", "]", ",", ":", "\"", "'", "`", "\\", "/", "//", "/*", "*/", "#", "\n", "\r\n",
    "\t", " ", "    ", "0", "1", "01", "-", "+", ".", "e", "E5", "1e999", "true", "null", "True",
    "a", "u", "\\u", "\\u00e9", "\\ud800", "\\udc00", "\\n", "\\q", "é", "“", "”", "\u{a0}",
    "\u{feff}", "\0", "\u{7f}", "${a}", "=", "=>", ";", "\"\"", "{}", "[]", "\"a\":", "\"b\",",
];

#[derive(Debug, Clone)]
enum Edit {
    Delete(Index, usize),
    Insert(Index, &'static str),
    Replace(Index, usize, &'static str),
    Repeat(Index, usize),
}

impl Edit {
    fn apply(&self, text: &mut String) {
        let bound = |index: &Index| {
            let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            index.index(bounds.len() + 1).checked_sub(1).and_then(|at| bounds.get(at).copied())
        };
        let behind = |from: usize, length: &usize| {
            let rest = text.get(from..).unwrap_or_default();
            from + rest.chars().take(*length).map(char::len_utf8).sum::<usize>()
        };
        match self {
            Self::Delete(at, length) => {
                let from = bound(at).unwrap_or(0);
                text.replace_range(from..behind(from, length), "");
            }
            Self::Insert(at, scrap) => {
                let from = bound(at).unwrap_or(text.len());
                text.insert_str(from, scrap);
            }
            Self::Replace(at, length, scrap) => {
                let from = bound(at).unwrap_or(0);
                text.replace_range(from..behind(from, length), scrap);
            }
            Self::Repeat(at, length) => {
                let from = bound(at).unwrap_or(0);
                let repeated = text.get(from..behind(from, length)).unwrap_or_default().to_owned();
                text.insert_str(from, &repeated);
            }
        }
    }
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<Index>(), 1..4_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (any::<Index>(), select(SCRAPS.as_slice())).prop_map(|(at, s)| Edit::Insert(at, s)),
        (any::<Index>(), 1..4_usize, select(SCRAPS.as_slice()))
            .prop_map(|(at, length, scrap)| Edit::Replace(at, length, scrap)),
        (any::<Index>(), 1..30_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
    ];
    vec(edit, 0..5)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~\\n\\t\"\\\\é😀]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((any::<String>(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A case that failed goes to the tables by hand, not to a file.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    agreement::check(text).map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn documents(value in values()) {
        check(&value.to_string())?;
        check(&format!("{value:#}\n"))?;
    }

    #[test]
    fn soup(scraps in vec(select(SCRAPS.as_slice()), 0..40)) {
        check(&scraps.concat())?;
    }

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text)?;
    }
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn damaged_policies(sample in select(SAMPLES.as_slice()), edits in edits()) {
        let mut text = sample.to_owned();
        edits.iter().for_each(|edit| edit.apply(&mut text));
        check(&text)?;
    }
}

#[test]
fn every_single_deletion_and_insertion() {
    for sample in SAMPLES {
        for (at, character) in sample.char_indices() {
            let (before, behind) = sample.split_at(at);
            let without = format!("{before}{}", behind.trim_start_matches(character));
            assert_eq!(agreement::check(&without), Ok(()), "{without}");
            assert_eq!(agreement::check(before), Ok(()), "{before}");
            for scrap in SCRAPS {
                let with = format!("{before}{scrap}{behind}");
                assert_eq!(agreement::check(&with), Ok(()), "{with}");
            }
        }
    }
}

#[test]
fn depth_ends_at_the_same_level() {
    for depth in [1, 126, 127, 128, 129, 300] {
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")] {
            let (opening, closing) = (opening.repeat(depth), closing.repeat(depth));
            for inside in ["", "1", "\"]\"", "{}"] {
                let text = format!("{opening}{inside}{closing}");
                assert_eq!(agreement::check(&text), Ok(()), "{text}");
            }
            assert_eq!(agreement::check(&opening), Ok(()), "{opening}");
        }
    }
}
