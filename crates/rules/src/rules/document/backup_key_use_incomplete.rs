//! A key that is shared for copies gives all that a copy needs.

use crate::lint::sharing::{Sharing, sharing};
use crate::lint::view::may_do;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::{Outcome, OutcomeKind};
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a statement shares the key for copies and leaves out an action that every such copy needs",
    reason_lists: &[&[
        Reason { name: "no-describe-key", meaning: "`kms:DescribeKey` is missing" },
        Reason { name: "no-create-grant", meaning: "`kms:CreateGrant` is missing" },
        Reason { name: "no-re-encrypt", meaning: "`kms:ReEncryptFrom` is missing, which EBS, EC2 and Storage Gateway need" },
    ]],
    facts: &["organization-key-source-needs-ec2", "organization-key-source-needs-rds"],
    page: include_str!("backup_key_use_incomplete.md"),
}

/// What a copy needs, and the reason where it is missing.
const NEEDED: [(&str, &str); 3] = [
    ("kms:DescribeKey", "no-describe-key"),
    ("kms:CreateGrant", "no-create-grant"),
    ("kms:ReEncryptFrom", "no-re-encrypt"),
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    if !view.is_whole() {
        return Vec::new();
    }
    let mut told: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for sharing in sharing(view) {
        if told.contains(&sharing.whom) {
            continue;
        }
        told.push(sharing.whom);
        let mut lacking: Vec<Outcome> = NEEDED
            .iter()
            .filter_map(|(action, reason)| lacking(view, &sharing, action, reason))
            .collect();
        // A question of one type is of no use where no type works.
        if lacking.iter().any(|one| one.kind == OutcomeKind::Broken) {
            lacking.retain(|one| one.kind == OutcomeKind::Broken);
        }
        found.extend(lacking);
    }
    found
}

fn lacking(
    view: &DocumentView<'_>,
    sharing: &Sharing<'_>,
    action: &str,
    reason: &'static str,
) -> Option<Outcome> {
    let given = view.allows().any(|statement| {
        !may_do(statement, action).is_false()
            && statement.principal.as_ref().is_none_or(|principal| {
                principal.negated || principal.terms.iter().any(|term| sharing.is_reached_by(term))
            })
    });
    if given {
        return None;
    }
    let whom = sharing.whom;
    let text = format!("`{whom}` is to copy from this key and is not given `{action}`");
    let outcome = match reason {
        "no-re-encrypt" => {
            Outcome::undecided(reason, format!("{text}, which EBS, EC2 and Storage Gateway need"))
        }
        _ => Outcome::broken(reason, text),
    };
    let outcome = outcome
        .label(view.label(sharing.term.term.span, "shares the key for copies"))
        .label(view.label(sharing.statement.effect_span, "of this statement"))
        .help(format!(
            "give it `kms:DescribeKey`, `kms:ReEncrypt*` and, with `kms:GrantIsForAWSResource`, \
             `kms:CreateGrant`; the one of the destination account makes the copy, not the copy role of `{whom}`"
        ));
    Some(match reason {
        "no-describe-key" => {
            outcome.aws_says("You must have DescribeKey permissions on the default CMK")
        }
        _ => outcome,
    })
}
