//! Whom a change of a policy lets in: both versions are asked about everybody whom one of them
//! names, and about an account that neither names.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::principal::PrincipalKind;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, ContextValue, Decision, Document, Documents, Open,
    Outcome as Decided, Policies, Policy, Request, decide,
};
use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::{Piece, Text};
use smol_str::SmolStr;

use super::kind::DocumentKind;
use super::view::{DocumentView, account_of_principal};
use crate::arn::Arn;
use crate::explain::statement_span;

/// Somebody who is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Probe {
    /// An account that no version names, in an organization that none names.
    Everybody,
    /// Such an account in this organization.
    Organization(SmolStr),
    /// This account: a role in it that no version names.
    Account(SmolStr),
    /// This role or user.
    Principal {
        /// Its ARN.
        arn: SmolStr,
        /// Its account.
        account: SmolStr,
    },
    /// This service.
    Service(SmolStr),
}

/// How far a policy lets somebody in; further is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Not at all.
    No,
    /// What stands in the policy leaves it open.
    Open,
    /// Where conditions hold of which the call decides.
    Conditional,
    /// Always.
    Yes,
}

/// Somebody whom a change lets in further than before.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    pub(crate) probe: Probe,
    pub(crate) before: Reach,
    pub(crate) after: Reach,
    /// What it is let do.
    pub(crate) actions: Vec<SmolStr>,
    /// The statements that let it in.
    pub(crate) places: Vec<Span>,
}

impl Reached {
    /// Whom the change lets in, those with the widest reach first. Who is part of everybody is
    /// not told a second time.
    pub(crate) fn newly(
        before: Option<&DocumentView<'_>>,
        after: &DocumentView<'_>,
        actions: &[String],
    ) -> Vec<Self> {
        let Some(policy) = after.policy() else { return Vec::new() };
        let earlier = before.and_then(DocumentView::policy);
        let asked = Asked::of(earlier, policy, after);
        let mut found: Vec<Self> = Vec::new();
        for probe in &asked.probes {
            for one in asked.widened(probe, earlier, policy, actions, after) {
                let is_part = |wider: &Self| {
                    wider.probe == Probe::Everybody
                        && wider.after >= one.after
                        && one.actions.iter().all(|action| wider.actions.contains(action))
                };
                let of_service = matches!(one.probe, Probe::Service(_));
                if of_service || !found.iter().any(is_part) {
                    found.push(one);
                }
            }
        }
        found
    }
}

/// Who is asked for, and what is known of the resource.
struct Asked {
    probes: Vec<Probe>,
    /// An account and an organization that no version names.
    stranger: SmolStr,
    strange_organization: SmolStr,
    owner: SmolStr,
    resource: Text,
}

/// The name or id of the resource that is asked for, where the policy says none.
const SOME_NAME: &str = "a-name-that-no-policy-spells-out";

/// The name of the role by which an account is asked for.
const SOME_ROLE: &str = "a-role-that-no-policy-names";

/// Keys whose values are accounts of callers.
const ACCOUNT_KEYS: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];

impl Asked {
    fn of(before: Option<&Policy>, after: &Policy, view: &DocumentView<'_>) -> Self {
        let policies = || before.into_iter().chain([after]);
        let mut probes: Vec<Probe> = policies().flat_map(probes_of).collect();
        let named = |text: &str| policies().any(|policy| names(policy, text));
        let unnamed = |candidates: &dyn Fn(u32) -> String| {
            (0..).map(candidates).find(|candidate| !named(candidate)).unwrap_or_default()
        };
        let stranger: SmolStr =
            unnamed(&|n| format!("{:012}", 100_000_000_001_u64 + u64::from(n))).into();
        let strange_organization: SmolStr = unnamed(&|n| format!("o-{n:010}")).into();
        // Where nobody says who owns the resource, it is somebody whom nothing names.
        let owner = view.owner.clone().unwrap_or_else(|| {
            unnamed(&|n| format!("{:012}", 200_000_000_001_u64 + u64::from(n))).into()
        });
        // The own account is let in by its own policies, and is no stranger.
        probes.retain(|probe| !probe.is_of(&owner));
        probes.push(Probe::Everybody);
        probes.sort();
        probes.dedup();
        let known = view.document.owner.arn.as_deref().or_else(|| own_resource(after, view.kind()));
        let resource = known.map_or_else(|| some_resource(view.kind(), &owner), Text::from);
        Self { probes, stranger, strange_organization, owner, resource }
    }

