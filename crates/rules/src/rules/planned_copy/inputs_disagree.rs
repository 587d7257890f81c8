//! The documents of a run agree with each other and with what they are said to be of.
//!
//! Nothing is read for this: it compares what other rules read. What AWS will do cannot be told
//! from answers that contradict each other, so the outcome is undecided, never broken.

use copy_preflight_policy::iam::document::Effect;
use copy_preflight_policy::tree::Node;

use crate::arn::{Arn, KeyArn};
use crate::copy::SourceKeys;
use crate::outcome::{Label, Outcome};
use crate::parts::subject::source_key_part;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "documents of the run contradict each other",
    reason_lists: &[&[
        Reason { name: "other-subject", meaning: "an answer is of another vault, key, point, role or account than the place it stands in says" },
        Reason { name: "documents-contradict", meaning: "two answers say different things of one subject" },
        Reason { name: "flags-contradict", meaning: "what the user named is not what an answer shows" },
    ]],
    facts: &["encryption-key-policy-default"],
    page: include_str!("inputs_disagree.md"),
}

fn check(view: &View<'_>) -> Outcome {
    let found = vaults(view)
        .or_else(|| listed_vaults(view))
        .or_else(|| recovery_point(view))
        .or_else(|| keys(view))
        .or_else(|| organizations(view))
        .or_else(|| accounts(view));
    found.unwrap_or_else(|| Outcome::holds("the documents that were read agree with each other"))
}

/// The outcome for an answer that is of something else.
fn other_subject(filled: &Filled<'_>, node: &Node, expected: &str) -> Outcome {
    let shown = node.as_str().unwrap_or("something else");
    Outcome::undecided("other-subject", format!("an answer is of `{shown}`, not of `{expected}`"))
        .label(filled.label(node.span, format!("expected `{expected}`")))
        .help("fetch the answer again in the right account and Region, or put the file where it belongs")
}

fn contradict(message: String, labels: [Label; 2]) -> Outcome {
    let mut outcome = Outcome::undecided("documents-contradict", message)
        .help("fetch both answers again: they are of different times or of different places");
    outcome.labels.extend(labels);
    outcome
}

/// A member that has to be this text, if it is there.
fn differs(view: &View<'_>, slot: &Slot, path: &[&str], expected: &str) -> Option<Outcome> {
    let filled = view.already(slot)?;
    let mut node = filled.root();
    for member in path {
        node = node.member(member)?;
    }
    let differs = node.as_str().is_some_and(|text| text != expected);
    differs.then(|| {
        // The document decides now.
        let _ = view.read(slot);
        other_subject(&filled, node, expected)
    })
}

fn vaults(view: &View<'_>) -> Option<Outcome> {
    let copy = &view.copy;
    let slots = [
        (Slot::source_vault(copy), &copy.source),
        (Slot::destination_vault(copy), &copy.destination),
        (Slot::source_vault_policy(copy), &copy.source),
        (Slot::destination_vault_policy(copy), &copy.destination),
    ];
    slots.iter().find_map(|(slot, vault)| {
        differs(view, slot, &["BackupVaultArn"], &vault.to_string())
            .or_else(|| differs(view, slot, &["BackupVaultName"], &vault.name))
    })
}

/// The list of vaults against the vault itself.
fn listed_vaults(view: &View<'_>) -> Option<Outcome> {
    let (list_slot, slot) =
        (Slot::destination_vaults(&view.copy), Slot::destination_vault(&view.copy));
    let (list, vault) = (view.already(&list_slot)?, view.already(&slot)?);
    let name = vault.root().member("BackupVaultName").filter(|node| node.as_str().is_some())?;
    let entries = list.root().member("BackupVaultList")?;
    let whole = list.root().member("NextToken").is_none();
    let entry = entries
        .elements()
        .iter()
        .find(|entry| entry.member("BackupVaultName").and_then(Node::as_str) == name.as_str());
    let read = || (view.read(&list_slot).is_ok(), view.read(&slot).is_ok());
    let Some(entry) = entry else {
        return whole.then(|| {
            read();
            contradict(
                format!(
                    "vault `{}` was described, and the list of vaults lacks it",
                    view.copy.destination.name
                ),
                [
                    vault.label(name.span, "the vault that was described"),
                    list.label(entries.span, "is not among these"),
                ],
            )
        });
    };
    let (one, other) =
        (entry.member("EncryptionKeyArn")?, vault.root().member("EncryptionKeyArn")?);
    (one.as_str()? != other.as_str()?).then(|| {
        read();
        contradict(
            format!("two answers name different keys of vault `{}`", view.copy.destination.name),
            [
                vault.label(other.span, "the vault says this"),
                list.label(one.span, "the list says this"),
            ],
        )
    })
}

