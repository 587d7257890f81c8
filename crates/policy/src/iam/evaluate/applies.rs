//! What binds whom: the kind of policy that a resource has, what services refuse by themselves,
//! and whom service and resource control policies reach.

use super::policies::Catalogue;
use crate::Truth;
use crate::iam::request::{CallerKind, Request};
use crate::iam::statement::PolicyKind;
use crate::text::{PieceRef, Text};

/// What the services refuse across accounts whatever the policies say.
///
/// AWS Backup: "cross-account access for any action other than `CopyIntoBackupVault`"
/// (<https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html>).
/// KMS: operations outside its list of cross-account operations have no effect
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>).
pub(super) fn service_rule(
    request: &Request,
    catalogue: &Catalogue,
    kind: PolicyKind,
    same: Truth,
) -> Truth {
    // Asking the list costs more than this.
    if request.caller.kind == CallerKind::Service || same.is_true() {
        return Truth::False;
    }
    let action = &request.action;
    let refused = match kind {
        PolicyKind::Vault => !action.is("backup", "copyintobackupvault"),
        PolicyKind::Key => !catalogue.kms_cross_account.contains(&action.name),
        _ => false,
    };
    if refused { !same } else { Truth::False }
}

/// Service control policies bind the users and roles of member accounts, never service-linked
/// roles, services, or the management account.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
pub(super) fn scp_applies(request: &Request) -> Truth {
    match request.caller.kind {
        CallerKind::Service | CallerKind::ServiceLinkedRole => Truth::False,
        CallerKind::Role | CallerKind::User => {
            match (&request.caller.account, &request.management_account) {
                (_, None) => Truth::True,
                (Some(account), Some(management)) => (account != management).into(),
                (None, Some(_)) => Truth::Unknown,
            }
        }
    }
}

/// Resource control policies bind everybody but service-linked roles, on the resources of
/// member accounts, for some services; not AWS managed keys, and not `kms:RetireGrant`.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
pub(super) fn rcp_applies(request: &Request, catalogue: &Catalogue) -> Truth {
    if request.caller.kind == CallerKind::ServiceLinkedRole
        || !catalogue.rcp_services.contains(&request.action.service)
        || request.action.is("kms", "retiregrant")
    {
        return Truth::False;
    }
    let member = match (&request.resource_account, &request.management_account) {
        (_, None) => Truth::True,
        (Some(account), Some(management)) => (account != management).into(),
        (None, Some(_)) => Truth::Unknown,
    };
    member & !request.aws_managed_key
}

/// What kind of policy the resource has, and another kind where its ARN leaves that open. A KMS
/// alias or `*` has none: such actions are governed by identity policies.
pub(super) fn resource_kinds(request: &Request) -> (PolicyKind, Option<PolicyKind>) {
    match request.action.service.as_str() {
        "kms" => match last_component(&request.resource) {
            Some(last) if last.starts_with("key/") => (PolicyKind::Key, None),
            Some(_) => (PolicyKind::Resource, None),
            None => (PolicyKind::Key, Some(PolicyKind::Resource)),
        },
        "backup" => (PolicyKind::Vault, None),
        "sts" => match last_component(&request.resource) {
            Some(last) if last.starts_with("role/") => (PolicyKind::Trust, None),
            Some(_) => (PolicyKind::Resource, None),
            None => (PolicyKind::Trust, Some(PolicyKind::Resource)),
        },
        _ => (PolicyKind::Resource, None),
    }
}

/// What stands behind the last colon, as far as it is certain how it begins.
fn last_component(arn: &Text) -> Option<&str> {
    if let Some(whole) = arn.known() {
        let behind = memchr::memrchr(b':', whole.as_bytes()).map_or(0, |colon| colon + 1);
        return whole.get(behind..);
    }
    let pieces: Vec<PieceRef<'_>> = arn.pieces().collect();
    match pieces.as_slice() {
        [.., PieceRef::Known(last)] => last.rsplit_once(':').map(|(_, behind)| behind),
        // Neither key nor role has a colon in its name: what begins like one is one.
        [PieceRef::Known(first), PieceRef::Gap] => first
            .rsplit(':')
            .next()
            .filter(|last| last.starts_with("key/") || last.starts_with("role/")),
        _ => None,
    }
}
