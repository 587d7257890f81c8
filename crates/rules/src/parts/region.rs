//! What the facts say of Regions.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::Node;

use crate::facts::{Facts, Row};
use crate::nearest::nearest;
use crate::outcome::Outcome;
use crate::rule::Reason;
use crate::view::{Filled, View};

/// Why a Region cannot be judged.
pub(crate) const REASONS: [Reason; 2] = [
    Reason { name: "unknown-region", meaning: "the facts do not know the Region" },
    Reason {
        name: "region-not-covered",
        meaning: "AWS's tables of what AWS Backup can do leave the Region out",
    },
];

/// The rows of the table on Regions that are of a kind.
pub(crate) fn rows<'a>(view: &View<'a>, kind: &str) -> impl Iterator<Item = &'a Row> {
    view.facts
        .rows()
        .iter()
        .filter(move |row| row.table == "regions" && row.text("kind") == Some(kind))
}

/// Whether a list of Regions in a row holds this one.
pub(crate) fn lists(row: &Row, region: &str) -> bool {
    row.strings("regions").any(|one| one == region)
}

/// The partition that a Region is in; `None` for one that the facts do not know.
pub(crate) fn partition<'a>(view: &View<'a>, region: &str) -> Option<&'a Row> {
    view.facts.partition(region)
}

/// Whether an account has to enable the Region before it can use it.
pub(crate) fn needs_opt_in(view: &View<'_>, region: &str) -> bool {
    is_opt_in(view.facts, region)
}

/// Whether an account has to enable the Region before it can use it.
pub(crate) fn is_opt_in(facts: &Facts, region: &str) -> bool {
    let rows = facts.rows().iter().filter(|row| row.table == "regions");
    rows.filter(|row| row.text("kind") == Some("opt-in")).any(|row| lists(row, region))
}

/// What an answer of `account list-regions` says of a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enabled {
    /// It is enabled.
    Yes,
    /// It is not.
    No,
    /// It is being enabled or disabled.
    Changing,
    /// The answer does not say.
    Unknown,
}

/// Whether an account has enabled a Region, and where the answer says so.
pub(crate) fn enabled(filled: &Filled<'_>, region: &str) -> (Enabled, Span) {
    let regions = filled.root().member("Regions").map(Node::elements).unwrap_or_default();
    let entry = regions
        .iter()
        .find(|entry| entry.member("RegionName").and_then(Node::as_str) == Some(region));
    let status = entry.and_then(|entry| entry.member("RegionOptStatus"));
    let Some(node) = status else {
        return (Enabled::Unknown, entry.map_or(filled.root().span, |entry| entry.span));
    };
    let status = match node.as_str() {
        Some("ENABLED" | "ENABLED_BY_DEFAULT") => Enabled::Yes,
        Some("DISABLED") => Enabled::No,
        Some("ENABLING" | "DISABLING") => Enabled::Changing,
        _ => Enabled::Unknown,
    };
    (status, node.span)
}

/// The undecided outcome for a vault in a Region that the facts cannot judge.
pub(crate) fn unknown(view: &View<'_>, region: &str) -> Option<Outcome> {
    match partition(view, region) {
        Some(row) if row.flag("covered") == Some(true) => None,
        Some(row) => Some(
            Outcome::undecided(
                "region-not-covered",
                format!("what AWS Backup can copy in `{region}` is not published"),
            )
            .help("run a copy of a small recovery point there and see")
            .cites(&row.id),
        ),
        None => Some(unlisted(view, region)),
    }
}

fn unlisted(view: &View<'_>, region: &str) -> Outcome {
    if let Some(row) = rows(view, "unlisted").find(|row| lists(row, region)) {
        return Outcome::undecided(
            "region-not-covered",
            format!("AWS's tables do not show AWS Backup in `{region}` yet"),
        )
        .help("run a copy of a small recovery point there and see")
        .cites(&row.id);
    }
    let known = rows(view, "partition").flat_map(|row| row.strings("regions"));
    let outcome = Outcome::undecided(
        "unknown-region",
        format!("the facts do not know the Region `{region}`"),
    );
    match nearest(region, known) {
        Some(near) => outcome.help(format!(
            "the nearest Region that the facts know is `{near}`; a Region newer than the facts has to be \
             looked up at AWS"
        )),
        None => outcome,
    }
}

/// The two Regions of the copy; one where it stays in its Region.
pub(crate) fn regions<'a>(view: &View<'a>) -> Vec<&'a str> {
    let copy = &view.copy;
    match copy.is_cross_region() {
        true => vec![copy.source.region.look(), copy.destination.region.look()],
        false => vec![copy.source.region.look()],
    }
}

/// The kinds of copy that this one is, as the table on Regions names them.
pub(crate) fn crossings(view: &View<'_>) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    if view.copy.is_cross_account() {
        kinds.push("cross-account");
    }
    if view.copy.is_cross_region() {
        kinds.push("cross-region");
    }
    kinds
}
