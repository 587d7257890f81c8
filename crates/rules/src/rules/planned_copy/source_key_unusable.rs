//! The keys of the source can be used.

use crate::arn::KeyArn;
use crate::outcome::Outcome;
use crate::parts::key_state;
use crate::parts::subject::{
    VaultKey, flag, key_of_vault, management, rest, source_key_part, source_keys, worst,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Slot, View};

const OWN_REASONS: [Reason; 5] = [
    Reason {
        name: "other-replica",
        meaning: "the multi-Region key that was named stands in another Region; its replica beside the source was not",
    },
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::KEY_NOT_KNOWN,
];

crate::rule::copy_rule! {
    gate: Gate::SourceKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a key of the source cannot be used",
    reason_lists: &[&key_state::REASONS, &OWN_REASONS],
    facts: &[
        key_state::UNUSABLE,
        key_state::STATES,
        key_state::KIND,
        key_state::REGION,
        REPLICAS,
        "encryption-ec2-all-volume-keys",
    ],
    page: include_str!("source_key_unusable.md"),
}

const REPLICAS: &str = "encryption-multi-region-key-policies";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    if support.fully_managed.value {
        let slot = Slot::source_vault(&view.copy);
        return match key_of_vault(view, &slot, &view.copy.source.name) {
            Ok(VaultKey { key, .. }) => judge(view, "source-vault-key", &key),
            Err(outcome) => outcome,
        };
    }
    if view.copy.is_unencrypted() {
        return Outcome::not_applicable("the source is not encrypted");
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided,
    };
    let outcomes =
        keys.iter().enumerate().map(|(index, key)| judge(view, &source_key_part(index), key));
    let outcome =
        worst(outcomes).unwrap_or_else(|| Outcome::not_applicable("the source is not encrypted"));
    if keys.len() > 1 { outcome.cites("encryption-ec2-all-volume-keys") } else { outcome }
}

fn judge(view: &View<'_>, part: &str, key: &KeyArn) -> Outcome {
    let region = &view.copy.source.region;
    if key.region == *region {
        return key_state::judge(view, part, key);
    }
    let beside = KeyArn { region: region.to_string(), ..key.clone() };
    // Only multi-Region keys have ids that begin so, and all replicas of one have the same id.
    if key.id.starts_with("mrk-") {
        return Outcome::undecided(
            "other-replica",
            format!("multi-Region key `{}` was named in {}; the source is in {region}", key.id, key.region),
        )
        .missing(flag("--source-key"))
        .help(format!("name the replica in {region}: `--source-key {beside}`; each replica has its own policy, grants and state"))
        .cites(REPLICAS);
    }
    let broken = Outcome::broken(
        "wrong-region",
        format!("source key `{}` stands in {}, the source in {region}", key.id, key.region),
    )
    .help("name the key that encrypts the source: it stands in the source's Region");
    rest(view, broken, key_state::REGION)
}
