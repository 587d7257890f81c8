//! The answer of AWS agrees with the merge of the policies.

use copy_preflight_policy::management::Value;

use crate::effective::{compare_in, snapshot};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};
use crate::survey::{AccountView, PolicyView};
use crate::view::Slot;

crate::rule::account_rule! {
    check: Account(check),
    aliases: &[],
    level: Level::Error,
    summary: "what AWS says is in force differs from what the policies give",
    reason_lists: &[&[
        Reason { name: "aws-answers-otherwise", meaning: "the answer of AWS has other values" },
    ]],
    facts: &[FACT],
    page: include_str!("effective_policy_differs.md"),
}

const FACT: &str = "backup-policies-invalid-not-updated";

fn check(view: &AccountView<'_>, policy: &PolicyView<'_>) -> Vec<Outcome> {
    let address = snapshot::answer_of(view.account, "BACKUP_POLICY");
    view.reader.peek(&Slot::named("effective-backup-policy", address));
    let answer = snapshot::aws_answer(view.survey.inputs, view.account, "BACKUP_POLICY");
    let Some(answer) = answer else {
        return vec![Outcome::not_applicable(
            "what AWS says is in force was not saved (`aws organizations describe-effective-policy`)",
        )];
    };
    let found = compare_in(policy.judged, view.account, answer);
    let Some(first) = found.differences.first() else {
        let holds = Outcome::holds("what AWS says is in force is what the policies give");
        return vec![policy.rest(holds, FACT)];
    };
    let shown = |value: &Option<Value>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
    };
    let others = match found.differences.len() {
        1 => String::new(),
        number => format!(" (and {} more)", number - 1),
    };
    let mut outcome = Outcome::undecided(
        "aws-answers-otherwise",
        format!(
            "AWS answers {} for `{}`, the policies give {}{others}",
            shown(&first.aws),
            first.path,
            shown(&first.ours)
        ),
    )
    .help(
        "read policies and answer at one time; an account whose policy is not valid keeps its \
         last valid one",
    )
    .cites(FACT);
    outcome.labels.extend(policy.label_near(&first.path, "what the policies say of it"));
    vec![outcome]
}
