//! The config: the example that ships, its schema for editors, and what is refused.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight::config::{
    Account, Config, ConfigError, FILE_NAME, Level, Located, Organization, PlannedCopy,
    StatedAnswer, Suppression,
};
use copy_preflight_tests::forms::keys;
use copy_preflight_tests::places::{fixture, workspace};
use copy_preflight_tests::running::tool;
use copy_preflight_tests::schemas::schema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The tables of the form: the member of the whole, the definition in the schema, the keys.
fn tables() -> [(&'static str, &'static str, Vec<&'static str>); 5] {
    [
        ("organization", "organization", keys::<Organization>()),
        ("account", "account", keys::<Account>()),
        ("planned-copy", "planned-copy", keys::<PlannedCopy>()),
        ("suppress", "suppression", keys::<Suppression>()),
        ("answer", "answer", keys::<StatedAnswer>()),
    ]
}

fn example() -> PathBuf {
    workspace().join("fixtures/config").join(FILE_NAME)
}

/// A TOML text as JSON, the way editors see it: a day is the text that it is written with.
fn as_json(text: &str) -> Value {
    fn json(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(day) => Value::from(day.to_string()),
            toml::Value::Array(values) => values.into_iter().map(json).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
            }
            other => serde_json::to_value(other).unwrap(),
        }
    }
    json(toml::from_str(text).unwrap())
}

fn sorted<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = keys.into_iter().collect();
    keys.sort_unstable();
    keys
}

fn members(value: &Value) -> Vec<&str> {
    sorted(value.as_object().into_iter().flat_map(Map::keys).map(String::as_str))
}

#[test]
fn the_example_holds_every_key() {
    let json = as_json(&fixture("config/copy-preflight.toml"));
    assert_eq!(members(&json), sorted(keys::<Config>()));
    for (member, _, keys) in tables() {
        let parts = match &json[member] {
            Value::Array(parts) => parts.clone(),
            one => vec![one.clone()],
        };
        let mut used: Vec<&str> = parts.iter().flat_map(members).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, sorted(keys), "{member}");
    }
}

#[test]
fn the_example_names_what_is_there() {
    let located = Located::find(Some(&example()), Path::new("")).unwrap();
    let mut documents = 0;
    for copy in &located.config.planned_copies {
        for place in copy.get_ref().documents.values() {
            let (file, resource) = place.get_ref().split_once('#').unwrap_or((place.get_ref(), ""));
            let text = fs::read_to_string(located.folder().join(file)).expect(file);
            for part in resource.split('.').filter(|part| !part.is_empty()) {
                assert!(text.contains(&format!("\"{part}\"")), "{file} has no {resource}");
            }
            documents += 1;
        }
        if let Some(folder) = &copy.get_ref().snapshot {
            assert!(located.folder().join(folder).is_dir(), "{folder}");
        }
    }
    assert!(documents >= 4, "{documents}");
    let rules: Value = tool(["rules", "--format", "json"]).json();
    let is_rule = |id: &str| rules.as_array().unwrap().iter().any(|rule| rule["id"] == id);
    for id in located.config.rules.keys() {
        assert!(is_rule(id.get_ref()), "{}", id.get_ref());
    }
    for suppression in &located.config.suppressions {
        assert!(is_rule(suppression.rule.get_ref()), "{}", suppression.rule.get_ref());
    }
}

#[test]
fn the_example_is_judged_and_permits_its_copies() {
    let folder = workspace().join("fixtures/config");
    let mut arguments: Vec<OsString> = vec!["lint".into(), folder.into(), "--config".into()];
    arguments.push(example().into());
    arguments.extend(["--now", "2026-11-29", "--format", "json"].map(Into::into));
    let ran = tool(arguments);
    assert_eq!(ran.exit, Exit::Fine, "{}{}", ran.output, ran.error);
    let report = ran.json();
    let copies = report["copies"].as_array().unwrap();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|copy| copy["answer"] == "permitted"), "{copies:#?}");
    // The suppression is about something, and nothing else is to be said.
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert_eq!(report["findings"], Value::Array(Vec::new()));
}