fn recovery_point(view: &View<'_>) -> Option<Outcome> {
    let arn = view.copy.recovery_point.as_deref()?;
    let slot = Slot::recovery_point(&view.copy.source, arn);
    let wrong = differs(view, &slot, &["RecoveryPointArn"], arn)
        .or_else(|| differs(view, &slot, &["BackupVaultArn"], &view.copy.source.to_string()))
        .or_else(|| differs(view, &slot, &["BackupVaultName"], &view.copy.source.name));
    wrong.or_else(|| named_keys(view, &slot))
}

/// The keys that the user named against the key of the point.
fn named_keys(view: &View<'_>, slot: &Slot) -> Option<Outcome> {
    if view.support().iter().any(|row| row.fully_managed.value) {
        return None;
    }
    let filled = view.already(slot)?;
    let (place, message) = match view.copy.source_keys.look() {
        SourceKeys::NotGiven => return None,
        SourceKeys::Unencrypted => {
            let node =
                filled.root().member("IsEncrypted").filter(|node| node.as_bool() == Some(true))?;
            (node.span, "the source was called unencrypted, and the recovery point is encrypted")
        }
        SourceKeys::Given(keys) => {
            let node = filled.root().member("EncryptionKeyArn")?;
            let shown: KeyArn = node.as_str()?.parse().ok()?;
            if keys.contains(&shown) {
                return None;
            }
            (node.span, "the recovery point is encrypted with a key that was not named")
        }
    };
    let _ = view.read(slot);
    Some(
        Outcome::undecided("flags-contradict", message)
            .label(filled.label(place, "the recovery point shows this"))
            .help("name the keys of the recovery point with `--source-key ARN`, or leave the flag out"),
    )
}

fn keys(view: &View<'_>) -> Option<Outcome> {
    let mut keys: Vec<(String, KeyArn)> = Vec::new();
    if let SourceKeys::Given(given) = view.copy.source_keys.look() {
        keys.extend(
            given.iter().enumerate().map(|(index, key)| (source_key_part(index), key.clone())),
        );
    }
    let vaults = [
        ("source-vault-key", Slot::source_vault(&view.copy)),
        ("destination-key", Slot::destination_vault(&view.copy)),
    ];
    for (part, slot) in vaults {
        let shown = view.already(&slot).and_then(|filled| filled.root().member("EncryptionKeyArn"));
        if let Some(key) = shown.and_then(Node::as_str).and_then(|arn| arn.parse().ok()) {
            keys.push((part.to_owned(), key));
        }
    }
    keys.iter().find_map(|(part, key)| {
        let slot = Slot::key(part, key);
        differs(view, &slot, &["KeyMetadata", "Arn"], &key.to_string())
            .or_else(|| differs(view, &slot, &["KeyMetadata", "AWSAccountId"], &key.account))
            .or_else(|| differs(view, &slot, &["KeyMetadata", "KeyId"], &key.id))
            .or_else(|| grants(view, part, key))
            .or_else(|| policy_of_other_account(view, part, key))
    })
}

