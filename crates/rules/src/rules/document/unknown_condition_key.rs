//! Every condition key exists.

use copy_preflight_policy::iam::Condition;

use crate::lint::catalogue::catalogue;
use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentView, IAM};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a condition key does not exist, so no request carries it",
    reason_lists: &[&[
        Reason { name: "no-such-key", meaning: "there is no such key" },
        Reason { name: "no-such-service", meaning: "there is no such service" },
        Reason { name: "no-prefix", meaning: "the key has no service before it" },
        Reason { name: "family-without-name", meaning: "the key needs a name of its own behind it" },
    ]],
    facts: &["policy-language-missing-keys"],
    page: include_str!("unknown_condition_key.md"),
}

/// Services whose condition keys are all among the facts.
const LISTED: [&str; 3] = ["aws", "kms", "backup"];
/// Beginnings of keys that belong to no service: identity providers and old names.
const OTHERS: [&str; 8] = [
    "saml",
    "graph.facebook.com",
    "accounts.google.com",
    "www.amazon.com",
    "token.actions.githubusercontent.com",
    "cognito-identity.amazonaws.com",
    "app.terraform.io",
    "oidc",
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    view.conditions().filter_map(|(_, condition)| judge(view, condition)).collect()
}

fn judge(view: &DocumentView<'_>, condition: &Condition) -> Option<Outcome> {
    let text = condition.key.known().filter(|text| placeholder(text).is_none())?;
    let told = |reason, message: String| {
        Outcome::broken(reason, message)
            .label(view.label(condition.key_span, "no request carries it"))
    };
    let Some((service, _)) = text.split_once(':') else {
        let message = format!("`{text}` is no condition key: a key is `service:Name`");
        let outcome = told("no-prefix", message);
        let names = view.keys.names("aws").chain(view.keys.names("kms"));
        let bare = names.into_iter().find(|name| {
            name.split_once(':').is_some_and(|(_, bare)| bare.eq_ignore_ascii_case(text))
        });
        return Some(match bare {
            Some(meant) => suggest(view, condition, outcome, meant),
            None => outcome,
        });
    };
    let service = service.to_ascii_lowercase();
    if !LISTED.contains(&service.as_str()) {
        let known = catalogue().has_service(&service)
            || service.contains('.')
            || OTHERS.contains(&service.as_str());
        return (!known)
            .then(|| told("no-such-service", format!("there is no service `{service}`")));
    }
    if view.key(condition).is_some() {
        return None;
    }
    if let Some(family) = view.keys.bare_family(condition.folded_key()) {
        let message = format!("`{text}` needs a name behind it: `{}`", family.name);
        return Some(told("family-without-name", message));
    }
    let outcome = told("no-such-key", format!("there is no condition key `{text}`"));
    let meant = near(text, view.keys.names(&service));
    Some(match meant.first() {
        Some(meant) => suggest(view, condition, outcome, meant),
        None => outcome.help(consequence(condition)),
    })
}

fn suggest(
    view: &DocumentView<'_>,
    condition: &Condition,
    outcome: Outcome,
    meant: &str,
) -> Outcome {
    let help = format!("did you mean `{meant}`? {}", consequence(condition));
    if meant.contains("${") {
        return outcome.help(help);
    }
    view.did_you_mean(outcome, condition.key_span, meant).help(help)
}

fn consequence(condition: &Condition) -> &'static str {
    match condition.operator.negated || condition.operator.if_exists {
        true => "as it stands the condition always holds",
        false => "as it stands the condition never holds",
    }
}
