//! Every resource type and variant, in every direction, into either kind of vault.
//!
//! The expectations stand in `fixtures/matrix.toml`, written by hand from the research and not
//! from the facts of the tool. Two rules are asked: whether the type can be copied like this, and
//! whether an air-gapped vault takes it.

use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight_rules::check::{CopyReport, Settings, check};
use copy_preflight_rules::copy::{Lifecycle, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, Inputs};
use copy_preflight_rules::outcome::{Outcome, OutcomeKind};
use copy_preflight_rules::plan::{Request, plan};
use serde::Deserialize;

const SOURCE: (&str, &str) = ("111122223333", "eu-west-1");
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const TYPE_RULE: &str = "resource-type-not-copyable";
const VAULT_RULE: &str = "air-gapped-vault-unsupported";
const TODAY: &str = "2026-11-22";

/// The four directions, in the order of the expectations.
const DIRECTIONS: [(&str, &str, &str); 4] = [
    ("in_account", "111122223333", "eu-west-1"),
    ("cross_region", "111122223333", "us-east-1"),
    ("cross_account", "444455556666", "eu-west-1"),
    ("both", "444455556666", "us-east-1"),
];

/// The columns of the facts that the matrix judges.
const COLUMNS: [&str; 5] = ["cross_account", "cross_region", "both", "in_account", "air_gapped"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    row: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "type")]
    resource_type: String,
    variant: String,
    standard: [String; 4],
    air_gapped: [String; 4],
    column: String,
    #[serde(default)]
    blank: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Vault {
    Standard,
    AirGapped,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn expected() -> Vec<Expected> {
    let text = fs::read_to_string(root().join("fixtures/matrix.toml")).unwrap();
    let matrix: Matrix = toml::from_str(&text).unwrap();
    matrix.row
}

fn facts_text(table: &str) -> String {
    fs::read_to_string(root().join(format!("crates/rules/facts/{table}.toml"))).unwrap()
}

/// The tables that the two rules read, with one text in place of what can be copied.
fn facts_with(copy_support: &str, others: &[(&str, String)]) -> Facts {
    let mut tables = vec![("copy-support", copy_support)];
    tables.extend(others.iter().map(|(name, text)| (*name, text.as_str())));
    Facts::from_tables(&tables).unwrap()
}

/// Judges one copy; the answers of AWS that it needs are made here.
fn judge(
    facts: &Facts,
    (resource_type, variant): (&str, Option<&str>),
    (account, region): (&str, &str),
    vault: Vault,
    now: &str,
) -> CopyReport {
    let arn = |(account, region): (&str, &str), name: &str| {
        format!("arn:aws:backup:{region}:{account}:backup-vault:{name}").parse().unwrap()
    };
    let request = Request {
        source: arn(SOURCE, "prod"),
        destinations: vec![arn((account, region), "central")],
        resource_types: vec![resource_type.to_owned()],
        variant: variant.map(str::to_owned),
        source_keys: SourceKeys::Given(vec![KEY.parse().unwrap()]),
        role: None,
        backup_plan: None,
        backup_plan_id: None,
        copy_job: None,
        recovery_point: None,
        caller: None,
        lifecycle: Lifecycle::default(),
    };
    let mut inputs = Inputs::new();
    let destination = match vault {
        Vault::Standard => r#"{"VaultType": "BACKUP_VAULT"}"#,
        Vault::AirGapped => {
            r#"{"VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "EncryptionKeyType": "AWS_OWNED_KMS_KEY"}"#
        }
    };
    let key = r#"{"KeyMetadata": {"KeyManager": "CUSTOMER"}}"#;
    for (address, text) in [
        (Address::Vault(request.source.clone()), r#"{"VaultType": "BACKUP_VAULT"}"#),
        (Address::Vault(request.destinations[0].clone()), destination),
        (Address::Key(KEY.parse().unwrap()), key),
        (Address::RecoveryPoints(request.source.clone()), r#"{"RecoveryPoints": []}"#),
    ] {
        inputs.insert_answer(address, "generated", text);
    }
    let settings = Settings { now: format!("{now}T00:00:00Z").parse().ok(), ..Settings::default() };
    let plan = plan(&request, &inputs, facts);
    let mut report = check(&plan, &inputs, facts, &settings);
    assert_eq!(report.copies.len(), 1, "{resource_type}");
    report.copies.remove(0)
}

fn outcome<'a>(report: &'a CopyReport, rule: &str) -> &'a Outcome {
    &report.outcomes.iter().find(|one| one.rule.id() == rule).unwrap().outcome
}

/// What an outcome means for the copy.
fn word(outcome: &Outcome) -> &'static str {
    match outcome.kind {
        OutcomeKind::Holds | OutcomeKind::NotApplicable => "yes",
        OutcomeKind::Broken => "no",
        OutcomeKind::Undecided => "undecided",
    }
}

