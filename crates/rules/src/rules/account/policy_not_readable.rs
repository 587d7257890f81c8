//! The policies above an account are policies.

use crate::effective::{Trouble, TroubleKind};
use crate::inputs::{Address, Why};
use crate::outcome::Outcome;
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, Merged, label_of};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Standing(check),
    aliases: &[],
    level: Level::Error,
    summary: "a policy above the account cannot be read as one",
    reason_lists: &[&[
        Reason { name: "not-a-policy", meaning: "the document is no JSON, no object, or has no operators" },
        reasons::DOCUMENT_MISSING,
    ]],
    facts: &[FACT],
    page: include_str!("policy_not_readable.md"),
}

const FACT: &str = "backup-policies-not-a-policy";

fn check(view: &AccountView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for (trouble, kind) in troubles(view.backup, "backup").chain(troubles(view.tags, "tag")) {
        match trouble.kind {
            TroubleKind::NotAPolicy => {
                let message = format!(
                    "a {kind} policy above the account cannot be read: {}",
                    trouble.message
                );
                let mut broken = Outcome::broken("not-a-policy", message).help(
                    "mend the document; an effective policy, which has no operators, cannot be \
                     attached again",
                );
                broken.labels.extend(label_of(trouble));
                findings.push(view.survey.rest(broken, FACT));
            }
            TroubleKind::NotRead if trouble.address != Address::OrganizationTree => {
                let slot =
                    Slot::named(&Slot::of_organization(&trouble.address), trouble.address.clone());
                let missing = slot.missing(Why::NotFetched, None);
                findings.push(missing_document(trouble.message.clone(), vec![missing]).cites(FACT));
            }
            TroubleKind::NotRead | TroubleKind::NotPlaced => {}
        }
    }
    findings.or(|| {
        let holds = Outcome::holds("the policies above the account can be read");
        view.survey.rest(holds, FACT)
    })
}

fn troubles<'a>(
    merged: Merged<'a>,
    kind: &'static str,
) -> impl Iterator<Item = (&'a Trouble, &'static str)> {
    let troubles = match merged {
        Merged::Trouble(troubles) => troubles,
        Merged::Known(_) => &[],
    };
    troubles.iter().map(move |trouble| (trouble, kind))
}
