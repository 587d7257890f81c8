//! The copy is encrypted.

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
    level: Level::Warning,
    summary: "the copy stays unencrypted, as its source is",
    reason_lists: &[&[
        Reason { name: "stays-unencrypted", meaning: "the source is not encrypted, and copying does not encrypt this type" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::KEY_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
    ]],
    facts: &["prerequisites-air-gapped-detection"],
    page: include_str!("copy_stays_unencrypted.md"),
}

fn check(view: &View<'_>) -> Outcome {
    let rows: Vec<_> = view.support();
    let Some(&first) = rows.first() else { return unknown_type(view) };
    if rows.iter().all(|row| row.is_never_copyable()) {
        return Outcome::not_applicable("AWS Backup never copies backups of this type");
    }
    let copyable: Vec<_> = rows.iter().copied().filter(|row| !row.is_never_copyable()).collect();
    let every = |kind| copyable.iter().all(|row| row.unencrypted_copy.value == kind);
    if every(UnencryptedCopy::AlwaysEncrypted) {
        return Outcome::not_applicable("backups of this type are always encrypted");
    }
    if every(UnencryptedCopy::Encrypted) {
        let holds = Outcome::holds("copies of this type are encrypted with the key of the vault");
        return copyable
            .iter()
            .fold(holds, |holds, row| holds.rests_on(&row.fact, row.unencrypted_copy.certainty));
    }
    if !every(UnencryptedCopy::StaysUnencrypted) {
        return unknown_variant(view, &copyable);
    }
    match source_keys(view) {
        Err(undecided) => undecided.cites(&first.fact),
        Ok(_) if view.copy.source_keys != SourceKeys::Unencrypted => {
            Outcome::holds("the source is encrypted, and so is the copy")
                .rests_on(&first.fact, first.unencrypted_copy.certainty)
        }
        Ok(_) => unencrypted(view).rests_on(&first.fact, first.unencrypted_copy.certainty),
    }
}

fn unencrypted(view: &View<'_>) -> Outcome {
    let name = &view.copy.destination.name;
    let vault = match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(vault) => vault,
        Err(gap) => {
            return missing_document(
                format!(
                    "whether vault `{name}` takes an unencrypted copy cannot be told: it {}",
                    gap.words()
                ),
                vec![gap.missing()],
            );
        }
    };
    if is_air_gapped(view, &vault) {
        return Outcome::not_applicable("a logically air-gapped vault refuses such a source");
    }
    let broken = Outcome::broken(
        "stays-unencrypted",
        format!("the source is not encrypted, and its copy in vault `{name}` is not either, whatever the vault's key"),
    )
    .help("restore the cluster under a customer managed key and back that one up");
    rest(view, broken, "prerequisites-air-gapped-detection")
}
