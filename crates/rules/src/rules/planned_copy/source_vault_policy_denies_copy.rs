//! The access policy of the source vault lets the recovery point leave.

use copy_preflight_policy::iam::{
    Action, Decision, DenyKind, Document, Documents, Outcome as Decided, Place, Policies, Policy,
};
use copy_preflight_policy::text::Text;

use crate::explain::{add_open, name_unread, open_reason, statement_span};
use crate::inputs::PolicyDocument;
use crate::organization;
use crate::outcome::{Missing, Outcome};
use crate::parts::subject::{is_air_gapped, missing_document, rest, without_policy, without_role};
use crate::reasons;
use crate::requests::{Asked, Route, Who, arn_of_form, ask, copy_from_request};
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the source vault's access policy denies the copy",
    reason_lists: &[&[
        reasons::EXPLICIT_DENY,
        reasons::ROLE_NOT_KNOWN,
        Reason { name: "point-not-known", meaning: "a Deny is about some recovery points, and whether the copied one is among them is not known" },
        reasons::UNKNOWN_KEY,
        reasons::AMBIGUOUS,
        reasons::POLICY_NOT_VALID,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, STEP, ABSENT, AIR_GAPPED_ARN],
    page: include_str!("source_vault_policy_denies_copy.md"),
}

const FACT: &str = "prerequisites-source-vault-policy";
const STEP: &str = "steps-copy-from-vault";
const ABSENT: &str = "organization-vault-policy-absent";
const AIR_GAPPED_ARN: &str = "prerequisites-air-gapped-recovery-point-arn";

fn check(view: &View<'_>) -> Outcome {
    let vault = &view.copy.source.name;
    let filled = match view.read(&Slot::source_vault_policy(&view.copy)) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => {
            let holds = Outcome::holds(format!(
                "vault `{vault}` has no access policy that could deny the copy"
            ));
            return rest(view, rest(view, holds, ABSENT), FACT);
        }
        Err(gap) => {
            return missing_document(
                format!("the access policy of vault `{vault}` {}", gap.words()),
                vec![gap.missing()],
            )
            .cites(FACT);
        }
    };
    match filled.document() {
        Some(document) => judge(view, &filled, document),
        None => without_policy(&filled, &format!("vault `{vault}`"), "expected a member `Policy`"),
    }
}

fn judge(view: &View<'_>, filled: &Filled<'_>, document: &PolicyDocument) -> Outcome {
    let policy = &document.policy;
    let mut asked = ask_for(view, policy, points_by_type(view));
    if view.copy.recovery_point.is_none() {
        // Points of logically air-gapped vaults have ARNs of one form, whatever the type; the
        // vault is read only where that matters.
        let air_gapped = ask_for(view, policy, point_of_form(view, air_gapped_form(view)));
        if air_gapped.outcome != asked.outcome {
            match view.read(&Slot::source_vault(&view.copy)) {
                Ok(vault) if is_air_gapped(view, &vault) => asked = air_gapped,
                Ok(_) => {}
                Err(gap) => {
                    return missing_document(
                        format!(
                            "a Deny is about some recovery points, and of which kind vault `{}` is cannot be told: it {}",
                            view.copy.source.name,
                            gap.words()
                        ),
                        vec![gap.missing()],
                    )
                    .cites(AIR_GAPPED_ARN);
                }
            }
        }
    }
    let Some(form) = asked.worst() else {
        return Outcome::not_applicable("no request to ask for");
    };
    let outcome = match asked.outcome {
        Decided::Allow => allowed(view, filled, policy),
        Decided::Deny(DenyKind::Explicit) => denied(view, filled, policy, &form.decision),
        Decided::Deny(_) | Decided::Depends => open(view, filled, policy, &asked),
    };
    rest(view, rest(view, outcome, FACT), STEP)
}

fn ask_for(view: &View<'_>, policy: &Policy, points: Vec<Text>) -> Asked {
    // What the role's own policies say is asked by another rule. The vault is in the role's
    // account, so an Allow in the vault's policy is not needed.
    let policies = Policies {
        resource: Some(Document::Known(policy)),
        identity: Documents::Known(vec![Document::Known(view.facts.allow_all())]),
        ..Policies::default()
    };
    let action = Action::parse("backup:CopyFromBackupVault");
    let forms = points.into_iter().filter_map(|point| {
        let request =
            copy_from_request(view, &Who::copy_role(view), action.clone()?, point, &[policy]);
        Some((Route::Direct, request))
    });
    ask(view, &policies, forms)
}

