//! The recovery point is in a state from which a copy can start.

use copy_preflight_policy::tree::Node;

use crate::facts::VariantFrom;
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::subject::{missing_document, moment, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the recovery point is in a state that cannot be copied",
    reason_lists: &[&[
        Reason { name: "not-finished", meaning: "the point is still being made, was stopped, or is being deleted" },
        Reason { name: "expired", meaning: "the point has expired, or its lifecycle has deleted it by now" },
        Reason { name: "partial", meaning: "the point holds only a part of its resources" },
        Reason { name: "cold", meaning: "the point is in cold storage or in an archive tier" },
        Reason { name: "continuous-on-demand", meaning: "a continuous point cannot be copied on demand" },
        Reason { name: "child-alone", meaning: "the point is a part of an EKS backup that is not copied by itself" },
        Reason { name: "multi-az-cluster", meaning: "the point is of a Multi-AZ DB cluster" },
        Reason { name: "no-such-point", meaning: "the vault has no such recovery point" },
        Reason { name: "unknown-state", meaning: "the facts do not know the state or storage class" },
        Reason { name: "may-be-cold", meaning: "the move to cold storage is due, and whether it happened is not known" },
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FINISHED, STATES, WARM, CONTINUOUS, CONTINUOUS_ARN, EKS_CHILD, EKS_EFS],
    page: include_str!("recovery_point_not_copyable.md"),
}

const FINISHED: &str = "prerequisites-recovery-point-finished";
const STATES: &str = "prerequisites-recovery-point-copyable-states";
const WARM: &str = "prerequisites-recovery-point-warm";
const CONTINUOUS: &str = "prerequisites-continuous-on-demand";
const CONTINUOUS_ARN: &str = "prerequisites-continuous-arn";
const EKS_CHILD: &str = "encryption-eks-cluster-state-alone";
const EKS_EFS: &str = "encryption-eks-efs-child";

fn check(view: &View<'_>) -> Outcome {
    let Some(arn) = view.copy.recovery_point.look() else {
        return Outcome::not_applicable("a recovery point that does not exist yet has no state");
    };
    if is_continuous(view, arn) {
        let broken = Outcome::broken(
            "continuous-on-demand",
            format!("`{arn}` is a continuous recovery point, which cannot be copied on demand"),
        )
        .help("let a plan rule with a copy action do it: it takes a snapshot and copies that");
        return rest(view, rest(view, broken, CONTINUOUS), CONTINUOUS_ARN)
            .cites("prerequisites-continuous-in-plan");
    }
    let slot = Slot::recovery_point(&view.copy.source, arn);
    let point = match view.read(&slot) {
        Ok(point) => point,
        Err(gap) if gap.is_not_found() => {
            let vault = &view.copy.source.name;
            let mut broken = Outcome::broken(
                "no-such-point",
                format!("vault `{vault}` has no recovery point `{arn}`"),
            )
            .help("list the points of the vault: aws backup list-recovery-points-by-backup-vault");
            broken.labels.extend(gap.label("this is what AWS answered"));
            return broken;
        }
        Err(gap) => {
            return missing_document(
                format!("the state of the recovery point cannot be told: it {}", gap.words()),
                vec![gap.missing()],
            )
            .cites(FINISHED);
        }
    };
    let questions = [multi_az_cluster, child, status, expiry, storage];
    let outcomes: Vec<Outcome> =
        questions.iter().filter_map(|question| question(view, &point)).collect();
    let first = |kind| outcomes.iter().find(|outcome| outcome.kind == kind).cloned();
    if let Some(outcome) = first(OutcomeKind::Broken).or_else(|| first(OutcomeKind::Undecided)) {
        return outcome;
    }
    let holds = Outcome::holds("the recovery point is finished and warm");
    rest(view, rest(view, holds, FINISHED), WARM)
}

fn is_continuous(view: &View<'_>, arn: &str) -> bool {
    let row = view.facts.row(CONTINUOUS_ARN);
    row.and_then(|row| row.text("recovery_point_arn_contains"))
        .is_some_and(|part| arn.contains(part))
}

fn text<'a>(point: &Filled<'a>, member: &str) -> Option<(&'a Node, &'a str)> {
    let node = point.root().member(member)?;
    Some((node, node.as_str()?))
}