    /// How much further the second version lets somebody in: one entry for each reach.
    fn widened(
        &self,
        probe: &Probe,
        before: Option<&Policy>,
        after: &Policy,
        actions: &[String],
        view: &DocumentView<'_>,
    ) -> Vec<Reached> {
        let mut found: Vec<Reached> = Vec::new();
        for action in actions.iter().filter_map(|action| Action::parse(action)) {
            let name = action.text.clone();
            let request = self.request(probe, action);
            let decided = |policy| {
                let policies = Policies {
                    resource: Some(Document::Known(policy)),
                    identity: Documents::Known(vec![Document::Known(view.facts.allow_all())]),
                    ..Policies::default()
                };
                decide(&request, &policies, view.facts.catalogue())
            };
            let decision = decided(after);
            let is = reach(&decision);
            let was = before.map_or(Reach::No, |policy| reach(&decided(policy)));
            // An earlier version that cannot be read tells nothing of what changed.
            if is <= was || (was == Reach::Open && is != Reach::Yes) {
                continue;
            }
            let places = places(after, &decision);
            match found.iter_mut().find(|one| (one.before, one.after) == (was, is)) {
                Some(one) => {
                    one.actions.push(name);
                    for place in places {
                        if !one.places.contains(&place) {
                            one.places.push(place);
                        }
                    }
                }
                None => found.push(Reached {
                    probe: probe.clone(),
                    before: was,
                    after: is,
                    actions: vec![name],
                    places,
                }),
            }
        }
        found
    }

    fn request(&self, probe: &Probe, action: Action) -> Request {
        let mut context = Context::open();
        context.set("aws:ResourceAccount", known(&self.owner));
        let (caller, account) = match probe {
            Probe::Everybody => {
                self.in_organization(&self.strange_organization, &mut context);
                (some_role_of(&self.stranger), Some(&self.stranger))
            }
            Probe::Organization(id) => {
                self.in_organization(id, &mut context);
                (some_role_of(&self.stranger), Some(&self.stranger))
            }
            Probe::Account(account) => (some_role_of(account), Some(account)),
            Probe::Principal { arn, account } => (principal(arn, account), Some(account)),
            Probe::Service(name) => (service(name), None),
        };
        match account {
            Some(account) => {
                context.set("aws:PrincipalAccount", known(account));
                context.set("kms:CallerAccount", known(account));
                context.set("aws:PrincipalIsAWSService", known("false"));
                let arn = match probe {
                    Probe::Principal { arn, .. } => Text::from(arn.as_str()),
                    _ => some_role_arn(account),
                };
                context.set("aws:PrincipalArn", ContextValue::Known(arn));
            }
            None => context.set("aws:PrincipalIsAWSService", known("true")),
        }
        Request {
            action,
            resource: self.resource.clone(),
            resource_account: Some(self.owner.clone()),
            caller,
            context,
            via_vpc_endpoint: Truth::False,
            aws_managed_key: Truth::False,
            management_account: None,
        }
    }

    fn in_organization(&self, id: &str, context: &mut Context) {
        context.set("aws:PrincipalOrgID", known(id));
        let path = Text::from_pieces([Piece::Known(format!("{id}/").into()), Piece::Gap]);
        context.set("aws:PrincipalOrgPaths", ContextValue::Many(vec![path]));
    }
}

impl Probe {
    fn is_of(&self, owner: &str) -> bool {
        match self {
            Self::Account(account) | Self::Principal { account, .. } => account == owner,
            _ => false,
        }
    }
}

/// What the ARN of a resource of this kind has before the account, and behind it.
fn form(kind: DocumentKind) -> (&'static str, &'static str) {
    match kind {
        DocumentKind::KeyPolicy => ("arn:aws:kms:", ":key/"),
        _ => ("arn:aws:backup:", ":backup-vault:"),
    }
}

/// The ARN by which a policy names what it stands on, where it does not write `*`.
fn own_resource(policy: &Policy, kind: DocumentKind) -> Option<&str> {
    let (_, part) = form(kind);
    let elements = policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    elements
        .flat_map(|element| &element.terms)
        .filter_map(|term| term.text.known())
        .find(|text| text.contains(part) && !text.contains(['*', '?', '$']))
}

/// A resource of an account by a name that no policy spells out, in a Region that is not known.
fn some_resource(kind: DocumentKind, owner: &str) -> Text {
    let (before, part) = form(kind);
    let known = |text: String| Piece::Known(text.into());
    Text::from_pieces([
        known(before.to_owned()),
        Piece::Gap,
        known(format!(":{owner}{part}{SOME_NAME}")),
    ])
}

