//! The roles of AWS Backup are named with their paths.

use crate::arn::Arn;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Applies;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &DocumentKind::ALL,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a role of AWS Backup is named without its path, so the ARN matches no role",
    reason_lists: &[&[
        Reason { name: "default-role", meaning: "the default role has the path `/service-role/`" },
        Reason { name: "linked-role", meaning: "the service-linked role has a path of its own" },
    ]],
    facts: &["policy-language-default-roles"],
    page: include_str!("role_path_missing.md"),
}

/// Resource of the ARN without its path, and as it is.
const ROLES: [(&str, &str, &str); 2] = [
    ("role/AWSBackupDefaultServiceRole", "default", "default-role"),
    ("role/AWSServiceRoleForBackup", "linked", "linked-role"),
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("policy-language-default-roles") else { return Vec::new() };
    let mut found = Vec::new();
    view.strings(|text, span| {
        let Some(arn) = Arn::parse(text).filter(|arn| arn.service == "iam") else { return };
        for (bare, cell, reason) in ROLES {
            let Some(path) = row.text(cell).filter(|_| arn.resource == bare) else { continue };
            let right = text.replace(bare, &format!("role/{path}"));
            let message = format!("`{text}` lacks the path of the role");
            let outcome = Outcome::broken(reason, message);
            let fix = view.edit(
                format!("write `{right}`"),
                span,
                format!("\"{right}\""),
                Applies::Review,
            );
            let outcome = outcome.label(view.label(span, "no such role"));
            found.push(outcome.help(format!("the ARN is `{right}`")).fix(fix));
        }
    });
    found
}
