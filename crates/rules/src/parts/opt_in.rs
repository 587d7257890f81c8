//! The service opt-in that counts for plans of an organization: that of the management account.

use std::collections::BTreeSet;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::Node;

use crate::facts::Facts;
use crate::inputs::Address;
use crate::outcome::Outcome;
use crate::parts::subject::missing_document;
use crate::plan::selected_types;
use crate::reasons;
use crate::survey::{AccountView, Choice, Selection, SelectionKind, choices};
use crate::view::{Filled, Slot};

/// The service opt-in of an account in a Region.
pub(crate) struct OptIn<'a> {
    filled: Filled<'a>,
    types: &'a Node,
}

/// Reads the settings of an account in a Region, and the part of them that has this name.
///
/// # Errors
/// The undecided outcome where they were not read.
pub(crate) fn settings<'a>(
    view: &AccountView<'a>,
    (account, region): (&str, &str),
    part: &str,
) -> Result<OptIn<'a>, Outcome> {
    let address =
        Address::RegionSettings { account: account.to_owned(), region: region.to_owned() };
    let slot = Slot::named(&format!("region-settings[{account}/{region}]"), address);
    let filled = view.reader.read(&slot).map_err(|gap| {
        let message = format!("the settings of AWS Backup in {region} were not read");
        missing_document(message, vec![gap.missing()])
    })?;
    match filled.root().member(part) {
        Some(types) => Ok(OptIn { types, filled }),
        None => Err(Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the settings of AWS Backup in {region} do not hold `{part}`"),
        )
        .label(filled.label(filled.root().span, format!("expected `{part}`")))),
    }
}

impl OptIn<'_> {
    /// Whether a type is on; `None` where the answer does not say.
    pub(crate) fn is_on(&self, resource_type: &str) -> Option<bool> {
        self.types.member(resource_type)?.as_bool()
    }

    /// The types that are off, and those that are on.
    pub(crate) fn split(&self) -> (Vec<&str>, Vec<&str>) {
        let known = self.types.members().iter();
        let known = known.filter_map(|one| Some((one.key.known()?, one.value.as_bool()?)));
        let (off, on): (Vec<_>, Vec<_>) = known.partition(|(_, on)| !on);
        let names = |list: Vec<(_, _)>| list.into_iter().map(|(name, _)| name).collect();
        (names(off), names(on))
    }

    /// A label on the setting of a type, on all settings where there is none.
    pub(crate) fn label(&self, resource_type: Option<&str>, note: &str) -> crate::outcome::Label {
        let member = |name: &str| {
            let mut members = self.types.members().iter();
            members
                .find(|one| one.key.known() == Some(name))
                .map(|one| Span::new(one.key_span.source, one.key_span.start, one.value.span.end))
        };
        let span = resource_type.and_then(member).unwrap_or(self.types.span);
        self.filled.label(span, note)
    }
}

/// What a selection takes, as far as the opt-in goes.
pub(crate) enum Takes<'a> {
    /// Whatever is opted in: a selection by tags, or by `*`.
    OptedIn(Option<Choice<'a>>),
    /// One ARN that services share: these types.
    Shared(Choice<'a>, BTreeSet<String>),
    /// One ARN of a type that is taken regardless.
    Regardless(Choice<'a>, BTreeSet<String>),
    /// A value that is not known.
    Unknown(Choice<'a>),
}

/// What a selection takes.
pub(crate) fn takes<'a>(facts: &Facts, selection: &Selection<'a>) -> Vec<Takes<'a>> {
    if selection.kind == SelectionKind::Tags {
        let key = choices(selection.entry, &selection.path, "tag_key").into_iter().next();
        return vec![Takes::OptedIn(key)];
    }
    let shared: Vec<(&str, &str)> = facts
        .row("backup-policies-opt-in-by-tag")
        .into_iter()
        .flat_map(|row| row.strings("shared"))
        .filter_map(|form| form.split_once('|'))
        .collect();
    let one = |choice: Choice<'a>| {
        let Some(text) = choice.text else { return Takes::Unknown(choice) };
        if text == "*" {
            return Takes::OptedIn(Some(choice));
        }
        let types = selected_types(facts, text).unwrap_or_default();
        let is_shared = crate::arn::Arn::parse(text).is_some_and(|arn| {
            shared.iter().any(|(service, begins)| {
                arn.service == *service && arn.resource.starts_with(begins)
            })
        });
        if is_shared { Takes::Shared(choice, types) } else { Takes::Regardless(choice, types) }
    };
    choices(selection.entry, &selection.path, "resource_types").into_iter().map(one).collect()
}
