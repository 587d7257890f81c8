//! Every action exists.

use copy_preflight_policy::iam::Term;

use crate::lint::catalogue::{Meaning, catalogue};
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
    summary: "an action does not exist",
    reason_lists: &[&[
        Reason { name: "no-such-action", meaning: "the service has no such action" },
        Reason { name: "no-such-service", meaning: "there is no such service" },
        Reason { name: "not-an-action", meaning: "the text is neither `*` nor `service:Name`" },
        Reason { name: "wildcard-in-service", meaning: "the service of an action cannot have a wildcard" },
    ]],
    facts: &["policy-language-actions", "policy-language-catalogue"],
    page: include_str!("unknown_action.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let elements = view.statements().iter().filter_map(|one| one.action.as_ref());
    elements.flat_map(|element| &element.terms).filter_map(|term| judge(view, term)).collect()
}

fn judge(view: &DocumentView<'_>, term: &Term) -> Option<Outcome> {
    let text = term.text.known().filter(|text| placeholder(text).is_none())?;
    let told = |reason, message: String, note| {
        Outcome::broken(reason, message).label(view.label(term.span, note))
    };
    let Some((service, name)) =
        text.split_once(':').filter(|(s, n)| !s.is_empty() && !n.is_empty())
    else {
        return (text != "*").then(|| {
            let message = format!("`{text}` is no action: an action is `service:Name` or `*`");
            told("not-an-action", message, "no action")
        });
    };
    if service.contains(['*', '?']) {
        let message = format!("the service of action `{text}` cannot have a wildcard");
        return Some(told("wildcard-in-service", message, "name the service"));
    }
    let (reason, message, meant) = match catalogue().meaning(term) {
        Meaning::NoSuchService => {
            let services = near(service, catalogue().services());
            let meant = services.first().map(|meant| format!("{meant}:{name}"));
            ("no-such-service", format!("there is no service `{service}`"), meant)
        }
        Meaning::NoSuchAction => {
            let folded = service.to_ascii_lowercase();
            let meant = meant(&folded, name).map(|meant| format!("{service}:{meant}"));
            ("no-such-action", format!("`{service}` has no action `{name}`"), meant)
        }
        Meaning::Actions(_) | Meaning::Everything | Meaning::Open => return None,
    };
    let outcome = told(reason, message, "matches nothing");
    let Some(meant) = meant else {
        return Some(outcome.help("look the action up in the Service Authorization Reference"));
    };
    Some(view.did_you_mean(outcome, term.span, &meant))
}

/// The action, or the beginning of several, that was meant.
fn meant(service: &str, name: &str) -> Option<String> {
    let plain = name.trim_end_matches('*');
    let begins = |known: &&str| {
        known.get(..plain.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(plain))
    };
    // `kms:ReEncrypt` is the beginning of two actions and is none itself.
    if plain.len() > 3
        && let Some(known) = catalogue().names(service).find(begins)
    {
        return known.get(..plain.len()).map(|begin| format!("{begin}*"));
    }
    near(plain, catalogue().names(service)).first().map(|&meant| meant.to_owned())
}
