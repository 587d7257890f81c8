//! No SCP keeps the copy role from a step, and no SCP or RCP keeps those off the keys that stand
//! inside the guardrails.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{CallerKind, DenyKind, Group, Open, Outcome as Decided};

use crate::arn::CallerArn;
use crate::calls::{Asking, Call, Judged, caller_calls, copy_role_calls, judge_of_any_type};
use crate::explain::{help_with_keys, near_miss_among, open_place, open_reason, statement_span};
use crate::facts::{CopySupport, Decides};
use crate::organization::{GuardKind, Guards};
use crate::outcome::{Label, Missing, Outcome};
use crate::parts::guarded::{EXEMPT, Guarded, policies};
use crate::parts::guarded_keys::{self, KeyCall, key_calls};
use crate::parts::subject::{
    KeyManager, key_manager, management, missing_document, rest, without_role, worst,
};
use crate::reasons;
use crate::requests::{Asked, Form, Route, Who, ask};
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Guardrails,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an SCP or RCP stops a step of the copy",
    reason_lists: &[&[
        reasons::EXPLICIT_DENY,
        Reason { name: "no-level-allows", meaning: "the SCPs of one level leave out an action that the copy needs" },
        Reason { name: "key-users-guarded", meaning: "an SCP or RCP may keep services off the keys that they use for the copy, which AWS does not describe" },
        reasons::ROLE_NOT_KNOWN,
        Reason { name: "list-not-whole", meaning: "a level has no SCP, although there is always one, so policies are missing from the list" },
        reasons::FORMS_DIFFER,
        reasons::UNKNOWN_KEY,
        reasons::AMBIGUOUS,
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[
        LEVELS,
        EXEMPT,
        ROLE_INSIDE,
        RCP_REACH,
        RCP_EXEMPT,
        guarded_keys::EC2,
        guarded_keys::STORAGE,
        "organization-slr-outside-guardrails",
        VAULT_ACTIONS,
        "encryption-scp-spares-service-linked-role",
    ],
    page: include_str!("guardrail_denies_copy.md"),
}

const LEVELS: &str = "organization-scp-levels";
const VAULT_ACTIONS: &str = "prerequisites-guardrails-on-copy-actions";
const ROLE_INSIDE: &str = "organization-copy-role-inside-guardrails";
const RCP_REACH: &str = "organization-rcp-reach";
const RCP_EXEMPT: &str = "organization-rcp-exempt";
const ANSWER: &str = "guardrails-spare-key-users";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    let mut outcomes = vec![role_steps(view, support), start(view, support)];
    match key_calls(view, support) {
        Ok(calls) => outcomes.extend(calls.iter().flat_map(|call| key_use(view, call))),
        Err(missing) => {
            outcomes.push(missing_document("which keys the copy uses cannot be told", missing));
        }
    }
    worst(outcomes.into_iter()).unwrap_or_else(|| Outcome::not_applicable("no step is guarded"))
}

/// One user of a key, against the SCPs that bind it and the RCPs that guard the key.
fn key_use(view: &View<'_>, call: &KeyCall<'_>) -> Vec<Outcome> {
    match call.question() {
        Some(question) => {
            let find = || key_use_anew(view, call);
            view.find_part(&view.memory().guarded_keys, question, find).value.clone()
        }
        None => key_use_anew(view, call),
    }
}

fn key_use_anew(view: &View<'_>, call: &KeyCall<'_>) -> Vec<Outcome> {
    let owner = &call.key.account;
    let rcp =
        key_steps(view, GuardKind::Rcp, call, &Slot::organization_of(&view.copy, owner), owner);
    let scp = call.bound_by.iter();
    let scp = scp.map(|(slot, account)| key_steps(view, GuardKind::Scp, call, slot, account));
    scp.chain([rcp]).collect()
}

/// The steps that the copy role makes itself, against the SCPs of its account.
fn role_steps(view: &View<'_>, support: &CopySupport) -> Outcome {
    let who = Who::copy_role(view);
    if who.kind == CallerKind::ServiceLinkedRole {
        return Outcome::not_applicable("no SCP binds a service-linked role").cites(EXEMPT);
    }
    match copy_role_calls(view, support) {
        Ok(calls) => {
            let hidden = view.copy.role.is_none();
            Steps { view, support, who, caller: "the copy role", calls, hidden }.judge()
        }
        Err(missing) => missing_document(
            "what the copy role has to do hangs on the kind of the destination vault",
            vec![missing],
        ),
    }
}