/// The ARN of the recovery point; for a future one what is known of it by its type, once for each
/// form that it can have.
fn points_by_type(view: &View<'_>) -> Vec<Text> {
    if let Some(arn) = view.copy.recovery_point.look() {
        return vec![arn.as_str().into()];
    }
    let rows = view.support();
    if rows.is_empty() {
        return vec![Text::unknown()];
    }
    let mut forms: Vec<&str> = rows.iter().map(|row| row.recovery_point_arn.as_str()).collect();
    forms.dedup();
    forms.into_iter().flat_map(|form| point_of_form(view, Some(form))).collect()
}

fn air_gapped_form<'a>(view: &View<'a>) -> Option<&'a str> {
    view.facts.row(AIR_GAPPED_ARN)?.text("recovery_point_arn")
}

fn point_of_form(view: &View<'_>, form: Option<&str>) -> Vec<Text> {
    vec![form.map_or_else(Text::unknown, |form| arn_of_form(view, form))]
}

fn allowed(view: &View<'_>, filled: &Filled<'_>, policy: &Policy) -> Outcome {
    if let Some(problem) = policy.problems.first() {
        return Outcome::undecided(
            reasons::POLICY_NOT_VALID.name,
            "the source vault's policy would let the copy leave, but AWS refuses it as it stands",
        )
        .label(filled.label(problem.span, problem.kind.to_string()));
    }
    Outcome::holds(format!(
        "the policy of vault `{}` does not deny the copy",
        view.copy.source.name
    ))
}

fn denied(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    let mut broken = Outcome::broken(
        reasons::EXPLICIT_DENY.name,
        format!("the policy of source vault `{}` denies the copy", view.copy.source.name),
    )
    .help("except the copy role from this Deny, or limit it to other targets with `backup:CopyTargets`; no Allow overrides it")
    .aws_says(says::ACCESS_DENIED);
    for reference in decision.deciding.iter().filter(|one| one.place == Place::Resource) {
        let span = statement_span(policy, reference);
        broken = broken.label(filled.label(span, "this statement applies to the copy role"));
    }
    broken
}

fn open(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, asked: &Asked) -> Outcome {
    let message = format!(
        "whether the policy of source vault `{}` denies the copy cannot be told",
        view.copy.source.name
    );
    let refused = asked.forms.iter().find(|form| form.decision.outcome != Decided::Allow);
    let Some(form) = refused.or(asked.forms.first()) else {
        return Outcome::undecided(reasons::AMBIGUOUS.name, message);
    };
    if let Some(doubt) = &policy.doubt {
        return Outcome::undecided(reasons::AMBIGUOUS.name, message)
            .label(filled.label(doubt.span, doubt.kind.to_string()));
    }
    if view.copy.role.is_none() {
        let outcome = without_role(format!("{message} without the copy role"));
        return add_open(outcome, filled, policy, &form.decision);
    }
    if form.decision.outcome != Decided::Depends
        || hangs_on_point(form.request.resource.known(), &form.decision)
    {
        let outcome = Outcome::undecided("point-not-known", format!("{message} before the recovery point exists"))
            .help("name a point with `--recovery-point ARN`; a Deny that is about single points does not settle those to come");
        return add_open(outcome, filled, policy, &form.decision);
    }
    let outcome = Outcome::undecided(open_reason(&form.decision), message);
    let outcome = add_open(outcome, filled, policy, &form.decision);
    let unread = unread(view, &outcome);
    name_unread(outcome, unread)
}

/// The path of the destination account stands in documents that may not have been read.
fn unread(view: &View<'_>, outcome: &Outcome) -> Vec<Missing> {
    if !outcome.depends_on.iter().any(|key| key.eq_ignore_ascii_case("backup:CopyTargetOrgPaths")) {
        return Vec::new();
    }
    let organization = view.read(&Slot::destination_organization(&view.copy)).err();
    let organization = organization.map(|gap| gap.missing());
    let parents = organization::parents(view, &view.copy.destination.account).err();
    organization.into_iter().chain(parents).collect()
}

/// Whether only the ARN of the point, which is partly known, leaves it open.
fn hangs_on_point(arn: Option<&str>, decision: &Decision) -> bool {
    let on_key = |open: &copy_preflight_policy::iam::Open| {
        matches!(open, copy_preflight_policy::iam::Open::Key(_))
    };
    arn.is_none() && !decision.depends_on.iter().any(|dependency| on_key(&dependency.on))
}
