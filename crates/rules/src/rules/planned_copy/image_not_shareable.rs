//! The image can be copied to the other account, and is let through there.

use copy_preflight_policy::Truth;
use copy_preflight_policy::tree::Node;

use crate::arn::Arn;
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::allowed_images::{Image, Passage, Reading, passage, product_codes};
use crate::parts::subject::{is_air_gapped, management, missing_document, rest, stated};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Gap, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the image cannot be shared with the destination account, or is not let through there",
    reason_lists: &[&[
        Reason { name: "marketplace-image", meaning: "the image carries a product code of AWS Marketplace" },
        Reason { name: "not-among-allowed-images", meaning: "Allowed AMIs of the destination account lets the image not through" },
        Reason { name: "product-codes-not-known", meaning: "nobody said whether the image carries a product code" },
        Reason { name: "allowed-images-open", meaning: "whether a criterion of Allowed AMIs lets the image through is not known" },
        Reason { name: "regions-differ", meaning: "Allowed AMIs lets the image through in one of the two Regions only" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[MARKETPLACE, SETTING, PARAMETERS, WHERE, AIR_GAPPED, "prerequisites-air-gapped-recovery-point-arn"],
    page: include_str!("image_not_shareable.md"),
}

const MARKETPLACE: &str = "encryption-ec2-marketplace";
const SETTING: &str = "encryption-ec2-allowed-amis-setting";
const PARAMETERS: &str = "encryption-ec2-allowed-amis-parameters";
const WHERE: &str = "encryption-ec2-allowed-amis-where";
const AIR_GAPPED: &str = "encryption-ec2-allowed-amis-air-gapped";
/// The answers that tell what no document shows.
const MARKETPLACE_ANSWER: &str = "ec2-marketplace-image";
const ALLOWED_ANSWER: &str = "ec2-allowed-images";
const HELP_MARKETPLACE: &str = "state it: `--answer ec2-marketplace-image=no`, or `=yes`";
const HELP_ALLOWED: &str = "state it: `--answer ec2-allowed-images=allowed`, or `=refused`";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    let setting = view.facts.row(SETTING);
    if !setting
        .is_some_and(|row| row.strings("resource_types").any(|one| one == support.resource_type))
    {
        return Outcome::not_applicable("the copy is not of an image");
    }
    let across = view.copy.is_cross_account();
    if !across {
        match from_air_gapped(view) {
            Ok(true) => {}
            Ok(false) => {
                return Outcome::not_applicable("within one account the image is one's own");
            }
            Err(gap) => return vault_not_read(&gap, "source vault"),
        }
    }
    let outcomes = [across.then(|| marketplace(view)), Some(allowed(view))];
    combine(outcomes.into_iter().flatten().collect())
}

/// The worst of the two questions; an open one takes what is missing from both.
fn combine(outcomes: Vec<Outcome>) -> Outcome {
    let worst = |kind| outcomes.iter().find(|outcome| outcome.kind == kind).cloned();
    if let Some(broken) = worst(OutcomeKind::Broken) {
        return broken;
    }
    let open: Vec<&Outcome> =
        outcomes.iter().filter(|outcome| outcome.kind == OutcomeKind::Undecided).collect();
    let Some(mut first) = open.first().map(|&first| first.clone()) else {
        let mut held = outcomes;
        held.sort_by_key(|outcome| std::cmp::Reverse(outcome.certainty));
        let facts: Vec<String> = held.iter().flat_map(|outcome| outcome.facts.clone()).collect();
        let mut weakest =
            held.into_iter().next().unwrap_or_else(|| Outcome::not_applicable("nothing is asked"));
        weakest.message =
            "the image can be shared, and the destination account lets it through".to_owned();
        weakest.facts.extend(facts);
        return weakest;
    };
    for other in open.into_iter().skip(1) {
        first.message = format!("{}; {}", first.message, other.message);
        first.labels.extend(other.labels.clone());
        first.facts.extend(other.facts.clone());
        for missing in &other.missing {
            if !first.missing.contains(missing) {
                first.missing.push(missing.clone());
            }
        }
        first.help = match (first.help, &other.help) {
            (Some(one), Some(other)) => Some(format!("{one}; {other}")),
            (one, other) => one.or_else(|| other.clone()),
        };
    }
    first
}

fn image_id<'a>(view: &View<'a>) -> Option<&'a str> {
    let arn = Arn::parse(view.copy.recovery_point.look().as_deref()?)?;
    arn.resource.strip_prefix("image/").filter(|id| !id.is_empty() && !id.contains('/'))
}

/// Whether the image comes from a logically air-gapped vault: there, and only there, a recovery
/// point of an image has an ARN of AWS Backup.
fn from_air_gapped<'a>(view: &View<'a>) -> Result<bool, Gap<'a>> {
    let service = view.copy.recovery_point.as_deref().and_then(Arn::parse).map(|arn| arn.service);
    match service {
        Some("ec2") => Ok(false),
        Some("backup") => Ok(true),
        _ => Ok(is_air_gapped(view, &view.read(&Slot::source_vault(&view.copy))?)),
    }
}