/// The start of a copy job on demand, against the SCPs of the caller's account.
fn start(view: &View<'_>, support: &CopySupport) -> Outcome {
    let source = &view.copy.source;
    let who = match view.copy.caller.look() {
        Some(CallerArn::Role(role)) if role.account == source.account => Who::role(role),
        Some(CallerArn::Session { account, .. }) if *account == source.account => {
            Who { role: None, kind: CallerKind::Role, ..Who::copy_role(view) }
        }
        _ => return Outcome::not_applicable("no caller whose policies are read"),
    };
    let calls = caller_calls(view, support);
    Steps { view, support, who, caller: "the caller", calls, hidden: false }.judge()
}

/// Calls of one principal.
struct Steps<'v, 'a> {
    view: &'v View<'a>,
    support: &'v CopySupport,
    who: Who,
    caller: &'static str,
    calls: Vec<Call<'a>>,
    /// Nobody named the role.
    hidden: bool,
}

impl Steps<'_, '_> {
    fn judge(&self) -> Outcome {
        let Self { view, support, who, caller, calls, hidden } = self;
        let guarded = match Guarded::read(view, GuardKind::Scp, &who.organization, &who.account) {
            Ok(guarded) => guarded,
            Err(outcome) => return outcome,
        };
        let guards = guarded.guards(view, GuardKind::Scp);
        let policies = policies(view, GuardKind::Scp, &guards);
        let judge =
            |call| judge_of_any_type(view, Asking::Guardrails, who, support, call, &policies);
        let judged: Vec<_> = calls.iter().map(|call| (call, judge(call))).collect();
        let denied =
            |(_, one): &&(&Call<'_>, Judged)| matches!(one.asked.outcome, Decided::Deny(_));
        let refused: Vec<_> = judged.iter().filter(denied).collect();
        if let Some((_, first)) = refused.first() {
            let names: Vec<&str> =
                refused.iter().map(|(call, _)| call.action.text.as_str()).collect();
            return self.rest(refusal(&guarded, &guards, &first.asked, caller, &names), &names);
        }
        match judged.iter().find(|(_, one)| one.asked.outcome != Decided::Allow) {
            Some((call, one)) => {
                let mut missing = one.missing.clone();
                missing.extend(guarded.guardrails.missing.iter().cloned());
                let action = call.action.text.as_str();
                question(&guarded, &guards, &one.asked, (caller, action), missing, *hidden)
            }
            None => {
                rest(view, Outcome::holds(format!("the SCPs allow the steps of {caller}")), LEVELS)
            }
        }
    }

    /// That SCPs stop the vault actions is documented, that they stop the other steps is inferred.
    fn rest(&self, outcome: Outcome, refused: &[&str]) -> Outcome {
        let row = self.view.facts.row(VAULT_ACTIONS);
        let of_vaults = row.into_iter().flat_map(|row| row.strings("actions"));
        let outcome = match of_vaults.into_iter().any(|action| refused.contains(&action)) {
            true => rest(self.view, outcome, VAULT_ACTIONS).aws_says(says::ACCESS_DENIED),
            false => rest(self.view, outcome, ROLE_INSIDE),
        };
        rest(self.view, outcome, LEVELS)
    }
}

/// The use of a key by somebody who is not the service-linked role, against the policies that
/// guard an account.
fn key_steps(
    view: &View<'_>,
    kind: GuardKind,
    call: &KeyCall<'_>,
    slot: &Slot,
    account: &str,
) -> Outcome {
    let guarded = match Guarded::read(view, kind, slot, account) {
        Ok(guarded) => guarded,
        Err(outcome) => return outcome,
    };
    let guards = guarded.guards(view, kind);
    let policies = policies(view, kind, &guards);
    let documents: Vec<_> = guards.policies().iter().filter_map(|one| one.policy()).collect();
    let mut open = None;
    for step in &call.steps {
        let forms = step.requests(view, call, &documents).into_iter();
        let asked = ask(view, &policies, forms.map(|request| (Route::Direct, request)));
        match asked.outcome {
            Decided::Allow => {}
            Decided::Deny(_) if step.decides() == Decides::Yes => {
                let broken = refusal(&guarded, &guards, &asked, call.caller, &[&step.action.text]);
                let broken = step.rest(rest(view, broken, fact_of(kind)));
                return unless_aws_managed(view, kind, call, broken);
            }
            _ => {
                open.get_or_insert((step, asked));
            }
        }
    }
    let Some((step, asked)) = open else {
        let holds = format!("the {} leave key `{}` to {}", kind.plural(), call.key.id, call.caller);
        return rest(view, Outcome::holds(holds), fact_of(kind));
    };
    let missing = guarded.guardrails.missing.clone();
    let outcome = if missing.is_empty() && step.decides() != Decides::Yes {
        key_question(view, &guards, &asked, call)
    } else {
        let hidden = call.is_of_copy_role() && view.copy.role.is_none();
        question(&guarded, &guards, &asked, (call.caller, &step.action.text), missing, hidden)
    };
    unless_aws_managed(view, kind, call, outcome)
}

/// RCPs leave AWS managed keys alone; whether a key is one is read only where it matters.
fn unless_aws_managed(
    view: &View<'_>,
    kind: GuardKind,
    call: &KeyCall<'_>,
    outcome: Outcome,
) -> Outcome {
    if kind == GuardKind::Scp {
        return outcome;
    }
    let described = view.read(&Slot::key(&call.part, &call.key)).ok();
    match described.as_ref().and_then(key_manager) {
        Some(KeyManager::Aws) => {
            Outcome::not_applicable(format!("no RCP binds the AWS managed key `{}`", call.key.id))
                .cites(RCP_EXEMPT)
        }
        _ => outcome,
    }
}

fn fact_of(kind: GuardKind) -> &'static str {
    match kind {
        GuardKind::Scp => LEVELS,
        GuardKind::Rcp => RCP_REACH,
    }
}

