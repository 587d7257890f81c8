//! Each selection can match a resource.

use copy_preflight_policy::management::{Entry, Value};

use crate::arn::Arn;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Choice, Findings, PolicyView, Selection, choices, sole, unsure};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a selection cannot match anything, as it is written",
    reason_lists: &[&[
        Reason { name: "empty-list", meaning: "the list is empty" },
        Reason { name: "type-taken-out", meaning: "every resource type is taken out again" },
        Reason { name: "conditions-exclude", meaning: "two conditions of one tag cannot both hold" },
        Reason { name: "unknown-type", meaning: "no such resource type can be named" },
        Reason { name: "other-partition", meaning: "the resource type is of another partition" },
        Reason { name: "condition-key", meaning: "the key of a condition is not aws:ResourceTag/…" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT, TYPES, "backup-policies-tags-case-sensitive"],
    page: include_str!("selection_matches_nothing.md"),
}

const FACT: &str = "backup-policies-conditions-and";
const TYPES: &str = "backup-policies-resource-types";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for selection in view.plans.iter().flat_map(|plan| &plan.selections) {
        for name in ["tag_value", "resource_types"] {
            empty(view, selection, name, &mut findings);
        }
        types(view, selection, &mut findings);
        conditions(view, selection, &mut findings);
    }
    findings.or(|| view.rest(Outcome::holds("each selection can match a resource"), FACT))
}

fn empty(view: &PolicyView<'_>, selection: &Selection<'_>, name: &str, findings: &mut Findings) {
    let setting = selection.entry.child(name).and_then(|child| child.setting.as_ref());
    let Some(setting) = setting else { return };
    let is_empty =
        |value: &Option<Value>| value.as_ref().and_then(Value::list).is_some_and(<[_]>::is_empty);
    if !setting.possible.iter().any(is_empty) {
        return;
    }
    let path = format!("{}/{name}", selection.path);
    let mut broken = Outcome::broken("empty-list", format!("`{path}` is an empty list"))
        .help("name at least one value");
    let place = setting.steps.last().map(|step| step.span);
    broken.labels.extend(place.map(|span| view.survey.label(span, "nothing is selected")));
    let broken = view.rest(broken, FACT);
    findings.push(if setting.possible.iter().all(is_empty) {
        broken
    } else {
        unsure(broken, &path)
    });
}

fn types(view: &PolicyView<'_>, selection: &Selection<'_>, findings: &mut Findings) {
    let (taken, left_out) = (
        choices(selection.entry, &selection.path, "resource_types"),
        choices(selection.entry, &selection.path, "not_resource_types"),
    );
    let Some(row) = view.survey.facts.row(TYPES) else { return };
    for choice in &taken {
        let Some(text) = choice.text.filter(|&text| text != "*") else { continue };
        let Some(arn) = Arn::parse(text) else {
            push(view, choice, ("unknown-type", TYPES, "no ARN of a resource type"), findings);
            continue;
        };
        if arn.partition != view.survey.partition {
            let note = "a resource type of another partition";
            push(view, choice, ("other-partition", TYPES, note), findings);
            continue;
        }
        let known = row.strings("forms").filter_map(|form| form.split_once('|')).any(
            |(service, begins)| {
                // A wildcard may stand for the rest of a type.
                let head = arn.resource.split(['*', '?']).next().unwrap_or_default();
                arn.service == service
                    && (arn.resource.starts_with(begins) || begins.starts_with(head))
            },
        );
        if !known {
            let note = "none of the resource types that a backup policy can name";
            push(view, choice, ("unknown-type", TYPES, note), findings);
        }
    }
    let is_out = |choice: &Choice<'_>| {
        left_out.iter().any(|out| out.text.is_some() && out.text == choice.text)
    };
    if let Some(first) = taken.first().filter(|_| taken.iter().all(is_out)) {
        push(
            view,
            first,
            ("type-taken-out", FACT, "taken out again by `not_resource_types`"),
            findings,
        );
    }
}

fn push(
    view: &PolicyView<'_>,
    choice: &Choice<'_>,
    (reason, fact, note): (&'static str, &str, &str),
    findings: &mut Findings,
) {
    let text = choice.text.unwrap_or_default();
    let mut broken = Outcome::broken(reason, format!("`{}` names `{text}`: {note}", choice.path))
        .help(
            "name resource types as the syntax page lists them, such as `arn:aws:ec2:*:*:volume/*`",
        );
    broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
    findings.push(choice.broken(view.rest(broken, fact)));
}

/// All conditions have to hold, so two that want different values of one tag never do.
fn conditions(view: &PolicyView<'_>, selection: &Selection<'_>, findings: &mut Findings) {
    let Some(conditions) = selection.entry.child("conditions") else { return };
    let of = |operator: &str| -> Vec<(&str, &str, &Entry)> {
        let entries = conditions.child(operator).map(|one| one.children.as_slice());
        let read =
            |entry| Some((sole(entry, "condition_key")?, sole(entry, "condition_value")?, entry));
        entries.unwrap_or_default().iter().filter_map(read).collect()
    };
    let (equal, unequal) = (of("string_equals"), of("string_not_equals"));
    for (key, _, entry) in of("string_equals").into_iter().chain(of("string_like")) {
        if !key.starts_with("aws:ResourceTag/") {
            let mut broken = Outcome::broken(
                "condition-key",
                format!("a condition of selection `{}` has the key `{key}`", selection.key),
            )
            .help("write `aws:ResourceTag/` before the key of the tag");
            let place = entry.written.last();
            broken.labels.extend(
                place.map(|(_, span)| view.survey.label(*span, "its key is no resource tag")),
            );
            findings.push(view.rest(broken, FACT));
        }
    }
    for (index, (key, value, entry)) in equal.iter().enumerate() {
        let other =
            equal.iter().skip(index + 1).find(|(other, wanted, _)| other == key && wanted != value);
        let against = unequal.iter().find(|(other, wanted, _)| other == key && wanted == value);
        let Some((_, wanted, other)) = other.or(against) else { continue };
        let mut broken = Outcome::broken(
            "conditions-exclude",
            format!("conditions of selection `{}` want `{value}` and `{wanted}` of `{key}`, and all have to hold", selection.key),
        )
        .help("use one condition with a `*`, or a selection for each value");
        for (entry, note) in [(*entry, "one condition"), (*other, "the other one")] {
            let place = entry.written.last();
            broken.labels.extend(place.map(|(_, span)| view.survey.label(*span, note)));
        }
        findings.push(view.rest(broken, FACT));
    }
}
