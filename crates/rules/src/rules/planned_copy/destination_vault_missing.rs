//! The destination vault exists.

use crate::arn::VaultArn;
use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::parts::vault_list::{CASE, Listed, listed};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Gap, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination vault does not exist",
    reason_lists: &[&[
        Reason { name: "no-such-vault", meaning: "the account has no vault of that name in that Region" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, DENIED, CASE],
    page: include_str!("destination_vault_missing.md"),
}

const FACT: &str = "prerequisites-destination-vault";
const DENIED: &str = "prerequisites-missing-vault-looks-denied";

fn check(view: &View<'_>) -> Outcome {
    let vault = &view.copy.destination;
    match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(_) => rest(view, Outcome::holds(format!("vault `{}` exists", vault.name)), FACT),
        Err(gap) if gap.is_not_found() => {
            let mut broken = no_such_vault(vault);
            broken.labels.extend(gap.label("AWS answers this for a vault that is not there"));
            rest(view, broken, FACT)
        }
        // AWS refuses to describe a vault that is not there, so the list decides.
        Err(gap) => by_list(view, &gap),
    }
}

fn by_list(view: &View<'_>, gap: &Gap<'_>) -> Outcome {
    let vault = &view.copy.destination;
    let Ok(filled) = view.read(&Slot::destination_vaults(&view.copy)) else {
        return missing_document(
            format!("whether vault `{}` exists cannot be told: describing it {}", vault.name, gap.words()),
            vec![gap.missing()],
        )
        .help(format!(
            "describe the vault, or list the vaults: `aws backup list-backup-vaults --region {}`; AWS refuses to \
             describe a vault that does not exist",
            vault.region
        ))
        .cites(DENIED);
    };
    match listed(&filled, vault.look()) {
        Listed::There(label) => {
            let holds = format!("vault `{}` stands in the list of vaults", vault.name);
            rest(view, Outcome::holds(holds).label(label), FACT)
        }
        Listed::Missing { label, twin } => {
            let broken = no_such_vault(vault).cites(DENIED).label(label);
            rest(view, if twin { broken.cites(CASE) } else { broken }, FACT)
        }
        Listed::Unsettled(labels) => {
            let mut outcome = Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the vault was not described, and the list of vaults does not settle whether it exists",
            );
            outcome.labels = labels;
            outcome
        }
    }
}

fn no_such_vault(vault: &VaultArn) -> Outcome {
    Outcome::broken(
        "no-such-vault",
        format!("account {} has no vault `{}` in {}", vault.account, vault.name, vault.region),
    )
    .help(format!(
        "make the vault in account {}, {}, or correct the ARN; AWS says only that access is denied",
        vault.account, vault.region
    ))
    .aws_says(says::ACCESS_DENIED)
}
