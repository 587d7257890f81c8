//! A principal is one that AWS knows.

use copy_preflight_policy::iam::document::ProblemKind;
use copy_preflight_policy::iam::principal::{PrincipalKind, is_account_id};

use crate::arn::Arn;
use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentView, ON_RESOURCES};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: ON_RESOURCES,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a principal is not one that AWS can name",
    reason_lists: &[&[
        Reason { name: "not-a-principal", meaning: "the text is neither an account, nor an ARN of a principal, nor `*`" },
        Reason { name: "wildcard", meaning: "a wildcard stands within a principal" },
        Reason { name: "account-id", meaning: "an account id does not have twelve digits" },
        Reason { name: "colons", meaning: "the ARN has a colon too many or too few" },
        Reason { name: "not-a-principal-type", meaning: "the ARN names something that is no principal" },
        Reason { name: "outside-the-map", meaning: "the principal stands outside a map such as `{AWS: …}`" },
        Reason { name: "unknown-kind", meaning: "the key of the map does not exist" },
        Reason { name: "service", meaning: "the service principal is not one" },
    ]],
    facts: &["policy-language-principals", "policy-language-service-principals"],
    page: include_str!("principal_malformed.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    let problems = view.problems();
    for problem in problems {
        let (reason, help) = match &problem.kind {
            ProblemKind::BarePrincipal(found) if !found.is_empty() => {
                ("outside-the-map", format!("write `{{\"AWS\": \"{found}\"}}`"))
            }
            ProblemKind::BarePrincipal(_) => {
                ("not-a-principal", "asterisks get lost in pasting: was `\"*\"` meant?".to_owned())
            }
            ProblemKind::UnknownPrincipalKind(_) => (
                "unknown-kind",
                "the kinds are AWS, Service, Federated and CanonicalUser".to_owned(),
            ),
            _ => continue,
        };
        let outcome = Outcome::broken(reason, problem.kind.to_string());
        found.push(outcome.label(view.label(problem.span, "no principal")).help(help));
    }
    let principals = view.statements().iter().filter_map(|one| one.principal.as_ref());
    for term in principals.flat_map(|principal| &principal.terms) {
        let Some(text) = term.term.text.known() else { continue };
        if text.is_empty() || placeholder(text).is_some() {
            continue;
        }
        let fault = match term.kind {
            PrincipalKind::Aws => aws(text),
            PrincipalKind::Service => service(text),
            _ => None,
        };
        if let Some((reason, message, help)) = fault {
            let outcome = Outcome::broken(reason, message);
            found.push(outcome.label(view.label(term.term.span, "names nobody")).help(help));
        }
    }
    found
}

type Fault = (&'static str, String, &'static str);

const FORMS: &str = "write an account id, or the ARN of an account's root, a role or a user";

fn aws(text: &str) -> Option<Fault> {
    if text == "*" || is_account_id(text) || is_unique_id(text) {
        return None;
    }
    let Some(arn) = Arn::parse(text) else {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits {
            let message = format!("`{text}` has {} digits; an account id has twelve", text.len());
            return Some(("account-id", message, "leading zeros belong to it"));
        }
        let message = format!("`{text}` names no principal");
        return Some(("not-a-principal", message, FORMS));
    };
    if arn.resource.contains(['*', '?']) || arn.account.contains(['*', '?']) {
        let message = "a principal takes no wildcard, so this matches nobody".to_owned();
        let help =
            "name the account, and bound it with `ArnLike` on `aws:PrincipalArn` in a condition";
        return Some(("wildcard", message, help));
    }
    if !arn.account.is_empty() && !is_account_id(arn.account) {
        let message = format!("`{}` is no account id of twelve digits", arn.account);
        return Some(("account-id", message, "correct the account in the ARN"));
    }
    if arn.account.is_empty() && arn.resource.starts_with(|one: char| one.is_ascii_digit()) {
        let message = format!("`{text}` has one colon too many before the account");
        return Some(("colons", message, "write `arn:aws:iam::ACCOUNT:…`, with two colons"));
    }
    let kind = arn.resource.split_once('/').map_or(arn.resource, |(kind, _)| kind);
    let known = match arn.service {
        "iam" => matches!(kind, "root" | "role" | "user"),
        "sts" => matches!(kind, "assumed-role" | "federated-user"),
        "cloudfront" => true,
        _ => false,
    };
    if known && !arn.account.is_empty() {
        return None;
    }
    let help = match kind {
        "group" => "a group is no principal: name the roles or users",
        _ => FORMS,
    };
    Some(("not-a-principal-type", format!("`{text}` names no principal"), help))
}

fn is_unique_id(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit())
}

fn service(text: &str) -> Option<Fault> {
    if text.contains(['*', '?']) {
        let message = "a service principal takes no wildcard".to_owned();
        return Some(("wildcard", message, "name the service, such as `backup.amazonaws.com`"));
    }
    let formed = text.contains('.') && !text.contains([':', '/', ' ']);
    (!formed).then(|| {
        let message = format!("`{text}` is no service principal");
        ("service", message, "a service principal looks like `backup.amazonaws.com`")
    })
}
