//! `org copies`: every planned copy once, whatever part of the organization is asked for, and as
//! `check` judges it.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_rules::check::{Settings, judge};
use copy_preflight_rules::effective::Limits;
use copy_preflight_rules::effective::snapshot::{self, Organization};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::matrix::{POLICY_TYPE, Survey};
use copy_preflight_rules::run::Run;
use copy_preflight_tests::journeys::journey;
use copy_preflight_tests::running::{Ran, tool};
use copy_preflight_tests::schemas::{schema, undescribed};
use serde_json::Value;

const JOURNEY: &str = "organization-copies";

fn copies(flags: &[&str]) -> Ran {
    let snapshot = journey(JOURNEY).to_str().unwrap().to_owned();
    let command = ["org", "copies", "--now", "2026-11-22", "--snapshot", &snapshot];
    tool(command.iter().chain(flags).copied())
}

fn lines(flags: &[&str]) -> Vec<Value> {
    let mut all = vec!["--format", "json"];
    all.extend(flags);
    copies(&all).lines()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

fn copy_lines(flags: &[&str]) -> BTreeSet<String> {
    of_type(&lines(flags), "copy").into_iter().map(ToString::to_string).collect()
}

#[test]
fn the_lines_are_what_the_schema_says() {
    let schema = schema("org-copies-v1");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let lines = lines(&[]);
    for line in &lines {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{line}: {errors:#?}");
    }
    for (kind, definition) in [("outcomes", "outcomes"), ("copy", "copy"), ("summary", "summary")] {
        let described = serde_json::json!({
            "$defs": schema["$defs"], "$ref": format!("#/$defs/{definition}") });
        for line in of_type(&lines, kind) {
            let found = undescribed(&described, line);
            assert!(found.is_empty(), "{kind}: not in the schema: {found:?}");
        }
    }
    for wrong in [
        serde_json::json!({ "type": "copy" }),
        serde_json::json!({ "type": "outcomes", "id": "x", "outcomes": [] }),
        serde_json::json!({ "type": "total" }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn outcomes_come_once_and_before_the_copies_that_have_them() {
    let lines = lines(&[]);
    let mut known = BTreeMap::new();
    let mut judged = 0;
    for line in &lines {
        match line["type"].as_str().unwrap() {
            "outcomes" => {
                let id = line["id"].as_str().unwrap();
                assert!(known.insert(id, &line["outcomes"]).is_none(), "{id} comes twice");
            }
            "copy" => {
                judged += 1;
                let outcomes = known[line["outcomes"].as_str().unwrap()].as_array().unwrap();
                let broken = outcomes.iter().any(|one| one["outcome"] == "broken");
                let blocked = line["verdict"] == "blocked";
                assert!(!blocked || broken, "nothing blocks {line}");
            }
            _ => {}
        }
    }
    let distinct: BTreeSet<String> = known.values().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), known.len(), "equal sets have one id");
    assert_eq!(lines.last().unwrap()["type"], "summary");
    assert_eq!(lines.last().unwrap()["accounts"], 7);
    // 3 accounts × 2 Regions × 2 destinations × 2 types, and 2 accounts with one destination.
    assert_eq!(judged, 32);
}

#[test]
fn the_parts_have_all_copies_and_none_twice() {
    let whole = copy_lines(&[]);
    for parts in [1, 2, 3, 5, 9] {
        let mut seen = BTreeSet::new();
        for part in 1..=parts {
            for line in copy_lines(&["--shard", &format!("{part}/{parts}")]) {
                assert!(seen.insert(line.clone()), "twice: {line}");
            }
        }
        assert_eq!(seen, whole, "{parts} parts");
    }
}

#[test]
fn what_narrows_takes_lines_away_and_changes_none() {
    let whole = copy_lines(&[]);
    for (flags, left) in [
        (&["--account", "111122223333"][..], 8),
        (&["--account", "111122223333", "--account", "555566667777"], 12),
        (&["--ou", "ou-ab12-22222222"], 8),
        (&["--ou", "r-ab12"], 32),
        (&["--ou", "ou-ab12-11111111", "--account", "555566667777"], 0),
        (&["--destination", "arn:aws:backup:eu-central-1:444455556666:backup-vault:archive"], 12),
    ] {
        let part = copy_lines(flags);
        assert_eq!(part.len(), left, "{flags:?}");
        assert!(part.is_subset(&whole), "{flags:?}");
    }
}

#[test]
fn exit_codes() {
    let central = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
    for (flags, code) in [
        (&[][..], 1),
        (&["--exit-zero"], 0),
        (&["--account", "111122223333", "--destination", central], 0),
        (&["--account", "111122223333", "--destination", central, "--strict"], 3),
        (&["--ou", "ou-ab12-22222222"], 3),
        // No planned copy is never clear.
        (&["--account", "999988887777"], 3),
        (&["--account", "121212121212"], 2),
        (&["--shard", "3/2"], 2),
    ] {
        assert_eq!(copies(flags).exit as u8, code, "{flags:?}");
    }
}

#[test]
fn an_ambiguous_setting_leaves_its_copies_undecided_and_says_so() {
    let lines = lines(&["--ou", "ou-ab12-22222222"]);
    for copy in of_type(&lines, "copy") {
        assert_eq!(copy["verdict"], "undecided", "{copy}");
        assert!(copy["doubt"].as_str().unwrap().contains("ambiguous"), "{copy}");
    }
}

#[test]
fn what_is_remembered_changes_no_outcome() {
    let facts = Facts::embedded().unwrap();
    let settings = Settings { now: "2026-11-22T00:00:00Z".parse().ok(), ..Settings::default() };
    let folder = copy_preflight::snapshot::Snapshot::open(&journey(JOURNEY)).unwrap();
    let mut inputs = Inputs::new();
    for address in snapshot::wanted() {
        folder.load(&address, &mut inputs);
    }
    for address in snapshot::wanted_policies(&inputs) {
        folder.load(&address, &mut inputs);
    }
    let accounts = snapshot::accounts(&inputs);
    let shared = inputs.shared();
    let organization = Organization::read(&shared, POLICY_TYPE, Limits::of(&facts));
    let survey = Survey {
        shared: &shared,
        organization: &organization,
        facts: &facts,
        settings: &settings,
        units: &[],
        destinations: &[],
    };
    let part = survey.of(&accounts, &mut organization.merges(), &|wanted, inputs| {
        for address in wanted {
            folder.load(address, inputs);
        }
    });
    let remembering = Run::new(&part.inputs, &facts, &settings);
    let forgetful = Run::forgetful(&part.inputs, &facts, &settings);
    assert_eq!(part.copies.len(), 32);
    for (_, planned, judged) in &part.copies {
        let known = format!("{:?}", judge(planned, &remembering).report(planned));
        assert_eq!(known, format!("{:?}", judge(planned, &forgetful).report(planned)));
        assert_eq!(known, format!("{:?}", judged.report(planned)));
    }
}
