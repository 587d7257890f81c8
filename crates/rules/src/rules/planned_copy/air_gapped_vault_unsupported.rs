//! What goes into a logically air-gapped vault, or comes out of one, may do so.

use copy_preflight_policy::tree::Node;

use crate::arn::KeyArn;
use crate::copy::FromKind;
use crate::facts::{CopySupport, FactCertainty, StepResource};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::air_gapped::{Kind, key_kind, key_of, kind_of, shows_no_air_gapped};
use crate::parts::key_use::{self, KeyUse, KeyUser};
use crate::parts::region::{lists, rows};
use crate::parts::subject::{
    KeyManager, flag, key_manager, manager_node, missing_document, rest, source_key_part,
    source_keys, unknown_type, unknown_variant, worst,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Slot, View};

const OWN_REASONS: [Reason; 15] = [
    Reason {
        name: "type-not-supported",
        meaning: "such a vault does not take the resource type or variant",
    },
    Reason { name: "region-not-supported", meaning: "in the Region no copy enters such a vault" },
    Reason {
        name: "aws-managed-key",
        meaning: "the source is encrypted with an AWS managed key, which such a vault refuses",
    },
    Reason {
        name: "unencrypted-cluster",
        meaning: "the source is an unencrypted cluster, which such a vault refuses",
    },
    Reason {
        name: "on-demand-only",
        meaning: "between two such vaults only copies on demand are made",
    },
    Reason {
        name: "copy-key-not-customer-managed",
        meaning: "what leaves such a vault needs a destination under a customer managed key",
    },
    reasons::ROLE_NOT_KNOWN,
    Reason {
        name: "vault-type-not-known",
        meaning: "the answer does not say of which type the vault is",
    },
    Reason {
        name: "role-of-another-account",
        meaning: "AWS's pages do not agree on who else than the owner may copy out of such a vault",
    },
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::KEY_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::copy_rule! {
    gate: Gate::ResourceType,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a logically air-gapped vault does not take the copy, or does not let it go",
    reason_lists: &[&OWN_REASONS, &[reasons::SOURCES_CONTRADICT], &key_use::REASONS],
    facts: &[
        DETECTION, SOURCE_KEY, MANAGED, CLUSTERS, BETWEEN, TO_STANDARD, BY_OTHERS, KEY, ACTOR,
        "prerequisites-air-gapped-recovery-point-arn",
        "steps-air-gapped-identity",
    ],
    page: include_str!("air_gapped_vault_unsupported.md"),
}

const DETECTION: &str = "prerequisites-air-gapped-detection";
const SOURCE_KEY: &str = "prerequisites-air-gapped-source-key";
const MANAGED: &str = "prerequisites-air-gapped-source-key-fully-managed";
const CLUSTERS: &str = "prerequisites-air-gapped-unencrypted-clusters";
const BETWEEN: &str = "prerequisites-air-gapped-to-air-gapped";
const TO_STANDARD: &str = "prerequisites-air-gapped-to-standard";
const BY_OTHERS: &str = "prerequisites-air-gapped-copy-out-by-others";
const KEY: &str = "prerequisites-air-gapped-key";
const ACTOR: &str = "encryption-actor-air-gapped";

fn check(view: &View<'_>) -> Outcome {
    let copy = &view.copy;
    let vault = match view.read(&Slot::destination_vault(copy)) {
        Ok(vault) => vault,
        Err(gap) => {
            let message = format!(
                "of which type vault `{}` is cannot be told: it {}",
                copy.destination.name,
                gap.words()
            );
            return missing_document(message, vec![gap.missing()]).cites(DETECTION);
        }
    };
    match kind_of(view, &vault, &copy.destination) {
        Kind::AirGapped => into(view, &vault),
        Kind::Standard => out_of(view, &vault),
        Kind::Other => {
            Outcome::not_applicable("the destination is neither a standard nor an air-gapped vault")
        }
        Kind::NotSaid => not_said(&vault),
    }
}

fn not_said(vault: &Filled<'_>) -> Outcome {
    let span = vault.root().member("VaultType").map_or(vault.root().span, |node| node.span);
    Outcome::undecided("vault-type-not-known", "the answer does not say of which type the vault is")
        .label(vault.label(span, "expected `VaultType`"))
        .help("save the whole answer of `aws backup describe-backup-vault`")
        .cites(DETECTION)
}

/// The outcome of a copy into an air-gapped vault: the worst of all that it asks for.
fn into(view: &View<'_>, vault: &Filled<'_>) -> Outcome {
    let span = vault.root().member("VaultType").map_or(vault.root().span, |node| node.span);
    let supported = type_is_taken(view);
    let mut outcomes = vec![supported, region_takes(view)];
    // What the type refuses, no key mends.
    if outcomes.iter().any(|outcome| outcome.kind == OutcomeKind::Broken) {
        let first = worst(outcomes.into_iter());
        let outcome = first.unwrap_or_else(|| Outcome::holds("the vault takes the copy"));
        return outcome.label(vault.label(span, "the vault is logically air-gapped"));
    }
    outcomes.push(source_encryption(view));
    outcomes.extend(from_air_gapped_too(view));
    outcomes.extend(key_admits(
        view,
        vault,
        "destination-key",
        StepResource::AirGappedDestinationKey,
    ));
    let supported = outcomes.iter().map(|outcome| outcome.certainty).max();
    let facts: Vec<String> =
        outcomes.iter().flat_map(|outcome| outcome.facts.iter().cloned()).collect();
    let Some(mut outcome) = worst(outcomes.into_iter()) else {
        return Outcome::holds("the vault takes the copy");
    };
    if outcome.kind == OutcomeKind::Holds {
        outcome.facts.extend(facts);
        outcome.certainty = supported.unwrap_or(outcome.certainty);
    }
    match outcome.labels.is_empty() {
        true => outcome.label(vault.label(span, "the vault is logically air-gapped")),
        false => outcome,
    }
}

/// Whether such a vault takes the type and variant.
fn type_is_taken(view: &View<'_>) -> Outcome {
    let support = view.support();
    let mut outcomes: Vec<Outcome> =
        support.iter().map(|row| variant_is_taken(view, row)).collect();
    let Some(first) = outcomes.first() else { return unknown_type(view) };
    if outcomes.iter().any(|one| one.kind != first.kind) {
        return unknown_variant(view, &support);
    }
    outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.certainty));
    outcomes.swap_remove(0)
}