/// A variant that can never be copied and that the ARN of the resource shows, whatever the user
/// calls it.
fn multi_az_cluster(view: &View<'_>, point: &Filled<'_>) -> Option<Outcome> {
    let (_, resource_type) = text(point, "ResourceType")?;
    let (node, resource) = text(point, "ResourceArn")?;
    let row = view.facts.variants(resource_type).find(|row| {
        row.variant_from == VariantFrom::ResourceArn
            && !row.resource_arn_contains.is_empty()
            && resource.contains(row.resource_arn_contains.as_str())
    })?;
    if !row.is_never_copyable() {
        return None;
    }
    let broken = Outcome::broken(
        "multi-az-cluster",
        format!("the point is of a {}, which has no copy", row.label),
    )
    .label(point.label(node.span, "a cluster, not an instance"))
    .help("AWS Backup copies DB instances, Multi-AZ ones included, and no Multi-AZ DB clusters");
    Some(broken.rests_on(&row.fact, row.cross_account.certainty))
}

/// Parts of an EKS backup: the cluster state goes with its composite only, an EFS part stays in
/// its account.
fn child(view: &View<'_>, point: &Filled<'_>) -> Option<Outcome> {
    let (type_node, resource_type) = text(point, "ResourceType")?;
    let parent = text(point, "ParentRecoveryPointArn").map(|(_, parent)| parent);
    let is_parent = point.root().member("IsParent").and_then(Node::as_bool);
    let arn = view.copy.recovery_point.as_deref().unwrap_or_default();
    if is_type_of(view, EKS_CHILD, resource_type) {
        let composite = arn.contains(":composite:");
        if is_parent == Some(true) || (composite && parent.is_none()) {
            return None;
        }
        if is_parent.is_none() && parent.is_none() {
            return Some(
                Outcome::undecided(
                    reasons::ANSWER_INCOMPLETE.name,
                    "whether the point is the whole EKS backup or a part of it is not shown",
                )
                .label(point.label(type_node.span, "expected `IsParent` beside it"))
                .cites(EKS_CHILD),
            );
        }
        let broken = Outcome::broken(
            "child-alone",
            "the point is the cluster state of an EKS backup, which is not copied by itself",
        )
        .label(point.label(type_node.span, "a part of a composite"))
        .help("copy the composite recovery point that it belongs to");
        return Some(rest(view, broken, EKS_CHILD));
    }
    let in_eks = parent.is_some_and(|parent| parent.contains(":composite:eks/"));
    if in_eks && view.copy.is_cross_account() && resource_type == "EFS" {
        let broken = Outcome::broken(
            "child-alone",
            "the point is the EFS part of an EKS backup, which is not copied to another account",
        )
        .label(point.label(type_node.span, "a part of a composite"))
        .help("back the file system up by itself and copy that recovery point");
        return Some(rest(view, broken, EKS_EFS));
    }
    None
}

fn is_type_of(view: &View<'_>, fact: &str, resource_type: &str) -> bool {
    view.facts
        .row(fact)
        .is_some_and(|row| row.strings("resource_types").any(|one| one == resource_type))
}

fn status(view: &View<'_>, point: &Filled<'_>) -> Option<Outcome> {
    let Some((node, status)) = text(point, "Status") else {
        return Some(incomplete(
            point,
            "the answer does not say the state of the point",
            "expected `Status`",
        ));
    };
    let row = view.facts.row(STATES)?;
    if row.strings("finished").any(|one| one == status) {
        return None;
    }
    if !row.strings("not_copyable").any(|one| one == status) {
        return Some(unknown(
            view,
            point,
            node,
            format!("the facts do not know the state `{status}`"),
        ));
    }
    let (reason, help) = match status {
        "PARTIAL" => ("partial", "back up again, and copy a point that is complete"),
        "EXPIRED" => ("expired", "copy a point that has not expired"),
        _ => ("not-finished", "wait until the point is complete, or copy another one"),
    };
    let broken = Outcome::broken(reason, format!("the recovery point is `{status}`"))
        .label(point.label(node.span, "a copy starts from a finished point"))
        .help(help);
    Some(rest(view, rest(view, broken, FINISHED), STATES))
}