fn vault_not_read(gap: &Gap<'_>, which: &str) -> Outcome {
    missing_document(
        format!("whether the {which} is logically air-gapped cannot be told: it {}", gap.words()),
        vec![gap.missing()],
    )
    .cites(AIR_GAPPED)
}

// ---- product codes ----

fn marketplace(view: &View<'_>) -> Outcome {
    let answered = || {
        let outcome = match view.stated(MARKETPLACE_ANSWER)? {
            "no" => Outcome::holds("the image is stated to carry no product code"),
            "yes" => from_marketplace(view),
            _ => return None,
        };
        Some(stated(outcome))
    };
    let Some(id) = image_id(view) else {
        return answered().unwrap_or_else(|| {
            Outcome::undecided(
                "product-codes-not-known",
                "whether the image carries a product code of AWS Marketplace is not known",
            )
            .help(HELP_MARKETPLACE)
            .answered_by(MARKETPLACE_ANSWER)
            .cites(MARKETPLACE)
        });
    };
    let filled = match view.read(&Slot::source_image(&view.copy, id)) {
        Ok(filled) => filled,
        Err(gap) => {
            return answered().unwrap_or_else(|| {
                missing_document(
                    format!("the product codes of image `{id}` cannot be told: it {}", gap.words()),
                    vec![gap.missing()],
                )
                .help(HELP_MARKETPLACE)
                .answered_by(MARKETPLACE_ANSWER)
                .cites(MARKETPLACE)
            });
        }
    };
    let Some(image) = only_image(&filled) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not hold one image",
        )
        .label(filled.label(filled.root().span, "expected one in `Images`"))
        .cites(MARKETPLACE);
    };
    match product_codes(image).first() {
        Some(code) => from_marketplace(view)
            .label(filled.label(code.span, "a product code of AWS Marketplace")),
        None => rest(view, Outcome::holds("the image carries no product code"), MARKETPLACE),
    }
}

fn only_image<'a>(filled: &Filled<'a>) -> Option<&'a Node> {
    match filled.root().member("Images")?.elements() {
        [only] => Some(only),
        _ => None,
    }
}

fn from_marketplace(view: &View<'_>) -> Outcome {
    let broken = Outcome::broken(
        "marketplace-image",
        "the image is of AWS Marketplace, and such images are not copied to another account",
    )
    .help("copy within the account, or back up the volumes instead of the instance")
    .aws_says(says::MARKETPLACE_IMAGE);
    rest(view, broken, MARKETPLACE)
}

// ---- Allowed AMIs ----

fn allowed(view: &View<'_>) -> Outcome {
    let (Some(setting), Some(parameters)) = (view.facts.row(SETTING), view.facts.row(PARAMETERS))
    else {
        return Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "the facts on Allowed AMIs are not there",
        );
    };
    let reading = Reading { setting, parameters };
    let mut regions = vec![view.copy.destination.region.as_str()];
    if view.copy.is_cross_region() {
        regions.push(&view.copy.source.region);
    }
    let mut missing = Vec::new();
    let mut answers = Vec::new();
    for region in &regions {
        match view.read(&Slot::allowed_images(&view.copy, region)) {
            Ok(filled) => answers.push((*region, filled)),
            Err(gap) => missing.push(gap.missing()),
        }
    }
    if !missing.is_empty() {
        return stated_allowed(view).unwrap_or_else(|| {
            missing_document("what Allowed AMIs of the destination account lets through cannot be told: it was not read", missing)
                .help(HELP_ALLOWED)
                .answered_by(ALLOWED_ANSWER)
                .cites(SETTING)
                .cites(WHERE)
        });
    }
    let mut image = Image { provider: None, description: None, now: view.now };
    let provider;
    let mut found = match judge(&reading, &answers, image) {
        Ok(found) => found,
        Err(unclear) => return unclear,
    };
    if found.iter().any(|passage| passage.truth == Truth::Unknown) {
        provider = match image_provider(view) {
            Ok(provider) => provider,
            Err(undecided) => return undecided,
        };
        image.provider = provider.as_deref();
        found = match judge(&reading, &answers, image) {
            Ok(found) => found,
            Err(unclear) => return unclear,
        };
        let needs_image = found.iter().any(|one| one.truth == Truth::Unknown && one.needs_image);
        if let (true, Some(id)) = (needs_image, image_id(view)) {
            match view.read(&Slot::source_image(&view.copy, id)) {
                Ok(filled) => image.description = only_image(&filled),
                Err(gap) => {
                    return stated_allowed(view).unwrap_or_else(|| {
                        missing_document(
                            format!("whether Allowed AMIs lets image `{id}` through cannot be told: the image {}", gap.words()),
                            vec![gap.missing()],
                        )
                        .help(HELP_ALLOWED)
                        .answered_by(ALLOWED_ANSWER)
                        .cites(SETTING)
                    });
                }
            }
            found = match judge(&reading, &answers, image) {
                Ok(found) => found,
                Err(unclear) => return unclear,
            };
        }
    }
    decide(view, &answers, &found)
}