fn refusal(
    guarded: &Guarded<'_>,
    guards: &Guards<'_, '_>,
    asked: &Asked,
    caller: &str,
    names: &[&str],
) -> Outcome {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let names = names.join(", ");
    let Some(form) = asked.worst() else {
        return Outcome::undecided(reasons::AMBIGUOUS.name, "nothing was asked");
    };
    if form.decision.outcome == Decided::Deny(DenyKind::Explicit) {
        let deciding = &form.decision.deciding;
        let named = deciding.iter().find_map(|reference| guards.named(reference.place));
        let name = named.map(|one| format!("{} `{}`", guards.kind.singular(), one.name()));
        let mut broken = Outcome::broken(
            reasons::EXPLICIT_DENY.name,
            format!("{} denies {names} to {caller}", name.unwrap_or_else(|| guards.kind.singular().to_owned())),
        )
        .help(format!(
            "except {caller} from this Deny, for example with `ArnNotLike` on `aws:PrincipalArn`; no Allow overrides it, and a change takes a moment to reach every account"
        ));
        for reference in deciding {
            let policy = guards.named(reference.place).and_then(|guardrail| guardrail.policy());
            let span = policy.map_or(reference.span, |policy| statement_span(policy, reference));
            broken.labels.extend(label(
                guards,
                reference.place,
                span,
                "this statement applies".to_owned(),
            ));
        }
        return broken;
    }
    let level = form.decision.lacking.iter().find_map(|group| match group {
        Group::Scp(level) | Group::Rcp(level) => Some(*level),
        _ => None,
    });
    let level = level.unwrap_or_default();
    let at = guarded.parents.get(level).map_or(guarded.account.as_str(), String::as_str);
    let near = near_miss_among(
        guards.at(level).into_iter().filter_map(|one| one.policy()),
        PolicyKind::Scp,
        &form.request,
        caller,
    );
    let mut broken = Outcome::broken(
        "no-level-allows",
        format!("no {} at `{at}` allows {names} to {caller}", guards.kind.singular()),
    )
    .help(format!(
        "allow {names} in an {} attached to `{at}`: every level from the root to the account has to allow it",
        guards.kind.singular()
    ));
    if let Some((index, near)) = near
        && let Some(filled) = guards.at(level).get(index).and_then(|one| one.filled())
    {
        broken = broken.label(filled.label(near.span, near.note));
    }
    broken
}