/// What is expected of one row and found otherwise, and the number of cells that were judged.
fn differences(facts: &Facts, row: &Expected) -> (Vec<String>, usize) {
    let mut found = Vec::new();
    let mut cells = 0;
    for (vault, words) in [(Vault::Standard, &row.standard), (Vault::AirGapped, &row.air_gapped)] {
        for (index, (direction, account, region)) in DIRECTIONS.into_iter().enumerate() {
            cells += 1;
            let kind = (row.resource_type.as_str(), Some(row.variant.as_str()));
            let report = judge(facts, kind, (account, region), vault, TODAY);
            let by_type = outcome(&report, TYPE_RULE);
            let by_vault = outcome(&report, VAULT_RULE);
            let both = [word(by_type), word(by_vault)];
            let cell = ["no", "undecided"].into_iter().find(|word| both.contains(word));
            let column = match vault {
                Vault::Standard => "yes",
                Vault::AirGapped => row.column.as_str(),
            };
            let vault_name = if vault == Vault::Standard { "standard" } else { "air-gapped" };
            for (what, is, ought) in [
                ("the copy", cell.unwrap_or("yes"), words[index].as_str()),
                (TYPE_RULE, word(by_type), row.standard[index].as_str()),
                (VAULT_RULE, word(by_vault), column),
            ] {
                if is != ought {
                    found.push(format!("{direction}, {vault_name}: {what} is {is}, not {ought}"));
                }
            }
            for (column, outcome) in [(direction, by_type), ("air_gapped", by_vault)] {
                let is_blank = outcome.message.ends_with("not");
                if outcome.kind == OutcomeKind::Undecided
                    && is_blank != row.blank.iter().any(|one| one == column)
                {
                    found.push(format!("{direction}, {vault_name}: {}", outcome.message));
                }
            }
        }
    }
    (found, cells)
}

#[test]
fn every_type_in_every_direction_into_either_vault() {
    let facts = Facts::embedded().unwrap();
    let expected = expected();
    let rows = |row: &Expected| (row.resource_type.clone(), row.variant.clone());
    let mut named: Vec<_> = expected.iter().map(rows).collect();
    let mut known: Vec<_> = facts
        .copy_support()
        .iter()
        .map(|row| (row.resource_type.clone(), row.variant.clone()))
        .collect();
    named.sort();
    known.sort();
    assert_eq!(named, known, "the matrix names each type and variant once");
    let mut cells = 0;
    for row in &expected {
        let (found, judged) = differences(&facts, row);
        assert!(found.is_empty(), "{} {}: {found:#?}", row.resource_type, row.variant);
        cells += judged;
    }
    assert_eq!(cells, 192, "24 types and variants, 4 directions, 2 kinds of vaults");
    let undecided = expected
        .iter()
        .flat_map(|row| row.standard.iter().chain(&row.air_gapped))
        .filter(|word| *word == "undecided")
        .count();
    assert_eq!(undecided, 6, "the contradictory rows: CloudFormation and FSx for OpenZFS");
}

/// No cell of the facts can be wrong unseen.
#[test]
fn flipping_any_cell_is_seen() {
    let text = facts_text("copy-support");
    let others = ["prerequisites", "regions"].map(|name| (name, facts_text(name)));
    let mut segments: Vec<&str> = text.split("[[row]]").collect();
    let head = segments.remove(0);
    let mut flipped = 0;
    for row in expected() {
        let own = [
            format!("\nresource_type = \"{}\"\n", row.resource_type),
            format!("\nvariant = \"{}\"\n", row.variant),
        ];
        let is_own = |segment: &&&str| own.iter().all(|line| segment.contains(line.as_str()));
        let segment = *segments.iter().find(is_own).unwrap();
        for column in COLUMNS {
            let lines = [format!("\n{column} = true\n"), format!("\n{column} = false\n")];
            let (from, to) = match segment.contains(lines[0].as_str()) {
                true => (&lines[0], &lines[1]),
                false => (&lines[1], &lines[0]),
            };
            assert_eq!(segment.matches(from.as_str()).count(), 1, "{column} of {own:?}");
            let changed = segment.replace(from.as_str(), to);
            let facts = facts_with(&format!("{head}[[row]]{changed}"), &others);
            let (found, _) = differences(&facts, &row);
            assert!(!found.is_empty(), "{column} of {own:?} can be flipped unseen");
            flipped += 1;
        }
        // Without a flip the row alone is as it is expected, so that the flip is what is seen.
        let facts = facts_with(&format!("{head}[[row]]{segment}"), &others);
        let (found, _) = differences(&facts, &row);
        assert!(found.is_empty(), "{own:?}: {found:#?}");
    }
    assert_eq!(flipped, 120, "24 types and variants, 5 columns");
}

