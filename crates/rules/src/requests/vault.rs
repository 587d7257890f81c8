//! Requests on vaults and on recovery points in them.

use copy_preflight_policy::iam::{Action, ContextValue, Policy, Request};
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::Node;

use super::context::{add_tags, asks_for, base_context, mention, target_path};
use super::{Route, Who};
use crate::view::{Filled, Slot, View};

/// A request on the destination vault.
pub(crate) fn vault_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    policies: &[&Policy],
) -> Request {
    let vault = &view.copy.destination;
    let mut context = base_context(view, who, &action, &Route::Direct, policies);
    context.set("aws:ResourceAccount", ContextValue::Known(vault.account.as_str().into()));
    if mention(policies, "aws:ResourceTag/") {
        add_tags(view, &Slot::destination_vault_tags(&view.copy), &mut context);
    }
    Request::new(
        action,
        vault.to_string().into(),
        Some(vault.account.as_str().into()),
        who.caller(view, &vault.partition),
        context,
    )
}

/// The request to let a recovery point leave its vault. The point of a future backup has an ARN
/// of which only the form is known.
pub(crate) fn copy_from_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    point: Text,
    policies: &[&Policy],
) -> Request {
    let (source, destination) = (&view.copy.source, &view.copy.destination);
    let mut context = base_context(view, who, &action, &Route::Direct, policies);
    context.set("aws:ResourceAccount", ContextValue::Known(source.account.as_str().into()));
    let target = Text::from(destination.to_string());
    context.set("backup:CopyTargets", ContextValue::Many(vec![target]));
    if asks_for(policies, &action, "backup:CopyTargetOrgPaths") {
        context.set("backup:CopyTargetOrgPaths", target_path(view));
    }
    Request::new(
        action,
        point,
        Some(source.account.as_str().into()),
        who.caller(view, &source.partition),
        context,
    )
}

/// Whether an answer of `backup describe-backup-vault` shows a logically air-gapped vault. The
/// member is left out in Regions that have no such vaults.
pub(crate) fn is_air_gapped(view: &View<'_>, vault: &Filled<'_>) -> bool {
    let air_gapped =
        view.facts.row("prerequisites-air-gapped-detection").and_then(|row| row.text("vault_type"));
    let shown = vault.root().member("VaultType").and_then(Node::as_str);
    shown.is_some() && shown == air_gapped
}

/// An ARN of which only the form is known: a gap where the form has `*`.
pub(crate) fn arn_of_form(view: &View<'_>, form: &str) -> Text {
    let source = &view.copy.source;
    let form = form
        .replace("{partition}", &source.partition)
        .replace("{region}", &source.region)
        .replace("{account}", &source.account);
    let mut pieces = Vec::new();
    for (index, known) in form.split('*').enumerate() {
        if index > 0 {
            pieces.push(Piece::Gap);
        }
        pieces.push(Piece::Known(known.into()));
    }
    Text::from_pieces(pieces)
}
