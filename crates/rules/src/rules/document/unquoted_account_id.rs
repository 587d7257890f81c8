//! An account id stands in quotes.

use crate::lint::{DocumentView, IAM};
use crate::outcome::Applies;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "an account id stands without quotes",
    reason_lists: &[&[
        Reason { name: "twelve-digits", meaning: "the number has twelve digits" },
        Reason { name: "zeros-lost", meaning: "the number has fewer than twelve digits: leading zeros are lost" },
    ]],
    facts: &["policy-language-unquoted-numbers"],
    page: include_str!("unquoted_account_id.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in
        view.conditions().filter(|(_, condition)| is_account(condition.folded_key()))
    {
        for value in &condition.values {
            // The place shows whether it stands in quotes: a number has as many bytes as digits.
            let Some(digits) = value.text.known() else { continue };
            let bare = (value.span.end - value.span.start) as usize == digits.len();
            if !bare || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let whole = digits.len() == 12;
            let (reason, message) = match whole {
                true => ("twelve-digits", format!("the account id {digits} stands without quotes")),
                false => (
                    "zeros-lost",
                    format!(
                        "{digits} has {} digits: leading zeros are lost without quotes",
                        digits.len()
                    ),
                ),
            };
            let padded = format!("\"{digits:0>12}\"");
            let applies = if whole { Applies::AsIs } else { Applies::Review };
            let fix = view.edit(format!("write {padded}"), value.span, padded.clone(), applies);
            let outcome = Outcome::broken(reason, message);
            let outcome = outcome.label(view.label(value.span, "a number, not text"));
            found.push(outcome.help(format!("write {padded}")).fix(fix));
        }
    }
    found
}

fn is_account(key: &str) -> bool {
    key == "kms:calleraccount" || key.ends_with("account") && key.starts_with("aws:")
}
