//! Worlds: a request with all its documents, each part known, absent or unknown.

use std::fmt;

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::{
    Action, Caller, Context, ContextValue, Decision, Document, Documents, Grant, Grants, Levels,
    Policies, Policy, Request, decide,
};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};

use crate::facts;
use crate::nodes;

/// A policy; `None` where it is not known.
pub type Doc = Option<Node>;
/// Policies of which one must allow; `None` where which ones there are is not known.
pub type Set = Option<Vec<Doc>>;

/// A request and what may concern it. The outer `Option` of a part says whether there is one,
/// the inner whether it is known.
#[derive(Clone)]
pub struct World {
    /// The action, as `service:Name`.
    pub action: String,
    /// The resource.
    pub resource: Text,
    /// The account of the resource.
    pub owner: Option<String>,
    /// Who calls.
    pub caller: Caller,
    /// What is known of the condition keys.
    pub context: Vec<(String, ContextValue)>,
    /// Whether nothing is known of other keys; otherwise they are absent.
    pub open: bool,
    /// Whether the call enters through a VPC endpoint.
    pub via_endpoint: Truth,
    /// Whether the resource is an AWS managed key.
    pub managed_key: Truth,
    /// The management account.
    pub management: Option<String>,
    /// The resource's policy.
    pub policy: Option<Doc>,
    /// The identity policies.
    pub identity: Set,
    /// The permissions boundary.
    pub boundary: Option<Set>,
    /// The session policies.
    pub session: Option<Set>,
    /// The service control policies by level.
    pub scp: Option<Option<Vec<Set>>>,
    /// The resource control policies by level.
    pub rcp: Option<Option<Vec<Set>>>,
    /// The policy of the endpoint.
    pub endpoint: Option<Doc>,
    /// The grants.
    pub grants: Option<Vec<Node>>,
}

impl World {
    /// Decides the request.
    ///
    /// # Panics
    /// Where the action is none.
    #[must_use]
    pub fn decide(&self) -> Decision {
        let mut context = if self.open { Context::open() } else { Context::closed() };
        for (key, value) in &self.context {
            context.set(key, value.clone());
        }
        let request = Request {
            action: Action::parse(&self.action).expect("an action"),
            resource: self.resource.clone(),
            resource_account: self.owner.as_deref().map(Into::into),
            caller: self.caller.clone(),
            context,
            via_vpc_endpoint: self.via_endpoint,
            aws_managed_key: self.managed_key,
            management_account: self.management.as_deref().map(Into::into),
        };
        // Decisions borrow their documents: all are read first, then handed out in that order.
        let mut read = Vec::new();
        self.each_doc(|doc| read.push(doc.as_ref().map(nodes::policy)));
        let mut documents = read.iter().map(document);
        let mut next = || documents.next().expect("a document for each doc");
        let grants: Option<Vec<_>> =
            self.grants.as_ref().map(|grants| grants.iter().map(Grant::read).collect());
        let policies = Policies {
            resource: self.policy.as_ref().map(|_| next()),
            identity: hand_out(&self.identity, &mut next),
            boundary: self.boundary.as_ref().map(|set| hand_out(set, &mut next)),
            session: self.session.as_ref().map(|set| hand_out(set, &mut next)),
            scp: self.scp.as_ref().map(|levels| hand_out_levels(levels, &mut next)),
            rcp: self.rcp.as_ref().map(|levels| hand_out_levels(levels, &mut next)),
            endpoint: self.endpoint.as_ref().map(|_| next()),
            grants: grants.as_deref().map_or(Grants::Unknown, Grants::Known),
        };
        decide(&request, &policies, facts::catalogue())
    }

    /// Calls back for every policy, in the order of the fields.
    pub fn each_doc<'a>(&'a self, mut visit: impl FnMut(&'a Doc)) {
        let levels = |levels: &'a Option<Option<Vec<Set>>>| levels.iter().flatten().flatten();
        let sets = [Some(&self.identity), self.boundary.as_ref(), self.session.as_ref()];
        let sets = sets.into_iter().flatten().chain(levels(&self.scp)).chain(levels(&self.rcp));
        self.policy.iter().for_each(&mut visit);
        sets.flatten().flatten().for_each(&mut visit);
        self.endpoint.iter().for_each(visit);
    }

