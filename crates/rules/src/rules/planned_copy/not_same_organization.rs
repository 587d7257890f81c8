//! Source and destination account are members of one organization.

use copy_preflight_policy::tree::Node;

use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Organization,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the accounts are not members of one organization",
    reason_lists: &[&[
        Reason { name: "other-organization", meaning: "the accounts are members of different organizations" },
        Reason { name: "no-organization", meaning: "an account is a member of no organization" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT],
    page: include_str!("not_same_organization.md"),
}

const FACT: &str = "prerequisites-same-organization";

fn check(view: &View<'_>) -> Outcome {
    let copy = &view.copy;
    if !copy.is_cross_account() {
        return Outcome::not_applicable("the copy stays in one account");
    }
    let slots = [Slot::source_organization(copy), Slot::destination_organization(copy)];
    let [source, destination] = [&copy.source.account, &copy.destination.account];
    let [left, right] = [view.read(&slots[0]), view.read(&slots[1])];
    for (gap, account) in [(left.as_ref().err(), source), (right.as_ref().err(), destination)] {
        if let Some(gap) = gap.filter(|gap| gap.is_not_found()) {
            let mut broken = Outcome::broken(
                "no-organization",
                format!("account {account} is a member of no organization"),
            )
            .help(format!("invite account {account} into the organization of the other account"))
            .aws_says(says::NOT_ONE_ORGANIZATION);
            broken.labels.extend(gap.label("AWS answered this"));
            return rest(view, broken, FACT);
        }
    }
    let (left, right) = match (left, right) {
        (Ok(left), Ok(right)) => (left, right),
        (left, right) => {
            let missing = [left.err(), right.err()].into_iter().flatten().map(|gap| gap.missing());
            return missing_document(
                "the organization of an account was not read",
                missing.collect(),
            )
            .cites(FACT);
        }
    };
    let (Some(left_id), Some(right_id)) = (id(&left), id(&right)) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "an answer about the organization does not name its id",
        );
    };
    let (Some(here), Some(there)) = (left_id.as_str(), right_id.as_str()) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "an organization id is no string",
        );
    };
    if here == there {
        return rest(view, Outcome::holds(format!("both accounts are in `{here}`")), FACT);
    }
    let broken = Outcome::broken(
        "other-organization",
        format!("account {destination} is in `{there}`, account {source} in `{here}`"),
    )
    .label(right.label(right_id.span, format!("account {destination} is in this organization")))
    .label(left.label(left_id.span, format!("account {source} is in this one")))
    .help(
        "move one of the accounts into the organization of the other, or copy to a vault inside it",
    )
    .aws_says(says::NOT_ONE_ORGANIZATION);
    rest(view, broken, FACT)
}

fn id<'a>(filled: &Filled<'a>) -> Option<&'a Node> {
    filled.root().member("Organization")?.member("Id")
}
