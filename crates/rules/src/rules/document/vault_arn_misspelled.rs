//! The ARN of a vault has `backup-vault` in it.

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
    summary: "the ARN of a vault has `vault` where `backup-vault` stands",
    reason_lists: &[&[
        Reason { name: "vault", meaning: "the ARN has `vault`" },
    ]],
    facts: &["policy-language-backup-resources"],
    page: include_str!("vault_arn_misspelled.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    view.strings(|text, span| {
        let Some(arn) = Arn::parse(text).filter(|arn| arn.service == "backup") else { return };
        let wrong = ["vault:", "vault/", "backup-vault/", "backupvault:"];
        let Some(name) = wrong.iter().find_map(|wrong| arn.resource.strip_prefix(wrong)) else {
            return;
        };
        let Arn { partition, region, account, .. } = arn;
        let right = format!("arn:{partition}:backup:{region}:{account}:backup-vault:{name}");
        let fix =
            view.edit(format!("write `{right}`"), span, format!("\"{right}\""), Applies::AsIs);
        let outcome = Outcome::broken("vault", format!("`{text}` is no ARN of a vault"));
        let outcome = outcome.label(view.label(span, "no such resource"));
        found.push(outcome.help(format!("write `{right}`")).fix(fix));
    });
    found
}
