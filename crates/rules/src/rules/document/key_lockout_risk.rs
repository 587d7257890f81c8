//! Somebody can change the policy of a key.

use copy_preflight_policy::iam::Statement;
use copy_preflight_policy::iam::principal::account_of;

use crate::lint::view::{is_everybody, may_do, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "no statement lets the account change the policy of the key, so it may become unmanageable",
    reason_lists: &[&[
        Reason { name: "nobody", meaning: "nobody can change the policy" },
        Reason { name: "only-roles", meaning: "only named roles or users can change the policy" },
        Reason { name: "denied", meaning: "a Deny without condition stops everybody from changing the policy" },
    ]],
    facts: &["policy-language-lockout"],
    page: include_str!("key_lockout_risk.md"),
}

const PUT: &str = "kms:PutKeyPolicy";

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    if !view.is_whole() {
        return Vec::new();
    }
    let denied = view.denies().find(|deny| {
        deny.conditions.is_empty()
            && may_do(deny, PUT).is_true()
            && principals(deny).any(is_everybody)
            && of_key(deny)
    });
    let told = |reason, message: &str, span, note: &str| {
        vec![
            Outcome::broken(reason, message)
                .label(view.label(span, note))
                .help(
                    "let the account in: `\"Principal\": {\"AWS\": \"arn:aws:iam::ACCOUNT:root\"}` \
                     with `kms:*`; if a policy locks everybody out, only AWS Support can open it again",
                ),
        ]
    };
    if let Some(deny) = denied {
        let message = "nobody can change the policy of this key any more";
        return told("denied", message, deny.effect_span, "denies it to everybody");
    }
    let mut roles = None;
    for allow in view.allows().filter(|one| !may_do(one, PUT).is_false() && of_key(one)) {
        for term in principals(allow) {
            let Some(text) = term.term.text.known() else { return Vec::new() };
            if is_everybody(term) || account_of(text).is_some() {
                return Vec::new();
            }
            roles.get_or_insert(term.term.span);
        }
    }
    if let Some(span) = roles {
        let message = "only named roles or users can change the policy of this key";
        return told("only-roles", message, span, "if this is deleted, nobody can");
    }
    told(
        "nobody",
        "nobody can change the policy of this key",
        view.opening(),
        "no statement allows `kms:PutKeyPolicy`",
    )
}

/// Whether the statement may be about this key.
fn of_key(statement: &Statement) -> bool {
    statement.resource.is_some()
}
