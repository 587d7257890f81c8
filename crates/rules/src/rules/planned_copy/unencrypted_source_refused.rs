//! The destination takes an unencrypted source.

use crate::copy::SourceKeys;
use crate::facts::UnencryptedCopy;
use crate::outcome::Outcome;
use crate::parts::subject::{
    is_air_gapped, missing_document, rest, source_keys, unknown_type, unknown_variant,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination refuses an unencrypted source",
    reason_lists: &[&[
        Reason { name: "air-gapped-vault", meaning: "a logically air-gapped vault refuses an unencrypted source of this type" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::KEY_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
    ]],
    facts: &[CLUSTERS, DETECTION],
    page: include_str!("unencrypted_source_refused.md"),
}

const CLUSTERS: &str = "prerequisites-air-gapped-unencrypted-clusters";
const DETECTION: &str = "prerequisites-air-gapped-detection";

fn check(view: &View<'_>) -> Outcome {
    let rows = view.support();
    let Some(&first) = rows.first() else { return unknown_type(view) };
    if rows.iter().all(|row| row.is_never_copyable()) {
        return Outcome::not_applicable("AWS Backup never copies backups of this type");
    }
    let copyable: Vec<_> = rows.iter().copied().filter(|row| !row.is_never_copyable()).collect();
    if copyable.iter().all(|row| row.unencrypted_copy.value == UnencryptedCopy::AlwaysEncrypted) {
        return Outcome::not_applicable("backups of this type are always encrypted");
    }
    let clusters = view.facts.row(CLUSTERS);
    if !clusters
        .is_some_and(|row| row.strings("resource_types").any(|one| one == first.resource_type))
    {
        return encrypted_by_copying(view, &copyable);
    }
    if let SourceKeys::Given(_) = view.copy.source_keys.look() {
        return Outcome::holds("the source is encrypted");
    }
    let name = &view.copy.destination.name;
    let vault = match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(vault) => vault,
        Err(gap) => {
            return missing_document(
                format!(
                    "whether vault `{name}` is logically air-gapped cannot be told: it {}",
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .cites(CLUSTERS);
        }
    };
    if !is_air_gapped(view, &vault) {
        let holds = Outcome::holds(format!(
            "vault `{name}` is no logically air-gapped one, and takes such a source"
        ));
        return rest(view, holds, DETECTION);
    }
    if let Err(undecided) = source_keys(view) {
        return undecided.cites(CLUSTERS);
    }
    let node = vault.root().member("VaultType").map_or(vault.root().span, |node| node.span);
    let broken = Outcome::broken(
        "air-gapped-vault",
        format!("vault `{name}` is logically air-gapped and refuses an unencrypted source of type `{}`", first.resource_type),
    )
    .label(vault.label(node, "takes encrypted clusters only"))
    .help(
        "restore the cluster under a customer managed key and back that one up; a copy of a cluster snapshot \
         cannot be encrypted",
    );
    rest(view, broken, CLUSTERS)
}

/// Types whose copies are encrypted whatever the source is.
fn encrypted_by_copying(view: &View<'_>, rows: &[&crate::facts::CopySupport]) -> Outcome {
    if rows.iter().any(|row| row.unencrypted_copy.value != UnencryptedCopy::Encrypted) {
        return unknown_variant(view, rows);
    }
    let holds = Outcome::holds(
        "an unencrypted source can be copied; the copy is encrypted with the vault's key",
    );
    rows.iter().fold(holds, |holds, row| holds.rests_on(&row.fact, row.unencrypted_copy.certainty))
}
