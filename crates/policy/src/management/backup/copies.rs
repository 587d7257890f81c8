//! The copies that an effective backup policy plans in one account.
//!
//! From each Region of a plan, by each rule, to the vault of each copy action, and to the
//! logically air-gapped vault of the rule where it names one. The source is the rule's vault,
//! which has the same name in every account and Region (backup policy syntax page).

use super::super::Effective;
use super::super::entry::{Entry, Setting};
use super::super::value::Value;
use super::super::walk::join;
use crate::text::{Piece, PieceRef, Text};

/// A copy that a policy plans. Whether a resource is selected that could be copied is another
/// question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCopy {
    /// The plan's key.
    pub plan: String,
    /// The rule's key.
    pub rule: String,
    /// The ARN of the source vault.
    pub source: String,
    /// The ARN of the destination vault.
    pub destination: String,
    /// What plans it.
    pub kind: CopyKind,
    /// The key of the copy action, where one plans it.
    pub action: Option<String>,
    /// Whether the effective policy as it is shown plans it; otherwise only another possible value
    /// of an ambiguous setting does.
    pub shown: bool,
    /// Why it cannot be said that there will be this copy.
    pub undecided: Option<String>,
}

/// What plans a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyKind {
    /// A copy action.
    CopyAction,
    /// `target_logically_air_gapped_backup_vault_arn` of the rule.
    LagPrimary,
}

impl CopyKind {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CopyAction => "copy_action",
            Self::LagPrimary => "lag_primary",
        }
    }
}

/// The copies that the policy plans in an account, by plan, Region, rule and destination.
///
/// Those that are not shown stand last.
#[must_use]
pub fn copies(effective: &Effective, account: &str) -> Vec<PlannedCopy> {
    let mut expansion = Expansion { account, found: Vec::new() };
    let root = &effective.root;
    let Some(plans) = root.child("plans") else { return expansion.found };
    let above = first_open([("", root), ("plans", plans)]);
    for plan in sorted(plans) {
        expansion.plan(plan, above.as_deref());
    }
    expansion.found.sort_by_key(|copy| !copy.shown);
    expansion.found
}

struct Expansion<'a> {
    account: &'a str,
    found: Vec<PlannedCopy>,
}

/// A value and whether it is the only one that is possible.
struct Choice {
    text: Text,
    shown: bool,
    /// Why it may not be so.
    doubt: Option<String>,
}

/// What all copies of a rule share.
struct Rule<'a> {
    plan: &'a Entry,
    rule: &'a Entry,
    path: String,
    source: Choice,
}

