//! The access policy of the destination vault lets the copy role copy into it.

use copy_preflight_policy::iam::statement::PolicyKind;
use copy_preflight_policy::iam::{
    Action, Decision, DenyKind, Document, Documents, Outcome as Decided, Policies, Policy, Request,
};

use crate::explain::{add_open, name_unread, near_miss, open_reason, statement_span};
use crate::inputs::PolicyDocument;
use crate::outcome::{Applies, Fix, Outcome};
use crate::parts::subject::{missing_document, rest, without_policy, without_role};
use crate::reasons;
use crate::requests::{Route, Who, ask, unread_of_vault, vault_request};
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::VaultPolicy,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination vault's access policy does not admit the copy",
    reason_lists: &[&[
        Reason { name: "no-policy", meaning: "the vault has no access policy, which refuses other accounts" },
        reasons::NO_STATEMENT,
        reasons::MISSING_ACTION,
        reasons::OTHER_RESOURCE,
        reasons::CONDITION_FAILS,
        reasons::EXPLICIT_DENY,
        reasons::ROLE_NOT_KNOWN,
        reasons::UNKNOWN_KEY,
        reasons::AMBIGUOUS,
        reasons::POLICY_NOT_VALID,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, STEP, "organization-vault-policy-absent", "prerequisites-absent-policy-looks-missing"],
    page: include_str!("vault_policy_refuses_source.md"),
}

const FACT: &str = "prerequisites-destination-vault-policy";
const STEP: &str = "steps-copy-into-vault";

fn check(view: &View<'_>) -> Outcome {
    let slot = Slot::destination_vault_policy(&view.copy);
    let vault = &view.copy.destination.name;
    let filled = match view.read(&slot) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() && view.copy.is_cross_account() => {
            let mut broken = Outcome::broken(
                "no-policy",
                format!("vault `{vault}` has no access policy, so it refuses every other account"),
            )
            .help(format!(
                "give the vault a policy that allows `backup:CopyIntoBackupVault` to account {}",
                view.copy.source.account
            ))
            .aws_says(says::ACCESS_DENIED)
            .fix(admit(view));
            broken.labels.extend(gap.label("AWS answers this for a vault without a policy"));
            return rest(view, broken, "organization-vault-policy-absent")
                .cites("prerequisites-absent-policy-looks-missing");
        }
        Err(gap) if gap.is_not_found() => {
            let holds = Outcome::holds(format!(
                "vault `{vault}` has no access policy, and its own account needs none"
            ));
            return rest(view, holds, "organization-vault-policy-absent");
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
    let Some(action) = Action::parse("backup:CopyIntoBackupVault") else {
        return Outcome::not_applicable("no action to ask for");
    };
    let request = vault_request(view, &Who::copy_role(view), action, &[policy]);
    // What the role's own policies say is asked by another rule.
    let policies = Policies {
        resource: Some(Document::Known(policy)),
        identity: Documents::Known(vec![Document::Known(view.facts.allow_all())]),
        ..Policies::default()
    };
    let asked = ask(view, &policies, [(Route::Direct, request)]);
    let Some(form) = asked.forms.first() else {
        return Outcome::not_applicable("no request to ask for");
    };
    let outcome = match asked.outcome {
        Decided::Allow => allowed(view, filled, policy, &form.decision),
        Decided::Deny(DenyKind::Explicit) => denied(view, filled, policy, &form.decision),
        Decided::Deny(_) => refused(view, filled, policy, &form.request),
        Decided::Depends => open(view, filled, policy, &form.decision),
    };
    rest(view, rest(view, outcome, FACT), STEP)
}

fn allowed(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    if let Some(problem) = policy.problems.first() {
        return Outcome::undecided(
            reasons::POLICY_NOT_VALID.name,
            "the vault policy would admit the copy, but AWS refuses it as it stands",
        )
        .label(filled.label(problem.span, problem.kind.to_string()));
    }
    let mut holds = Outcome::holds(format!(
        "vault `{}` admits copies from account {}",
        view.copy.destination.name, view.copy.source.account
    ));
    for reference in decision.deciding.iter().filter(|one| one.span.source == policy.span.source) {
        holds = holds.label(filled.label(reference.span, "this statement admits the copy"));
    }
    holds
}

fn denied(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    let mut broken = Outcome::broken(
        reasons::EXPLICIT_DENY.name,
        format!("the policy of vault `{}` denies the copy", view.copy.destination.name),
    )
    .help("except the copy role from this Deny; no Allow overrides it")
    .aws_says(says::ACCESS_DENIED);
    for reference in &decision.deciding {
        let span = statement_span(policy, reference);
        broken = broken.label(filled.label(span, "this statement applies to the copy role"));
    }
    broken
}

fn refused(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, request: &Request) -> Outcome {
    let near = near_miss(policy, PolicyKind::Vault, request, "the copy role");
    let (reason, label) = match near {
        Some(near) => (near.reason, filled.label(near.span, near.note)),
        None => {
            (reasons::NO_STATEMENT.name, filled.label(policy.span, "no statement allows anything"))
        }
    };
    let help = match reason {
        "condition-fails" => format!(
            "correct the condition, or allow `arn:{}:iam::{}:root` instead",
            view.copy.source.partition, view.copy.source.account
        ),
        _ => format!("allow `backup:CopyIntoBackupVault` to account {}", view.copy.source.account),
    };
    Outcome::broken(
        reason,
        format!(
            "the policy of vault `{}` does not admit account {}",
            view.copy.destination.name, view.copy.source.account
        ),
    )
    .label(label)
    .help(help)
    .aws_says(says::ACCESS_DENIED)
    .fix(admit(view))
}

fn open(view: &View<'_>, filled: &Filled<'_>, policy: &Policy, decision: &Decision) -> Outcome {
    let message = format!(
        "whether the policy of vault `{}` admits the copy cannot be told",
        view.copy.destination.name
    );
    if let Some(doubt) = &policy.doubt {
        return Outcome::undecided(reasons::AMBIGUOUS.name, message)
            .label(filled.label(doubt.span, doubt.kind.to_string()));
    }
    // A statement may name the role, which nobody did.
    if view.copy.role.is_none() {
        let outcome = without_role(format!("{message} without the copy role"));
        return add_open(outcome, filled, policy, decision);
    }
    let outcome = Outcome::undecided(open_reason(decision), message);
    let outcome = add_open(outcome, filled, policy, decision);
    name_unread(outcome, unread_of_vault(view, &Who::copy_role(view), decision))
}

/// The statement that admits the source account.
fn admit(view: &View<'_>) -> Fix {
    let source = &view.copy.source;
    Fix {
        summary: format!(
            "add a statement that lets account {} copy into the vault",
            source.account
        ),
        statement: Some(format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:{}:iam::{}:root"}},"Action":"backup:CopyIntoBackupVault","Resource":"*"}}"#,
            source.partition, source.account
        )),
        edits: Vec::new(),
        applies: Applies::Review,
    }
}
