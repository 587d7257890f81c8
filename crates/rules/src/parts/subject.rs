//! What several rules ask of a planned copy before they judge it.

use copy_preflight_policy::tree::{Node, Value};

use crate::arn::{KeyArn, RoleArn};
use crate::copy::SourceKeys;
use crate::facts::{Certainty, CopySupport, FactCertainty, UnencryptedCopy};
use crate::identity::RolePolicies;
use crate::inputs::Why;
use crate::nearest::near;
use crate::outcome::{Missing, Outcome, OutcomeKind};
use crate::reasons;
pub(crate) use crate::requests::is_air_gapped;
use crate::view::{Filled, Slot, View};

/// A flag that the user did not give.
pub(crate) fn flag(name: &str) -> Missing {
    Missing {
        what: name.to_owned(),
        why: Why::NotGiven,
        permission: None,
        account: None,
        refused_by: None,
        command: None,
    }
}

/// The outcome where it depends on the copy role, and nobody named it.
pub(crate) fn without_role(message: impl Into<String>) -> Outcome {
    Outcome::undecided(reasons::ROLE_NOT_KNOWN.name, message)
        .missing(flag("--role"))
        .help("name the role that AWS Backup assumes in the source account: `--role ARN`")
}

/// The copy role and its policies.
///
/// # Errors
/// The undecided outcome where nobody named it, or not all of its policies were read; `question`
/// says what then cannot be told, such as `whether the copy role may copy`.
pub(crate) fn copy_role<'a>(
    view: &View<'a>,
    question: &str,
) -> Result<(&'a RoleArn, RolePolicies<'a>), Outcome> {
    let Some(role) = view.copy.role.look() else {
        return Err(without_role(format!("{question} cannot be told without its name")));
    };
    RolePolicies::of_role(view, "copy-role", role).map(|policies| (role, policies)).map_err(
        |missing| {
            let message = format!("the policies of role `{}` were not all read", role.name);
            missing_document(message, missing)
        },
    )
}

/// The outcome for an answer without the policy that it should hold: whose answer, and what was
/// expected in it.
pub(crate) fn without_policy(filled: &Filled<'_>, of: &str, expected: &str) -> Outcome {
    Outcome::undecided(
        reasons::ANSWER_INCOMPLETE.name,
        format!("the answer for {of} holds no policy"),
    )
    .label(filled.label(filled.root().span, expected))
}

/// The row of the facts that speaks for the copy, where the variants of the type agree on
/// whether AWS Backup fully manages it.
///
/// # Errors
/// The outcome of the rule where there is no such row: undecided where the type is not known or
/// the variants differ, not applicable where the type is never copied.
pub(crate) fn management<'a>(view: &View<'a>) -> Result<&'a CopySupport, Outcome> {
    let rows = view.support();
    let Some((&first, others)) = rows.split_first() else { return Err(unknown_type(view)) };
    if rows.iter().all(|row| row.is_never_copyable()) {
        return Err(Outcome::not_applicable("AWS Backup never copies backups of this type"));
    }
    let same = |row: &&CopySupport| row.fully_managed.value == first.fully_managed.value;
    if others.iter().all(same) { Ok(first) } else { Err(unknown_variant(view, &rows)) }
}

/// The outcome for a type that is not known.
pub(crate) fn unknown_type(view: &View<'_>) -> Outcome {
    let Some(named) = view.copy.resource_type.look() else {
        return Outcome::undecided(
            reasons::TYPE_NOT_KNOWN.name,
            "the resource type of the recovery point is not known",
        )
        .missing(match view.copy.recovery_point.look() {
            Some(arn) => {
                Slot::recovery_point(&view.copy.source, arn).missing(Why::NotFetched, None)
            }
            None => flag("--resource-type"),
        })
        .help("name it with `--resource-type`");
    };
    let mut known: Vec<String> = match view.copy.variant.as_deref() {
        Some(_) if view.facts.variants(named).next().is_some() => {
            view.facts.variants(named).map(|row| row.variant.clone()).collect()
        }
        _ => view.facts.copy_support().iter().map(|row| row.resource_type.clone()).collect(),
    };
    known.dedup();
    let of = match view.copy.variant.as_deref() {
        Some(variant) if !variant.is_empty() => format!("variant `{variant}` of `{named}`"),
        _ => format!("resource type `{named}`"),
    };
    let wanted =
        view.copy.variant.as_deref().filter(|_| view.facts.variants(named).next().is_some());
    let meant = near(wanted.unwrap_or(named), known.iter().map(String::as_str));
    let meant: Vec<String> = meant.iter().map(|name| format!("`{name}`")).collect();
    let meant = match meant.as_slice() {
        [] => String::new(),
        names => format!("did you mean {}? ", names.join(" or ")),
    };
    Outcome::undecided(reasons::UNKNOWN_TYPE.name, format!("the facts do not know {of}"))
        .help(format!("{meant}known: {}", known.join(", ")))
}