impl Expansion<'_> {
    fn plan(&mut self, plan: &Entry, above: Option<&str>) {
        let path = join("plans", &plan.key);
        let (Some(regions), Some(rules)) = (plan.child("regions"), plan.child("rules")) else {
            return;
        };
        let above = above
            .map(str::to_owned)
            .or_else(|| first_open([(path.as_str(), plan), (&join(&path, "rules"), rules)]));
        let selections = plan.child("selections").filter(|selections| selections.is_open());
        let selections = selections.map(|_| hangs(&join(&path, "selections")));
        for region in elements(regions.setting.as_ref(), &join(&path, "regions")) {
            for rule in sorted(rules) {
                let doubt =
                    above.clone().or_else(|| region.doubt.clone()).or_else(|| selections.clone());
                self.rule(plan, rule, &region, &path, doubt);
            }
        }
    }

    fn rule(
        &mut self,
        plan: &Entry,
        rule: &Entry,
        region: &Choice,
        path: &str,
        doubt: Option<String>,
    ) {
        let path = join(&join(path, "rules"), &rule.key);
        let doubt = doubt
            .or_else(|| first_open([(path.as_str(), rule)]))
            .or_else(|| (!rule.is_sure()).then(|| hangs(&path)));
        let name = rule.child("target_backup_vault_name");
        let name_path = join(&path, "target_backup_vault_name");
        let mut vaults = scalars(name.and_then(|name| name.setting.as_ref()), &name_path);
        if vaults.is_empty() {
            // Without a vault the policy is not valid; its copies are still worth a line.
            vaults.push(Choice {
                text: Text::unknown(),
                shown: true,
                doubt: Some(format!("`{name_path}` is missing")),
            });
        }
        for vault in vaults {
            let source = Choice {
                text: vault_arn(&region.text, self.account, &vault.text),
                shown: region.shown && vault.shown && rule.is_shown(),
                doubt: doubt.clone().or(vault.doubt),
            };
            let rule = Rule { plan, rule, path: path.clone(), source };
            self.copy_actions(&rule);
            self.air_gapped(&rule, &region.text);
        }
    }

    fn copy_actions(&mut self, rule: &Rule<'_>) {
        let Some(actions) = rule.rule.child("copy_actions") else { return };
        let actions_path = join(&rule.path, "copy_actions");
        let lifecycle = rule.rule.child("lifecycle").filter(|lifecycle| lifecycle.is_open());
        for action in sorted(actions) {
            let path = join(&actions_path, &action.key);
            let inherits = action
                .child("lifecycle")
                .and_then(|lifecycle| lifecycle.child("delete_after_days"))
                .is_none_or(|days| !days.is_shown());
            let doubt = first_open([(actions_path.as_str(), actions)])
                .or_else(|| action.is_open().then(|| hangs(&path)))
                .or_else(|| {
                    // A copy without a lifecycle follows the one of its source.
                    let inherited = lifecycle.filter(|_| inherits);
                    inherited.map(|_| hangs(&join(&rule.path, "lifecycle")))
                });
            let target = action.child("target_backup_vault_arn");
            let target = target.and_then(|target| target.setting.as_ref());
            let target_path = join(&path, "target_backup_vault_arn");
            let mut destinations = scalars(target, &target_path);
            if target.is_none_or(|target| target.possible.contains(&None)) {
                destinations.push(Choice {
                    text: Text::from(action.key.clone()),
                    shown: target.is_none_or(|target| target.shown().is_none()),
                    doubt: missing_target(action),
                });
            }
            for destination in destinations {
                let text = replaced(&destination.text, "$account", self.account);
                let doubt = doubt
                    .clone()
                    .or(destination.doubt)
                    .or_else(|| not_a_vault(&text, "a copy action"));
                let shown = destination.shown && action.is_shown();
                self.push(rule, (Some(&action.key), &text), CopyKind::CopyAction, shown, doubt);
            }
        }
    }

    fn air_gapped(&mut self, rule: &Rule<'_>, region: &Text) {
        const KEY: &str = "target_logically_air_gapped_backup_vault_arn";
        let Some(target) = rule.rule.child(KEY) else { return };
        for destination in scalars(target.setting.as_ref(), &join(&rule.path, KEY)) {
            let text = replaced(&destination.text, "$account", self.account);
            let text = match region.known() {
                Some(region) => replaced(&text, "$region", region),
                None => Text::unknown(),
            };
            let doubt = destination.doubt.or_else(|| not_a_vault(&text, "this"));
            self.push(rule, (None, &text), CopyKind::LagPrimary, destination.shown, doubt);
        }
    }

    fn push(
        &mut self,
        rule: &Rule<'_>,
        (action, destination): (Option<&str>, &Text),
        kind: CopyKind,
        shown: bool,
        doubt: Option<String>,
    ) {
        self.found.push(PlannedCopy {
            plan: rule.plan.key.to_string(),
            rule: rule.rule.key.to_string(),
            source: rule.source.text.to_string(),
            destination: destination.to_string(),
            kind,
            action: action.map(str::to_owned),
            shown: shown && rule.source.shown,
            undecided: rule.source.doubt.clone().or(doubt),
        });
    }
}

/// Why a copy hangs on a setting.
fn hangs(path: &str) -> String {
    format!("it hangs on `{path}`, which is ambiguous")
}

/// The keys below by name, those too that only another possible value shows.
fn sorted(entry: &Entry) -> Vec<&Entry> {
    let mut children: Vec<&Entry> =
        entry.children.iter().filter(|child| child.may_be_shown()).collect();
    children.sort_by(|one, other| one.key.cmp(&other.key));
    children
}

/// The first of these of which nothing below is certain.
fn first_open<'a>(entries: impl IntoIterator<Item = (&'a str, &'a Entry)>) -> Option<String> {
    let open = entries.into_iter().find(|(_, entry)| !entry.open.is_empty());
    open.map(|(path, _)| {
        if path.is_empty() {
            "part of the policy is not known or not understood".to_owned()
        } else {
            hangs(path)
        }
    })
}

