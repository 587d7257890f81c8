//! Policy variables: `${key}`, `${key, 'default'}` and the literals `${*}`, `${?}`, `${$}`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::borrow::Cow;

use super::context::{Context, ContextValue};
use super::document::{Term, Version};
use super::pattern::{Part, Pattern};
use crate::text::PieceRef;

/// A variable names a key without a value, so the text has no value either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unresolved;

/// How `*` and `?` of a text are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Apply,
    Literal,
}

/// The text of a term as pattern, its variables replaced.
///
/// # Errors
/// [`Unresolved`] where a variable has neither value nor default.
pub(crate) fn expand<'a>(
    term: &'a Term,
    version: Version,
    context: &Context,
    wildcards: Wildcards,
) -> Result<Pattern<'a>, Unresolved> {
    let plain = |text: &'a str| match wildcards {
        Wildcards::Apply => Part::Glob(text),
        Wildcards::Literal => Part::Literal(Cow::Borrowed(text)),
    };
    if let Some(text) = term.text.known()
        && (!term.variables || version == Version::V2008)
    {
        return Ok(Pattern::One(plain(text)));
    }
    let mut parts = Vec::new();
    for piece in term.text.pieces() {
        let mut rest = match piece {
            PieceRef::Known(text) => text,
            PieceRef::Gap => {
                parts.push(Part::Gap);
                continue;
            }
        };
        while version != Version::V2008
            && let Some((before, variable)) = rest.split_once("${")
        {
            parts.push(plain(before));
            let Some((body, after)) = variable.split_once('}') else {
                // A brace that is never closed: AWS refuses it, so nothing can be said of it.
                parts.push(Part::Gap);
                rest = "";
                break;
            };
            rest = after;
            parts.push(match version {
                Version::V2012 => replacement(body, context)?,
                _ => Part::Gap,
            });
        }
        parts.push(plain(rest));
    }
    Ok(Pattern::Many(parts))
}

/// The text of a term as pattern with wildcards, where no variable can stand.
pub(crate) fn expand_plain(term: &Term) -> Pattern<'_> {
    let part = |piece| match piece {
        PieceRef::Known(text) => Part::Glob(text),
        PieceRef::Gap => Part::Gap,
    };
    Pattern::Many(term.text.pieces().map(part).collect())
}

/// The names of the keys that the variables of a text ask for.
pub(crate) fn keys(term: &Term) -> impl Iterator<Item = &str> {
    let known = term.text.pieces().filter_map(|piece| match piece {
        PieceRef::Known(text) => Some(text),
        PieceRef::Gap => None,
    });
    known
        .flat_map(|text| text.split("${").skip(1))
        .filter_map(|behind| behind.split_once('}').map(|(body, _)| body))
        .filter(|body| !matches!(*body, "*" | "?" | "$"))
        .filter_map(|body| parse(body).map(|(key, _)| key))
}

/// Key and default of the text between the braces; `None` where it is not well formed.
fn parse(body: &str) -> Option<(&str, Option<&str>)> {
    let (key, default) = match body.split_once(',') {
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim_end(), Some(default))
        }
        None => (body, None),
    };
    let well_formed = !key.is_empty() && !key.contains(char::is_whitespace);
    well_formed.then_some((key, default))
}

fn replacement(body: &str, context: &Context) -> Result<Part<'static>, Unresolved> {
    if matches!(body, "*" | "?" | "$") {
        return Ok(Part::Literal(Cow::Owned(body.to_owned())));
    }
    let Some((key, default)) = parse(body) else { return Ok(Part::Gap) };
    let value = match context.value(key) {
        ContextValue::Known(text) => match text.known() {
            Some(text) => Some(text),
            None => return Ok(Part::Gap),
        },
        // Only keys with one value can be variables.
        ContextValue::Absent | ContextValue::Many(_) => None,
        ContextValue::Present | ContextValue::Unknown => return Ok(Part::Gap),
    };
    let text = value.or(default).ok_or(Unresolved)?;
    // AWS says both that inserted values are literal and that they can act as wildcards.
    if text.contains(['*', '?']) {
        return Ok(Part::Gap);
    }
    Ok(Part::Literal(Cow::Owned(text.to_owned())))
}

/// Whether a variable of the text is not well formed.
pub(crate) fn is_malformed(term: &Term) -> bool {
    term.text.pieces().any(|piece| match piece {
        PieceRef::Known(text) => {
            text.split("${").skip(1).any(|behind| match behind.split_once('}') {
                Some((body, _)) => !matches!(body, "*" | "?" | "$") && parse(body).is_none(),
                None => true,
            })
        }
        PieceRef::Gap => false,
    })
}
