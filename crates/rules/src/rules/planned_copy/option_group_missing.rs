//! The options of an RDS snapshot do not keep its copy from being made.

use copy_preflight_policy::tree::{Node, Value};

use crate::facts::Row;
use crate::outcome::Outcome;
use crate::parts::subject::{management, missing_document, rest, stated};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Gap, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the options or the kind of an RDS database keep its snapshot from being copied",
    reason_lists: &[&[
        Reason { name: "persistent-options", meaning: "persistent or permanent options need an option group that a copy does not bring" },
        Reason { name: "transparent-encryption", meaning: "the option group of Transparent Data Encryption is not passed on" },
        Reason { name: "custom-oracle", meaning: "RDS Custom for Oracle is not supported" },
        Reason { name: "custom-sqlserver", meaning: "snapshots of RDS Custom for SQL Server are copied to another Region of the account only" },
        Reason { name: "not-in-region", meaning: "the snapshot is kept on an Outpost or in a Local Zone" },
        Reason { name: "options-not-known", meaning: "nobody said which options the database has" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[
        NOT_CARRIED, PERSISTENT, TDE, SHARE, ENGINES, ORACLE, OUTPOSTS, SQLSERVER_ACROSS, SQLSERVER_SAME,
        SQLSERVER_REGION,
    ],
    page: include_str!("option_group_missing.md"),
}

const NOT_CARRIED: &str = "encryption-rds-option-group-not-carried";
const PERSISTENT: &str = "encryption-rds-persistent-options";
const TDE: &str = "encryption-rds-tde-option-group";
const SHARE: &str = "encryption-rds-share-tde-or-persistent-options";
const ENGINES: &str = "encryption-rds-persistent-option-engines";
const ORACLE: &str = "encryption-rds-custom-oracle";
const OUTPOSTS: &str = "encryption-rds-outposts";
const SQLSERVER_ACROSS: &str = "encryption-rds-custom-sqlserver-cross-account";
const SQLSERVER_SAME: &str = "encryption-rds-custom-sqlserver-same-region";
const SQLSERVER_REGION: &str = "encryption-rds-custom-sqlserver-cross-region";
/// The answer that tells which options the database has.
const ANSWER: &str = "rds-options";
const NEEDS_GROUP: &str = "The snapshot requires a target option group with the following options";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    let Some(engines) = view.facts.row(ENGINES) else {
        return Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "the facts on RDS engines are not there",
        );
    };
    if !engines.strings("resource_types").any(|one| one == support.resource_type) {
        return Outcome::not_applicable("resources of this type have no option groups");
    }
    let Some(id) = view.copy.recovery_point.as_deref().and_then(snapshot_id) else {
        return answered(view, engines).unwrap_or_else(|| ask(view));
    };
    let slot = Slot::source_db_snapshot(&view.copy, id);
    match view.read(&slot) {
        Ok(filled) => of_snapshot(view, engines, &filled),
        Err(gap) => {
            answered(view, engines).unwrap_or_else(|| not_read(&gap, "the engine of the snapshot"))
        }
    }
}

