//! A copy to another account does not go to the vault named `Default`.

use copy_preflight_policy::tree::Node;

use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a copy to another account goes to the vault named `Default`",
    reason_lists: &[&[
        Reason { name: "default-vault", meaning: "the destination is the default vault of its Region" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, "encryption-destination-default-vault-cross-account", CASE],
    page: include_str!("destination_vault_is_default.md"),
}

const FACT: &str = "prerequisites-destination-vault-not-default";
const CASE: &str = "prerequisites-vault-names-case-sensitive";

fn check(view: &View<'_>) -> Outcome {
    if !view.copy.is_cross_account() {
        return Outcome::not_applicable("within one account a copy may go to any vault");
    }
    let Some(banned) = view.facts.row(FACT).and_then(|row| row.text("vault_name")) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the facts do not name the default vault",
        );
    };
    let name = &view.copy.destination.name;
    let holds = || Outcome::holds(format!("vault `{name}` is not the default vault"));
    if name == banned {
        return broken(view, banned);
    }
    if !name.eq_ignore_ascii_case(banned) {
        return rest(view, holds(), FACT);
    }
    // Effective backup policies print ARNs in lower case: the vault itself shows which it is.
    let filled = match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!("whether vault `{name}` is the vault `{banned}` cannot be told: describing it {}", gap.words()),
                vec![gap.missing()],
            )
            .help("name the vault as its account shows it: names of vaults are case sensitive")
            .cites(FACT)
            .cites(CASE);
        }
    };
    let shown = filled.root().member("BackupVaultName");
    match shown.map(|node| (node.as_str(), node)) {
        Some((Some(shown), node)) if shown == banned => {
            broken(view, banned).label(filled.label(node.span, "the name as the account shows it"))
        }
        Some((Some(shown), node)) if shown == name => {
            let holds = holds().label(filled.label(node.span, "the name as the account shows it"));
            rest(view, holds, CASE)
        }
        _ => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the answer does not say whether vault `{name}` is the vault `{banned}`"),
        )
        .label(filled.label(
            shown.map_or(filled.root().span, |node: &Node| node.span),
            "expected the vault's name",
        ))
        .cites(CASE),
    }
}

fn broken(view: &View<'_>, banned: &str) -> Outcome {
    let broken = Outcome::broken(
        "default-vault",
        format!("AWS Backup does not copy to the vault `{banned}` of another account"),
    )
    .help(format!(
        "make a vault of your own under a customer managed key in account {} and copy there",
        view.copy.destination.account
    ));
    rest(view, broken, FACT).cites("encryption-destination-default-vault-cross-account")
}
