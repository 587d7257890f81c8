//! Source and destination stand in one partition, and in Regions that it lets copy to each other.

use crate::nearest::nearest;
use crate::outcome::Outcome;
use crate::parts::region::{partition, rows, unknown};
use crate::parts::subject::rest;
use crate::rule::{Gate, Level, Reason};
use crate::seen::SeenVault;
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::Regions,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the copy would leave its partition, or joins Regions that its partition keeps apart",
    reason_lists: &[
        &[
            Reason { name: "other-partition", meaning: "source and destination stand in different partitions" },
            Reason { name: "region-of-other-partition", meaning: "a vault ARN names a Region that its partition does not have" },
            Reason { name: "pair-forbidden", meaning: "the partition lets other Regions copy to each other, not these" },
            Reason { name: "unknown-partition", meaning: "the facts do not know the partition" },
        ],
        &crate::parts::region::REASONS,
    ],
    facts: &[NEVER_MIX, ONE_PARTITION, "regions-pairs-aws-cn", "regions-pairs-aws-us-gov"],
    page: include_str!("partition_boundary.md"),
}

const NEVER_MIX: &str = "regions-partitions-never-mix";
const ONE_PARTITION: &str = "regions-organization-one-partition";

fn check(view: &View<'_>) -> Outcome {
    let (source, destination) = (&view.copy.source, &view.copy.destination);
    for vault in [source, destination] {
        if let Some(outcome) = misnamed(view, vault) {
            return outcome;
        }
    }
    if source.partition != destination.partition {
        return across(view);
    }
    let shared = &source.partition;
    if !view.copy.is_cross_region() {
        return Outcome::holds(format!("both vaults stand in partition `{shared}`"))
            .cites(NEVER_MIX);
    }
    match rows(view, "pair").find(|row| row.text("partition") == Some(shared)) {
        Some(pair) => {
            let paired = |region: &str| pair.strings("pair").any(|one| one == region);
            let outsider = [source, destination].into_iter().find(|vault| !paired(&vault.region));
            let Some(outsider) = outsider else {
                let holds = Outcome::holds(format!(
                    "`{}` and `{}` copy to each other",
                    source.region, destination.region
                ));
                return rest(view, holds, &pair.id);
            };
            if let Some(undecided) = unknown(view, &outsider.region) {
                return undecided.cites(&pair.id);
            }
            let pairs: Vec<&str> = pair.strings("pair").collect();
            let broken = Outcome::broken(
                "pair-forbidden",
                format!("in partition `{shared}` no copy runs to or from `{}`", outsider.region),
            )
            .help(format!("copy between {}", pairs.join(" and ")));
            rest(view, broken, &pair.id)
        }
        None => {
            let uncovered = rows(view, "partition").any(|row| {
                row.text("partition") == Some(shared) && row.flag("covered") == Some(false)
            });
            let open =
                [source, destination].into_iter().find_map(|vault| unknown(view, &vault.region));
            match open {
                Some(open) if uncovered => open,
                _ => Outcome::holds(format!("both vaults stand in partition `{shared}`"))
                    .cites(NEVER_MIX),
            }
        }
    }
}

/// The outcome for an ARN that no vault can have, or whose partition nobody knows.
fn misnamed(view: &View<'_>, vault: &SeenVault<'_>) -> Option<Outcome> {
    let known: Vec<&str> =
        rows(view, "partition").filter_map(|row| row.text("partition")).collect();
    let written = vault.partition.as_str();
    if !known.contains(&written) {
        let outcome = Outcome::undecided(
            "unknown-partition",
            format!("the facts do not know the partition `{written}` of vault `{}`", vault.name),
        );
        return Some(match nearest(written, known) {
            Some(near) => {
                outcome.help(format!("the nearest partition that the facts know is `{near}`"))
            }
            None => outcome,
        });
    }
    let row = partition(view, &vault.region)?;
    let true_one = row.text("partition").filter(|&name| name != written)?;
    let broken = Outcome::broken(
        "region-of-other-partition",
        format!("`{}` is in partition `{true_one}`, not in `{written}`", vault.region),
    )
    .help(format!("no vault has the ARN `{}`; correct its partition or its Region", vault.look()));
    Some(broken.cites(&row.id))
}

fn across(view: &View<'_>) -> Outcome {
    let (source, destination) = (&view.copy.source, &view.copy.destination);
    let broken = Outcome::broken(
        "other-partition",
        format!(
            "the copy would go from partition `{}` to `{}`, and no copy leaves its partition",
            source.partition, destination.partition
        ),
    )
    .help("copy to a vault of the same partition; data crosses partitions only by other means, such as export");
    let listed = |partition: &str| {
        let row = view.facts.row(NEVER_MIX);
        row.is_some_and(|row| row.strings("partitions").any(|one| one == partition))
    };
    let both = listed(&source.partition) && listed(&destination.partition);
    rest(view, broken, if both { NEVER_MIX } else { ONE_PARTITION })
}
