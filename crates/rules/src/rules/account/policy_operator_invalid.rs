//! Policies are written with the documented operators.

use copy_preflight_policy::management::Code;

use crate::outcome::Outcome;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a policy has an operator or value that AWS does not document",
    reason_lists: &[&[
        Reason { name: "unknown-operator", meaning: "a key begins with @@ and is no operator" },
        Reason { name: "wrong-value", meaning: "the value is none that the operator takes" },
        Reason { name: "no-operator", meaning: "a value stands without an operator" },
        Reason { name: "keys-below-setting", meaning: "a setting also has keys below it" },
        Reason { name: "key-twice", meaning: "the same key stands twice in one policy" },
        Reason { name: "part-not-known", meaning: "a part of the policy is not known" },
    ]],
    facts: &[FACT],
    page: include_str!("policy_operator_invalid.md"),
}

const FACT: &str = "backup-policies-operators";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for one in &view.judged.effective.diagnostics {
        let (reason, what) = match one.code {
            Code::UnknownOperator => ("unknown-operator", "is no operator that AWS documents"),
            Code::UnknownControl => ("wrong-value", "is no value of the control operator"),
            Code::WrongType => ("wrong-value", "is no value that an operator takes"),
            Code::NeedsList => ("wrong-value", "changes a list, and the setting holds one value"),
            Code::OperatorMissing => ("no-operator", "stands without an operator"),
            Code::LeafHasChildKeys => ("keys-below-setting", "is a setting and has keys below it"),
            Code::KeyTwice => ("key-twice", "stands twice, in other case"),
            Code::NotKnown => ("part-not-known", "is not known"),
            _ => continue,
        };
        let path = if one.path.is_empty() { "the document" } else { one.path.as_str() };
        let message = format!("`{path}` of policy `{}`: this {what}", one.policy);
        let label = view.survey.label(one.span, what);
        findings.push(match one.code {
            Code::NotKnown => Outcome::undecided(reason, message).label(label).cites(FACT),
            _ => {
                let broken = Outcome::broken(reason, message).label(label).help(
                    "write settings with `@@assign`, `@@append` and `@@remove`, each below its key",
                );
                view.rest(broken, FACT)
            }
        });
    }
    findings.or(|| view.rest(Outcome::holds("the policies use the documented operators"), FACT))
}