fn variant_is_taken(view: &View<'_>, row: &CopySupport) -> Outcome {
    let label = &row.label;
    let cell = &row.air_gapped;
    if cell.certainty.supports().is_none() {
        let leaning = if cell.value { "it does" } else { "it does not" };
        let message = format!(
            "whether a logically air-gapped vault takes {label} is contested: the feature table by itself means that \
             {leaning}"
        );
        return Outcome::undecided(reasons::SOURCES_CONTRADICT.name, message).cites(&row.fact);
    }
    if !cell.value {
        return Outcome::broken(
            "type-not-supported",
            format!("a logically air-gapped vault does not take {label}"),
        )
        .help("copy to a standard vault; a lock in compliance mode protects it, and cannot be taken back once its grace time is over")
        .rests_on(&row.fact, cell.certainty)
        .aws_says(says::FEATURE_NOT_SUPPORTED);
    }
    let across_regions =
        row.air_gapped_cross_region_since.as_ref().filter(|_| view.copy.is_cross_region());
    let since = [row.air_gapped_since.as_ref(), across_regions]
        .into_iter()
        .flatten()
        .max_by_key(|cell| &cell.value);
    match since {
        Some(day) if view.is_before(&day.value) => Outcome::broken(
            "type-not-supported",
            format!(
                "a logically air-gapped vault did not take such a copy of {label} before {}",
                day.value
            ),
        )
        .help(format!("since {} it does: judge a copy of today with a later `--now`", day.value))
        .rests_on(&row.fact, day.certainty),
        Some(day) => Outcome::holds(format!(
            "a logically air-gapped vault takes {label} (since {})",
            day.value
        ))
        .rests_on(&row.fact, cell.certainty),
        None => Outcome::holds(format!("a logically air-gapped vault takes {label}"))
            .rests_on(&row.fact, cell.certainty),
    }
}

