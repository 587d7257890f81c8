//! `check --backup-plan`: which copies a plan is expanded into, and what is told of the parts that
//! cannot be planned. Plans stand in `fixtures/plans`, documents in the journey `clear-ebs`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use copy_preflight::Exit;
use copy_preflight_tests::running::{Ran, tool};
use serde_json::Value;

const SOURCE: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod";
const CENTRAL: &str = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
const ISOLATED: &str = "arn:aws:backup:eu-west-1:444455556666:backup-vault:isolated";
const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures")
}

/// Runs `check` on a plan of the fixtures.
fn check(plan: &str, flags: &[&str]) -> Ran {
    let mut arguments: Vec<OsString> = ["check", "--now", "2026-11-22"].map(OsString::from).into();
    arguments.extend(["--source-vault", SOURCE, "--snapshot"].map(OsString::from));
    arguments.push(fixtures().join("journeys/clear-ebs").into());
    arguments.push("--backup-plan".into());
    arguments.push(fixtures().join("plans").join(plan).into());
    arguments.extend(flags.iter().map(OsString::from));
    tool(arguments)
}

fn json(plan: &str, flags: &[&str]) -> (Exit, Value) {
    let ran = check(plan, &[&["--format", "json"], flags].concat());
    (ran.exit, ran.json())
}

/// One line a copy: rule, vaults, type, role and days.
fn lines(report: &Value) -> Vec<String> {
    let name = |arn: &Value| arn.as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    report["copies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|copy| {
            let kind = match copy["variant"].as_str() {
                Some(variant) => format!("{}/{variant}", copy["resource_type"].as_str().unwrap()),
                None => copy["resource_type"].as_str().unwrap().to_owned(),
            };
            let role =
                copy["role_arn"].as_str().map_or("no role", |arn| arn.rsplit('/').next().unwrap());
            let days = &copy["lifecycle"]["delete_after_days"];
            format!(
                "{}: {} -> {} {kind} {role} {days}",
                copy["from"]["rule"].as_str().unwrap(),
                name(&copy["source"]["vault_arn"]),
                name(&copy["destination"]["vault_arn"]),
            )
        })
        .collect()
}

fn outcome<'a>(copy: &'a Value, rule: &str) -> &'a Value {
    copy["outcomes"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap()
}

#[test]
fn rules_copy_actions_and_types() {
    let default = "AWSBackupDefaultServiceRole";
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "daily.json",
            &[],
            &[
                &format!("daily-one-month: prod -> central EBS {default} 365"),
                &format!("daily-one-month: prod -> isolated EBS {default} null"),
            ],
        ),
        // The vault of the rule wins over the one on the command line; a role and type that two
        // selections share are judged once.
        (
            "two-selections.json",
            &[],
            &[
                &format!("daily: prod -> central EBS {default} null"),
                "daily: prod -> central EBS Shares null",
                "daily: prod -> central EFS Shares null",
                &format!("weekly: weekly -> central EBS {default} -1"),
                "weekly: weekly -> central EBS Shares -1",
                "weekly: weekly -> central EFS Shares -1",
            ],
        ),
        // Types and role on the command line win over the selections.
        (
            "two-selections.json",
            &["--resource-type", "S3", "--role", ROLE],
            &[
                &format!("daily: prod -> central S3 {default} null"),
                &format!("weekly: weekly -> central S3 {default} -1"),
            ],
        ),
        // Without selections the types are those in the vault.
        (
            "no-selections.json",
            &[],
            &[
                "daily: prod -> central EBS no role null",
                "daily: prod -> central RDS/instance no role null",
            ],
        ),
        // Destinations on the command line choose among those of the plan.
        (
            "daily.json",
            &["--destination-vault", ISOLATED],
            &[&format!("daily-one-month: prod -> isolated EBS {default} null")],
        ),
        // From an air-gapped primary target, what AWS Backup fully manages is copied from there.
        (
            "air-gapped-primary.json",
            &["--destination-vault", CENTRAL],
            &[
                &format!("daily: prod -> central EBS {default} null"),
                &format!("daily: sealed -> central EFS {default} null"),
            ],
        ),
    ];
    for (plan, flags, expected) in cases {
        let (_, report) = json(plan, flags);
        assert_eq!(&lines(&report), expected, "{plan} {flags:?}");
        assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{plan} {flags:?}");
        assert_eq!(report["copies"][0]["from"]["kind"], "plan");
        assert_eq!(report["copies"][0]["from"]["name"], "daily");
    }
}