    /// As [`World::each_doc`], to change them.
    pub fn each_doc_mut(&mut self, mut visit: impl FnMut(&mut Doc)) {
        self.policy.iter_mut().for_each(&mut visit);
        self.each_set_mut(|set| set.iter_mut().flatten().for_each(&mut visit));
        self.endpoint.iter_mut().for_each(visit);
    }

    /// Calls back for every set of policies.
    pub fn each_set_mut(&mut self, mut visit: impl FnMut(&mut Set)) {
        visit(&mut self.identity);
        self.boundary.iter_mut().for_each(&mut visit);
        self.session.iter_mut().for_each(&mut visit);
        self.scp.iter_mut().flatten().flatten().for_each(&mut visit);
        self.rcp.iter_mut().flatten().flatten().for_each(visit);
    }
}

fn document(read: &Option<Policy>) -> Document<'_> {
    read.as_ref().map_or(Document::Unknown, Document::Known)
}

fn hand_out<'a>(set: &Set, next: &mut impl FnMut() -> Document<'a>) -> Documents<'a> {
    match set {
        Some(docs) => Documents::Known(docs.iter().map(|_| next()).collect()),
        None => Documents::Unknown,
    }
}

fn hand_out_levels<'a>(
    levels: &Option<Vec<Set>>,
    next: &mut impl FnMut() -> Document<'a>,
) -> Levels<'a> {
    match levels {
        Some(levels) => Levels::Known(levels.iter().map(|set| hand_out(set, next)).collect()),
        None => Levels::Unknown,
    }
}

/// A world in which nobody may do anything.
#[must_use]
pub fn empty(action: &str, resource: &str, owner: &str, caller: Caller) -> World {
    World {
        action: action.to_owned(),
        resource: resource.into(),
        owner: Some(owner.to_owned()),
        caller,
        context: Vec::new(),
        open: false,
        via_endpoint: Truth::False,
        managed_key: Truth::False,
        management: None,
        policy: None,
        identity: Some(Vec::new()),
        boundary: None,
        session: None,
        scp: None,
        rcp: None,
        endpoint: None,
        grants: Some(Vec::new()),
    }
}

/// Worlds are shown as a person would write them; `…` is a gap, `?` what is not known.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = self.owner.as_deref().unwrap_or("?");
        writeln!(f, "{} on {} of {owner}", self.action, self.resource)?;
        let caller = &self.caller;
        writeln!(
            f,
            "  by {:?} {} of {:?}, role {:?}",
            caller.kind, caller.principal, caller.account, caller.role_arn
        )?;
        writeln!(
            f,
            "  endpoint {:?}, managed key {:?}, management account {:?}, open {}",
            self.via_endpoint, self.managed_key, self.management, self.open
        )?;
        for (key, value) in &self.context {
            writeln!(f, "  {key}: {value:?}")?;
        }
        let show = |set: &Set| match set {
            None => "?".to_owned(),
            Some(docs) => {
                let docs: Vec<_> = docs.iter().map(show_doc).collect();
                format!("[{}]", docs.join(", "))
            }
        };
        let levels = |levels: &Option<Vec<Set>>| match levels {
            None => "?".to_owned(),
            Some(sets) => format!("[{}]", sets.iter().map(show).collect::<Vec<_>>().join(", ")),
        };
        let mut part = |name: &str, text: Option<String>| match text {
            Some(text) => writeln!(f, "  {name}: {text}"),
            None => Ok(()),
        };
        part("resource policy", self.policy.as_ref().map(show_doc))?;
        part("identity", Some(show(&self.identity)))?;
        part("boundary", self.boundary.as_ref().map(show))?;
        part("session", self.session.as_ref().map(show))?;
        part("scp", self.scp.as_ref().map(levels))?;
        part("rcp", self.rcp.as_ref().map(levels))?;
        part("endpoint policy", self.endpoint.as_ref().map(show_doc))?;
        let grants = match &self.grants {
            None => "?".to_owned(),
            Some(grants) => format!("[{}]", grants.iter().map(show_node).collect::<String>()),
        };
        part("grants", Some(grants))
    }
}

fn show_doc(doc: &Doc) -> String {
    doc.as_ref().map_or("?".to_owned(), show_node)
}

fn show_node(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) => digits.to_string(),
        Value::String(text) => format!("\"{text}\""),
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(show_node).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|member| format!("\"{}\": {}", member.key, show_node(&member.value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Unknown => "?".to_owned(),
    }
}
