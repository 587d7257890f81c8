//! `schema`: the JSON Schemas that ship with the tool.

use std::io::Write;

use super::Failure;
use crate::Exit;
use crate::args::SchemaArgs;

/// Names and schemas, in the order of the names. A test holds them against the folder.
const SCHEMAS: &[(&str, &str)] = &[
    ("config-v1", include_str!("../../schemas/config-v1.json")),
    ("effective-policy-v1", include_str!("../../schemas/effective-policy-v1.json")),
    ("explanation-v1", include_str!("../../schemas/explanation-v1.json")),
    ("lint-v1", include_str!("../../schemas/lint-v1.json")),
    ("org-copies-v1", include_str!("../../schemas/org-copies-v1.json")),
    ("organization-v1", include_str!("../../schemas/organization-v1.json")),
    ("permissions-v1", include_str!("../../schemas/permissions-v1.json")),
    ("report-v1", include_str!("../../schemas/report-v1.json")),
    ("snapshot-check-v1", include_str!("../../schemas/snapshot-check-v1.json")),
    ("snapshot-diff-v1", include_str!("../../schemas/snapshot-diff-v1.json")),
    ("snapshot-organization-v1", include_str!("../../schemas/snapshot-organization-v1.json")),
    ("snapshot-redact-v1", include_str!("../../schemas/snapshot-redact-v1.json")),
    ("snapshot-show-v1", include_str!("../../schemas/snapshot-show-v1.json")),
    ("snapshot-take-v1", include_str!("../../schemas/snapshot-take-v1.json")),
    ("snapshot-v1", include_str!("../../schemas/snapshot-v1.json")),
];

pub(super) fn run(args: &SchemaArgs, output: &mut dyn Write) -> Result<Exit, Failure> {
    let text = match &args.name {
        Some(name) => named(name)
            .ok_or_else(|| {
                Failure::Usage(format!("there is no schema `{name}`; `schema` lists them"))
            })?
            .to_owned(),
        None => SCHEMAS.iter().map(|(name, _)| format!("{name}\n")).collect(),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

/// The schema of a name; without a version the latest, which stands last.
fn named(name: &str) -> Option<&'static str> {
    let is_meant = |known: &str| {
        known == name || known.rsplit_once("-v").is_some_and(|(without, _)| without == name)
    };
    SCHEMAS.iter().rev().find(|(known, _)| is_meant(known)).map(|(_, text)| *text)
}