/// The identifier of a snapshot in its ARN: everything behind `snapshot:`.
fn snapshot_id(arn: &str) -> Option<&str> {
    let (_, id) = arn.split_once(":snapshot:")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

fn ask(view: &View<'_>) -> Outcome {
    let why = if view.copy.is_cross_region() {
        "a copy to another Region brings no option group along"
    } else {
        "with Oracle and SQL Server, options can keep a snapshot from being copied"
    };
    Outcome::undecided(
        "options-not-known",
        format!("{why}, and which options the database has is not known"),
    )
    .help(HELP)
    .answered_by(ANSWER)
    .cites(NOT_CARRIED)
    .cites(SHARE)
    .cites(TDE)
}

const HELP: &str = "name the recovery point, or state it: `--answer rds-options=none` where the database has no \
                    persistent or permanent option, no TDE and is no RDS Custom; else `persistent`, `tde`, \
                    `custom-oracle` or `custom-sqlserver`";

fn not_read(gap: &Gap<'_>, what: &str) -> Outcome {
    missing_document(format!("{what} cannot be told: it {}", gap.words()), vec![gap.missing()])
        .help(HELP)
        .answered_by(ANSWER)
        .cites(SHARE)
}

/// What the user stated, in place of the documents.
fn answered(view: &View<'_>, engines: &Row) -> Option<Outcome> {
    let outcome = match view.stated(ANSWER)? {
        "none" => Outcome::holds("the database is stated to have no option that stands in the way"),
        "tde" => encryption_option(view),
        "persistent" => persistent(view, "persistent or permanent options"),
        value if engines.text("custom_oracle") == Some(value) => custom_oracle(view),
        value if engines.text("custom_sqlserver") == Some(value) => custom_sqlserver(view),
        _ => return None,
    };
    Some(stated(outcome))
}

fn of_snapshot(view: &View<'_>, engines: &Row, filled: &Filled<'_>) -> Outcome {
    let list = filled.root().member("DBSnapshots").map(Node::elements).unwrap_or_default();
    let [snapshot] = list else {
        return incomplete(
            filled,
            filled.root(),
            "the answer does not hold one snapshot",
            "expected one in `DBSnapshots`",
        );
    };
    let text = |member: &str| {
        let node = snapshot.member(member)?;
        Some((node, node.as_str()?))
    };
    let Some((engine_node, engine)) = text("Engine") else {
        return incomplete(
            filled,
            snapshot,
            "the answer does not say the engine",
            "expected `Engine`",
        );
    };
    let engine_label = filled.label(engine_node.span, "the engine of the database");
    if let Some((node, target)) = text("SnapshotTarget")
        && target != "region"
    {
        let broken = Outcome::broken(
            "not-in-region",
            "the snapshot is not kept in the Region, and AWS Backup does not support that",
        )
        .label(filled.label(node.span, "must be `region`"))
        .help("set the backup target of the database to the Region");
        return rest(view, broken, OUTPOSTS);
    }
    let is_kind = |cell| engines.text(cell).is_some_and(|kind| engine.starts_with(kind));
    if is_kind("custom_oracle") {
        return custom_oracle(view).label(engine_label);
    }
    if is_kind("custom_sqlserver") {
        return custom_sqlserver(view).label(engine_label);
    }
    if let Some(node) = snapshot.member("TdeCredentialArn")
        && !matches!(&node.value, Value::Null)
        && node.as_str() != Some("")
    {
        return encryption_option(view).label(filled.label(node.span, "encrypted by TDE"));
    }
    let Some((group_node, group)) = text("OptionGroupName") else {
        return incomplete(
            filled,
            snapshot,
            "the answer does not name the option group",
            "expected `OptionGroupName`",
        );
    };
    if engines.text("default_group").is_some_and(|prefix| group.starts_with(prefix)) {
        return Outcome::holds("the database has the default option group, which holds no options")
            .cites(NOT_CARRIED);
    }
    let has_persistent = engines.strings("engines").any(|prefix| engine.starts_with(prefix));
    if !has_persistent && !view.copy.is_cross_region() {
        let holds = Outcome::holds(format!(
            "engine `{engine}` has no options that keep a snapshot from being shared"
        ));
        return rest(view, holds, ENGINES);
    }
    let slot = Slot::option_group("source-option-group", &view.copy.source, group);
    match view.read(&slot) {
        Ok(answer) => of_group(view, engines, engine, group, &answer),
        Err(gap) => answered(view, engines).unwrap_or_else(|| {
            not_read(&gap, &format!("which options option group `{group}` holds"))
                .label(filled.label(group_node.span, "not the default option group"))
        }),
    }
}

fn of_group(
    view: &View<'_>,
    engines: &Row,
    engine: &str,
    group: &str,
    filled: &Filled<'_>,
) -> Outcome {
    let list = filled.root().member("OptionGroupsList").map(Node::elements).unwrap_or_default();
    let [found] = list else {
        return incomplete(
            filled,
            filled.root(),
            "the answer does not hold one option group",
            "expected one in `OptionGroupsList`",
        );
    };
    let Some(options) =
        found.member("Options").filter(|node| matches!(node.value, Value::Array(_)))
    else {
        return incomplete(
            filled,
            found,
            "the answer does not hold the options",
            "expected `Options`",
        );
    };
    let mut held = Vec::new();
    for option in options.elements() {
        let flag = |member: &str| option.member(member).and_then(Node::as_bool);
        let (Some(node), Some(persistent), Some(permanent)) =
            (option.member("OptionName"), flag("Persistent"), flag("Permanent"))
        else {
            return incomplete(
                filled,
                option,
                "an option is not described whole",
                "expected `OptionName`, `Persistent` and `Permanent`",
            );
        };
        let Some(name) = node.as_str() else {
            return incomplete(
                filled,
                node,
                "the name of an option cannot be read",
                "expected a string",
            );
        };
        if engines.strings("encryption_options").any(|one| one.eq_ignore_ascii_case(name)) {
            return encryption_option(view)
                .label(filled.label(node.span, "Transparent Data Encryption"));
        }
        if persistent || permanent {
            held.push((node, name));
        }
    }
    let Some(&(node, name)) = held.first() else {
        let holds = Outcome::holds(format!(
            "option group `{group}` holds no persistent or permanent option"
        ));
        return if view.copy.is_cross_region() {
            holds.help("the copy gets the default option group").cites(NOT_CARRIED)
        } else {
            holds.cites(SHARE)
        };
    };
    let shareable = engines.text("shareable_engine").is_some_and(|one| engine.starts_with(one))
        && held.iter().all(|(_, name)| {
            engines.strings("shareable_options").any(|one| one.eq_ignore_ascii_case(name))
        });
    if !view.copy.is_cross_region() {
        if !view.copy.is_cross_account() {
            return Outcome::holds(
                "the copy stays in its account and Region, where its option group is",
            )
            .cites(SHARE);
        }
        if shareable {
            let holds = Outcome::holds(format!(
                "option `{name}` does not keep a snapshot from being shared"
            ));
            return rest(view, rest(view, holds, SHARE), ENGINES);
        }
        return persistent(view, &format!("option `{name}`"))
            .label(filled.label(node.span, "persistent or permanent"));
    }
    if view.copy.is_cross_account() && !shareable {
        return persistent(view, &format!("option `{name}`"))
            .label(filled.label(node.span, "persistent or permanent"));
    }
    across_regions(view, group, name).label(filled.label(node.span, "persistent or permanent"))
}

/// A copy to another Region needs the same option group there, and AWS Backup does not pass the
/// name of one on: where there is one, whether it is taken is not said.
fn across_regions(view: &View<'_>, group: &str, option: &str) -> Outcome {
    let slot = Slot::option_group("destination-option-group", &view.copy.destination, group);
    match view.read(&slot) {
        Ok(_) => Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            format!("option group `{group}` is there in the destination, and whether a copy takes it is not said"),
        )
        .help("copy one recovery point and see, or copy such snapshots with RDS itself")
        .cites(PERSISTENT),
        Err(gap) if gap.is_not_found() => persistent(view, &format!("option `{option}`")),
        Err(gap) => not_read(&gap, &format!("whether the destination has option group `{group}`")).cites(PERSISTENT),
    }
}