fn grants(view: &View<'_>, part: &str, key: &KeyArn) -> Option<Outcome> {
    let slot = Slot::key_grants(part, key);
    let filled = view.already(&slot)?;
    let list = filled.root().member("Grants")?.elements();
    let expected = key.to_string();
    let of_other = |node: &&Node| node.as_str().is_some_and(|id| id != key.id && id != expected);
    let node = list.iter().filter_map(|grant| grant.member("KeyId")).find(of_other)?;
    let _ = view.read(&slot);
    Some(other_subject(&filled, node, &expected))
}

/// A key policy names no account of its own. One that gives `kms:*` to the root of another
/// account and nothing to the key's is the default policy of a key of that other account; KMS
/// keeps its users from saving such a policy by mistake.
fn policy_of_other_account(view: &View<'_>, part: &str, key: &KeyArn) -> Option<Outcome> {
    let slot = Slot::key_policy(part, key);
    let filled = view.already(&slot)?;
    let policy = &filled.document()?.policy;
    let mut foreign = None;
    for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
        let principal = statement.principal.as_ref()?;
        for term in &principal.terms {
            let text = term.term.text.known()?;
            let account = Arn::parse(text).map_or(text, |arn| arn.account);
            if principal.negated || text.contains('*') || account == key.account {
                return None;
            }
            let root =
                Arn::parse(text).is_some_and(|arn| arn.service == "iam" && arn.resource == "root");
            let all = statement.action.as_ref().is_some_and(|action| {
                !action.negated
                    && action.terms.iter().any(|term| term.text.known() == Some("kms:*"))
            });
            if root && all && foreign.is_none() {
                foreign = Some(term.term.span);
            }
        }
    }
    let span = foreign?;
    let _ = view.read(&slot);
    Some(
        Outcome::undecided(
            "other-subject",
            format!("the policy of key `{}` seems to be of a key of another account", key.id),
        )
        .label(filled.label(
            span,
            format!("the key is of account {}, to which nothing is allowed", key.account),
        ))
        .help("fetch the policy again in the account of the key")
        .cites("encryption-key-policy-default"),
    )
}

fn organizations(view: &View<'_>) -> Option<Outcome> {
    let slots = [Slot::source_organization(&view.copy), Slot::destination_organization(&view.copy)];
    let [source, destination] = slots.each_ref().map(|slot| view.already(slot));
    let (source, destination) = (source?, destination?);
    let member = |filled: &Filled<'_>, name: &str| -> Option<(String, Label)> {
        let node = filled.root().member("Organization")?.member(name)?;
        let text = node.as_str()?.to_owned();
        Some((text, filled.label(node.span, "this account was told so")))
    };
    let same_id = member(&source, "Id")?.0 == member(&destination, "Id")?.0;
    let (one, other) =
        (member(&source, "MasterAccountId")?, member(&destination, "MasterAccountId")?);
    (same_id && one.0 != other.0).then(|| {
        for slot in &slots {
            let _ = view.read(slot);
        }
        contradict(
            "two answers name different management accounts of one organization".to_owned(),
            [one.1, other.1],
        )
    })
}

/// Answers that name the account they are of.
fn accounts(view: &View<'_>) -> Option<Outcome> {
    let account = &view.copy.destination.account;
    differs(
        view,
        &Slot::destination_tag_policy(&view.copy),
        &["EffectivePolicy", "TargetId"],
        account,
    )
    .or_else(|| {
        let slot = Slot::destination_service_linked_role(&view.copy);
        let crate::inputs::Address::Role(role) = &slot.address else { return None };
        differs(view, &slot, &["Role", "Arn"], &role.to_string())
    })
    .or_else(|| copy_role(view))
}

/// The copy role in another account; another path is for the rules on the role to judge.
fn copy_role(view: &View<'_>) -> Option<Outcome> {
    let role = view.copy.role.as_ref()?;
    let slot = Slot::named("copy-role", crate::inputs::Address::Role(role.clone()));
    let filled = view.already(&slot)?;
    let node = filled.root().member("Role")?.member("Arn")?;
    let shown = Arn::parse(node.as_str()?)?;
    (shown.account != role.account).then(|| {
        let _ = view.read(&slot);
        other_subject(&filled, node, &role.to_string())
    })
}
