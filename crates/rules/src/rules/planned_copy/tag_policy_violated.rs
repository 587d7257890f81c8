//! The tags that the copy carries fit the effective tag policy of the destination account.

use copy_preflight_policy::management::tag::{self, Compliance};

use crate::facts::Row;
use crate::outcome::Outcome;
use crate::parts::subject::{missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::tags::{self, Tag};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Tags,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the tags of the recovery point break an enforced tag policy of the destination account",
    reason_lists: &[&[
        Reason { name: "value-not-allowed", meaning: "the tag policy does not allow the value" },
        Reason { name: "key-case", meaning: "the tag policy wants the key in another case" },
        Reason { name: "too-many-tags", meaning: "the point has more tags than a copy can carry" },
        Reason { name: "policy-not-clear", meaning: "the tag policy holds something that is not understood" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[
        CAUSE,
        WHO,
        "tag-policies-all-supported",
        "tag-policies-untagged",
        "tag-policies-case",
        "encryption-tags-over-limit",
    ],
    page: include_str!("tag_policy_violated.md"),
}

const CAUSE: &str = "encryption-tag-policy";
const WHO: &str = "tag-policies-service-linked-role";
const MOST_TAGS: usize = 50;

fn check(view: &View<'_>) -> Outcome {
    let copy = &view.copy;
    let Some(point) = copy.recovery_point.look() else {
        return Outcome::not_applicable("a recovery point that does not exist yet has no tags");
    };
    if !copy.is_cross_account() {
        return Outcome::not_applicable(
            "within one account the tags were judged when the backup was made",
        );
    }
    let resource_type = copy.resource_type.as_deref().unwrap_or_default();
    let Some(row) = artefacts(view, resource_type) else {
        return Outcome::not_applicable(
            "no tag policy can be enforced for what a copy of this type creates",
        );
    };
    let policy_slot = Slot::destination_tag_policy(copy);
    let tags_slot = Slot::recovery_point_tags(&copy.source, point);
    let (policy, point_tags) = match (view.read(&policy_slot), view.read(&tags_slot)) {
        (Err(gap), _) if gap.is_not_found() => {
            let holds = Outcome::holds("no tag policy is in force in the destination account");
            return rest(view, holds, CAUSE);
        }
        (Ok(policy), Ok(tags)) => (policy, tags),
        (policy, tags) => {
            let missing = [policy.err(), tags.err()].into_iter().flatten().map(|gap| gap.missing());
            return missing_document(
                "whether the tags fit the tag policy cannot be told",
                missing.collect(),
            )
            .cites(CAUSE);
        }
    };
    let Some(list) = tags::read(point_tags.root()) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not hold the tags of the point",
        )
        .label(point_tags.label(point_tags.root().span, "expected `Tags` or `TagList`"));
    };
    // Tags of AWS do not count and no tag policy judges them.
    let list: Vec<Tag> = list.into_iter().filter(|tag| !tag.key.starts_with("aws:")).collect();
    if list.len() > MOST_TAGS {
        let broken = Outcome::broken(
            "too-many-tags",
            format!("the point has {} tags, a copy can carry {MOST_TAGS}", list.len()),
        )
        .help("remove tags from the resource or from the plan's recovery point tags");
        return rest(view, broken, "encryption-tags-over-limit");
    }
    let outcome = judge(&policy, &point_tags, row, &list);
    rest(view, rest(view, outcome, CAUSE), WHO).cites(&row.id)
}

fn artefacts<'a>(view: &View<'a>, resource_type: &str) -> Option<&'a Row> {
    let rows = view.facts.rows().iter();
    rows.filter(|row| row.table == "tag-policies")
        .find(|row| row.text("resource_type") == Some(resource_type))
}

fn judge(policy: &Filled<'_>, point_tags: &Filled<'_>, row: &Row, list: &[Tag]) -> Outcome {
    let document = policy.document().map(|document| &document.root);
    let Some(document) = document.filter(|root| root.member("tags").is_some()) else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the effective tag policy has no `tags`",
        )
        .label(policy.label(policy.root().span, "expected a policy with `tags`"));
    };
    for tag in list {
        let Some(entry) = tag::entry_of(document, &tag.key) else { continue };
        if !tag::is_enforced(&entry.value, row.strings("artefacts")) {
            continue;
        }
        match tag::compliance(document, &tag.key, &tag.value) {
            Compliance::NotEvaluated | Compliance::Compliant => {}
            Compliance::KeyCase { wanted, span } => {
                let lower = tag.key.to_lowercase();
                let wanted = wanted.unwrap_or(&lower);
                return Outcome::broken("key-case", format!("the tag policy wants the key `{wanted}`, the point has `{}`", tag.key))
                    .label(point_tags.label(tag.key_span, "another case than the policy's"))
                    .label(policy.label(span, "the policy wants this case"))
                    .help(format!("tag the resource with `{wanted}`, or change the tag policy of the destination account"))
                    .aws_says(says::TAG_VALUE_NOT_ALLOWED);
            }
            Compliance::Value { span } => {
                return Outcome::broken(
                    "value-not-allowed",
                    format!("the tag policy does not allow `{}` for `{}`", tag.value, tag.key),
                )
                .label(
                    point_tags
                        .label(tag.value_span, "not one of the values that the policy allows"),
                )
                .label(policy.label(span, "the values it allows"))
                .help(
                    "change the tag of the resource, or the tag policy of the destination account",
                )
                .aws_says(says::TAG_VALUE_NOT_ALLOWED);
            }
            Compliance::NotClear { span, expected } => return not_clear(policy, span, expected),
        }
    }
    Outcome::holds("the tags of the point fit the tag policy of the destination account")
}

fn not_clear(
    policy: &Filled<'_>,
    span: copy_preflight_policy::source::Span,
    note: &str,
) -> Outcome {
    Outcome::undecided(
        "policy-not-clear",
        "the tag policy of the destination account is not understood",
    )
    .label(policy.label(span, note))
}
