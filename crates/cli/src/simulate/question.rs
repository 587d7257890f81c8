//! One line of `simulate`: a request with its policies.

use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::iam::principal::is_account_id;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Catalogue, Context, ContextValue, Decision, Document, Documents,
    Grant, Grants, Levels, Policies, Policy, Request, decide,
};
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_policy::{Truth, json};

/// A request and the documents that may concern it, as they stand in one line.
#[derive(Debug)]
pub struct Question {
    request: Request,
    resource: Option<Stored>,
    identity: StoredSet,
    boundary: Option<StoredSet>,
    session: Option<StoredSet>,
    scp: Option<StoredLevels>,
    rcp: Option<StoredLevels>,
    endpoint: Option<Stored>,
    grants: Option<Vec<Grant>>,
}

/// A policy; `None` for one that is not known.
type Stored = Option<Policy>;
/// Policies; `None` where which ones is not known.
type StoredSet = Option<Vec<Stored>>;
/// Policies by level; `None` where they are not known.
type StoredLevels = Option<Vec<StoredSet>>;

impl Question {
    /// Reads the question from the tree of a line.
    ///
    /// # Errors
    /// A message that names the member that is missing or cannot be what it is.
    pub fn read(root: &Node) -> Result<Self, String> {
        if !matches!(root.value, Value::Object(_)) {
            return Err(format!("a line is an object, this is {}", root.kind()));
        }
        let request = object(root, "request")?.ok_or("`request` is missing")?;
        let policies = object(root, "policies")?;
        // Null for all of them: nothing is known of any.
        let nothing_known = root.member("policies").is_some_and(|node| node.value == Value::Null);
        if nothing_known {
            let context = read_context(object(root, "context")?)?;
            let organization = object(root, "org")?;
            return Ok(Self {
                request: read_request(request, organization, context)?,
                resource: Some(None),
                identity: None,
                boundary: Some(None),
                session: Some(None),
                scp: Some(None),
                rcp: Some(None),
                endpoint: Some(None),
                grants: None,
            });
        }
        let organization = object(root, "org")?;
        let member = |name: &str| policies.and_then(|policies| policies.member(name));
        let set = |name: &str| member(name).map(|node| read_set(node, name)).transpose();
        let levels = |name: &str| member(name).map(|node| read_levels(node, name)).transpose();
        Ok(Self {
            request: read_request(request, organization, read_context(object(root, "context")?)?)?,
            resource: member("resource").map(read_policy),
            identity: set("identity")?.unwrap_or_else(|| Some(Vec::new())),
            boundary: set("boundary")?,
            session: set("session")?,
            scp: levels("scp")?,
            rcp: levels("rcp")?,
            endpoint: member("vpce").map(read_policy),
            grants: match member("grants") {
                Some(node) => read_grants(node)?,
                None => Some(Vec::new()),
            },
        })
    }

    /// Decides the question.
    #[must_use]
    pub fn decide(&self, catalogue: &Catalogue) -> Decision {
        let policies = Policies {
            resource: self.resource.as_ref().map(document),
            identity: documents(&self.identity),
            boundary: self.boundary.as_ref().map(documents),
            session: self.session.as_ref().map(documents),
            scp: self.scp.as_ref().map(levels),
            rcp: self.rcp.as_ref().map(levels),
            endpoint: self.endpoint.as_ref().map(document),
            grants: self.grants.as_deref().map_or(Grants::Unknown, Grants::Known),
        };
        decide(&self.request, &policies, catalogue)
    }
}

fn document(stored: &Stored) -> Document<'_> {
    stored.as_ref().map_or(Document::Unknown, Document::Known)
}

fn documents(stored: &StoredSet) -> Documents<'_> {
    match stored {
        Some(policies) => Documents::Known(policies.iter().map(document).collect()),
        None => Documents::Unknown,
    }
}

fn levels(stored: &StoredLevels) -> Levels<'_> {
    match stored {
        Some(levels) => Levels::Known(levels.iter().map(documents).collect()),
        None => Levels::Unknown,
    }
}

