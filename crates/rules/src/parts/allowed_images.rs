//! Allowed AMIs: whether the setting of an account lets an image of another account through.
//!
//! A criterion matches where all its parameters do; one matching criterion suffices; within a
//! parameter one value suffices (`encryption-ec2-allowed-amis-setting`).

use copy_preflight_policy::Truth;
use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};

use super::retention::SECONDS_A_DAY;
use super::subject::moment;
use crate::facts::Row;

/// What is known of the image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Image<'a> {
    /// The account or alias that provides it; `None` where no source says which one counts.
    pub(crate) provider: Option<&'a str>,
    /// `ec2 describe-images` of it.
    pub(crate) description: Option<&'a Node>,
    pub(crate) now: Option<jiff::Timestamp>,
}

/// Whether the setting lets the image through, and what to underline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passage {
    pub(crate) truth: Truth,
    pub(crate) span: Span,
    /// Whether the answer to it hangs on the description of the image.
    pub(crate) needs_image: bool,
}

/// The facts that the setting is read by.
pub(crate) struct Reading<'a> {
    /// `encryption-ec2-allowed-amis-setting`.
    pub(crate) setting: &'a Row,
    /// `encryption-ec2-allowed-amis-parameters`.
    pub(crate) parameters: &'a Row,
}

/// Judges an answer of `ec2 get-allowed-images-settings`; `Err` with the place of what cannot be
/// read.
pub(crate) fn passage(
    reading: &Reading<'_>,
    answer: &Node,
    image: Image<'_>,
) -> Result<Passage, Span> {
    let state = answer.member("State").ok_or(answer.span)?;
    let word = state.as_str().ok_or(state.span)?;
    let passes = |truth, span| Ok(Passage { truth, span, needs_image: false });
    if reading.setting.text("restricting_state") != Some(word) {
        let known = reading.setting.strings("states").any(|one| one == word);
        return if known { passes(Truth::True, state.span) } else { Err(state.span) };
    }
    let Some(criteria) = answer.member("ImageCriteria") else {
        // Without criteria nothing of other accounts is let through, as far as AWS says.
        return passes(Truth::Unknown, state.span);
    };
    if !matches!(criteria.value, Value::Array(_)) {
        return Err(criteria.span);
    }
    let mut open = false;
    let mut needs_image = false;
    for criterion in criteria.elements() {
        let (truth, needs) = matches_criterion(reading, criterion, image);
        match truth {
            Truth::True => return passes(Truth::True, criterion.span),
            Truth::Unknown => {
                open = true;
                needs_image |= needs;
            }
            Truth::False => {}
        }
    }
    let truth = if open { Truth::Unknown } else { Truth::False };
    Ok(Passage { truth, span: criteria.span, needs_image })
}

/// All parameters of a criterion, three-valued; whether an unknown one needs the image.
fn matches_criterion(reading: &Reading<'_>, criterion: &Node, image: Image<'_>) -> (Truth, bool) {
    let members = criterion.members();
    if members.is_empty() {
        return (Truth::Unknown, false);
    }
    let mut result = Truth::True;
    let mut needs_image = false;
    for member in members {
        let truth = match member.key.known() {
            Some("ImageProviders") => provider(reading, &member.value, image.provider),
            Some("ImageNames") => name(&member.value, image.description),
            Some("MarketplaceProductCodes") => product_code(&member.value, image.description),
            Some("CreationDateCondition") => {
                age(&member.value, "MaximumDaysSinceCreated", "CreationDate", image)
            }
            Some("DeprecationTimeCondition") => deprecation(&member.value, image),
            // Watermarks are not in the description, and there may be parameters to come.
            _ => Truth::Unknown,
        };
        if truth == Truth::Unknown
            && image.description.is_none()
            && member.key.known() != Some("ImageProviders")
        {
            needs_image = true;
        }
        result = result & truth;
    }
    (result, needs_image && result == Truth::Unknown)
}

/// The values of a parameter; `None` where they cannot be read.
fn values(node: &Node) -> Option<Vec<&str>> {
    if !matches!(node.value, Value::Array(_)) {
        return None;
    }
    node.elements().iter().map(Node::as_str).collect()
}

fn provider(reading: &Reading<'_>, node: &Node, provider: Option<&str>) -> Truth {
    let Some(values) = values(node) else { return Truth::Unknown };
    if reading.parameters.text("no_shared_image_value").is_some_and(|none| values.contains(&none)) {
        return Truth::False;
    }
    match provider {
        Some(provider) => Truth::from(values.contains(&provider)),
        None => Truth::Unknown,
    }
}

/// A name without wildcards is compared; how a pattern matches is left open where it does not
/// plainly match.
fn name(node: &Node, image: Option<&Node>) -> Truth {
    let (Some(values), Some(image)) = (values(node), image) else { return Truth::Unknown };
    let Some(name) = image.member("Name").and_then(Node::as_str) else { return Truth::Unknown };
    if values.contains(&name) {
        return Truth::True;
    }
    let open = |value: &&str| value.contains(['*', '?']) || value.eq_ignore_ascii_case(name);
    if values.iter().any(open) { Truth::Unknown } else { Truth::False }
}

fn product_code(node: &Node, image: Option<&Node>) -> Truth {
    let (Some(values), Some(image)) = (values(node), image) else { return Truth::Unknown };
    let codes = product_codes(image);
    Truth::from(codes.iter().filter_map(|code| code.as_str()).any(|code| values.contains(&code)))
}

/// The product codes of an image; an image without the member has none.
pub(crate) fn product_codes(image: &Node) -> Vec<&Node> {
    let codes = image.member("ProductCodes").map(Node::elements).unwrap_or_default();
    codes
        .iter()
        .filter(|code| {
            let kind = code.member("ProductCodeType").and_then(Node::as_str);
            kind.is_none_or(|kind| kind == "marketplace")
        })
        .filter_map(|code| code.member("ProductCodeId"))
        .collect()
}

/// Whether no more days than a limit have passed; how a day just passed counts is left open.
fn age(node: &Node, limit: &str, since: &str, image: Image<'_>) -> Truth {
    let days = || {
        let most = node.member(limit)?.as_i64()?;
        let made = moment(image.description?.member(since)?)?;
        let seconds = image.now?.as_second().checked_sub(made.as_second())?;
        Some((seconds / SECONDS_A_DAY, most))
    };
    match days() {
        Some((passed, most)) if passed < most => Truth::True,
        Some((passed, most)) if passed > most => Truth::False,
        _ => Truth::Unknown,
    }
}

/// An image that is not deprecated passes.
fn deprecation(node: &Node, image: Image<'_>) -> Truth {
    let Some(description) = image.description else { return Truth::Unknown };
    match (description.member("DeprecationTime"), image.now) {
        (None, _) => Truth::True,
        (Some(time), Some(now)) => match moment(time) {
            Some(time) if time > now => Truth::True,
            Some(_) => age(node, "MaximumDaysSinceDeprecated", "DeprecationTime", image),
            None => Truth::Unknown,
        },
        _ => Truth::Unknown,
    }
}
