//! The FSx backup is of a kind that FSx copies.

use copy_preflight_policy::tree::Node;

use crate::facts::Row;
use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest, stated, unknown_type};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &["fsx-volume-not-copyable"],
    level: Level::Error,
    summary: "the FSx backup is of a volume or storage class that FSx does not copy",
    reason_lists: &[&[
        Reason { name: "flexgroup", meaning: "the volume is an ONTAP FlexGroup" },
        Reason { name: "intelligent-tiering", meaning: "the file system is of the Intelligent-Tiering storage class" },
        Reason { name: "backup-not-known", meaning: "nobody said of which kind the volume or file system is" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FLEXGROUP, TIERING],
    page: include_str!("fsx_backup_not_copyable.md"),
}

const FLEXGROUP: &str = "encryption-fsx-ontap-flexgroup";
const TIERING: &str = "encryption-fsx-intelligent-tiering";
/// The answer that tells of which kind the source is.
const ANSWER: &str = "fsx-source";
const SAYS: &str = "Feature is not supported for provided resource type";

fn check(view: &View<'_>) -> Outcome {
    let rows = view.support();
    let Some(first) = rows.first() else { return unknown_type(view) };
    let (Some(flexgroup), Some(tiering)) = (view.facts.row(FLEXGROUP), view.facts.row(TIERING))
    else {
        return Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "the facts on FSx backups are not there",
        );
    };
    if !flexgroup.strings("resource_types").any(|one| one == first.resource_type) {
        return Outcome::not_applicable("the copy is not of FSx");
    }
    let concerned = |variant: &str| {
        flexgroup.text("variant") == Some(variant)
            || tiering.strings("variants").any(|one| one == variant)
    };
    if !rows.iter().any(|row| concerned(&row.variant)) {
        return Outcome::not_applicable(format!(
            "nothing is known that keeps a backup of {} from being copied",
            first.label
        ));
    }
    let Some(id) = view.copy.recovery_point.as_deref().and_then(backup_id) else {
        return answered(view).unwrap_or_else(|| {
            Outcome::undecided(
                "backup-not-known",
                "of which kind the volume or file system is, is not known",
            )
            .help(HELP)
            .answered_by(ANSWER)
            .cites(FLEXGROUP)
            .cites(TIERING)
        });
    };
    match view.read(&Slot::source_fsx_backup(&view.copy, id)) {
        Ok(filled) => of_backup(view, flexgroup, tiering, &filled),
        Err(gap) => answered(view).unwrap_or_else(|| {
            missing_document(
                format!(
                    "of which kind the volume or file system is cannot be told: the backup {}",
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .help(HELP)
            .answered_by(ANSWER)
            .cites(FLEXGROUP)
        }),
    }
}

const HELP: &str = "state it: `--answer fsx-source=ordinary`, `--answer fsx-source=flexgroup` or \
                    `--answer fsx-source=intelligent-tiering`";

/// `backup-…` at the end of the ARN.
fn backup_id(arn: &str) -> Option<&str> {
    let (_, id) = arn.split_once(":backup/")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

fn answered(view: &View<'_>) -> Option<Outcome> {
    Some(stated(match view.stated(ANSWER)? {
        "ordinary" => {
            Outcome::holds("the source is stated to be no FlexGroup and not of Intelligent-Tiering")
        }
        "flexgroup" => of_flexgroup(view),
        "intelligent-tiering" => of_tiering(view),
        _ => return None,
    }))
}

fn of_backup(view: &View<'_>, flexgroup: &Row, tiering: &Row, filled: &Filled<'_>) -> Outcome {
    let list = filled.root().member("Backups").map(Node::elements).unwrap_or_default();
    let [backup] = list else {
        return incomplete(
            filled,
            filled.root(),
            "the answer does not hold one backup",
            "expected one in `Backups`",
        );
    };
    if let Some(volume) = backup.member("Volume") {
        let kind = volume.member("VolumeType").and_then(Node::as_str);
        let ontap = volume.member("OntapConfiguration");
        if kind != Some("ONTAP") && ontap.is_none() {
            return match kind {
                Some(_) => file_system(view, tiering, filled, backup),
                None => incomplete(
                    filled,
                    volume,
                    "the answer does not say the kind of the volume",
                    "expected `VolumeType`",
                ),
            };
        }
        let Some(style) = ontap.and_then(|ontap| ontap.member("VolumeStyle")) else {
            return incomplete(
                filled,
                volume,
                "the answer does not say the style of the volume",
                "expected `OntapConfiguration.VolumeStyle`",
            );
        };
        return match style.as_str() {
            Some(found) if flexgroup.text("volume_style") == Some(found) => {
                of_flexgroup(view).label(filled.label(style.span, "a FlexGroup"))
            }
            Some("FLEXVOL") => rest(view, Outcome::holds("the volume is no FlexGroup"), FLEXGROUP),
            _ => incomplete(
                filled,
                style,
                "the style of the volume is not one that the facts know",
                "expected `FLEXVOL` or `FLEXGROUP`",
            ),
        };
    }
    file_system(view, tiering, filled, backup)
}

fn file_system(view: &View<'_>, tiering: &Row, filled: &Filled<'_>, backup: &Node) -> Outcome {
    let Some(class) = backup.member("FileSystem").and_then(|system| system.member("StorageType"))
    else {
        return incomplete(
            filled,
            backup,
            "the answer does not say the storage class",
            "expected `FileSystem.StorageType`",
        );
    };
    match class.as_str() {
        Some(found) if tiering.text("storage_type") == Some(found) => {
            of_tiering(view).label(filled.label(class.span, "a storage class that is not copied"))
        }
        Some(_) => {
            rest(view, Outcome::holds("the file system is not of Intelligent-Tiering"), TIERING)
        }
        None => incomplete(filled, class, "the storage class cannot be read", "expected a string"),
    }
}

fn of_flexgroup(view: &View<'_>) -> Outcome {
    let broken = Outcome::broken(
        "flexgroup",
        "the volume is an ONTAP FlexGroup, whose backups FSx does not copy",
    )
    .help("keep the data in a FlexVol volume, or replicate it with SnapMirror")
    .aws_says(SAYS);
    rest(view, broken, FLEXGROUP)
}

fn of_tiering(view: &View<'_>) -> Outcome {
    let broken = Outcome::broken(
        "intelligent-tiering",
        "the file system is of the Intelligent-Tiering storage class, whose backups FSx does not copy",
    )
    .help("keep the data in a file system of another storage class");
    rest(view, broken, TIERING)
}

fn incomplete(filled: &Filled<'_>, node: &Node, message: &str, note: &str) -> Outcome {
    Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
        .label(filled.label(node.span, note))
        .help(HELP)
        .answered_by(ANSWER)
}
