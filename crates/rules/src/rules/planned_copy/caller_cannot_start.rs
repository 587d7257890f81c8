//! The caller of a copy job on demand may start it and pass the copy role.

use copy_preflight_policy::source::Span;

use crate::arn::{CallerArn, RoleArn};
use crate::calls::{Call, caller_calls};
use crate::copy::FromKind;
use crate::facts::CopySupport;
use crate::identity::RolePolicies;
use crate::inputs::Address;
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::role_use::{self, RoleUse, SourceVault};
use crate::parts::subject::{
    is_air_gapped, management, missing_document, rest, without_policy, without_role,
};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

const OWN_REASONS: [Reason; 8] = [
    Reason { name: "caller-missing", meaning: "there is no such role" },
    Reason { name: "other-account", meaning: "the caller is not of the source account" },
    Reason {
        name: "caller-not-a-role",
        meaning: "the caller is no role, and only the policies of roles are read",
    },
    reasons::ROLE_NOT_KNOWN,
    reasons::ANSWER_INCOMPLETE,
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
];

crate::rule::copy_rule! {
    gate: Gate::CopyRole,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the caller may not start the copy job or pass the copy role",
    reason_lists: &[&role_use::REASONS, &OWN_REASONS],
    facts: &[
        START,
        PASS,
        ACCOUNT,
        ENDPOINT,
        VAULT_POLICY,
        AIR_GAPPED,
        "steps-start",
        "steps-pass-role",
        "organization-boundary",
        VAULT_WITHOUT_POLICY,
        "prerequisites-air-gapped-recovery-point-arn",
    ],
    page: include_str!("caller_cannot_start.md"),
}

const START: &str = "prerequisites-caller-start";
const PASS: &str = "prerequisites-caller-pass-role";
const ACCOUNT: &str = "prerequisites-caller-account";
const ENDPOINT: &str = "organization-endpoint-policy";
const VAULT_POLICY: &str = "prerequisites-source-vault-policy";
const VAULT_WITHOUT_POLICY: &str = "organization-vault-policy-absent";
const AIR_GAPPED: &str = "prerequisites-air-gapped-copy-out-by-others";
const PART: &str = "caller";

fn check(view: &View<'_>) -> Outcome {
    let Some(caller) = view.copy.caller.look() else {
        return Outcome::not_applicable(match view.copy.from.kind {
            FromKind::Plan | FromKind::Policy => "AWS Backup itself starts the copies of a plan",
            FromKind::Flags | FromKind::Job => {
                "nobody named a caller: `--caller ARN` judges who starts the job on demand"
            }
        });
    };
    let support = match management(view) {
        Ok(support) => support,
        Err(other) => return other,
    };
    // The path of a session's role stands in no part of its ARN; IAM finds a role by its name.
    let role = match caller {
        CallerArn::Role(role) => role.clone(),
        CallerArn::Session { partition, account, role, .. } => RoleArn {
            partition: partition.clone(),
            account: account.clone(),
            path: "/".to_owned(),
            name: role.clone(),
        },
        CallerArn::Other { arn, words } => return not_a_role(arn, words),
    };
    let source = &view.copy.source;
    if (&role.partition, &role.account) != (&source.partition, &source.account) {
        return of_other_account(view, &role);
    }
    let outcome = of_role(view, support, caller, &role);
    rest(view, outcome, START).cites(PASS)
}

fn not_a_role(arn: &str, words: &str) -> Outcome {
    Outcome::undecided("caller-not-a-role", format!("`{arn}` is {words}, and only the policies of roles are read"))
        .help("name a role that starts the job, or look yourself whether the caller may call `backup:StartCopyJob` and `iam:PassRole`")
        .cites(START)
        .cites(PASS)
}

/// A vault lets nobody of another account start jobs on its points. Of logically air-gapped
/// vaults, which are shared by other means, AWS says two things.
fn of_other_account(view: &View<'_>, role: &RoleArn) -> Outcome {
    let source = &view.copy.source;
    let slot = Slot::source_vault(&view.copy);
    let vault = match view.read(&slot) {
        Ok(vault) => vault,
        Err(gap) => {
            return missing_document(
                format!("whether a caller of account {} may copy out of vault `{}` hangs on its kind: the vault {}", role.account, source.name, gap.words()),
                vec![gap.missing()],
            )
            .cites(ACCOUNT);
        }
    };
    if is_air_gapped(view, &vault) {
        let undecided = Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            format!(
                "whether a caller of account {} may copy out of the logically air-gapped vault `{}` cannot be told",
                role.account, source.name
            ),
        );
        return rest(view, undecided, AIR_GAPPED);
    }
    let broken = Outcome::broken(
        "other-account",
        format!("the caller is of account {}, the copy leaves account {}", role.account, source.account),
    )
    .help(format!(
        "start the job with a role of account {}; where the caller assumes one there, name that one with `--caller`",
        source.account
    ));
    rest(view, broken, ACCOUNT)
}

