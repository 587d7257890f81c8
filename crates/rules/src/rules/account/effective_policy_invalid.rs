//! AWS brings the effective policy into force.

use copy_preflight_policy::management::{Invalid, InvalidCode};

use crate::inputs::Address;
use crate::outcome::{Label, Outcome};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, Findings, PolicyView, unsure};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "the effective backup policy is not valid: the last valid one stays in force",
    reason_lists: &[&[
        Reason { name: "incomplete", meaning: "something that a policy has to have is missing" },
        Reason { name: "no-region", meaning: "a plan has no Region" },
        Reason { name: "too-many", meaning: "there is too much of something" },
        Reason { name: "tags-and-resources", meaning: "a plan selects by tags and by resources" },
        Reason { name: "aws-lists-it", meaning: "AWS lists the account among those with an invalid policy" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT, "backup-policies-required"],
    page: include_str!("effective_policy_invalid.md"),
}

const FACT: &str = "backup-policies-invalid-not-updated";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for certain in [true, false] {
        let errors: Vec<&Invalid> =
            policy.judged.invalid.iter().filter(|error| error.certain == certain).collect();
        if let Some(outcome) = told(policy, &errors) {
            findings.push(if certain { outcome } else { unsure(outcome, "plans") });
        }
    }
    if policy.judged.invalid.is_empty() {
        let address = Address::InvalidEffectivePolicies { policy_type: "BACKUP_POLICY".to_owned() };
        let slot = Slot::named("invalid-effective-policies", address);
        let listed = view.reader.peek(&slot).and_then(|answer| answer.entry(view.account));
        if let Some(entry) = listed {
            let span = entry.member("Id").map_or(entry.span, |id| id.span);
            let note = "AWS lists the account here".to_owned();
            let broken = Outcome::broken(
                "aws-lists-it",
                "AWS lists the account among those whose effective backup policy is not valid",
            )
            .label(Label { slot: slot.name, span, note })
            .help(format!(
                "see what AWS says: `aws organizations list-effective-policy-validation-errors \
                 --account-id {} --policy-type BACKUP_POLICY`; the account keeps its last valid \
                 policy until then",
                view.account
            ));
            findings.push(policy.rest(broken, FACT));
        }
    }
    findings.or(|| policy.rest(Outcome::holds("the effective policy is valid"), FACT))
}

/// All errors in one finding: they are mended together.
fn told(policy: &PolicyView<'_>, errors: &[&Invalid]) -> Option<Outcome> {
    let (first, others) = errors.split_first()?;
    let reason = match first.code {
        InvalidCode::ElementsTooFew => "no-region",
        InvalidCode::ElementsTooMany => "too-many",
        InvalidCode::TagsAndResources => "tags-and-resources",
        _ => "incomplete",
    };
    let words = |error: &Invalid| {
        format!("{} `{}` {}", error.code.word(), error.path, error.code.meaning())
    };
    let more = match others.len() {
        0 => String::new(),
        1 => ", and 1 more error".to_owned(),
        number => format!(", and {number} more errors"),
    };
    let message = format!("the effective policy is not valid: {}{more}", words(first));
    let mut outcome = Outcome::broken(reason, message).help(
        "correct the policies on the path of the account; it gets no updates and keeps its last valid policy until all errors are fixed",
    );
    for error in errors {
        let key = error.path.rsplit('/').next().unwrap_or_default();
        outcome
            .labels
            .extend(policy.label_near(&error.path, &format!("{} {key}", error.code.word())));
    }
    Some(policy.rest(outcome, FACT))
}