#[test]
fn the_schema_holds_the_form() {
    let schema = schema("config-v1");
    assert_eq!(members(&schema["properties"]), sorted(keys::<Config>()));
    for (member, definition, keys) in tables() {
        let described = &schema["definitions"][definition];
        assert_eq!(members(&described["properties"]), sorted(keys), "{definition}");
        // Without this a misspelled key would pass.
        assert_eq!(described["additionalProperties"], false, "{definition}");
        for (key, part) in described["properties"].as_object().unwrap() {
            assert!(part["description"].is_string(), "{definition}.{key} is not described");
        }
        let of_member = schema["properties"][member].to_string();
        assert!(of_member.contains(&format!("#/definitions/{definition}\"")), "{member}");
    }
    let levels = schema["definitions"]["level"]["enum"].as_array().unwrap();
    let levels: Vec<&str> = levels.iter().map(|level| level.as_str().unwrap()).collect();
    assert_eq!(sorted(levels), sorted(keys::<Level>()));
}

/// A config without one key of its tables.
fn without(text: &str, member: &str, key: &str) -> String {
    let mut table = "";
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']);
        }
        let named = line.split(" = ").next().unwrap_or_default();
        let is_meant =
            (table == member && named == key) || table == format!("{member}.{key}").as_str();
        if !is_meant {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn the_schema_takes_the_example_and_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema("config-v1")).unwrap();
    let text = fixture("config/copy-preflight.toml");
    let errors: Vec<String> = validator
        .iter_errors(&as_json(&text))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // What the reader can do without, the schema can do without, and the other way round.
    let (mut optional, mut required) = (0, 0);
    for (member, _, keys) in tables() {
        for key in keys {
            let less = without(&text, member, key);
            assert_ne!(less, text, "{member} without {key}");
            let read = toml::from_str::<Config>(&less);
            assert_eq!(validator.is_valid(&as_json(&less)), read.is_ok(), "{member} without {key}");
            *(if read.is_ok() { &mut optional } else { &mut required }) += 1;
        }
    }
    assert!(optional >= 17 && required >= 8, "{optional} optional, {required} required");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    fault: String,
    #[serde(default = "yes")]
    schema: bool,
}

fn yes() -> bool {
    true
}

#[test]
fn a_fault_is_told_with_its_place_and_by_the_schema() {
    let validator = jsonschema::validator_for(&schema("config-v1")).unwrap();
    let cases: Cases = toml::from_str(&fixture("config/wrong.toml")).unwrap();
    assert!(cases.case.len() >= 12);
    for Case { text, fault, schema } in cases.case {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE_NAME), &text).unwrap();
        let found = match Located::find(None, &folder.path().join("a/b")) {
            Err(ConfigError::Wrong(place, fault)) => {
                let (_, place) = place.split_once(FILE_NAME).unwrap();
                format!("{place} {fault}")
            }
            other => panic!("{text}\n{other:?}"),
        };
        assert!(found.starts_with(&fault), "{text}\n{found}");
        assert_eq!(!validator.is_valid(&as_json(&text)), schema, "{text}");
    }
}

#[test]
fn every_schema_is_printed_by_its_name() {
    let folder = workspace().join("crates/cli/schemas");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    let listed = tool(["schema"]);
    let listed: Vec<&str> =
        listed.output.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, names);
    for name in &names {
        let whole = tool(["schema", name]);
        assert_eq!(whole.exit, Exit::Fine);
        assert_eq!(whole.output, fs::read_to_string(folder.join(format!("{name}.json"))).unwrap());
        let (short, _) = name.rsplit_once("-v").unwrap();
        assert_eq!(tool(["schema", short]).output, whole.output, "{short}");
    }
}
