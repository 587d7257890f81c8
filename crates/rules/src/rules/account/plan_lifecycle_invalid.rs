//! Lifecycles of rules and copies fit together.

use copy_preflight_policy::management::Entry;

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Choice, Findings, PlanRule, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a lifecycle of a plan is one that AWS Backup refuses",
    reason_lists: &[&[
        Reason { name: "deleted-too-early", meaning: "deletion comes too early after the move to cold storage" },
        Reason { name: "continuous-too-long", meaning: "a continuous backup is kept too long" },
        Reason { name: "continuous-in-cold", meaning: "a continuous backup would move to cold storage" },
        Reason { name: "not-a-number", meaning: "the text is no number of days" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[COLD, CONTINUOUS],
    page: include_str!("plan_lifecycle_invalid.md"),
}

const COLD: &str = "backup-policies-lifecycle";
const CONTINUOUS: &str = "backup-policies-continuous";

const DELETE: &str = "delete_after_days";
const MOVE: &str = "move_to_cold_storage_after_days";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for rule in view.plans.iter().flat_map(|plan| &plan.rules) {
        lifecycle(view, rule.entry, &rule.path, &mut findings);
        continuous(view, rule, &mut findings);
        let actions = rule.entry.child("copy_actions");
        for action in actions.into_iter().flat_map(|actions| &actions.children) {
            let path = format!("{}/copy_actions/{}", rule.path, action.key);
            lifecycle(view, action, &path, &mut findings);
        }
    }
    findings.or(|| view.rest(Outcome::holds("the lifecycles of the plans fit together"), COLD))
}

fn lifecycle(view: &PolicyView<'_>, parent: &Entry, path: &str, findings: &mut Findings) {
    let Some(lifecycle) = parent.child("lifecycle") else { return };
    let path = format!("{path}/lifecycle");
    let least = view.survey.facts.row(COLD).and_then(|row| row.number("cold_minimum_days"));
    let (delete, cold) = (choices(lifecycle, &path, DELETE), choices(lifecycle, &path, MOVE));
    for choice in delete.iter().chain(&cold) {
        match choice.text {
            None => findings.push(choice.unknown().cites(COLD)),
            Some(text) if text.parse::<i64>().is_err() => {
                let mut broken = Outcome::broken(
                    "not-a-number",
                    format!("`{}` is `{text}`, no number of days", choice.path),
                )
                .help("write the number of days as a string of digits");
                let place = choice.place;
                broken
                    .labels
                    .extend(place.map(|span| view.survey.label_on(span, text, "no number")));
                findings.push(choice.broken(view.rest(broken, COLD)));
            }
            Some(_) => {}
        }
    }
    for delete in &delete {
        for cold in &cold {
            let (Some(last), Some(first), Some(least)) = (number(delete), number(cold), least)
            else {
                continue;
            };
            if last >= first.saturating_add(least) || last == -1 {
                continue;
            }
            let mut broken = Outcome::broken(
                "deleted-too-early",
                format!("`{path}`: deleted after {last} days, moved to cold storage after {first}"),
            )
            .help(format!(
                "delete {least} days or more after the move: after {} days",
                first.saturating_add(least)
            ));
            for (choice, note) in [(delete, "deleted"), (cold, "moved to cold storage")] {
                let text = choice.text.unwrap_or_default();
                broken
                    .labels
                    .extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            }
            let broken = view.rest(broken, COLD);
            findings.push(if cold.sure { delete.broken(broken) } else { cold.broken(broken) });
        }
    }
}

fn continuous(view: &PolicyView<'_>, rule: &PlanRule<'_>, findings: &mut Findings) {
    let most = view.survey.facts.row(CONTINUOUS).and_then(|row| row.number("most_days"));
    let (Some(lifecycle), Some(most)) = (rule.entry.child("lifecycle"), most) else { return };
    let enabled = choices(rule.entry, &rule.path, "enable_continuous_backup");
    let Some(enabled) = enabled.iter().find(|choice| choice.text == Some("true")) else { return };
    let path = format!("{}/lifecycle", rule.path);
    let long = choices(lifecycle, &path, DELETE)
        .into_iter()
        .filter(|one| number(one).is_some_and(|days| days > most));
    let long = long.map(|choice| ("continuous-too-long", choice));
    let cold = choices(lifecycle, &path, MOVE).into_iter().filter(|one| one.text.is_some());
    for (reason, choice) in long.chain(cold.map(|choice| ("continuous-in-cold", choice))) {
        let text = choice.text.unwrap_or_default();
        let mut broken = Outcome::broken(
            reason,
            format!("rule `{}` makes continuous backups, with `{}` of {text}", rule.key, choice.path),
        )
        .help(format!("keep continuous backups {most} days at most and never in cold storage; give snapshots a rule of their own"));
        broken.labels.extend(
            choice
                .place
                .map(|span| view.survey.label_on(span, text, "too much for continuous backups")),
        );
        broken
            .labels
            .extend(enabled.place.map(|span| view.survey.label(span, "continuous backups")));
        let broken = view.rest(broken, CONTINUOUS);
        findings.push(if enabled.sure { choice.broken(broken) } else { enabled.broken(broken) });
    }
}

fn number(choice: &Choice<'_>) -> Option<i64> {
    choice.text?.parse().ok()
}