/// The outcome for a type whose variants differ in what matters.
pub(crate) fn unknown_variant(view: &View<'_>, rows: &[&CopySupport]) -> Outcome {
    let named = view.copy.resource_type.as_deref().unwrap_or_default();
    let variants: Vec<&str> = rows.iter().map(|row| row.variant.as_str()).collect();
    Outcome::undecided(
        reasons::VARIANT_NOT_KNOWN.name,
        format!("it depends on the variant of `{named}`, and which one it is was not said"),
    )
    .missing(unread_point(view).unwrap_or_else(|| flag("--variant")))
    .help(format!("say which: `--variant {}`", variants.join("|")))
}

/// The recovery point, where one is named and was not read: it may tell what is asked.
fn unread_point(view: &View<'_>) -> Option<Missing> {
    let arn = view.copy.recovery_point.as_ref()?;
    view.read(&Slot::recovery_point(&view.copy.source, arn)).err().map(|gap| gap.missing())
}

/// The keys that encrypt the source, for a type that is not fully managed.
///
/// # Errors
/// The undecided outcome where they are not known. An unencrypted source has no keys.
pub(crate) fn source_keys<'a>(view: &View<'a>) -> Result<&'a [KeyArn], Outcome> {
    match view.copy.source_keys.look() {
        SourceKeys::Given(keys) => Ok(keys),
        SourceKeys::Unencrypted => Ok(&[]),
        SourceKeys::NotGiven => {
            let outcome = Outcome::undecided(
                reasons::KEY_NOT_KNOWN.name,
                "which key encrypts the source is not known",
            );
            Err(match view.copy.recovery_point.look() {
                Some(arn) => {
                    let slot = Slot::recovery_point(&view.copy.source, arn);
                    match view.read(&slot) {
                        Ok(_) => outcome.missing(flag("--source-key")),
                        Err(gap) => outcome.missing(gap.missing()),
                    }
                }
                None => outcome.missing(flag("--source-key")),
            }
            .help("name it with `--source-key ARN`, or say `--source-unencrypted`"))
        }
    }
}

/// The name of the part that a source key plays; an image has several.
pub(crate) fn source_key_part(index: usize) -> String {
    format!("source-key[{index}]")
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyManager {
    Customer,
    Aws,
}

/// Who manages the key of an answer of `kms describe-key`; `None` where it does not say.
pub(crate) fn key_manager(filled: &Filled<'_>) -> Option<KeyManager> {
    match manager_node(filled)?.as_str()? {
        "CUSTOMER" => Some(KeyManager::Customer),
        "AWS" => Some(KeyManager::Aws),
        _ => None,
    }
}

/// The member of `kms describe-key` that says who manages the key.
pub(crate) fn manager_node<'a>(filled: &Filled<'a>) -> Option<&'a Node> {
    filled.root().member("KeyMetadata")?.member("KeyManager")
}

/// The key that encrypts a vault, with its place; `None` where the answer names none.
pub(crate) fn vault_key<'a>(filled: &Filled<'a>) -> Option<(&'a Node, Option<KeyArn>)> {
    let node = filled.root().member("EncryptionKeyArn")?;
    Some((node, node.as_str().and_then(|arn| arn.parse().ok())))
}

/// Whether a vault is under a key that AWS owns: no policy, no state, nothing to see of it.
pub(crate) fn is_aws_owned(vault: &Filled<'_>) -> bool {
    let kind = vault.root().member("EncryptionKeyType").and_then(|node| node.as_str());
    kind == Some("AWS_OWNED_KMS_KEY")
}

