//! The journeys in `fixtures/journeys` and the flags they are asked with.

use std::fs;
use std::path::PathBuf;

use crate::places::workspace;

/// The vault that copies leave.
pub const SOURCE: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod";
/// The vault that copies enter.
pub const DESTINATION: &str = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
/// The recovery point of type EBS.
pub const EBS: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718";

/// The folder of a journey.
#[must_use]
pub fn journey(name: &str) -> PathBuf {
    workspace().join("fixtures/journeys").join(name)
}

/// The names of all journeys.
///
/// # Panics
/// Where the folder cannot be read.
#[must_use]
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(journey("")).expect("the journeys");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

/// The flags of the pair and the copy role.
#[must_use]
pub fn pair() -> Vec<String> {
    [
        "--source-vault",
        SOURCE,
        "--destination-vault",
        DESTINATION,
        "--role",
        "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole",
        "--now",
        "2026-11-22",
    ]
    .map(str::to_owned)
    .into()
}

/// The flags of the pair and its EBS point.
#[must_use]
pub fn ebs() -> Vec<String> {
    let mut flags = pair();
    flags.extend(["--recovery-point", EBS].map(str::to_owned));
    flags
}