/// Whether copies enter such a vault in the destination's Region.
fn region_takes(view: &View<'_>) -> Outcome {
    let region = &view.copy.destination.region;
    let resource_type = view.copy.resource_type.as_deref();
    let crosses = view.copy.is_cross_account() || view.copy.is_cross_region();
    let concerns = |row: &&crate::facts::Row| {
        let of_type = row.text("resource_type");
        lists(row, region) && (of_type == Some("*") || of_type == resource_type)
    };
    // A footnote of the table rules out copies from other accounts and Regions, and those of
    // single types altogether.
    let copies = rows(view, "type-limit").filter(concerns).find(|row| {
        let of_one_type = row.text("resource_type") != Some("*");
        row.text("limit") == Some("air-gapped") && (crosses || of_one_type)
    });
    if let Some(row) = copies {
        let broken = Outcome::broken(
            "region-not-supported",
            format!("in `{region}` no such copy enters a logically air-gapped vault"),
        )
        .help("copy to an air-gapped vault of another Region, or to a standard vault");
        let mut outcome = broken.rests_on(&row.id, row.certainty);
        if outcome.kind == OutcomeKind::Undecided {
            outcome.message = format!(
                "whether copies enter a logically air-gapped vault in `{region}` is contested"
            );
        }
        return outcome;
    }
    let vaults = rows(view, "type-limit")
        .filter(concerns)
        .find(|row| row.text("limit") == Some("air-gapped-vault"));
    match vaults {
        // The vault is there, so the page that says there is none is out of date.
        Some(row) => Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            format!("AWS's page says that `{region}` has no logically air-gapped vaults, and here is one"),
        )
        .help("the page is out of date: run a copy of a small recovery point and see")
        .cites(&row.id),
        None => Outcome::holds(format!("copies enter air-gapped vaults in `{region}`")),
    }
}

/// Whether such a vault takes a source that is encrypted like this.
fn source_encryption(view: &View<'_>) -> Outcome {
    let support = view.support();
    let Some(&first) = support.first() else { return unknown_type(view) };
    if support.iter().any(|row| row.fully_managed.value != first.fully_managed.value) {
        return unknown_variant(view, &support);
    }
    if first.fully_managed.value {
        return rest(
            view,
            Outcome::holds("backups of this type are encrypted with the key of the vault"),
            MANAGED,
        );
    }
    let clusters = view.facts.row(CLUSTERS);
    let is_cluster = clusters
        .is_some_and(|row| row.strings("resource_types").any(|one| one == first.resource_type));
    if view.copy.is_unencrypted() {
        if is_cluster {
            let broken = Outcome::broken(
                "unencrypted-cluster",
                format!("a logically air-gapped vault refuses an unencrypted source of {}", first.label),
            )
            .help("restore the cluster into an encrypted one and back that up: a snapshot of such a cluster cannot be encrypted by copying it");
            return rest(view, broken, CLUSTERS);
        }
        let holds =
            Outcome::holds("the source is not encrypted, which such a vault takes for this type");
        return rest(view, holds, SOURCE_KEY);
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided.cites(SOURCE_KEY),
    };
    let outcomes = keys.iter().enumerate().map(|(index, key)| source_key(view, index, key));
    worst(outcomes).unwrap_or_else(|| Outcome::holds("the source is not encrypted"))
}

fn source_key(view: &View<'_>, index: usize, key: &KeyArn) -> Outcome {
    let filled = match view.read(&Slot::key(&source_key_part(index), key)) {
        Ok(filled) => filled,
        Err(gap) => {
            let message =
                format!("who manages source key `{}` cannot be told: it {}", key.id, gap.words());
            return missing_document(message, vec![gap.missing()]).cites(SOURCE_KEY);
        }
    };
    match key_manager(&filled) {
        Some(KeyManager::Customer) => rest(
            view,
            Outcome::holds("the source is encrypted with a customer managed key"),
            SOURCE_KEY,
        ),
        Some(KeyManager::Aws) => {
            let span = manager_node(&filled).map_or(filled.root().span, |node| node.span);
            let broken = Outcome::broken(
                "aws-managed-key",
                format!("a logically air-gapped vault refuses what is encrypted with the AWS managed key `{}`", key.id),
            )
            .label(filled.label(span, "AWS manages this key"))
            .help("encrypt the resource with a customer managed key, then back it up again");
            rest(view, broken, SOURCE_KEY)
        }
        None => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not say who manages the key",
        )
        .label(filled.label(filled.root().span, "expected `KeyMetadata.KeyManager`")),
    }
}

