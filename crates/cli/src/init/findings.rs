//! What the documents of a repository say of organization, accounts and copies.

use std::collections::BTreeMap;

use copy_preflight_policy::iam::principal::is_account_id;
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_rules::arn::{Arn, VaultArn};
use copy_preflight_rules::lint::{Document, DocumentKind};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The documents, in the order of their files.
    pub(super) documents: Vec<Place>,
    /// Accounts by id, with the document that names them first.
    pub(super) accounts: BTreeMap<String, String>,
    /// Ids of organizations, with the document that names them first.
    pub(super) organizations: BTreeMap<String, String>,
    /// The copy actions of backup plans and backup policies, each once.
    pub(super) copies: Vec<CopyAction>,
    /// What could not be read.
    pub(super) unread: Vec<String>,
}

/// Where a document stands, and what it is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The path from the folder of the config, and behind `#` the resource of a template.
    pub(super) place: String,
    pub(super) kind: DocumentKind,
    /// The account that it belongs to, where that is known.
    pub(super) account: Option<String>,
    /// The vault or key that it is the policy of, where that is known.
    pub(super) arn: Option<String>,
}

/// A copy action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CopyAction {
    /// Plan and rule, as far as they have names.
    pub(super) name: String,
    /// The document it stands in.
    pub(super) place: String,
    pub(super) source: Source,
    pub(super) destination: Destination,
    pub(super) delete_after_days: Option<i64>,
    pub(super) cold_after_days: Option<i64>,
}

/// The vault that a copy leaves. A plan names it without account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) name: Option<String>,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
}

/// The vault that a copy enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    Known(VaultArn),
    /// What stands there is no ARN of one vault: it has a variable, or is not known.
    Open(String),
}

impl Findings {
    /// Takes in a document. `path` starts from the folder of the config.
    pub(crate) fn add(&mut self, path: &str, document: &Document) {
        let place = match document.name.as_str() {
            "" => path.to_owned(),
            name => format!("{path}#{name}"),
        };
        let owner = &document.owner;
        let account = owner.account.as_deref().or_else(|| match document.kind {
            DocumentKind::KeyPolicy => administrator(&document.root),
            _ => None,
        });
        if let Some(account) = account {
            self.account(account, &place);
        }
        self.names(&document.root, &place);
        match document.kind {
            DocumentKind::BackupPlan => self.plan(document, &place),
            DocumentKind::BackupPolicy => self.policy(&document.root, &place),
            _ => {}
        }
        self.documents.push(Place {
            place,
            kind: document.kind,
            account: account.map(str::to_owned),
            arn: owner.arn.as_deref().map(str::to_owned),
        });
    }

    /// Takes in what could not be read, in a sentence.
    pub(crate) fn add_unread(&mut self, what: String) {
        self.unread.push(what);
    }

    /// The documents of a kind.
    pub(super) fn of_kind(&self, kind: DocumentKind) -> impl Iterator<Item = &Place> {
        self.documents.iter().filter(move |one| one.kind == kind)
    }

    fn account(&mut self, id: &str, place: &str) {
        if is_account_id(id) {
            self.accounts.entry(id.to_owned()).or_insert_with(|| place.to_owned());
        }
    }