/// Each value that a list may hold, by name.
fn elements(setting: Option<&Setting>, path: &str) -> Vec<Choice> {
    let Some(setting) = setting else { return Vec::new() };
    let shown = setting.shown().and_then(Value::list).unwrap_or_default();
    let mut choices: Vec<Choice> = Vec::new();
    for text in setting.possible.iter().flatten().filter_map(Value::list).flatten() {
        if choices.iter().any(|choice| choice.text == *text) {
            continue;
        }
        let is_sure = text.known().is_some()
            && setting.possible.iter().all(|value| {
                value.as_ref().and_then(Value::list).is_some_and(|list| list.contains(text))
            });
        choices.push(Choice {
            text: text.clone(),
            shown: shown.contains(text),
            doubt: (!is_sure).then(|| hangs(path)),
        });
    }
    if setting.shown() == Some(&Value::Unknown) {
        choices.push(Choice { text: Text::unknown(), shown: true, doubt: Some(hangs(path)) });
    }
    choices.sort_by_key(|choice| choice.text.to_string());
    choices
}

/// Each value that a setting may have.
fn scalars(setting: Option<&Setting>, path: &str) -> Vec<Choice> {
    let Some(setting) = setting else { return Vec::new() };
    let is_only = setting.possible.len() == 1;
    let choice = |(index, value): (usize, &Option<Value>)| {
        let value = value.as_ref()?;
        let doubt = match value {
            Value::Scalar(text) if is_only && text.known().is_some() => None,
            Value::List(_) => Some(format!("`{path}` holds a list where one value belongs")),
            _ => Some(hangs(path)),
        };
        let text = value.scalar().cloned().unwrap_or_else(Text::unknown);
        Some(Choice { text, shown: index == 0, doubt })
    };
    setting.possible.iter().enumerate().filter_map(choice).collect()
}

/// AWS documented until 2023 that an all lower-case version of the key stands for a target that is
/// missing, which may not be the name of the vault; the page of 2026 does not say.
fn missing_target(action: &Entry) -> Option<String> {
    action.written.iter().any(|(written, _)| *written != action.key).then(|| {
        "target_backup_vault_arn is missing and the key has upper-case letters: AWS documented \
         until 2023 that an all lower-case version of the key is used, which may not match the \
         actual vault, and the plan fails; the 2026 page does not say"
            .to_owned()
    })
}

/// Why a text is not the ARN of a vault.
fn not_a_vault(text: &Text, what: &str) -> Option<String> {
    let Some(known) = text.known() else {
        return Some("the ARN of the destination is not known in full".to_owned());
    };
    if known.contains("$region") {
        return Some(format!(
            "`$region` is documented for target_logically_air_gapped_backup_vault_arn only; {what} \
             has a fixed Region"
        ));
    }
    let parts: Vec<&str> = known.split(':').collect();
    let is_vault = match parts.as_slice() {
        ["arn", partition, "backup", region, account, "backup-vault", name] => {
            let is_account =
                account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            !partition.is_empty() && !region.is_empty() && is_account && !name.is_empty()
        }
        _ => false,
    };
    (!is_vault).then(|| "the destination is not the ARN of a backup vault".to_owned())
}

fn vault_arn(region: &Text, account: &str, vault: &Text) -> Text {
    let known = |text: &str| Piece::Known(text.into());
    let mut pieces = vec![known("arn:"), known(partition(region)), known(":backup:")];
    pieces.extend(owned(region));
    pieces.extend([known(":"), known(account), known(":backup-vault:")]);
    pieces.extend(owned(vault));
    Text::from_pieces(pieces)
}

/// The partition of a Region, by its name.
fn partition(region: &Text) -> &'static str {
    let name = region.known().unwrap_or_default();
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eusc-", "aws-eusc"),
    ];
    partitions.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map_or("aws", |one| one.1)
}

fn owned(text: &Text) -> Vec<Piece> {
    let piece = |piece| match piece {
        PieceRef::Known(text) => Piece::Known(text.into()),
        PieceRef::Gap => Piece::Gap,
    };
    text.pieces().map(piece).collect()
}

/// A text with a variable replaced.
fn replaced(text: &Text, variable: &str, value: &str) -> Text {
    Text::from_pieces(owned(text).into_iter().map(|piece| match piece {
        Piece::Known(text) => Piece::Known(text.replace(variable, value).into()),
        Piece::Gap => Piece::Gap,
    }))
}