/// What a source vault that is air-gapped as well asks for.
fn from_air_gapped_too(view: &View<'_>) -> Vec<Outcome> {
    let source = match source_vault(view) {
        Source::AirGapped(vault) => vault,
        Source::Standard => return Vec::new(),
        Source::Open(outcome) => return vec![*outcome],
    };
    let mut outcomes = vec![between(view, &source), owner_copies(view)];
    outcomes.extend(key_admits(
        view,
        &source,
        "source-vault-key",
        StepResource::AirGappedSourceKey,
    ));
    outcomes
}

/// Between two such vaults no plan copies.
fn between(view: &View<'_>, source: &Filled<'_>) -> Outcome {
    let span = source.root().member("VaultType").map_or(source.root().span, |node| node.span);
    let both = "between two logically air-gapped vaults only a copy on demand is made";
    if matches!(view.copy.from.kind, FromKind::Plan | FromKind::Policy) {
        let broken = Outcome::broken("on-demand-only", format!("{both}, not one of a plan"))
            .label(source.label(span, "the source vault is logically air-gapped too"))
            .help("start it with `aws backup start-copy-job`");
        return rest(view, broken, BETWEEN);
    }
    if view.copy.recovery_point.is_none() {
        return Outcome::undecided(
            "on-demand-only",
            format!("{both}, and no recovery point was named"),
        )
        .label(source.label(span, "the source vault is logically air-gapped too"))
        .missing(flag("--recovery-point"))
        .help("name the recovery point to copy on demand; a plan cannot make this copy")
        .cites(BETWEEN);
    }
    rest(view, Outcome::holds("a copy on demand between air-gapped vaults is made"), BETWEEN)
}

/// Who copies out of an air-gapped vault.
fn owner_copies(view: &View<'_>) -> Outcome {
    let foreign = view.copy.role.as_ref().filter(|role| role.account != view.copy.source.account);
    match foreign {
        Some(role) => Outcome::undecided(
            "role-of-another-account",
            format!(
                "AWS's pages do not agree on whether account {} may copy out of this vault",
                role.account
            ),
        )
        .help(format!(
            "copy with a role of account {}, which owns the vault",
            view.copy.source.account
        ))
        .cites(BY_OTHERS),
        None => Outcome::holds("the owner of the vault copies"),
    }
}

/// The outcome of a copy into a standard vault: nothing to ask, unless it leaves an air-gapped one.
fn out_of(view: &View<'_>, destination: &Filled<'_>) -> Outcome {
    let source = match source_vault(view) {
        Source::AirGapped(vault) => vault,
        Source::Standard => {
            return Outcome::not_applicable("neither vault is logically air-gapped");
        }
        Source::Open(outcome) => return *outcome,
    };
    let mut outcomes = vec![copy_key(view, destination), owner_copies(view)];
    outcomes.extend(key_admits(
        view,
        &source,
        "source-vault-key",
        StepResource::AirGappedSourceKey,
    ));
    outcomes.extend(service_linked_role_admitted(view, &source));
    let facts: Vec<String> =
        outcomes.iter().flat_map(|outcome| outcome.facts.iter().cloned()).collect();
    let certainty = outcomes.iter().map(|outcome| outcome.certainty).max();
    match worst(outcomes.into_iter()) {
        Some(mut outcome) => {
            if outcome.kind == OutcomeKind::Holds {
                outcome.facts.extend(facts);
                outcome.certainty = certainty.unwrap_or(outcome.certainty);
            }
            outcome
        }
        None => Outcome::not_applicable("neither vault is logically air-gapped"),
    }
}

/// Whether the copy that leaves an air-gapped vault gets a customer managed key.
fn copy_key(view: &View<'_>, destination: &Filled<'_>) -> Outcome {
    let (node, key) = match key_of(destination) {
        Ok(found) => found,
        Err(outcome) => return *outcome,
    };
    let filled = match view.read(&Slot::key("destination-key", &key)) {
        Ok(filled) => filled,
        Err(gap) => {
            let message = format!(
                "who manages the destination's key `{}` cannot be told: it {}",
                key.id,
                gap.words()
            );
            return missing_document(message, vec![gap.missing()]).cites(TO_STANDARD);
        }
    };
    match key_manager(&filled) {
        Some(KeyManager::Customer) => rest(
            view,
            Outcome::holds("what leaves the air-gapped vault gets a customer managed key"),
            TO_STANDARD,
        ),
        Some(KeyManager::Aws) => {
            let broken = Outcome::broken(
                "copy-key-not-customer-managed",
                "what leaves a logically air-gapped vault needs a destination under a customer managed key",
            )
            .label(destination.label(node.span, "this is an AWS managed key"))
            .help("copy to a vault under a customer managed key; the key of a vault never changes once it is made");
            rest(view, broken, TO_STANDARD)
        }
        None => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not say who manages the key",
        )
        .label(filled.label(filled.root().span, "expected `KeyMetadata.KeyManager`")),
    }
}