/// The vault at one end of a copy, as far as its key goes.
pub(crate) struct VaultKey<'a> {
    /// The answer of `backup describe-backup-vault`.
    pub(crate) vault: Filled<'a>,
    /// The key.
    pub(crate) key: KeyArn,
    /// Where the answer names it.
    pub(crate) node: &'a Node,
}

/// The key of a vault.
///
/// # Errors
/// The outcome of the rule where there is none: undecided where the vault was not read or names
/// no key, not applicable where AWS owns the key.
pub(crate) fn key_of_vault<'a>(
    view: &View<'a>,
    slot: &Slot,
    name: &str,
) -> Result<VaultKey<'a>, Outcome> {
    let vault = match view.read(slot) {
        Ok(vault) => vault,
        Err(gap) => {
            return Err(missing_document(
                format!("the key of vault `{name}` cannot be told: the vault {}", gap.words()),
                vec![gap.missing()],
            ));
        }
    };
    if is_aws_owned(&vault) {
        return Err(Outcome::not_applicable(format!(
            "vault `{name}` is under a key that AWS owns"
        )));
    }
    match vault_key(&vault) {
        Some((node, Some(key))) => Ok(VaultKey { vault, key, node }),
        Some((node, None)) => Err(Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the key of vault `{name}` is no key ARN"),
        )
        .label(vault.label(node.span, "expected the ARN of a KMS key"))),
        None => Err(Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the answer does not name the key of vault `{name}`"),
        )
        .label(vault.label(vault.root().span, "expected `EncryptionKeyArn`"))),
    }
}

/// Whether the copy stays unencrypted, so that no key of the destination is used: a source that
/// is not encrypted, of a type whose copies cannot be encrypted.
pub(crate) fn stays_unencrypted(view: &View<'_>) -> bool {
    let rows = view.support();
    view.copy.is_unencrypted()
        && !rows.is_empty()
        && rows.iter().all(|row| row.unencrypted_copy.value == UnencryptedCopy::StaysUnencrypted)
}

/// The worst outcome: broken before undecided before holds before not applicable. Of several that
/// are broken the surest counts, of several that hold the least sure.
pub(crate) fn worst(outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    outcomes.min_by(|one, other| {
        let rank = |outcome: &Outcome| match outcome.kind {
            OutcomeKind::Broken => 0,
            OutcomeKind::Undecided => 1,
            OutcomeKind::Holds => 2,
            OutcomeKind::NotApplicable => 3,
        };
        let by_certainty = match one.kind {
            OutcomeKind::Broken => one.certainty.cmp(&other.certainty),
            _ => other.certainty.cmp(&one.certainty),
        };
        rank(one).cmp(&rank(other)).then(by_certainty)
    })
}

/// The outcome for a document that is missing.
pub(crate) fn missing_document(message: impl Into<String>, missing: Vec<Missing>) -> Outcome {
    let mut outcome = Outcome::undecided(reasons::DOCUMENT_MISSING.name, message);
    outcome.missing = missing;
    outcome
}

/// The certainty of a row, for [`Outcome::rests_on`].
pub(crate) fn rest(view: &View<'_>, outcome: Outcome, fact: &str) -> Outcome {
    let certainty: FactCertainty = view.facts.certainty(fact);
    outcome.rests_on(fact, certainty)
}

/// An answer of the user to a question of yes or no; `None` for any other text.
pub(crate) fn yes_or_no(answer: &str) -> Option<bool> {
    match answer.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// A time as answers write it: seconds since 1970, or ISO 8601.
pub(crate) fn moment(node: &Node) -> Option<jiff::Timestamp> {
    match &node.value {
        Value::Number(digits) => {
            let whole = digits.split_once('.').map_or(digits.as_str(), |(whole, _)| whole);
            jiff::Timestamp::from_second(whole.parse().ok()?).ok()
        }
        Value::String(text) => {
            let text = text.known()?;
            let day = || {
                let day: jiff::civil::Date = text.parse().ok()?;
                jiff::tz::TimeZone::UTC.to_timestamp(day.into()).ok()
            };
            text.parse().ok().or_else(day)
        }
        _ => None,
    }
}

/// Marks an outcome that rests on what the user stated.
pub(crate) fn stated(mut outcome: Outcome) -> Outcome {
    outcome.certainty = Certainty::Stated;
    outcome
}
