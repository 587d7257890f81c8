//! The root has the policy type for backup policies.

use copy_preflight_policy::tree::Node;

use crate::outcome::Outcome;
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::OrganizationView;
use crate::view::Slot;

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Error,
    summary: "backup policies are not enabled on the root of the organization",
    reason_lists: &[&[
        Reason { name: "not-enabled", meaning: "the root does not have the policy type" },
        Reason { name: "being-changed", meaning: "the policy type is being enabled or disabled at this time" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT],
    page: include_str!("backup_policies_disabled.md"),
}

const FACT: &str = "backup-policies-type-enabled";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    vec![judge(view)]
}

fn judge(view: &OrganizationView<'_>) -> Outcome {
    let roots = match view.reader.read(&Slot::organization_roots()) {
        Ok(roots) => roots,
        Err(gap) => {
            let message = "whether backup policies are enabled on the root was not read";
            return missing_document(message, vec![gap.missing()]).cites(FACT);
        }
    };
    let Some(root) = roots.root().member("Roots").and_then(|list| list.elements().first()) else {
        return Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, "the answer shows no root")
            .label(roots.label(roots.root().span, "expected `Roots`"));
    };
    let types = root.member("PolicyTypes");
    let entry = types
        .map(Node::elements)
        .unwrap_or_default()
        .iter()
        .find(|entry| entry.member("Type").and_then(Node::as_str) == Some("BACKUP_POLICY"));
    let place = |note: &str| {
        let span = entry.or(types).map_or(root.span, |node| node.span);
        roots.label(span, note)
    };
    let status = entry.and_then(|entry| entry.member("Status")).and_then(Node::as_str);
    match status {
        Some("ENABLED") => {
            let holds = Outcome::holds("backup policies are enabled on the root");
            view.reader.rest(holds, FACT)
        }
        Some(_) => Outcome::undecided(
            "being-changed",
            "backup policies are being enabled or disabled on the root",
        )
        .label(place("the status at the time of the answer"))
        .help("wait until the change is done, then read the roots again"),
        None => {
            let broken = Outcome::broken(
                "not-enabled",
                "backup policies are not enabled on the root: no backup policy is in force",
            )
            .label(place("`BACKUP_POLICY` is not enabled here"))
            .help(
                "turn on backup policies in the settings of AWS Backup in the management account; \
                 attached policies then come into force",
            );
            view.reader.rest(broken, FACT)
        }
    }
}
