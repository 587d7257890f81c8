//! Whether AWS Backup has trusted access to the organization.

use copy_preflight_policy::tree::Node;

use crate::inputs::Address;
use crate::outcome::{Label, Outcome};
use crate::parts::subject::missing_document;
use crate::reader::Reader;
use crate::reasons;
use crate::view::Slot;

/// What the list of services with access says.
pub(crate) enum Access {
    /// AWS Backup is among them.
    On,
    /// It is not.
    Off(Label),
    /// It is not known.
    Unknown(Box<Outcome>),
}

/// Reads the list.
pub(crate) fn trusted_access(reader: &Reader<'_>) -> Access {
    let slot = Slot::named("service-access", Address::ServiceAccess);
    let filled = match reader.read(&slot) {
        Ok(filled) => filled,
        Err(gap) => {
            let message = "whether AWS Backup has trusted access was not read";
            let outcome = missing_document(message, vec![gap.missing()]);
            return Access::Unknown(Box::new(outcome));
        }
    };
    let principal = reader.facts().row("backup-policies-trusted-access");
    let principal = principal.and_then(|row| row.text("service_principal")).unwrap_or_default();
    let list = filled.root().member("EnabledServicePrincipals");
    let named = list.map(Node::elements).unwrap_or_default().iter();
    let mut named = named.filter_map(|entry| entry.member("ServicePrincipal"));
    if named.any(|node| node.as_str() == Some(principal)) {
        return Access::On;
    }
    match list {
        Some(list) if filled.root().member("NextToken").is_none() => {
            Access::Off(filled.label(list.span, format!("`{principal}` is not among these")))
        }
        _ => Access::Unknown(Box::new(
            Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the list of services with trusted access is not whole",
            )
            .label(filled.label(filled.root().span, "expected all `EnabledServicePrincipals`")),
        )),
    }
}