fn read_policy(node: &Node) -> Stored {
    match &node.value {
        Value::Null => None,
        // The document as text, as answers carry it.
        Value::String(text) => {
            let text = text.known()?;
            let reading = json::read(SourceId::new(1), text);
            let damage = reading.problems.iter().find(|problem| !problem.kind.is_duplicate());
            let integrity =
                damage.map_or(Integrity::Whole, |problem| Integrity::Damaged(problem.span));
            Some(Policy::read(&reading.root, integrity))
        }
        _ => Some(Policy::read(node, Integrity::Whole)),
    }
}

fn read_set(node: &Node, name: &str) -> Result<StoredSet, String> {
    match &node.value {
        Value::Null => Ok(None),
        Value::Array(policies) => Ok(Some(policies.iter().map(read_policy).collect())),
        _ => Err(format!("`policies.{name}` is a list of policies, this is {}", node.kind())),
    }
}

fn read_levels(node: &Node, name: &str) -> Result<StoredLevels, String> {
    match &node.value {
        Value::Null => Ok(None),
        Value::Array(levels) => {
            levels.iter().map(|level| read_set(level, name)).collect::<Result<_, _>>().map(Some)
        }
        _ => Err(format!("`policies.{name}` is a list of levels, this is {}", node.kind())),
    }
}

fn read_grants(node: &Node) -> Result<Option<Vec<Grant>>, String> {
    let list = node.member("Grants").unwrap_or(node);
    match &list.value {
        Value::Null => Ok(None),
        Value::Array(grants) => Ok(Some(grants.iter().map(Grant::read).collect())),
        _ => Err(format!("`policies.grants` is a list of grants, this is {}", node.kind())),
    }
}

fn read_request(
    node: &Node,
    organization: Option<&Node>,
    context: Context,
) -> Result<Request, String> {
    let action = text(node, "request", "action")?.ok_or("`request.action` is missing")?;
    let action = action
        .known()
        .and_then(Action::parse)
        .ok_or("`request.action` is no action: an action is `service:Name`")?;
    let resource = text(node, "request", "resource")?.ok_or("`request.resource` is missing")?;
    let principal = text(node, "request", "principal")?.ok_or("`request.principal` is missing")?;
    let role_arn = optional_id(node, "request", "role_arn")?.flatten();
    let kind = match string(node, "request", "principal_kind")? {
        Some("role") => CallerKind::Role,
        Some("slr") => CallerKind::ServiceLinkedRole,
        Some("user") => CallerKind::User,
        Some("service") => CallerKind::Service,
        Some(other) => {
            return Err(format!(
                "`request.principal_kind` is role, slr, user or service, not `{other}`"
            ));
        }
        None => kind_of(&principal, role_arn.as_deref())?,
    };
    let account = match optional_id(node, "request", "principal_account")? {
        Some(account) => account,
        None => account_in(&principal),
    };
    let resource_account = match optional_id(node, "request", "resource_account")? {
        Some(account) => account,
        None => account_in(&resource),
    };
    let management_account = match organization {
        Some(organization) => optional_id(organization, "org", "management_account")?.flatten(),
        None => None,
    };
    Ok(Request {
        action,
        resource,
        resource_account: resource_account.map(Into::into),
        caller: Caller {
            kind,
            principal,
            account: account.filter(|_| kind != CallerKind::Service).map(Into::into),
            role_arn: role_arn.map(Into::into),
        },
        context,
        via_vpc_endpoint: truth(node, "via_vpce")?,
        aws_managed_key: truth(node, "aws_managed_key")?,
        management_account: management_account.map(Into::into),
    })
}

/// The kind of a caller, told by its name where the line does not say it.
fn kind_of(principal: &Text, role_arn: Option<&str>) -> Result<CallerKind, String> {
    let name = principal.known().unwrap_or_default();
    let role = role_arn.unwrap_or(name);
    if role.contains(":role/aws-service-role/") {
        Ok(CallerKind::ServiceLinkedRole)
    } else if name.contains(":role/") || name.contains(":assumed-role/") {
        Ok(CallerKind::Role)
    } else if name.starts_with("arn:") {
        Ok(CallerKind::User)
    } else if name.contains(".amazonaws.com") {
        Ok(CallerKind::Service)
    } else {
        Err("`request.principal_kind` is missing, and the principal does not show it".to_owned())
    }
}

