//! The destination vault exists.

use copy_preflight_policy::tree::Node;

use crate::arn::VaultArn;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::rules::parts::subject::{missing_document, rest};
use crate::says;
use crate::view::{Filled, Gap, Slot, View};

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
    facts: &[FACT, DENIED, "prerequisites-vault-names-case-sensitive"],
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
    let Some(list) = filled.root().member("BackupVaultList") else {
        return incomplete(&filled, "expected `BackupVaultList`");
    };
    let elsewhere =
        list.elements().iter().filter_map(|entry| entry.member("BackupVaultArn")).find(|arn| {
            let arn = arn.as_str().and_then(|arn| arn.parse::<VaultArn>().ok());
            arn.is_none_or(|arn| arn.account != vault.account || arn.region != vault.region)
        });
    if let Some(arn) = elsewhere {
        return incomplete(&filled, "the list is not of this account and Region")
            .label(filled.label(arn.span, "this vault stands elsewhere"));
    }
    let named: Vec<&Node> =
        list.elements().iter().filter_map(|entry| entry.member("BackupVaultName")).collect();
    if let Some(found) = named.iter().find(|name| name.as_str() == Some(&vault.name)) {
        let holds = Outcome::holds(format!("vault `{}` stands in the list of vaults", vault.name))
            .label(filled.label(found.span, "the vault is in the list"));
        return rest(view, holds, FACT);
    }
    if filled.root().member("NextToken").is_some() {
        return incomplete(&filled, "the list has further pages, which were not read");
    }
    if named.len() != list.elements().len() || named.iter().any(|name| name.as_str().is_none()) {
        return incomplete(&filled, "expected `BackupVaultName` in every entry");
    }
    let mut broken = no_such_vault(vault).cites(DENIED);
    let twin = named
        .iter()
        .find(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(&vault.name)));
    if let Some(twin) = twin {
        broken = broken
            .label(filled.label(
                twin.span,
                format!("is not `{}`: names of vaults are case sensitive", vault.name),
            ))
            .cites("prerequisites-vault-names-case-sensitive");
    } else {
        broken =
            broken.label(filled.label(list.span, format!("`{}` is not among these", vault.name)));
    }
    rest(view, broken, FACT)
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

fn incomplete(filled: &Filled<'_>, note: &str) -> Outcome {
    Outcome::undecided(
        reasons::ANSWER_INCOMPLETE.name,
        "the vault was not described, and the list of vaults does not settle whether it exists",
    )
    .label(filled.label(filled.root().span, note))
}
