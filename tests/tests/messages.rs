//! What AWS says is recognised: every message of the shared list and every stem of the facts, in
//! many dresses, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::message::{CauseRow, MessageRow, placeholder, recognise, recognise_all};
use copy_preflight_rules::rules;
use copy_preflight_tests::places::{fixture, read, shared};
use proptest::prelude::*;
use serde_json::Value;

/// Kinds of the shared list that are recognised without exception.
const WHOLE_KINDS: [&str; 3] = ["copy-job", "any-job", "underlying-service"];
/// The ids of the rows begin with it.
const TABLE: &str = "messages-";

fn facts() -> Facts {
    Facts::embedded().unwrap()
}

fn id(row: &MessageRow) -> &str {
    row.id.strip_prefix(TABLE).unwrap()
}

/// The rows of the shared list.
fn listed() -> Option<Vec<Value>> {
    let text = read(&shared()?.join("facts/failure-messages.jsonl"));
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() >= 154, "{} rows", rows.len());
    Some(rows)
}

/// Our own texts: the row, and what AWS says.
fn texts() -> Vec<(String, String)> {
    lines("messages/messages.txt")
        .map(|line| {
            let (row, text) = line.split_once(" | ").unwrap();
            (row.to_owned(), text.to_owned())
        })
        .collect()
}

fn lines(path: &str) -> impl Iterator<Item = String> {
    let lines: Vec<String> = fixture(path)
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect();
    lines.into_iter()
}

