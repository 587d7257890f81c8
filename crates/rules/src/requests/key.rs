//! Requests on keys.

use copy_preflight_policy::iam::{Action, Caller, Context, ContextValue, Policy, Request};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::Node;

use super::context::{add_tags, asks_for, base_context};
use super::{Route, Who};
use crate::arn::KeyArn;
use crate::facts::{CallOf, CopySupport, Row};
use crate::view::{Slot, View};

/// A key by the part that it plays, `source-key[0]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPart<'k> {
    pub(crate) name: &'k str,
    pub(crate) key: &'k KeyArn,
}

/// A request on a key.
pub(crate) fn key_request(
    view: &View<'_>,
    who: &Who,
    action: Action,
    part: KeyPart<'_>,
    route: &Route,
    support: &CopySupport,
    policies: &[&Policy],
) -> Request {
    let key = part.key;
    let mut context = base_context(view, who, &action, route, policies);
    let known = |text: &str| ContextValue::Known(Text::from(text));
    context.set("kms:CallerAccount", known(&who.account));
    // A key is used in its own Region alone.
    context.set("aws:RequestedRegion", known(&key.region));
    add_key_properties(view, &action, part, policies, &mut context);
    let service = match route.is_of_backup() {
        true => "backup",
        false => support.via_service.value.as_str(),
    };
    if *context.value("kms:EncryptionContextKeys") != ContextValue::Absent
        && let Some(keys) = encryption_context_keys(view, service)
    {
        context.set("kms:EncryptionContextKeys", keys);
    }
    if action.text == "kms:CreateGrant" {
        context.set("kms:GrantIsForAWSResource", known("true"));
        if !route.is_of_backup()
            && let Some(operations) = grant_operations(view, support)
        {
            context.set("kms:GrantOperations", operations);
        }
    }
    Request::new(
        action,
        key.to_string().into(),
        Some(key.account.as_str().into()),
        who.caller(view, &key.partition),
        context,
    )
}

/// The principal of the service that works on the keys of vaults, asking for a key.
pub(crate) fn service_key_request(
    view: &View<'_>,
    service: &str,
    action: Action,
    part: KeyPart<'_>,
    policies: &[&Policy],
) -> Request {
    let known = |text: &str| ContextValue::Known(Text::from(text));
    // Which other keys its calls carry is not documented.
    let absent = view.facts.absent_keys(&action, CallOf::Anybody);
    let mut context = Context::open().without(absent);
    context.set("aws:PrincipalIsAWSService", known("true"));
    context.set("aws:PrincipalServiceName", known(service));
    add_key_properties(view, &action, part, policies, &mut context);
    Request::new(
        action,
        part.key.to_string().into(),
        Some(part.key.account.as_str().into()),
        Caller::service(service),
        context,
    )
}

/// What a key shows of itself in every request: its account, and where a policy asks for them
/// its tags and aliases.
fn add_key_properties(
    view: &View<'_>,
    action: &Action,
    part: KeyPart<'_>,
    policies: &[&Policy],
    context: &mut Context,
) {
    context.set("aws:ResourceAccount", ContextValue::Known(part.key.account.as_str().into()));
    if asks_for(policies, action, "aws:ResourceTag/") {
        add_tags(view, &Slot::key_tags(part.name, part.key), context);
    }
    if asks_for(policies, action, "kms:ResourceAliases")
        && let Ok(filled) = view.read(&Slot::key_aliases(part.name, part.key))
        && let Some(aliases) = filled.root().member("Aliases")
    {
        let names = aliases.elements().iter().map(|alias| {
            alias.member("AliasName").and_then(Node::as_str).map_or_else(Text::unknown, Text::from)
        });
        context.set("kms:ResourceAliases", ContextValue::Many(names.collect()));
    }
}

/// The keys of the encryption context that a service sends, as far as they are documented;
/// there may be others.
fn encryption_context_keys(view: &View<'_>, service: &str) -> Option<ContextValue> {
    let row = view.facts.row("steps-encryption-context")?;
    let cell = match service {
        "ec2" => "ebs",
        service => service,
    };
    let mut keys: Vec<Text> = row.strings(cell).map(Text::from).collect();
    if keys.is_empty() {
        return None;
    }
    keys.push(Text::unknown());
    Some(ContextValue::Many(keys))
}

/// The operations that a service asks for in the grants of a type, where it publishes them.
fn grant_operations(view: &View<'_>, support: &CopySupport) -> Option<ContextValue> {
    let row = view.facts.row("organization-key-grant-operations")?;
    let published = row.strings("resource_types").any(|one| one == support.resource_type);
    published.then(|| ContextValue::Many(published_operations(row).map(Text::from).collect()))
}

/// The operations that RDS publishes, each by its own name.
pub(crate) fn published_operations(row: &Row) -> impl Iterator<Item = &str> {
    row.strings("operations").flat_map(|operation| match operation {
        "ReEncrypt*" => vec!["ReEncryptFrom", "ReEncryptTo"],
        operation => vec![operation],
    })
}
