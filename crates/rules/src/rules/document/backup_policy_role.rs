//! The role of a selection is one that every account has.

use copy_preflight_policy::iam::principal::is_account_id;
use copy_preflight_policy::tree::Node;

use crate::arn::Arn;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::BackupPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a selection of a backup policy names a role that most accounts do not have",
    reason_lists: &[&[
        Reason { name: "one-account", meaning: "the ARN holds the id of one account" },
        Reason { name: "path-doubled", meaning: "the ARN has `role/` twice" },
    ]],
    facts: &["policy-language-backup-policy-role"],
    page: include_str!("backup_policy_role.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    walk(view, &view.document.root, &mut found);
    found
}

fn walk(view: &DocumentView<'_>, node: &Node, found: &mut Vec<Outcome>) {
    for member in node.members() {
        if member.key.known().is_some_and(|key| key.eq_ignore_ascii_case("iam_role_arn")) {
            let values = std::iter::once(&member.value)
                .chain(member.value.members().iter().map(|one| &one.value));
            found.extend(values.filter_map(|value| judge(view, value)));
        } else {
            walk(view, &member.value, found);
        }
    }
}

fn judge(view: &DocumentView<'_>, node: &Node) -> Option<Outcome> {
    let arn = node.as_str().and_then(Arn::parse).filter(|arn| arn.service == "iam")?;
    let told = |reason, message: String, note: &str, help: &str| {
        Some(Outcome::broken(reason, message).label(view.label(node.span, note)).help(help))
    };
    if arn.resource.starts_with("role/role/") {
        let message = "the ARN has `role/` twice".to_owned();
        return told("path-doubled", message, "no such role", "write `role/` once");
    }
    if is_account_id(arn.account) {
        let message =
            format!("the role is one of account `{}`, and the policy goes to many", arn.account);
        let help = "write `$account` in the place of the account: `arn:aws:iam::$account:role/…`";
        return told("one-account", message, "found in one account only", help);
    }
    None
}