#[test]
fn every_listed_message_of_a_copy_has_its_class_first() {
    let Some(rows) = listed() else { return };
    let facts = facts();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for row in &rows {
        let field = |name: &str| row[name].as_str().unwrap();
        let whole = WHOLE_KINDS.contains(&field("kind"));
        seen += usize::from(whole);
        match recognise(field("message"), &facts) {
            Some(found) if found.row.causes[0].class == field("cause_class") => {}
            Some(found) => wrong.push(format!("{}: {}", field("id"), found.row.id)),
            None if whole => wrong.push(format!("{}: not recognised", field("id"))),
            None => {}
        }
    }
    assert!(seen >= 55, "{seen} rows");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The twin on our own fixtures: every stem, and no other row beside the right one.
#[test]
fn every_stem_is_recognised_as_its_row() {
    let facts = facts();
    let mut seen = BTreeSet::new();
    for (row, text) in texts() {
        let all = recognise_all(&text, &facts);
        let Some(found) = all.first() else { panic!("{row}: {text}") };
        assert_eq!(id(found.row), row, "{text}");
        seen.insert((row, found.stem.text.clone()));
        // The next best says less, so that the order of rows decides nothing.
        if let Some(next) = all.get(1) {
            let (best, next) = (found.stem.specificity(), next.stem.specificity());
            assert!(best > next, "two rows for: {text}");
        }
    }
    for row in facts.messages() {
        for stem in &row.stems {
            let key = (id(row).to_owned(), stem.text.clone());
            assert!(seen.contains(&key), "no text shows `{}` of {}", stem.text, row.id);
        }
    }
}

#[test]
fn causes_equal_the_reviewed_list() {
    let reviewed: BTreeMap<String, Vec<String>> =
        toml::from_str(&fixture("messages/causes.toml")).unwrap();
    let facts = facts();
    let word = |cause: &CauseRow| {
        let or_none = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
        let (rule, reason) = (or_none(&cause.rule), or_none(&cause.reason));
        let (side, basis) = (cause.side.word(), cause.basis.word());
        format!("{} {rule} {reason} {side} {basis}", cause.class)
    };
    let found: BTreeMap<String, Vec<String>> = facts
        .messages()
        .iter()
        .map(|row| (id(row).to_owned(), row.causes.iter().map(word).collect()))
        .collect();
    for (row, causes) in &reviewed {
        assert_eq!(found.get(row), Some(causes), "{row}");
    }
    assert_eq!(found.len(), reviewed.len(), "a row was not reviewed");
}

#[test]
fn causes_name_what_exists() {
    let facts = facts();
    for row in facts.messages() {
        for (rank, cause) in row.causes.iter().enumerate() {
            let place = format!("{}, cause {}", row.id, rank + 1);
            if let Some(name) = &cause.rule {
                let rule = rules::named(name);
                let rule = rule.unwrap_or_else(|| panic!("{place}: no rule `{name}`"));
                if let Some(reason) = &cause.reason {
                    let known = rule.reasons().any(|one| one.name == reason);
                    assert!(known, "{place}: `{name}` has no reason `{reason}`");
                }
            }
            for fact in &cause.facts {
                assert!(facts.row(fact).is_some(), "{place}: no fact `{fact}`");
            }
            let alone = row.causes.len() == 1;
            assert_eq!(cause.tell_apart.is_empty(), alone, "{place}: how to tell it apart");
            assert!(!cause.confirm.is_empty(), "{place}: nothing confirms it");
            for text in cause.confirm.iter().chain([&cause.fix]) {
                assert!(!placeholder::fill(text, |_| None).contains('{'), "{place}: {text}");
            }
            for command in &cause.confirm {
                assert!(command.starts_with("aws "), "{place}: {command}");
            }
            for text in [&cause.why, &cause.fix, &cause.tell_apart] {
                assert!(!text.ends_with('.') && text == text.trim(), "{place}: {text}");
            }
            // No two causes of a row answer to the same outcome.
            let same = row.causes.iter().filter(|other| {
                cause.rule.is_some() && other.rule == cause.rule && other.reason == cause.reason
            });
            assert!(same.count() <= 1, "{place}: rule and reason stand twice");
        }
        for kind in &row.resource_types {
            assert!(facts.variants(kind).next().is_some(), "{}: no type `{kind}`", row.id);
        }
    }
}

#[test]
fn a_cause_without_reason_stands_for_the_rest() {
    let facts = facts();
    let row = facts.messages().iter().find(|row| id(row) == "source-snapshot-key").unwrap();
    let rule = "source-key-refuses-destination";
    let causes = |reason: &str| -> Vec<usize> {
        let stands = row.causes.iter().map(|cause| row.stands_for(cause, rule, reason));
        stands.enumerate().filter(|(_, stands)| *stands).map(|(rank, _)| rank + 1).collect()
    };
    assert_eq!(causes("no-statement"), [1]);
    assert_eq!(causes("missing-action"), [4]);
    assert_eq!(causes("explicit-deny"), [5]);
    assert_eq!(causes("condition-fails"), [7]);
}

#[test]
fn nothing_else_is_recognised() {
    let facts = facts();
    let negatives: Vec<String> = lines("messages/negatives.txt").collect();
    assert!(negatives.len() >= 70, "{} texts", negatives.len());
    for text in negatives {
        if let Some(found) = recognise(&text, &facts) {
            panic!("{} in: {text}", found.row.id);
        }
    }
}

#[test]
fn what_the_text_carries_is_kept() {
    let facts = facts();
    let text = "Access denied: An error occurred (KMSKeyNotAccessibleFault) when calling the CopyDBClusterSnapshot \
        operation: The source snapshot KMS key [arn:aws:kms:eu-west-1:111122223333:key/1234] does not exist, is not \
        enabled or you do not have permissions to access it. (Service: AmazonRDS; Status Code: 400; Error Code: \
        KMSKeyNotAccessibleFault; Request ID: 1b2345b2-f22c; Proxy: null)";
    let found = recognise(text, &facts).unwrap();
    let captured = &found.captured;
    assert_eq!(captured.code.as_deref(), Some("KMSKeyNotAccessibleFault"));
    assert_eq!(captured.operation.as_deref(), Some("CopyDBClusterSnapshot"));
    assert_eq!(captured.service.as_deref(), Some("AmazonRDS"));
    assert_eq!(captured.status.as_deref(), Some("400"));
    assert_eq!(captured.request_id.as_deref(), Some("1b2345b2-f22c"));
    assert_eq!(captured.value("source_region"), Some("eu-west-1"));
    let filled = placeholder::fill(&found.row.causes[0].confirm[0], |name| {
        captured.value(name).map(str::to_owned)
    });
    let command = "aws kms get-key-policy --key-id arn:aws:kms:eu-west-1:111122223333:key/1234 \
        --policy-name default --region eu-west-1 --output text";
    assert_eq!(filled, command);

    for (text, code) in [
        (
            "SnapshotCopyUnsupported.InterRegion: Inter-region snapshot copy is not supported for this AWS Region.",
            "SnapshotCopyUnsupported.InterRegion",
        ),
        (
            "operation error EC2: CopySnapshot, https response error StatusCode: 400, RequestID: 1b, api error InvalidParameter: Given key ID is not accessible",
            "InvalidParameter",
        ),
        (
            "MalformedPolicyDocumentException - Policy contains a statement with one or more invalid principals.",
            "MalformedPolicyDocumentException",
        ),
        (
            "botocore.errorfactory.InvalidParameterValueException: Provided principal is not valid",
            "InvalidParameterValueException",
        ),
        (
            "Given key ID is not accessible (Service: AmazonEC2; Status Code: 400; Error Code: InvalidParameter; Request ID: ; Proxy: null)",
            "InvalidParameter",
        ),
    ] {
        let found = recognise(text, &facts).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.captured.code.as_deref(), Some(code), "{text}");
        assert_ne!(found.captured.request_id.as_deref(), Some("Proxy"), "{text}");
    }
    let nothing = recognise(
        "Specified KMS key [None] does not exist, is not enabled or you do not have permissions to access it.",
        &facts,
    );
    assert_eq!(nothing.unwrap().captured.value("destination_key"), None);
}