/// The source vault, as far as it matters whether it is air-gapped.
enum Source<'a> {
    AirGapped(Filled<'a>),
    Standard,
    Open(Box<Outcome>),
}

fn source_vault<'a>(view: &View<'a>) -> Source<'a> {
    if shows_no_air_gapped(view) {
        return Source::Standard;
    }
    let copy = &view.copy;
    match view.read(&Slot::source_vault(copy)) {
        Ok(vault) => match kind_of(view, &vault, &copy.source) {
            Kind::AirGapped => Source::AirGapped(vault),
            Kind::Standard | Kind::Other => Source::Standard,
            Kind::NotSaid => Source::Open(Box::new(not_said(&vault))),
        },
        Err(gap) => {
            let message = format!(
                "whether source vault `{}` is air-gapped cannot be told: it {}",
                copy.source.name,
                gap.words()
            );
            let outcome = missing_document(message, vec![gap.missing()]).cites(DETECTION);
            Source::Open(Box::new(outcome))
        }
    }
}

/// Whether the customer managed key of an air-gapped vault lets the copy role use it; nothing to
/// ask of a key that AWS owns.
fn key_admits(
    view: &View<'_>,
    vault: &Filled<'_>,
    part: &str,
    resource: StepResource,
) -> Option<Outcome> {
    let key = match vault_policy_key(view, vault) {
        KeyToAsk::Owned => return None,
        KeyToAsk::Open(outcome) => return Some(*outcome),
        KeyToAsk::Customer(key) => key,
    };
    let support = view.support();
    let Some(&support) = support.first() else { return Some(unknown_type(view)) };
    let user = match KeyUser::copy_role(view, "the key of the air-gapped vault") {
        Ok(user) => user,
        Err(undecided) => return Some(undecided.cites(ACTOR)),
    };
    let outcome = KeyUse {
        view,
        support,
        part,
        key: &key,
        user: &user,
        resource,
        aws_says: says::KEY_REFUSED,
    }
    .judge();
    Some(rest(view, outcome.cites("steps-air-gapped-identity"), ACTOR))
}

/// Out of an air-gapped vault into a standard one, the destination's service-linked role uses the
/// key as well.
fn service_linked_role_admitted(view: &View<'_>, source: &Filled<'_>) -> Option<Outcome> {
    let KeyToAsk::Customer(key) = vault_policy_key(view, source) else { return None };
    let support = view.support();
    let Some(&support) = support.first() else { return Some(unknown_type(view)) };
    let user = match KeyUser::service_linked_role(view) {
        Ok(user) => user,
        Err(undecided) => return Some(undecided),
    };
    let outcome = KeyUse {
        view,
        support,
        part: "source-vault-key",
        key: &key,
        user: &user,
        resource: StepResource::AirGappedSourceKey,
        aws_says: says::KEY_REFUSED,
    }
    .judge();
    Some(rest(view, outcome, ACTOR))
}

/// Whether an air-gapped vault has a key whose policy can be asked.
enum KeyToAsk {
    Owned,
    Customer(KeyArn),
    Open(Box<Outcome>),
}

fn vault_policy_key(view: &View<'_>, vault: &Filled<'_>) -> KeyToAsk {
    match key_kind(vault) {
        Some("AWS_OWNED_KMS_KEY") => KeyToAsk::Owned,
        Some("CUSTOMER_MANAGED_KMS_KEY") => match key_of(vault) {
            Ok((_, key)) => KeyToAsk::Customer(key),
            Err(outcome) => KeyToAsk::Open(outcome),
        },
        _ => {
            let span = vault
                .root()
                .member("EncryptionKeyType")
                .map_or(vault.root().span, |node: &Node| node.span);
            let outcome = Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer does not say who owns the key of the air-gapped vault",
            )
            .label(vault.label(span, "expected `EncryptionKeyType`"));
            let certainty: FactCertainty = view.facts.certainty(KEY);
            KeyToAsk::Open(Box::new(outcome.rests_on(KEY, certainty)))
        }
    }
}
