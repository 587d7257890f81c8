//! What a tag policy enforces for backups can be enforced.

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, choices};

crate::rule::account_rule! {
    check: Standing(check),
    aliases: &[],
    level: Level::Suggestion,
    summary: "a tag policy is to be enforced for a backup type for which none can be",
    reason_lists: &[&[
        Reason { name: "never-enforced", meaning: "no tag policy can be enforced for the type" },
        Reason { name: "reaches-no-backup", meaning: "the wildcard reaches none of the backup types of the service" },
        reasons::TAG_POLICY_NOT_KNOWN,
    ]],
    facts: &[FACT, "tag-policies-enforceable", "tag-policies-all-supported"],
    page: include_str!("tag_policy_not_enforceable.md"),
}

const FACT: &str = "tag-policies-not-enforceable";

fn check(view: &AccountView<'_>) -> Vec<Outcome> {
    let judged = match view.tag_policy() {
        Ok(judged) => judged,
        Err(outcome) => return vec![outcome],
    };
    let mut findings = Findings::default();
    let list = |id: &str| -> Vec<&str> {
        view.survey.facts.row(id).into_iter().flat_map(|row| row.strings("types")).collect()
    };
    let (can, cannot) = (list("tag-policies-enforceable"), list(FACT));
    let tags = judged.effective.root.child("tags");
    for entry in tags.into_iter().flat_map(|tags| tags.children.iter()) {
        let path = format!("tags/{}", entry.key);
        for choice in choices(entry, &path, "enforced_for") {
            let Some(text) = choice.text else { continue };
            let (reason, note) = match text.split_once(':') {
                Some((service, "ALL_SUPPORTED" | "*")) => {
                    let of = |list: &[&str]| {
                        list.iter().any(|one| one.split(':').next() == Some(service))
                    };
                    if of(&can) || !of(&cannot) {
                        continue;
                    }
                    (
                        "reaches-no-backup",
                        "reaches none of the types that backups of the service have",
                    )
                }
                _ if cannot.contains(&text) => {
                    ("never-enforced", "no tag policy can be enforced for this type")
                }
                _ => continue,
            };
            let mut broken = Outcome::broken(reason, format!("`{}` names `{text}`: {note}", choice.path))
                .help("it is reported at best; nothing keeps a tag that breaks the policy off such backups");
            broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            let broken = view.survey.rest(broken, FACT);
            findings.push(choice.broken(broken));
        }
    }
    findings.or(|| {
        view.survey.rest(Outcome::holds("what the tag policy enforces can be enforced"), FACT)
    })
}