/// Everybody whom a policy names, as principal or in a condition on who calls.
fn probes_of(policy: &Policy) -> Vec<Probe> {
    let mut probes = Vec::new();
    for statement in &policy.statements {
        let terms = statement.principal.iter().flat_map(|principal| &principal.terms);
        for term in terms {
            let Some(text) = term.term.text.known() else { continue };
            match term.kind {
                PrincipalKind::Service => probes.push(Probe::Service(text.into())),
                PrincipalKind::Aws => probes.extend(caller_of(text)),
                _ => {}
            }
        }
        for condition in &statement.conditions {
            let values = condition.values.iter().filter_map(|value| value.text.known());
            match condition.folded_key() {
                "aws:principalorgid" => {
                    let ids = values.filter(|id| !id.contains(['*', '?', '$']));
                    probes.extend(ids.map(|id| Probe::Organization(id.into())));
                }
                "aws:principalorgpaths" => probes.extend(
                    values
                        .filter_map(|path| path.split('/').next())
                        .filter(|id| id.starts_with("o-") && !id.contains(['*', '?']))
                        .map(|id| Probe::Organization(id.into())),
                ),
                "aws:principalarn" => probes.extend(values.filter_map(caller_of)),
                key if ACCOUNT_KEYS.contains(&key) => probes.extend(values.filter_map(caller_of)),
                _ => {}
            }
        }
    }
    probes
}

/// Who is meant by an account id or an ARN; an ARN with wildcards stands for its account.
fn caller_of(text: &str) -> Option<Probe> {
    let account: SmolStr = account_of_principal(text)?.into();
    let single = Arn::parse(text)
        .is_some_and(|arn| arn.resource != "root" && !arn.resource.contains(['*', '?', '$']));
    Some(match single {
        true => Probe::Principal { arn: text.into(), account },
        false => Probe::Account(account),
    })
}

/// Whether a string of the policy's statements holds this text.
fn names(policy: &Policy, text: &str) -> bool {
    policy.statements.iter().any(|statement| {
        let principals = statement.principal.iter().flat_map(|principal| &principal.terms);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        principals
            .map(|term| &term.term)
            .chain(values)
            .any(|term| term.text.known().is_some_and(|known| known.contains(text)))
    })
}

fn reach(decision: &Decision) -> Reach {
    match decision.outcome {
        Decided::Deny(_) => Reach::No,
        Decided::Allow => Reach::Yes,
        Decided::Depends
            if decision.depends_on.iter().all(|one| matches!(one.on, Open::Key(_))) =>
        {
            Reach::Conditional
        }
        Decided::Depends => Reach::Open,
    }
}

/// The statements that let the caller in, in the resource's policy.
fn places(policy: &Policy, decision: &Decision) -> Vec<Span> {
    let depends = decision.depends_on.iter().flat_map(|one| &one.statements);
    let references = decision.deciding.iter().chain(depends);
    let mut places: Vec<Span> = references
        .filter(|reference| reference.span.source == policy.span.source)
        .filter(|reference| policy.span.start <= reference.span.start)
        .map(|reference| statement_span(policy, reference))
        .collect();
    places.sort();
    places.dedup();
    if places.is_empty() {
        places.extend(policy.doubt.as_ref().map(|doubt| doubt.span));
    }
    places
}

fn known(text: &str) -> ContextValue {
    ContextValue::Known(Text::from(text))
}

fn some_role_arn(account: &str) -> Text {
    let known = format!("arn:aws:iam::{account}:role/");
    Text::from_pieces([Piece::Known(known.into()), Piece::Gap])
}

/// A session of a role that no policy names. What its ARN is in conditions stays open, so that a
/// pattern for role names lets in under conditions.
fn some_role_of(account: &SmolStr) -> Caller {
    Caller {
        kind: CallerKind::Role,
        principal: format!("arn:aws:sts::{account}:assumed-role/{SOME_ROLE}/session").into(),
        account: Some(account.clone()),
        role_arn: Some(format!("arn:aws:iam::{account}:role/{SOME_ROLE}").into()),
    }
}

fn principal(arn: &SmolStr, account: &SmolStr) -> Caller {
    let kind = match arn.contains(":role/aws-service-role/") {
        true => CallerKind::ServiceLinkedRole,
        false if arn.contains(":user/") => CallerKind::User,
        false => CallerKind::Role,
    };
    Caller { kind, principal: arn.as_str().into(), account: Some(account.clone()), role_arn: None }
}

fn service(name: &SmolStr) -> Caller {
    Caller {
        kind: CallerKind::Service,
        principal: name.as_str().into(),
        account: None,
        role_arn: None,
    }
}
