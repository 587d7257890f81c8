//! Both Regions have the kind of copy that is asked for.

use crate::facts::Row;
use crate::outcome::Outcome;
use crate::parts::region::{crossings, lists, regions, rows, unknown};
use crate::parts::subject::rest;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::Regions,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a Region has no copy to other accounts or Regions",
    reason_lists: &[
        &[
            Reason { name: "no-cross-account", meaning: "AWS Backup does not copy across accounts there" },
            Reason { name: "no-cross-region", meaning: "AWS Backup does not copy across Regions there" },
        ],
        &crate::parts::region::REASONS,
    ],
    facts: &["regions-no-cross-account", "regions-no-cross-region", "regions-cross-account-china"],
    page: include_str!("region_lacks_copy.md"),
}

fn check(view: &View<'_>) -> Outcome {
    let kinds = crossings(view);
    if kinds.is_empty() {
        return Outcome::not_applicable("the copy stays in its account and Region");
    }
    let both = regions(view);
    let first_hit = |row: &Row| {
        both.iter().find(|region| lists(row, region)).map(|region| (*region).to_owned())
    };
    let mut cited = Vec::new();
    for kind in &kinds {
        let of_kind =
            |row: &&Row| row.text("limit") == Some(kind) && row.text("resource_type").is_none();
        for row in rows(view, "no-copy").filter(of_kind) {
            if let Some(region) = first_hit(row) {
                let broken = lacking(kind, &region).help(
                    "AWS Backup has no way around it; copy within the account and Region, or use the copy of the \
                     service itself",
                );
                return rest(view, broken, &row.id);
            }
            cited.push(row.id.as_str());
        }
        for row in rows(view, "since").filter(of_kind) {
            let (Some(region), Some(since)) = (first_hit(row), row.text("since")) else { continue };
            if view.is_before(since) {
                let mut broken = lacking(kind, &region).help(format!("it can since {since}"));
                broken.message = format!("{} before {since}", broken.message);
                return rest(view, broken, &row.id);
            }
            cited.push(row.id.as_str());
        }
    }
    if let Some(undecided) = both.iter().find_map(|region| unknown(view, region)) {
        return undecided;
    }
    let regions: Vec<String> = both.iter().map(|region| format!("`{region}`")).collect();
    let holds = Outcome::holds(format!(
        "{} copies are offered in {}",
        kinds.join(" and "),
        regions.join(" and ")
    ));
    cited.iter().fold(holds, |outcome, fact| rest(view, outcome, fact))
}

fn lacking(kind: &str, region: &str) -> Outcome {
    match kind {
        "cross-account" => Outcome::broken(
            "no-cross-account",
            format!("AWS Backup does not copy across accounts in `{region}`"),
        ),
        _ => Outcome::broken(
            "no-cross-region",
            format!("AWS Backup does not copy across Regions to or from `{region}`"),
        ),
    }
}
