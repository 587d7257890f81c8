//! The destination vault can take copies.

use copy_preflight_policy::tree::Node;

use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination vault cannot take copies",
    reason_lists: &[&[
        Reason { name: "not-available", meaning: "the vault is being made, or making it failed" },
        Reason { name: "restore-access-vault", meaning: "the vault only lends access to the points of another vault" },
        Reason { name: "same-vault", meaning: "the copy would go to the vault that it comes from" },
        Reason { name: "unknown-state", meaning: "the vault has a state that the facts do not know" },
        Reason { name: "unknown-vault-type", meaning: "the vault is of a type that the facts do not know" },
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, KNOWN, LENT, SAME, "prerequisites-air-gapped-detection"],
    page: include_str!("destination_vault_unusable.md"),
}

const FACT: &str = "prerequisites-destination-vault";
const KNOWN: &str = "prerequisites-vault-states-and-types";
const LENT: &str = "prerequisites-restore-access-vault";
const SAME: &str = "prerequisites-copy-to-same-vault";

fn check(view: &View<'_>) -> Outcome {
    let vault = &view.copy.destination;
    if view.copy.stays_in_vault() {
        let broken = Outcome::broken(
            "same-vault",
            format!("vault `{}` is source and destination at once", vault.name),
        )
        .help("copy to another vault");
        return rest(view, broken, SAME);
    }
    let filled = match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!(
                    "whether vault `{}` can take copies cannot be told: it {}",
                    vault.name,
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .cites(FACT);
        }
    };
    judge(view, &filled)
}

fn judge(view: &View<'_>, filled: &Filled<'_>) -> Outcome {
    let name = &view.copy.destination.name;
    let known = |cell: &str, value: &str| {
        view.facts.row(KNOWN).is_some_and(|row| row.strings(cell).any(|one| one == value))
    };
    let kind = filled.root().member("VaultType");
    // Regions without logically air-gapped vaults leave the type out.
    if let Some(node) = kind {
        let Some(kind) = node.as_str() else {
            return incomplete(filled, node, "expected the type of the vault");
        };
        if view.facts.row(LENT).and_then(|row| row.text("vault_type")) == Some(kind) {
            let broken = Outcome::broken(
                "restore-access-vault",
                format!("vault `{name}` only lends access to the points of another vault"),
            )
            .label(filled.label(node.span, "nothing can be copied into a vault of this type"))
            .help("copy to a backup vault, or to the logically air-gapped vault itself");
            return rest(view, broken, LENT).cites(KNOWN);
        }
        if !known("vault_types", kind) {
            return Outcome::undecided(
                "unknown-vault-type",
                format!("vault `{name}` is of a type that is not known here"),
            )
            .label(filled.label(node.span, "the facts do not know this type"))
            .cites(KNOWN);
        }
    }
    let Some(node) = filled.root().member("VaultState") else {
        return incomplete(filled, filled.root(), "expected `VaultState`");
    };
    let Some(state) = node.as_str() else {
        return incomplete(filled, node, "expected the state of the vault");
    };
    if view.facts.row(FACT).and_then(|row| row.text("vault_state")) == Some(state) {
        return rest(view, Outcome::holds(format!("vault `{name}` is available")), FACT);
    }
    if !known("vault_states", state) {
        return Outcome::undecided(
            "unknown-state",
            format!("vault `{name}` has a state that is not known here"),
        )
        .label(filled.label(node.span, "the facts do not know this state"))
        .cites(KNOWN);
    }
    let broken = Outcome::broken("not-available", format!("vault `{name}` is not available"))
        .label(filled.label(node.span, "only an available vault takes copies"))
        .help("wait until the vault is available; where making it failed, make it anew");
    rest(view, broken, FACT).cites(KNOWN)
}

fn incomplete(filled: &Filled<'_>, node: &Node, note: &str) -> Outcome {
    Outcome::undecided(
        reasons::ANSWER_INCOMPLETE.name,
        "the answer does not say whether the destination vault can take copies",
    )
    .label(filled.label(node.span, note))
    .help("describe the vault again with a current AWS CLI")
    .cites(FACT)
}
