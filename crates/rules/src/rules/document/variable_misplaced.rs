//! A policy variable stands where AWS reads it.

use copy_preflight_policy::iam::condition::Base;
use copy_preflight_policy::iam::document::ProblemKind;

use crate::lint::view::{listed, principals};
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a policy variable is not well formed, or stands where AWS reads none",
    reason_lists: &[&[
        Reason { name: "malformed", meaning: "the variable is never closed, empty, or holds a space" },
        Reason { name: "in-arn-prefix", meaning: "the variable stands before the fifth colon of an ARN" },
        Reason { name: "not-for-operator", meaning: "the operator reads no variables" },
        Reason { name: "in-action", meaning: "actions and principals take no variable" },
    ]],
    facts: &["policy-language-variables"],
    page: include_str!("variable_misplaced.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    if !view.has_variables() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let told = |reason, message: &str, span, help: &str| {
        Outcome::broken(reason, message).label(view.label(span, "this variable")).help(help)
    };
    for problem in view.problems() {
        let (reason, help) = match problem.kind {
            ProblemKind::MalformedVariable => (
                "malformed",
                "a variable is `${key}` or `${key, 'default'}`, closed and without spaces",
            ),
            ProblemKind::VariableInArnPrefix => (
                "in-arn-prefix",
                "write that part of the ARN out, or `*`; a variable may follow the fifth colon",
            ),
            _ => continue,
        };
        found.push(told(reason, &problem.kind.to_string(), problem.span, help));
    }
    for (_, condition) in view.conditions() {
        let reads = matches!(
            condition.operator.base,
            Base::StringEquals
                | Base::StringEqualsIgnoreCase
                | Base::StringLike
                | Base::Arn
                | Base::Bool
                | Base::Unknown
                | Base::Open
        );
        if let Some(value) =
            condition.values.iter().find(|value| value.variables).filter(|_| !reads)
        {
            let message = "this operator reads no variables, so the text is compared as it stands";
            found.push(told("not-for-operator", message, value.span, "write the value out"));
        }
    }
    for statement in view.statements() {
        let actions = listed(statement.action.as_ref()).iter();
        let terms = actions.chain(principals(statement).map(|term| &term.term));
        for term in terms.filter(|term| term.variables && term.text.known().is_some()) {
            let message = "actions and principals take no variable";
            found.push(told("in-action", message, term.span, "write the value out"));
        }
    }
    found
}
