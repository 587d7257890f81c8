//! The tree says where an account stands.

use crate::effective::TroubleKind;
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
    summary: "where the account stands in the organization is not known",
    reason_lists: &[&[
        Reason { name: "not-in-tree", meaning: "the tree does not lead from the account to the root" },
        reasons::DOCUMENT_MISSING,
    ]],
    facts: &[FACT],
    page: include_str!("account_not_placed.md"),
}

const FACT: &str = "backup-policies-attachment";

fn check(view: &AccountView<'_>) -> Vec<Outcome> {
    let Merged::Trouble(troubles) = view.backup else {
        let holds = Outcome::holds("the tree leads from the account to the root");
        return vec![view.survey.rest(holds, FACT)];
    };
    let mut findings = Findings::default();
    for trouble in troubles {
        let is_tree = trouble.address == Address::OrganizationTree;
        match trouble.kind {
            TroubleKind::NotPlaced => {
                let mut broken = Outcome::broken(
                    "not-in-tree",
                    format!("the account has no place in the organization: {}", trouble.message),
                )
                .help(
                    "read the tree again (`aws organizations list-parents --child-id ID`), or \
                     mend the file: each account and unit has one parent, and the root has none",
                );
                broken.labels.extend(label_of(trouble));
                findings.push(view.survey.rest(broken, FACT));
            }
            TroubleKind::NotRead if is_tree => {
                let slot = Slot::organization_tree();
                let missing = slot.missing(Why::NotFetched, None);
                findings.push(missing_document(trouble.message.clone(), vec![missing]).cites(FACT));
            }
            TroubleKind::NotRead | TroubleKind::NotAPolicy => {}
        }
    }
    findings.or(|| {
        view.survey.rest(Outcome::holds("the tree leads from the account to the root"), FACT)
    })
}