    /// Accounts and organizations that the strings of a document name, keys of objects included:
    /// a backup policy has ARNs there.
    fn names(&mut self, node: &Node, place: &str) {
        match &node.value {
            Value::String(text) => {
                if let Some(text) = text.known() {
                    self.named(text, place);
                }
            }
            Value::Array(elements) => {
                for element in elements {
                    self.names(element, place);
                }
            }
            Value::Object(members) => {
                for member in members {
                    if let Some(key) = member.key.known() {
                        self.named(key, place);
                    }
                    self.names(&member.value, place);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, text: &str, place: &str) {
        self.account(Arn::parse(text).map_or(text, |arn| arn.account), place);
        // `aws:PrincipalOrgPaths` has the organization in front of its path.
        let id = text.split('/').next().unwrap_or_default();
        let is_id = id.strip_prefix("o-").is_some_and(|rest| {
            (10..=32).contains(&rest.len())
                && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if is_id {
            self.organizations.entry(id.to_owned()).or_insert_with(|| place.to_owned());
        }
    }

    /// The copy actions of a backup plan, in the spelling of the API or of CloudFormation.
    fn plan(&mut self, document: &Document, place: &str) {
        let root = document.root.member("BackupPlan").unwrap_or(&document.root);
        let plan = text_of(root, &["BackupPlanName"]);
        for rule in list(root, &["Rules", "BackupPlanRule"]) {
            let vault = text_of(rule, &["TargetBackupVaultName", "TargetBackupVault"]);
            for action in list(rule, &["CopyActions"]) {
                let Some(to) = action.member("DestinationBackupVaultArn") else { continue };
                let lifecycle = action.member("Lifecycle");
                let days = |name| lifecycle.and_then(|one| one.member(name)).and_then(Node::as_i64);
                self.copy(CopyAction {
                    name: joined(plan, text_of(rule, &["RuleName"])),
                    place: place.to_owned(),
                    source: Source {
                        name: vault.map(str::to_owned),
                        account: document.owner.account.as_deref().map(str::to_owned),
                        region: document.owner.region.as_deref().map(str::to_owned),
                    },
                    destination: Destination::of(to.as_str()),
                    delete_after_days: days("DeleteAfterDays"),
                    cold_after_days: days("MoveToColdStorageAfterDays"),
                });
            }
        }
    }

    /// The copy actions of an organization's backup policy. It binds many accounts, so a copy has
    /// no source account here.
    fn policy(&mut self, root: &Node, place: &str) {
        let plans = root.member("plans").map(Node::members).unwrap_or_default();
        for plan in plans {
            let regions = plan.value.member("regions").and_then(assigned);
            let region = regions.and_then(|regions| match regions.elements() {
                [one] => one.as_str(),
                _ => None,
            });
            let rules = plan.value.member("rules").map(Node::members).unwrap_or_default();
            for rule in rules {
                let text = |name| rule.value.member(name).and_then(assigned).and_then(Node::as_str);
                let vault = text("target_backup_vault_name");
                let actions = rule.value.member("copy_actions").map(Node::members);
                for action in actions.unwrap_or_default() {
                    // The key is the ARN too, and stands where the member is left out.
                    let to = action.value.member("target_backup_vault_arn");
                    let to = to.and_then(assigned).and_then(Node::as_str).or(action.key.known());
                    let lifecycle = action.value.member("lifecycle");
                    let days = |name| {
                        let days = lifecycle.and_then(|one| one.member(name)).and_then(assigned)?;
                        days.as_i64().or_else(|| days.as_str()?.parse().ok())
                    };
                    self.copy(CopyAction {
                        name: joined(plan.key.known(), rule.key.known()),
                        place: place.to_owned(),
                        source: Source {
                            name: vault.map(str::to_owned),
                            account: None,
                            region: region.map(str::to_owned),
                        },
                        destination: Destination::of(to),
                        delete_after_days: days("delete_after_days"),
                        cold_after_days: days("move_to_cold_storage_after_days"),
                    });
                }
            }
        }
    }

    fn copy(&mut self, copy: CopyAction) {
        // The same action stands in the policy, in the effective one and in saved answers.
        let is_known =
            |one: &CopyAction| CopyAction { place: copy.place.clone(), ..one.clone() } == copy;
        if !self.copies.iter().any(is_known) {
            self.copies.push(copy);
        }
    }
}

impl Destination {
    /// The vault of an ARN; `None` where the document does not settle the text.
    fn of(arn: Option<&str>) -> Self {
        let arn = arn.unwrap_or_default();
        arn.parse().map_or_else(|_| Self::Open(arn.to_owned()), Self::Known)
    }
}

/// The account that a key policy gives everything: nearly always the one that owns the key. A
/// hint, which the person who fills in the config sees.
fn administrator(policy: &Node) -> Option<&str> {
    list(policy, &["Statement"]).iter().find_map(|statement| {
        let everything =
            list(statement, &["Action"]).iter().any(|one| one.as_str() == Some("kms:*"));
        let principals = statement.member("Principal").map(|one| list(one, &["AWS"]));
        match principals {
            Some([one]) if everything && text_of(statement, &["Effect"]) == Some("Allow") => {
                let name = one.as_str()?;
                let root = Arn::parse(name).filter(|arn| arn.resource == "root");
                Some(root.map_or(name, |arn| arn.account)).filter(|id| is_account_id(id))
            }
            _ => None,
        }
    })
}

/// The elements of the first of these members, or the member itself where it is no list.
fn list<'n>(node: &'n Node, names: &[&str]) -> &'n [Node] {
    match names.iter().find_map(|name| node.member(name)) {
        Some(found) => match &found.value {
            Value::Array(elements) => elements,
            _ => std::slice::from_ref(found),
        },
        None => &[],
    }
}

fn text_of<'n>(node: &'n Node, names: &[&str]) -> Option<&'n str> {
    names.iter().find_map(|name| node.member(name)).and_then(Node::as_str)
}

/// What a setting of a management policy is assigned; in an effective policy it stands there itself.
fn assigned(node: &Node) -> Option<&Node> {
    match node.value {
        Value::Object(_) => node.member("@@assign"),
        _ => Some(node),
    }
}

fn joined(plan: Option<&str>, rule: Option<&str>) -> String {
    [plan, rule].into_iter().flatten().collect::<Vec<_>>().join(" / ")
}