fn persistent(view: &View<'_>, what: &str) -> Outcome {
    if view.copy.is_cross_region() {
        let broken = Outcome::broken(
            "persistent-options",
            format!("{what} needs an option group in the destination Region, and a copy brings none along"),
        )
        .help("copy such snapshots with RDS itself, which lets you name the option group of the copy")
        .aws_says(NEEDS_GROUP);
        return rest(view, broken, PERSISTENT).cites(NOT_CARRIED);
    }
    if !view.copy.is_cross_account() {
        return Outcome::holds(
            "the copy stays in its account and Region, where its option group is",
        )
        .cites(SHARE);
    }
    let broken = Outcome::broken("persistent-options", format!("RDS does not share a snapshot with {what}"))
        .help("take the option out of the option group where that is possible, or export the data instead");
    rest(view, broken, SHARE)
}

fn encryption_option(view: &View<'_>) -> Outcome {
    let broken = Outcome::broken(
        "transparent-encryption",
        "the database is under Transparent Data Encryption, whose option group a copy job does not pass on",
    )
    .help("copy such snapshots with RDS itself, within the account");
    // The row is documented; that the copy job fails is inferred.
    let certainty =
        view.facts.row(TDE).map_or(view.facts.certainty(TDE), |row| row.cell_certainty("works"));
    broken.rests_on(TDE, certainty)
}

fn custom_oracle(view: &View<'_>) -> Outcome {
    let broken =
        Outcome::broken("custom-oracle", "AWS Backup does not support RDS Custom for Oracle")
            .help("use the snapshots of RDS itself")
            .aws_says(says::FEATURE_NOT_SUPPORTED);
    rest(view, broken, ORACLE)
}

fn custom_sqlserver(view: &View<'_>) -> Outcome {
    let (reason, fact) = match (view.copy.is_cross_account(), view.copy.is_cross_region()) {
        (true, _) => (
            "snapshots of RDS Custom for SQL Server are not copied to another account",
            SQLSERVER_ACROSS,
        ),
        (false, false) => (
            "snapshots of RDS Custom for SQL Server are not copied within one Region",
            SQLSERVER_SAME,
        ),
        (false, true) => {
            let holds = Outcome::holds(
                "snapshots of RDS Custom for SQL Server are copied to another Region of the account",
            );
            let row = view.facts.row(SQLSERVER_REGION);
            let certainty = row
                .map_or(view.facts.certainty(SQLSERVER_REGION), |row| row.cell_certainty("works"));
            return holds.rests_on(SQLSERVER_REGION, certainty);
        }
    };
    let broken = Outcome::broken("custom-sqlserver", reason)
        .help("copy to another Region of the account, or use native SQL Server backups")
        .aws_says(says::FEATURE_NOT_SUPPORTED);
    rest(view, broken, fact)
}

fn incomplete(filled: &Filled<'_>, node: &Node, message: &str, note: &str) -> Outcome {
    Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
        .label(filled.label(node.span, note))
}
