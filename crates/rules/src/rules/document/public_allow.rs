//! Nothing is allowed to everybody.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::condition::{Base, SetOperator};
use copy_preflight_policy::iam::{Condition, Operator};

use crate::lint::conditions::when_missing;
use crate::lint::view::{is_everybody, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy, DocumentKind::ResourcePolicy],
    check: check,
    aliases: &[],
    level: Level::Security,
    summary: "a statement allows everybody, in every account",
    reason_lists: &[&[
        Reason { name: "no-bound", meaning: "no condition bounds who calls" },
        Reason { name: "may-be-open", meaning: "whether a condition bounds who calls is not known" },
    ]],
    facts: &["policy-language-public-access"],
    page: include_str!("public_allow.md"),
}

/// Keys of which a value says who calls, or from where.
const BOUNDS: [&str; 20] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpceaccount",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:userid",
    "aws:principalservicename",
    "kms:calleraccount",
    "aws:principalisawsservice",
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.allows() {
        let Some(everybody) = principals(statement).find(|term| is_everybody(term)) else {
            continue;
        };
        let bound =
            Truth::any(statement.conditions.iter().map(|condition| bounds(view, condition)));
        let told = |outcome: Outcome| {
            outcome.label(view.label(everybody.term.span, "everybody, in every account")).help(
                "name accounts, or add `\"StringEquals\": {\"aws:PrincipalOrgID\": \"o-…\"}`; \
                     an Allow for `*` needs no policy on the caller's side in the own account",
            )
        };
        match bound {
            Truth::True => {}
            Truth::False if statement.doubt.is_none() => {
                let message = "the statement allows everybody, in every account";
                found.push(told(Outcome::broken("no-bound", message)));
            }
            _ => {
                let message = "the statement allows everybody that a condition does not keep out, \
                               and that condition is not known";
                found.push(told(Outcome::undecided("may-be-open", message)));
            }
        }
    }
    found
}

/// Whether a condition lets in only callers that its values name.
fn bounds(view: &DocumentView<'_>, condition: &Condition) -> Truth {
    let key = condition.folded_key();
    // A key that does not exist lets nobody in, which another rule tells.
    let listed = ["aws:", "kms:", "backup:"].iter().any(|service| key.starts_with(service));
    if listed && view.key(condition).is_none() && when_missing(condition) == Some(false) {
        return Truth::True;
    }
    if key.is_empty() || condition.operator == Operator::OPEN {
        return Truth::Unknown;
    }
    let operator = condition.operator;
    let lenient = operator.negated
        || operator.if_exists
        || operator.set == Some(SetOperator::ForAllValues)
        || matches!(operator.base, Base::Null | Base::Unknown);
    let named = condition.values.iter().all(|value| {
        value.text.known().is_none_or(|text| !text.is_empty() && text.chars().any(|one| one != '*'))
    });
    (BOUNDS.contains(&key) && !lenient && named && !condition.values.is_empty()).into()
}
