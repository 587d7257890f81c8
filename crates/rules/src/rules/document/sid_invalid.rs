//! A Sid is one that IAM takes.

use copy_preflight_policy::iam::Term;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::IdentityPolicy, DocumentKind::Scp, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a Sid is one that IAM refuses",
    reason_lists: &[&[
        Reason { name: "characters", meaning: "the Sid holds more than letters and digits" },
        Reason { name: "stands-twice", meaning: "two statements of a policy of IAM have one Sid" },
    ]],
    facts: &["policy-language-sid"],
    page: include_str!("sid_invalid.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let sids = view.statements().iter().filter_map(|one| one.sid.as_ref());
    let odd = |sid: &Term| {
        let text = sid.text.known()?;
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (!plain).then(|| {
            let message = format!("the Sid `{text}` holds more than letters and digits");
            let outcome = Outcome::broken("characters", message);
            outcome.label(view.label(sid.span, "letters and digits only"))
        })
    };
    sids.filter_map(odd).chain(view.repeated_sids("stands-twice")).collect()
}
