//! Nothing that was to be replaced is left in a document.

use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &DocumentKind::ALL,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a placeholder was left in, where a value of one's own belongs",
    reason_lists: &[&[
        Reason { name: "not-replaced", meaning: "a placeholder stands in the place of a value" },
        Reason { name: "template-variable", meaning: "a template fills the value in, which is not known here" },
    ]],
    facts: &["policy-language-principals"],
    page: include_str!("placeholder_left.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    view.strings(|text, span| {
        if let Some(part) = placeholder(text) {
            let message = format!("the placeholder `{part}` was left in");
            let outcome = Outcome::broken("not-replaced", message);
            let outcome = outcome.label(view.label(span, "nothing in AWS has this name"));
            found.push(outcome.help(format!("put your own value in the place of `{part}`")));
        }
    });
    if let Some(first) = view.document.template_variables.first() {
        let count = view.document.template_variables.len();
        let message = match count {
            1 => "a template fills one value in, which is not known here".to_owned(),
            _ => format!("a template fills {count} values in, which are not known here"),
        };
        let outcome = Outcome::undecided("template-variable", message);
        let outcome =
            outcome.label(view.label(*first, "`${…}` without a colon is no policy variable"));
        found.push(
            outcome.help("lint what the template gives, or replace the text if none fills it in"),
        );
    }
    found
}