fn question(
    guarded: &Guarded<'_>,
    guards: &Guards<'_, '_>,
    asked: &Asked,
    (caller, action): (&str, &str),
    missing: Vec<Missing>,
    hidden: bool,
) -> Outcome {
    let message = format!(
        "whether the {} of account {} let {caller} call `{action}` cannot be told",
        guards.kind.plural(),
        guarded.account
    );
    if !missing.is_empty() {
        return missing_document(message, missing);
    }
    if let Some(level) = &guards.without_scp {
        return Outcome::undecided(
            "list-not-whole",
            format!("{message}: no SCP is listed for `{level}`"),
        )
        .missing(Slot::organization_policies().missing(crate::inputs::Why::NotFetched, None));
    }
    let Some(form) = asked.worst() else {
        return Outcome::undecided(reasons::AMBIGUOUS.name, message);
    };
    if asked.differ() {
        let region = form.request.context.value("aws:RequestedRegion");
        let region = match region {
            copy_preflight_policy::iam::ContextValue::Known(region) => format!(" in {region}"),
            _ => String::new(),
        };
        let outcome = Outcome::undecided(
            reasons::FORMS_DIFFER.name,
            format!(
                "{message}: it is refused{region}, and where the call is made AWS does not say"
            ),
        )
        .help("let the role make the call in both Regions");
        return open_labels(outcome, guards, form);
    }
    if hidden {
        let outcome = without_role(format!("{message} without the name of the role"));
        return open_labels(outcome, guards, form);
    }
    let outcome = Outcome::undecided(open_reason(&form.decision), message);
    help_with_keys(open_labels(outcome, guards, form).hangs_on(&form.decision))
}

/// Services that use a key for the copy stand inside the guardrails, or so it is inferred.
fn key_question(
    view: &View<'_>,
    guards: &Guards<'_, '_>,
    asked: &Asked,
    call: &KeyCall,
) -> Outcome {
    let key = &call.key.id;
    if view.stated(ANSWER) == Some("yes") {
        let mut holds = Outcome::holds(format!(
            "the user states that guardrails spare the users of key `{key}`"
        ));
        holds.certainty = crate::facts::Certainty::Stated;
        return holds.answered_by(ANSWER);
    }
    let outcome = Outcome::undecided(
        "key-users-guarded",
        format!(
            "{} may keep {} off key `{key}`; AWS does not describe those calls",
            guards.kind.plural(),
            call.caller
        ),
    )
    .help(format!(
        "except {} from the statement; where such copies are known to work under it, say `--answer {ANSWER}=yes`",
        call.caller
    ))
    .answered_by(ANSWER)
    .cites(call.fact)
    .cites(fact_of(guards.kind));
    match asked.worst() {
        Some(form) => open_labels(outcome, guards, form).hangs_on(&form.decision),
        None => outcome,
    }
}

fn open_labels(mut outcome: Outcome, guards: &Guards<'_, '_>, form: &Form) -> Outcome {
    for reference in &form.decision.deciding {
        outcome.labels.extend(label(
            guards,
            reference.place,
            reference.span,
            "this statement may apply".to_owned(),
        ));
    }
    for dependency in &form.decision.depends_on {
        if let Open::Policy(place) = dependency.on
            && let Some(doubt) = guards.named(place).and_then(|one| one.policy()?.doubt.as_ref())
        {
            outcome.labels.extend(label(guards, place, doubt.span, doubt.kind.to_string()));
        }
        for reference in &dependency.statements {
            let Some(policy) = guards.named(reference.place).and_then(|one| one.policy()) else {
                continue;
            };
            let (span, note) = open_place(policy, &dependency.on, reference);
            outcome.labels.extend(label(guards, reference.place, span, note));
        }
    }
    outcome
}

fn label(
    guards: &Guards<'_, '_>,
    place: copy_preflight_policy::iam::Place,
    span: copy_preflight_policy::source::Span,
    note: String,
) -> Option<Label> {
    Some(guards.named(place)?.filled()?.label(span, note))
}