/// Megabytes of nothing, of beginnings, of a message at the end. The bench `messages` times them;
/// what grew with the square of the length would not end here.
#[test]
fn a_long_text_is_answered() {
    let facts = facts();
    let message = "Access Denied trying to call AWS Backup service";
    let grant = "User: a is not authorized to perform: kms:CreateGrant on this resource because. ";
    for (part, last, recognised) in [
        ("You have reached your quota of 1 for the number of public. ", message, true),
        ("Error: ", message, true),
        (grant, "", false),
        ("x", message, false),
        ("\"", message, true),
        ("The snapshot requires a target option group with the following options: ", "", false),
    ] {
        let text = format!("{}{last}", part.repeat(1_000_000 / part.len()));
        assert_eq!(recognise(&text, &facts).is_some(), recognised, "{part}");
    }
}

/// How a message is pasted.
#[derive(Debug, Clone)]
struct Dress {
    case: u8,
    label: &'static str,
    prefix: &'static str,
    quotes: [&'static str; 2],
    suffix: &'static str,
    line_break: &'static str,
    at: prop::sample::Index,
    around: [&'static str; 2],
    account: String,
    region: &'static str,
}

fn dress() -> impl Strategy<Value = Dress> {
    let label = prop::sample::select(vec![
        "",
        "Access denied: ",
        "Miscellaneous: ",
        "Status message : ",
        "Zugriff verweigert: ",
        "アクセスが拒否されました: ",
        "访问被拒绝：",
        "An error occurred (InvalidParameterValue) when calling the CopySnapshot operation: ",
        "operation error EC2: CopySnapshot, https response error StatusCode: 400, RequestID: 1b, api error InvalidParameter: ",
        "com.amazonaws.services.ec2.model.AmazonEC2Exception: ",
        "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the StartCopyJob operation: ",
        "{\"CopyJobId\": \"1b\", \"State\": \"FAILED\", \"StatusMessage\": \"",
    ]);
    let prefix = prop::sample::select(vec![
        "",
        "2026-11-22T10:15:00.123Z ERROR ",
        "2026-11-22 10:15:00,123 [main] ERROR com.example.Copies - ",
        "Nov 22 10:15:00 ip-10-0-0-1 backup[123]: ",
        "[ERROR] 2026-11-22T10:15:00Z 0a1b2c3d-0000-4000-8000-000000000000 ",
        "10:15:00 WARN copy-watch | ",
        "WARNING: ",
        "time=2026-11-22T10:15:00Z level=error msg=",
        "> ",
        "- ",
    ]);
    let quotes = prop::sample::select(vec![
        ["", ""],
        ["\"", "\""],
        ["\\\"", "\\\""],
        ["“", "”"],
        ["'", "'"],
        ["‘", "’"],
        ["`", "`"],
        ["**", "**"],
    ]);
    let suffix = prop::sample::select(vec![
        "",
        " (Service: AmazonEC2; Status Code: 400; Error Code: InvalidParameter; Request ID: ; Proxy: null)",
        " (Service: Backup, Status Code: 403, Request ID: 1b2345b2-f22c-4dab-5eb6-bbc7890ed123)",
        "\n\tstatus code: 400, request id: 1b2345b2",
        ".",
    ]);
    let line_break = prop::sample::select(vec![" ", "\n", "\r\n", "\n    ", "  ", "\u{a0}"]);
    let around =
        prop::sample::select(vec![["", ""], ["  ", " \t"], ["\n\n", "\r\n"], ["\u{feff}", " "]]);
    let account = "[0-9]{12}";
    let region =
        prop::sample::select(vec!["us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-3"]);
    let index = any::<prop::sample::Index>();
    ((0..4u8, label, prefix, quotes, suffix), (line_break, index, around, account, region))
        .prop_map(
            |((case, label, prefix, quotes, suffix), (line_break, at, around, account, region))| {
                Dress {
                    case,
                    label,
                    prefix,
                    quotes,
                    suffix,
                    line_break,
                    at,
                    around,
                    account,
                    region,
                }
            },
        )
}

impl Dress {
    fn put_on(&self, text: &str) -> String {
        let text = text
            .replace("111122223333", &self.account)
            .replace("444455556666", &self.account)
            .replace("eu-west-1", self.region)
            .replace("us-west-2", self.region);
        let text = match self.case {
            0 => text,
            1 => text.to_uppercase(),
            2 => text.to_lowercase(),
            _ => text.replace('\'', "’"),
        };
        let words: Vec<&str> = text.split(' ').collect();
        let (before, after) = words.split_at(self.at.index(words.len()));
        let text = match before {
            [] => text,
            _ => format!("{}{}{}", before.join(" "), self.line_break, after.join(" ")),
        };
        // What a log writes as a field is quoted.
        let field = self.prefix.ends_with('=') && self.label.is_empty();
        let [open, close] = match self.quotes {
            ["" | "**" | "“", _] if field => ["\"", "\""],
            quotes => quotes,
        };
        let [before, after] = self.around;
        let suffix = if text.to_lowercase().contains("(service") { "" } else { self.suffix };
        let tail = if self.label.starts_with('{') { "\", \"AccountId\": \"1\"}" } else { "" };
        let (prefix, label) = (self.prefix, self.label);
        format!("{before}{prefix}{label}{open}{text}{close}{suffix}{tail}{after}")
    }
}

/// What a dress must not change: which row it is.
fn answer(text: &str, facts: &Facts) -> Option<String> {
    recognise(text, facts).map(|found| found.row.id.clone())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn a_dress_changes_nothing(dress in dress(), pick in any::<prop::sample::Index>()) {
        thread_local! {
            static TEXTS: (Facts, Vec<(String, String)>) = (facts(), texts());
        }
        TEXTS.with(|(facts, texts)| {
            let (row, text) = &texts[pick.index(texts.len())];
            let dressed = dress.put_on(text);
            prop_assert_eq!(answer(&dressed, facts), Some(format!("{TABLE}{row}")), "{}", dressed);
            Ok(())
        })?;
    }
}

/// Each message of the shared list in a few dresses of each kind.
#[test]
fn listed_messages_are_recognised_in_dresses() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let Some(rows) = listed() else { return };
    let facts = facts();
    let mut runner = TestRunner::deterministic();
    let mut wrong = Vec::new();
    for row in &rows {
        let text = row["message"].as_str().unwrap();
        let Some(plain) = answer(text, &facts) else { continue };
        for _ in 0..60 {
            let dressed = dress().new_tree(&mut runner).unwrap().current().put_on(text);
            if answer(&dressed, &facts).as_ref() != Some(&plain) {
                wrong.push(format!("{}: {dressed}", row["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong, such as {:#?}", wrong.len(), &wrong[..wrong.len().min(8)]);
}

/// Every word of a stem counts: with one replaced, left out or added, the stem is not found.
#[test]
fn a_text_one_word_away_is_another() {
    let facts = facts();
    let mut asked = 0;
    for (row, text) in texts() {
        let own = recognise(&text, &facts).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        for at in 0..words.len() {
            // A dash alone is no word.
            if !words[at].contains(char::is_alphanumeric) {
                continue;
            }
            let with = |parts: &[&str]| {
                let mut other = words.clone();
                other.splice(at..=at, parts.iter().copied());
                other.join(" ")
            };
            // Behind the stop of a sentence another one may follow.
            let closes = words[at].ends_with('.');
            for (other, may_follow) in [
                (with(&["zzyx"]), false),
                (with(&[]), closes),
                (with(&[words[at], "zzyx"]), closes),
            ] {
                asked += 1;
                let Some(found) = recognise(&other, &facts) else { continue };
                // What stands in a gap may be anything, and the rest of a text may be a message.
                let same = found.stem.text == own.stem.text;
                let in_gap = found.captured.values().ne(own.captured.values());
                assert!(!same || in_gap || may_follow, "{row}: {other}");
            }
        }
    }
    assert!(asked > 4000, "{asked} texts");
}
