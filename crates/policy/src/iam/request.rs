//! The question: who wants to do what to which resource.

use smol_str::SmolStr;

use super::context::Context;
use super::glance::Glance;
use crate::Truth;
use crate::text::Text;

/// One request, as the policies of all accounts see it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The action.
    pub action: Action,
    /// The ARN of the resource; parts that do not exist yet are gaps.
    pub resource: Text,
    /// The account that owns the resource; `None` where it is not known.
    pub resource_account: Option<SmolStr>,
    /// Who calls.
    pub caller: Caller,
    /// What is known of the condition keys.
    pub context: Context,
    /// Whether the call enters through a VPC endpoint.
    pub via_vpc_endpoint: Truth,
    /// Whether the resource is an AWS managed KMS key.
    pub aws_managed_key: Truth,
    /// The management account of the organization; `None` where there is none or it does not
    /// matter. Its principals stand outside SCPs, its resources outside RCPs.
    pub management_account: Option<SmolStr>,
}

/// An action, `service:Name`. Both parts compare without case.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// As written.
    pub text: SmolStr,
    /// The service prefix in lower case.
    pub(crate) service: SmolStr,
    /// The name in lower case.
    pub(crate) name: SmolStr,
    /// The set of this action.
    pub(crate) glance: Glance,
}

impl Action {
    /// Reads `service:Name`; `None` where there is no colon.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (service, name) = text.split_once(':')?;
        Some(Self {
            text: text.into(),
            glance: Glance::action(service, name),
            service: super::context::folded(service),
            name: super::context::folded(name),
        })
    }

    /// The service prefix in lower case.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Whether this is the action of that name, written in lower case as `service:name`.
    pub(crate) fn is(&self, service: &str, name: &str) -> bool {
        self.service == service && self.name == name
    }
}

/// The principal that makes the request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What kind of principal it is.
    pub kind: CallerKind,
    /// Its ARN: of the session, the role (which then stands for any of its sessions) or the
    /// user. For a service its principal name.
    pub principal: Text,
    /// Its account; `None` for a service, or where it is not known.
    pub account: Option<SmolStr>,
    /// For a session the ARN of its role, with the role's path.
    pub role_arn: Option<SmolStr>,
}

/// Kinds of callers, as far as policies treat them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// A role or a session of one.
    Role,
    /// A service-linked role or a session of one: outside SCPs and RCPs.
    ServiceLinkedRole,
    /// An IAM user, a federated user or a root user.
    User,
    /// A service principal: only resource policies and RCPs concern it.
    Service,
}

impl Caller {
    /// A service, by the name of its principal.
    #[must_use]
    pub fn service(principal: &str) -> Self {
        Self {
            kind: CallerKind::Service,
            principal: principal.into(),
            account: None,
            role_arn: None,
        }
    }
}

impl Request {
    /// A request as most are: outside any VPC endpoint, not on an AWS managed key, in no
    /// organization whose management account matters.
    #[must_use]
    pub fn new(
        action: Action,
        resource: Text,
        resource_account: Option<SmolStr>,
        caller: Caller,
        context: Context,
    ) -> Self {
        Self {
            action,
            resource,
            resource_account,
            caller,
            context,
            via_vpc_endpoint: Truth::False,
            aws_managed_key: Truth::False,
            management_account: None,
        }
    }

    /// Whether caller and resource belong to one account. A service belongs to none.
    #[must_use]
    pub fn same_account(&self) -> Truth {
        if self.caller.kind == CallerKind::Service {
            return Truth::False;
        }
        match (&self.caller.account, &self.resource_account) {
            (Some(caller), Some(resource)) => (caller == resource).into(),
            _ => Truth::Unknown,
        }
    }
}
