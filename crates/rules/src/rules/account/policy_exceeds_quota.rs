//! Policies keep within the quotas of Organizations.

use copy_preflight_policy::management::Code;

use crate::outcome::Outcome;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a policy is longer than Organizations takes, or too many are attached to one target",
    reason_lists: &[&[
        Reason { name: "too-long", meaning: "the document has more characters than a policy may have" },
        Reason { name: "too-many-attached", meaning: "more policies of the type are attached than a target may have" },
    ]],
    facts: &[LENGTH, ATTACHED],
    page: include_str!("policy_exceeds_quota.md"),
}

const LENGTH: &str = "backup-policies-limit-characters";
const ATTACHED: &str = "backup-policies-limit-attached";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for one in &view.judged.effective.diagnostics {
        let (reason, message, fact) = match one.code {
            Code::DocumentTooLong => (
                "too-long",
                format!("policy `{}` has more characters than Organizations takes", one.policy),
                LENGTH,
            ),
            Code::TooManyAttached => (
                "too-many-attached",
                format!("more backup policies are attached to `{}` than it can have", one.target),
                ATTACHED,
            ),
            _ => continue,
        };
        let most = view.survey.facts.row(fact).and_then(|row| row.number("limit"));
        let most = most.map(|most| format!("at most {most}")).unwrap_or_default();
        let label = view.survey.label(one.span, most);
        let broken = Outcome::broken(reason, message).label(label).help(
            "this cannot be in force as it stands; white space counts where an SDK or the CLI \
             saves a policy, so write it without, or split it",
        );
        findings.push(view.rest(broken, fact));
    }
    findings.or(|| {
        let holds = Outcome::holds("the policies keep within the quotas of Organizations");
        view.rest(view.rest(holds, LENGTH), ATTACHED)
    })
}