/// A point whose lifecycle has deleted it by the time of judging.
fn expiry(view: &View<'_>, point: &Filled<'_>) -> Option<Outcome> {
    let node = point.root().member("CalculatedLifecycle")?.member("DeleteAt")?;
    let (Some(at), Some(now)) = (moment(node), view.now) else {
        return Some(incomplete(
            point,
            "when the point is deleted cannot be read",
            "expected `DeleteAt`",
        ));
    };
    if at > now {
        return None;
    }
    let broken =
        Outcome::broken("expired", "the lifecycle of the recovery point has deleted it by now")
            .label(point.label(node.span, "this time has passed"))
            .help("copy a younger point");
    Some(rest(view, rest(view, broken, FINISHED), STATES))
}

/// The storage class; where an answer of the list operation leaves it out, the time of the move.
fn storage(view: &View<'_>, point: &Filled<'_>) -> Option<Outcome> {
    let moved = point
        .root()
        .member("CalculatedLifecycle")
        .and_then(|node| node.member("MoveToColdStorageAt"));
    let due = match moved {
        None => None,
        Some(node) => match (moment(node), view.now) {
            (Some(at), Some(now)) => (at <= now).then_some(node),
            _ => {
                let what = "when the point moves to cold storage cannot be read";
                return Some(incomplete(point, what, "expected `MoveToColdStorageAt`"));
            }
        },
    };
    let warm = view.facts.row(WARM).and_then(|row| row.text("storage_class"));
    let Some(node) = point.root().member("StorageClass") else {
        return due.map(|node| cold(view, point, node, "the move to cold storage has come"));
    };
    let class = node.as_str();
    match (class, due) {
        (Some(_), None) if class == warm => None,
        (Some(_), Some(due)) if class == warm => Some(
            Outcome::undecided(
                "may-be-cold",
                "the point was warm when it was read, and its move to cold storage is due",
            )
            .label(point.label(due.span, "this time has passed"))
            .help("describe the recovery point again")
            .cites(WARM),
        ),
        (Some("COLD"), _) => Some(cold(view, point, node, "not warm")),
        (Some(gone), _)
            if view
                .facts
                .row(STATES)
                .is_some_and(|row| row.strings("gone").any(|one| one == gone)) =>
        {
            let broken = Outcome::broken("expired", "the recovery point is deleted")
                .label(point.label(node.span, "nothing is left to copy"))
                .help("copy another point");
            Some(rest(view, broken, STATES))
        }
        (Some(other), _) => Some(unknown(
            view,
            point,
            node,
            format!("the facts do not know the storage class `{other}`"),
        )),
        (None, _) => {
            Some(incomplete(point, "the storage class cannot be read", "expected `StorageClass`"))
        }
    }
}

fn cold(view: &View<'_>, point: &Filled<'_>, node: &Node, note: &str) -> Outcome {
    let broken = Outcome::broken(
        "cold",
        "the recovery point is in cold storage, from which nothing is copied",
    )
    .label(point.label(node.span, note))
    .help("copy a point that is still warm; a plan's copy action copies before the move");
    rest(view, broken, WARM)
}

fn unknown(view: &View<'_>, point: &Filled<'_>, node: &Node, message: String) -> Outcome {
    let known = view.facts.row("prerequisites-recovery-point-states");
    let mut outcome = Outcome::undecided("unknown-state", message)
        .label(point.label(node.span, "not among those that the facts know"))
        .help("describe the recovery point again; a newer version of the tool may know it");
    if known.is_some() {
        outcome = outcome.cites("prerequisites-recovery-point-states");
    }
    outcome
}

fn incomplete(point: &Filled<'_>, message: &str, note: &str) -> Outcome {
    Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, message)
        .label(point.label(point.root().span, note))
}