/// The account in the fifth component of an ARN.
fn account_in(arn: &Text) -> Option<String> {
    let account = arn.known()?.split(':').nth(4)?;
    is_account_id(account).then(|| account.to_owned())
}

fn read_context(node: Option<&Node>) -> Result<Context, String> {
    let Some(node) = node else { return Ok(Context::open()) };
    let mut context = match string(node, "context", "world")? {
        None | Some("open") => Context::open(),
        Some("closed") => Context::closed(),
        Some(other) => return Err(format!("`context.world` is open or closed, not `{other}`")),
    };
    for (name, value) in [("present", ContextValue::Present), ("absent", ContextValue::Absent)] {
        for key in keys(node, name)? {
            context.set(key, value.clone());
        }
    }
    if let Some(known) = object(node, "known")? {
        for member in known.members() {
            let key = member.key.known().ok_or("a key of `context.known` is not known")?;
            context.set(key, context_value(key, &member.value)?);
        }
    }
    Ok(context)
}

fn keys<'a>(node: &'a Node, name: &str) -> Result<Vec<&'a str>, String> {
    let Some(list) = node.member(name) else { return Ok(Vec::new()) };
    let strings = match &list.value {
        Value::Array(elements) => elements.iter().map(Node::as_str).collect(),
        _ => None,
    };
    strings.ok_or_else(|| format!("`context.{name}` is a list of condition keys"))
}

fn context_value(key: &str, node: &Node) -> Result<ContextValue, String> {
    match &node.value {
        Value::Null => Ok(ContextValue::Unknown),
        Value::Array(elements) => elements
            .iter()
            .map(|element| scalar(key, element))
            .collect::<Result<_, _>>()
            .map(ContextValue::Many),
        _ => scalar(key, node).map(ContextValue::Known),
    }
}

fn scalar(key: &str, node: &Node) -> Result<Text, String> {
    match &node.value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(digits) => Ok(Text::Known(digits.clone())),
        Value::Bool(value) => Ok(value.to_string().into()),
        _ => Err(format!("the value of `{key}` in `context.known` cannot be {}", node.kind())),
    }
}

/// A member that is an object; `None` where it is missing or null.
fn object<'a>(node: &'a Node, name: &str) -> Result<Option<&'a Node>, String> {
    match node.member(name) {
        None => Ok(None),
        Some(member) => match member.value {
            Value::Object(_) => Ok(Some(member)),
            Value::Null => Ok(None),
            _ => Err(format!("`{name}` is an object, this is {}", member.kind())),
        },
    }
}

/// A member that is a string; unknown where it is null.
fn text(node: &Node, parent: &str, name: &str) -> Result<Option<Text>, String> {
    match node.member(name) {
        None => Ok(None),
        Some(member) => match &member.value {
            Value::String(text) => Ok(Some(text.clone())),
            Value::Null => Ok(Some(Text::unknown())),
            _ => Err(format!("`{parent}.{name}` is a string, this is {}", member.kind())),
        },
    }
}

/// A member that is a string; `None` where it is missing or null.
fn string<'a>(node: &'a Node, parent: &str, name: &str) -> Result<Option<&'a str>, String> {
    match node.member(name) {
        None => Ok(None),
        Some(member) => match &member.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(text.known()),
            _ => Err(format!("`{parent}.{name}` is a string, this is {}", member.kind())),
        },
    }
}

/// As [`string`], but tells a missing member (outer `None`) from a null one.
fn optional_id(node: &Node, parent: &str, name: &str) -> Result<Option<Option<String>>, String> {
    match node.member(name) {
        None => Ok(None),
        Some(_) => string(node, parent, name).map(|text| Some(text.map(str::to_owned))),
    }
}

/// A Boolean of the request: false where it is missing, unknown where it is null.
fn truth(node: &Node, name: &str) -> Result<Truth, String> {
    match node.member(name).map(|member| (&member.value, member)) {
        None => Ok(Truth::False),
        Some((Value::Bool(value), _)) => Ok((*value).into()),
        Some((Value::Null, _)) => Ok(Truth::Unknown),
        Some((_, member)) => {
            Err(format!("`request.{name}` is a Boolean, this is {}", member.kind()))
        }
    }
}