fn of_role<'a>(
    view: &View<'a>,
    support: &CopySupport,
    caller: &CallerArn,
    role: &RoleArn,
) -> Outcome {
    let read = view.read(&Slot::named(PART, Address::Role(role.clone())));
    if let Err(gap) = &read
        && gap.is_not_found()
    {
        let mut broken = Outcome::broken(
            "caller-missing",
            format!("there is no role `{}` in account {}", role.name, role.account),
        )
        .help("name the role that starts the job");
        broken.labels.extend(gap.label("AWS answered this"));
        return broken;
    }
    let unread = format!("the policies of role `{}` were not all read", role.name);
    let identity = match RolePolicies::of_role(view, PART, role) {
        Ok(identity) => identity,
        Err(missing) => return missing_document(unread, missing),
    };
    let filled = match read {
        Ok(filled) => filled,
        Err(gap) => return missing_document(unread, vec![gap.missing()]),
    };
    let known = match known_role(caller, role, &filled) {
        Ok(known) => known,
        Err(outcome) => return outcome,
    };
    let vault = match source_vault(view) {
        Ok(vault) => vault,
        Err(outcome) => return outcome,
    };
    let on_vault = match vault {
        SourceVault::Silent => VAULT_WITHOUT_POLICY,
        SourceVault::Policy(_) | SourceVault::Unread(_) => VAULT_POLICY,
    };
    let calls = caller_calls(view, support);
    let of_caller = RoleUse {
        view,
        support,
        who: Who::role(&known),
        caller: "the caller",
        role: &known.name,
        identity: &identity,
        vault,
        aws_says: None,
    };
    let outcome = of_caller.judge(&calls);
    let hidden = outcome.kind == OutcomeKind::Undecided && view.copy.role.is_none();
    let outcome = if hidden { of_start(&of_caller, calls) } else { outcome };
    explain_open(outcome).cites(ENDPOINT).cites(on_vault)
}

/// What is open where nobody named the copy role: the start of the job, else the role.
fn of_start<'a>(of_caller: &RoleUse<'_, 'a>, mut calls: Vec<Call<'a>>) -> Outcome {
    calls.retain(Call::is_on_recovery_point);
    let start = of_caller.judge(&calls);
    if start.kind == OutcomeKind::Holds {
        without_role("whether the caller may pass the copy role cannot be told without its name")
    } else {
        start
    }
}

/// The role with its path.
///
/// # Errors
/// The outcome where the answer is of another role, or does not show which one it is of.
fn known_role(caller: &CallerArn, role: &RoleArn, filled: &Filled<'_>) -> Result<RoleArn, Outcome> {
    let undecided = |message: String, span: Span, note: &str| {
        Err(Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
            .label(filled.label(span, note)))
    };
    let named = matches!(caller, CallerArn::Role(_));
    let Some(node) = filled.root().member("Role").and_then(|role| role.member("Arn")) else {
        if named {
            return Ok(role.clone());
        }
        let message = format!("the answer for role `{}` does not hold its ARN", role.name);
        return undecided(message, filled.root().span, "expected `Role` with `Arn`");
    };
    let found = node.as_str().and_then(|arn| arn.parse::<RoleArn>().ok());
    let same = |found: &RoleArn| {
        if named {
            found == role
        } else {
            (&found.partition, &found.account, &found.name)
                == (&role.partition, &role.account, &role.name)
        }
    };
    match found.filter(same) {
        Some(found) => Ok(found),
        None => undecided(
            format!("the answer is of `{}`, not of `{caller}`", node.as_str().unwrap_or_default()),
            node.span,
            "another role",
        ),
    }
}

/// The policy of the source vault: it can deny the start of a job, and allow it too.
fn source_vault<'a>(view: &View<'a>) -> Result<SourceVault<'a>, Outcome> {
    match view.read(&Slot::source_vault_policy(&view.copy)) {
        Ok(filled) if filled.document().is_some() => Ok(SourceVault::Policy(filled)),
        Ok(filled) => {
            let vault = format!("vault `{}`", view.copy.source.name);
            Err(without_policy(&filled, &vault, "expected a member `Policy`"))
        }
        Err(gap) if gap.is_not_found() => Ok(SourceVault::Silent),
        Err(gap) => Ok(SourceVault::Unread(gap.missing())),
    }
}

/// An open condition is on the caller's own call, not on one of AWS Backup.
fn explain_open(mut outcome: Outcome) -> Outcome {
    if outcome.kind == OutcomeKind::Undecided && !outcome.depends_on.is_empty() {
        let keys: Vec<String> = outcome.depends_on.iter().map(|key| format!("`{key}`")).collect();
        outcome.help = Some(format!(
            "it depends on how the caller calls: see that {} meets the condition when the job is started",
            keys.join(", ")
        ));
    }
    outcome
}