#[test]
fn before_its_day_a_copy_was_not_possible() {
    let facts = Facts::embedded().unwrap();
    let [within, regions, accounts, both] =
        DIRECTIONS.map(|(_, account, region)| (account, region));
    for (kind, to, day_before, day, reason) in [
        (("RDS", Some("instance")), both, "2025-10-22", "2025-10-23", "not-both"),
        (("Aurora", None), both, "2025-10-22", "2025-10-23", "not-both"),
        (("DocumentDB", None), both, "2025-10-22", "2025-10-23", "not-both"),
        (("Neptune", None), both, "2025-10-22", "2025-10-23", "not-both"),
        (("FSx", Some("ontap")), accounts, "2026-08-26", "2026-08-27", "not-cross-account"),
        (("FSx", Some("ontap")), regions, "2026-08-26", "2026-08-27", "not-cross-region"),
        (("FSx", Some("ontap")), both, "2026-08-26", "2026-08-27", "not-both"),
        (("FSx", Some("ontap")), within, "2026-08-26", "2026-08-27", "not-in-account"),
        (("EKS", None), accounts, "2025-11-09", "2025-11-10", "not-cross-account"),
    ] {
        let report = judge(&facts, kind, to, Vault::Standard, day_before);
        let early = outcome(&report, TYPE_RULE);
        assert_eq!(early.kind, OutcomeKind::Broken, "{kind:?} {to:?}: {}", early.message);
        assert_eq!(early.reason, Some(reason), "{kind:?} {to:?}");
        assert!(early.message.contains(day), "{}", early.message);
        let report = judge(&facts, kind, to, Vault::Standard, day);
        let late = outcome(&report, TYPE_RULE);
        assert_eq!(late.kind, OutcomeKind::Holds, "{kind:?} {to:?}: {}", late.message);
    }
    // One Region at a time was possible before.
    let report = judge(&facts, ("Aurora", None), accounts, Vault::Standard, "2025-10-22");
    assert_eq!(outcome(&report, TYPE_RULE).kind, OutcomeKind::Holds);
}

#[test]
fn a_type_that_is_not_known_is_likened_to_those_that_are() {
    let facts = Facts::embedded().unwrap();
    let to = (DIRECTIONS[0].1, DIRECTIONS[0].2);
    for (kind, meant) in [
        (("ebs", None), "did you mean `EBS`"),
        (("DocumentBD", None), "did you mean `DocumentDB`?"),
        (("SAP HANA", None), "did you mean `SAP HANA on Amazon EC2`?"),
        (("FSx", Some("lustr")), "did you mean `lustre`?"),
        (("DynamoDB", Some("advance")), "did you mean `advanced`?"),
        (("Lambda", None), "known: EBS"),
    ] {
        let report = judge(&facts, kind, to, Vault::Standard, TODAY);
        let found = outcome(&report, TYPE_RULE);
        assert_eq!(found.reason, Some("unknown-type"), "{kind:?}");
        let help = found.help.as_deref().unwrap_or_default();
        assert!(help.starts_with(meant), "{kind:?}: {help}");
    }
}

#[test]
fn an_unknown_region_is_likened_to_one_that_is_known() {
    let facts = Facts::embedded().unwrap();
    let report = judge(&facts, ("EBS", None), ("444455556666", "eu-wst-1"), Vault::Standard, TODAY);
    for rule in ["region-lacks-copy", "region-not-enabled", "resource-type-limited-in-region"] {
        let found = outcome(&report, rule);
        assert_eq!(found.reason, Some("unknown-region"), "{rule}");
        assert!(found.help.as_deref().unwrap_or_default().contains("`eu-west-1`"), "{rule}");
    }
}
