//! The effective tag policy of an account is valid.

use copy_preflight_policy::management::InvalidCode;

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, label_near, unsure};

crate::rule::account_rule! {
    check: Standing(check),
    aliases: &[],
    level: Level::Error,
    summary: "the effective tag policy is not valid",
    reason_lists: &[&[
        Reason { name: "too-many-keys", meaning: "more keys are required of a type than Organizations takes" },
        Reason { name: "key-differs", meaning: "the key of the policy and its tag_key differ in more than case" },
        Reason { name: "value-wildcards", meaning: "a value has more than one wildcard" },
        Reason { name: "enforced-for", meaning: "a type is named that cannot be named" },
        reasons::SETTING_AMBIGUOUS,
        reasons::TAG_POLICY_NOT_KNOWN,
    ]],
    facts: &[FACT, REQUIRED],
    page: include_str!("tag_policy_invalid.md"),
}

const FACT: &str = "tag-policies-keys";
const REQUIRED: &str = "tag-policies-limit-required-keys";

fn check(view: &AccountView<'_>) -> Vec<Outcome> {
    let judged = match view.tag_policy() {
        Ok(judged) => judged,
        Err(outcome) => return vec![outcome],
    };
    let mut findings = Findings::default();
    for error in &judged.invalid {
        let (reason, fact) = match error.code {
            InvalidCode::TagKeyDiffers => ("key-differs", FACT),
            InvalidCode::TagValueWildcards => ("value-wildcards", FACT),
            InvalidCode::EnforcedFor => ("enforced-for", FACT),
            _ => ("too-many-keys", REQUIRED),
        };
        let message = format!("{} `{}` {}", error.code.word(), error.path, error.code.meaning());
        let mut broken = Outcome::broken(reason, message).help(
            "correct the tag policy: an account with an invalid effective policy keeps its last \
             valid one",
        );
        broken.labels.extend(label_near(view.survey, judged, &error.path, "not valid"));
        let broken = view.survey.rest(broken, fact);
        findings.push(if error.certain { broken } else { unsure(broken, &error.path) });
    }
    findings.or(|| view.survey.rest(Outcome::holds("the effective tag policy is valid"), FACT))
}