#[test]
fn a_plan_can_be_clear() {
    let (exit, report) =
        json("daily.json", &["--source-key", KEY, "--role", ROLE, "--destination-vault", CENTRAL]);
    assert_eq!(report["verdict"], "clear", "{report:#}");
    assert_eq!(exit, Exit::Fine);
}

#[test]
fn a_copy_without_days_inherits_those_of_its_rule() {
    // `isolated` keeps everything for at least 7 days and at most 400.
    let (_, report) = json("daily.json", &["--destination-vault", ISOLATED]);
    let inherited = outcome(&report["copies"][0], "retention-outside-lock");
    assert_eq!(inherited["outcome"], "holds", "{inherited:#}");
    assert!(inherited["message"].as_str().unwrap().contains("35 days, as its source is"));
}

#[test]
fn what_cannot_be_planned_is_a_problem_and_the_rest_is_judged() {
    let flags = ["--source-key", KEY, "--role", ROLE];
    let (exit, report) = json("malformed-destination.json", &flags);
    let problems = report["problems"].as_array().unwrap();
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert!(
        problem["path"].as_str().unwrap().ends_with("fixtures/plans/malformed-destination.json")
    );
    assert!(!problem["path"].as_str().unwrap().contains("journeys"), "{problem}");
    assert!(
        problem["message"].as_str().unwrap().contains("has `vault` where `backup-vault` stands")
    );
    let line = usize::try_from(problem["line"].as_u64().unwrap()).unwrap();
    let column = usize::try_from(problem["column"].as_u64().unwrap()).unwrap();
    let text =
        std::fs::read_to_string(fixtures().join("plans/malformed-destination.json")).unwrap();
    let at = text.lines().nth(line - 1).unwrap().get(column - 1..).unwrap();
    assert!(at.starts_with("\"arn:aws:backup:eu-west-1:444455556666:vault:central\""), "{at}");
    assert_eq!(lines(&report), ["daily: prod -> central EBS AWSBackupDefaultServiceRole null"]);
    // The other copy is clear; the run is not, since one copy was not judged.
    assert_eq!(report["copies"][0]["verdict"], "clear", "{report:#}");
    assert_eq!(report["verdict"], "undecided");
    assert_eq!(exit, Exit::Undecided);
}

#[test]
fn no_planned_copy_is_never_clear() {
    for (plan, flags) in [
        ("no-copies.json", &[][..]),
        (
            "daily.json",
            &["--destination-vault", "arn:aws:backup:eu-west-1:444455556666:backup-vault:other"],
        ),
        ("no-plan.json", &[]),
    ] {
        let ran = check(plan, flags);
        assert_eq!(ran.exit, Exit::Undecided, "{plan}: {}{}", ran.output, ran.error);
        assert!(ran.output.contains("no planned copy was found"), "{plan}: {}", ran.output);
    }
    let (_, report) = json("no-plan.json", &[]);
    assert!(
        report["problems"][0]["message"]
            .as_str()
            .unwrap()
            .contains("`BackupPlan.Rules` is not there")
    );
}

#[test]
fn a_file_that_is_no_json_is_a_usage_error() {
    for (plan, told) in [("cut-off.json", "cut-off.json:"), ("absent.json", "absent.json")] {
        let ran = check(plan, &[]);
        assert_eq!(ran.exit, Exit::Unable, "{plan}: {}", ran.output);
        assert!(ran.error.contains(told), "{plan}: {}", ran.error);
    }
}

#[test]
fn flags_that_a_plan_has_itself_are_refused() {
    for flag in [
        "--recovery-point=arn:aws:ec2:eu-west-1::snapshot/snap-1",
        "--delete-after-days=30",
        "--cold-after-days=30",
    ] {
        let ran = check("daily.json", &[flag]);
        assert_eq!(ran.exit, Exit::Unable, "{flag}: {}", ran.output);
    }
}

#[test]
fn lists_that_stand_twice_are_all_judged() {
    let (_, report) = json("copy-actions-twice.json", &[]);
    let copies = lines(&report);
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert!(copies[0].contains("isolated") && copies[1].contains("central"), "{copies:?}");
}
