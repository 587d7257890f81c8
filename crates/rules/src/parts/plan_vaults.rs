//! The vaults that the plans of an account name, and whether they are there.

use crate::arn::VaultArn;
use crate::inputs::Address;
use crate::outcome::{Label, Outcome};
use crate::parts::subject::missing_document;
use crate::parts::vault_list::{Listed, listed};
use crate::reasons;
use crate::survey::{AccountView, Choice, Findings, PolicyView, choices};
use crate::view::Slot;

/// A vault that a rule of a plan names, in one Region of the plan.
struct PlanVault<'a> {
    name: String,
    region: String,
    /// Whether it is the one that only the console makes.
    is_default: bool,
    choice: Choice<'a>,
    /// Where the policy names it.
    label: Option<Label>,
    found: Found,
}

/// Whether a vault is there.
enum Found {
    There,
    Missing(Vec<Label>),
    Unknown(Box<Outcome>),
}

/// The findings on those vaults that are, or are not, the one that only the console makes, and how
/// many of these there are. `missing` says what is wrong with one that is not there.
pub(crate) fn findings(
    view: &AccountView<'_>,
    policy: &PolicyView<'_>,
    is_default: bool,
    fact: &str,
    missing: fn(&str, &str) -> Outcome,
) -> (Findings, usize) {
    let (mut found, mut number) = (Findings::default(), 0);
    for one in vaults(view, policy).into_iter().filter(|one| one.is_default == is_default) {
        number += 1;
        match one.found {
            Found::There => {}
            Found::Unknown(outcome) => found.push(outcome.cites(fact)),
            Found::Missing(labels) => {
                let mut broken = missing(&one.name, &one.region);
                broken.labels.extend(one.label);
                broken.labels.extend(labels);
                found.push(one.choice.broken(policy.rest(broken, fact)));
            }
        }
    }
    (found, number)
}

/// The vaults of all plans, each once in a Region.
fn vaults<'a>(view: &AccountView<'_>, policy: &PolicyView<'a>) -> Vec<PlanVault<'a>> {
    let facts = view.survey.facts;
    let default = facts.row("backup-policies-default-vault").and_then(|row| row.text("name"));
    let mut all: Vec<PlanVault<'a>> = Vec::new();
    for plan in &policy.plans {
        for region in &plan.regions {
            let Some(in_region) = region.text else { continue };
            for rule in &plan.rules {
                let named =
                    ["target_backup_vault_name", "target_logically_air_gapped_backup_vault_arn"];
                for mut choice in
                    named.iter().flat_map(|name| choices(rule.entry, &rule.path, name))
                {
                    let Some(text) = choice.text else { continue };
                    let Some(vault) = vault_of(view, text, in_region) else { continue };
                    choice.sure &= region.sure;
                    let known = all.iter().any(|one| {
                        one.name == vault.name
                            && one.region == vault.region
                            && one.choice.sure == choice.sure
                    });
                    if known {
                        continue;
                    }
                    all.push(PlanVault {
                        is_default: default == Some(vault.name.as_str()),
                        label: choice
                            .place
                            .map(|span| view.survey.label_on(span, text, "named here")),
                        found: find(view, &vault),
                        name: vault.name,
                        region: vault.region,
                        choice,
                    });
                }
            }
        }
    }
    all
}

/// The vault in the account that a name, or the ARN of an air-gapped vault, stands for.
fn vault_of(view: &AccountView<'_>, text: &str, region: &str) -> Option<VaultArn> {
    if text.starts_with("arn:") {
        let arn = text.replace("$account", view.account).replace("$region", region);
        return arn.parse().ok();
    }
    is_name(text).then(|| VaultArn {
        partition: view.survey.partition.to_owned(),
        region: region.to_owned(),
        account: view.account.to_owned(),
        name: text.to_owned(),
    })
}

/// Whether a text can be the name of a vault. How long it may be is for AWS to say.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(fits)
}

/// The list decides; where it was not read, so does the vault itself.
fn find(view: &AccountView<'_>, vault: &VaultArn) -> Found {
    let VaultArn { account, region, name, .. } = vault;
    let address = Address::Vaults { account: account.clone(), region: region.clone() };
    let list = Slot::named(&format!("vaults[{account}/{region}]"), address);
    let one =
        Slot::named(&format!("vault[{account}/{region}/{name}]"), Address::Vault(vault.clone()));
    let gap = match view.reader.read(&list) {
        Ok(filled) => match listed(&filled, vault) {
            Listed::There(_) => return Found::There,
            Listed::Missing { label, .. } => return Found::Missing(vec![label]),
            Listed::Unsettled(labels) => {
                if view.reader.read(&one).is_ok() {
                    return Found::There;
                }
                let mut outcome = Outcome::undecided(
                    reasons::ANSWER_INCOMPLETE.name,
                    format!(
                        "the list of vaults does not settle whether `{name}` exists in {region}"
                    ),
                );
                outcome.labels = labels;
                return Found::Unknown(Box::new(outcome));
            }
        },
        Err(gap) => gap,
    };
    match view.reader.read(&one) {
        Ok(_) => Found::There,
        Err(none) if none.is_not_found() => {
            let label = none.label("AWS answers this for a vault that is not there");
            Found::Missing(label.into_iter().collect())
        }
        Err(_) => Found::Unknown(Box::new(missing_document(
            format!("whether the account has a vault `{name}` in {region} was not read"),
            vec![gap.missing()],
        ))),
    }
}
