//! What a person is told: what was found, and what is left to fill in.

use std::fmt::Write as _;

use copy_preflight_rules::lint::DocumentKind;

use super::findings::{CopyAction, Destination, Findings};
use crate::output::plain::{visible, wrapped};

/// How many places are named in a line.
const MOST_NAMED: usize = 3;

/// What was found, and what to do next.
#[must_use]
pub(crate) fn summary(written: &str, findings: &Findings, width: usize) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "wrote {}", visible(written));
    let mut found = |name: &str, items: &[&str]| {
        if items.is_empty() {
            return;
        }
        let mut shown = items.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
        if let Some(more) = items.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            let _ = write!(shown, " and {more} more");
        }
        let head = format!("  {name:<18}{:>4}  ", items.len());
        text.push_str(&wrapped(&head, &" ".repeat(head.len()), &shown, width));
    };
    for kind in DocumentKind::ALL {
        let places: Vec<&str> = findings.of_kind(kind).map(|one| one.place.as_str()).collect();
        found(kind.word(), &places);
    }
    let keys = |map: &std::collections::BTreeMap<String, String>| {
        map.keys().map(String::clone).collect::<Vec<_>>()
    };
    for (name, ids) in
        [("accounts", keys(&findings.accounts)), ("organization", keys(&findings.organizations))]
    {
        found(name, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let copies: Vec<String> = findings.copies.iter().map(copy_action).collect();
    found("copy actions", &copies.iter().map(String::as_str).collect::<Vec<_>>());
    if findings.documents.is_empty() {
        text.push_str(&wrapped(
            "  ",
            "  ",
            "no policies, templates or backup plans were found: the file holds the keys alone",
            width,
        ));
    }
    for what in &findings.unread {
        text.push_str(&wrapped("  not read: ", "    ", what, width));
    }
    text.push_str("\nfill in:\n");
    for item in left(findings) {
        text.push_str(&wrapped("  - ", "    ", &item, width));
    }
    text.push_str("\nthen: copy-preflight lint .\n");
    text
}

fn planned(count: usize) -> String {
    format!("{count} planned {}", if count == 1 { "copy" } else { "copies" })
}

fn copy_action(copy: &CopyAction) -> String {
    let to = match &copy.destination {
        Destination::Known(vault) => vault.name.as_str(),
        Destination::Open(given) if given.is_empty() => "a vault that is left open",
        Destination::Open(given) => given,
    };
    format!("{} -> {to}", copy.name)
}

/// What the repository does not show.
fn left(findings: &Findings) -> Vec<String> {
    let mut items = Vec::new();
    match findings.organizations.len() {
        0 => items.push("the id of the organization".to_owned()),
        1 => {}
        _ => items.push("which organization is yours: several are named".to_owned()),
    }
    items.push("names of the accounts, and the profiles or roles that read them".to_owned());
    if findings.copies.is_empty() {
        items.push("the copies that you rely on: no copy action was found".to_owned());
        return items;
    }
    let open = |is_open: &dyn Fn(&CopyAction) -> bool| {
        findings.copies.iter().filter(|copy| is_open(copy)).count()
    };
    let sources = open(&|copy| {
        let source = &copy.source;
        source.name.is_none() || source.account.is_none() || source.region.is_none()
    });
    if sources > 0 {
        items.push(format!("account and Region of the source vault: {}", planned(sources)));
    }
    let destinations = open(&|copy| matches!(copy.destination, Destination::Open(_)));
    if destinations > 0 {
        items.push(format!("the destination vault: {}", planned(destinations)));
    }
    items.push(
        "resource types, keys and documents of the planned copies; then take the `#` away"
            .to_owned(),
    );
    items
}