fn judge(
    reading: &Reading<'_>,
    answers: &[(&str, Filled<'_>)],
    image: Image<'_>,
) -> Result<Vec<Passage>, Outcome> {
    answers
        .iter()
        .map(|(region, filled)| {
            passage(reading, filled.root(), image).map_err(|span| {
                Outcome::undecided(
                    reasons::ANSWER_INCOMPLETE.name,
                    format!("the Allowed AMIs setting of `{region}` is not understood"),
                )
                .label(
                    filled.label(
                        span,
                        "expected a `State` that the facts know, and a list of criteria",
                    ),
                )
                .help(HELP_ALLOWED)
                .answered_by(ALLOWED_ANSWER)
                .cites(SETTING)
            })
        })
        .collect()
}

/// Who provides the image in the eyes of the destination account.
fn image_provider(view: &View<'_>) -> Result<Option<String>, Outcome> {
    match from_air_gapped(view) {
        Ok(false) => return Ok(Some(view.copy.source.account.clone())),
        Ok(true) => {}
        Err(gap) => return Err(vault_not_read(&gap, "source vault")),
    }
    match view.read(&Slot::destination_vault(&view.copy)) {
        // Nothing says what a copy from one such vault into another needs.
        Ok(vault) if is_air_gapped(view, &vault) => Ok(None),
        Ok(_) => {
            Ok(view.facts.row(AIR_GAPPED).and_then(|row| row.text("alias")).map(str::to_owned))
        }
        Err(gap) => Err(vault_not_read(&gap, "destination vault")),
    }
}

fn decide(view: &View<'_>, answers: &[(&str, Filled<'_>)], found: &[Passage]) -> Outcome {
    let account = &view.copy.destination.account;
    let labelled = |mut outcome: Outcome, truth: Truth, note: &str| {
        for ((_, filled), passage) in answers.iter().zip(found) {
            if passage.truth == truth {
                outcome = outcome.label(filled.label(passage.span, note));
            }
        }
        outcome
    };
    if found.iter().all(|passage| passage.truth == Truth::True) {
        let holds = Outcome::holds(format!("account {account} lets the image through"));
        let holds = rest(view, holds, SETTING);
        return if view.copy.is_cross_region() { rest(view, holds, WHERE) } else { holds };
    }
    if found.iter().all(|passage| passage.truth == Truth::False) {
        let broken = Outcome::broken(
            "not-among-allowed-images",
            format!("Allowed AMIs of account {account} does not let the image through: no criterion matches it whole"),
        )
        .help(format!(
            "in account {account}, add a criterion that names the provider of the image and nothing that shuts it \
             out, or set the state to `audit-mode`; the setting may come from a declarative policy",
        ))
        .aws_says(says::SOURCE_IMAGE_NOT_FOUND);
        let broken = labelled(broken, Truth::False, "no criterion matches the image");
        return rest(view, rest(view, broken, SETTING), PARAMETERS);
    }
    if let Some(outcome) = stated_allowed(view) {
        return outcome;
    }
    if found.iter().any(|passage| passage.truth == Truth::Unknown) {
        let open = Outcome::undecided(
            "allowed-images-open",
            format!(
                "whether Allowed AMIs of account {account} lets the image through is not known"
            ),
        );
        return labelled(open, Truth::Unknown, "a criterion limits what is not known of the image")
            .help(HELP_ALLOWED)
            .answered_by(ALLOWED_ANSWER)
            .cites(SETTING)
            .cites(PARAMETERS);
    }
    let open = Outcome::undecided(
        "regions-differ",
        format!(
            "Allowed AMIs of account {account} lets the image through in one Region only, and which one counts is not said"
        ),
    );
    labelled(open, Truth::False, "no criterion matches the image")
        .help(HELP_ALLOWED)
        .answered_by(ALLOWED_ANSWER)
        .cites(WHERE)
}

fn stated_allowed(view: &View<'_>) -> Option<Outcome> {
    let outcome = match view.stated(ALLOWED_ANSWER)? {
        "allowed" => Outcome::holds("Allowed AMIs is stated to let the image through"),
        "refused" => Outcome::broken(
            "not-among-allowed-images",
            "Allowed AMIs is stated not to let the image through",
        )
        .help("add a criterion for the image in the destination account")
        .aws_says(says::SOURCE_IMAGE_NOT_FOUND),
        _ => return None,
    };
    Some(stated(outcome.cites(SETTING)))
}
