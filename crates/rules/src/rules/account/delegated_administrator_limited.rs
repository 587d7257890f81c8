//! A delegated administrator can do what is expected of it.

use crate::inputs::Address;
use crate::outcome::Outcome;
use crate::parts::subject::missing_document;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::OrganizationView;
use crate::view::Slot;

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Suggestion,
    summary: "a delegated administrator of AWS Backup cannot manage policies by that alone",
    reason_lists: &[&[
        Reason { name: "too-many", meaning: "more delegated administrators than the console of AWS Backup takes" },
        Reason { name: "delegation-not-read", meaning: "whether a delegation policy gives it the management of policies was not read" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, MOST],
    page: include_str!("delegated_administrator_limited.md"),
}

const FACT: &str = "backup-policies-delegation";
const MOST: &str = "backup-policies-limit-delegated-administrators";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    vec![judge(view)]
}

fn judge(view: &OrganizationView<'_>) -> Outcome {
    let slot = Slot::named("delegated-administrators", Address::DelegatedAdministrators);
    let filled = match view.reader.read(&slot) {
        Ok(filled) => filled,
        Err(gap) => {
            let message = "the delegated administrators of AWS Backup were not read";
            return missing_document(message, vec![gap.missing()]).cites(FACT);
        }
    };
    let Some(list) = filled.root().member("DelegatedAdministrators") else {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not list delegated administrators",
        )
        .label(filled.label(filled.root().span, "expected `DelegatedAdministrators`"));
    };
    let most = view.survey.facts.row(MOST).and_then(|row| row.number("limit"));
    let number = list.elements().len();
    if most.and_then(|most| usize::try_from(most).ok()).is_some_and(|most| number > most) {
        let broken = Outcome::broken(
            "too-many",
            format!("{number} delegated administrators are listed, more than AWS Backup takes"),
        )
        .label(filled.label(list.span, "all of these"))
        .help("deregister those that no longer manage backups");
        return view.reader.rest(broken, MOST);
    }
    if number == 0 {
        let holds = Outcome::holds("the management account alone manages backup policies");
        return view.reader.rest(holds, FACT);
    }
    Outcome::undecided(
        "delegation-not-read",
        "registering a delegated administrator does not give it the management of backup policies",
    )
    .label(filled.label(list.span, "registered, which is not enough to manage policies"))
    .help(
        "where it manages policies, look for the delegation policy: `aws organizations \
         describe-resource-policy`, and attach `AWSBackupOrganizationAdminAccess` to its users; \
         its opt-in settings do not count, those of the management account do",
    )
    .cites(FACT)
}
