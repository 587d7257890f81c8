//! Which documents a JSON text holds, and what each of them is.
//!
//! Told by the content; where the content fits several kinds, by the name of the file. An answer
//! of the AWS CLI is the carrier of the policy in it.

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Carrier, SourceId, Sources};
use copy_preflight_policy::tree::{Node, Value};

use super::document::{Document, Owner};
use super::kind::DocumentKind;
use crate::arn::Arn;

/// What is known of a text besides its content.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The kind that the user fixed.
    pub kind: Option<DocumentKind>,
    /// Whose document it is, where the file's place or the config says so.
    pub owner: Owner,
}

/// What a text holds.
#[derive(Debug)]
pub enum Found {
    /// These documents.
    Documents(Vec<Document>),
    /// Nothing of which the kind can be told.
    Nothing,
}

/// Members of answers under which a policy stands: the path, and the kind it then has; `None`
/// where the content tells.
const ANSWERS: [(&[&str], Option<DocumentKind>); 7] = [
    (&["PolicyVersion", "Document"], Some(DocumentKind::IdentityPolicy)),
    (&["PolicyDocument"], Some(DocumentKind::IdentityPolicy)),
    (&["Role", "AssumeRolePolicyDocument"], Some(DocumentKind::TrustPolicy)),
    (&["Policy", "Content"], None),
    (&["EffectivePolicy", "PolicyContent"], None),
    (&["BackupPlan"], Some(DocumentKind::BackupPlan)),
    (&["Policy"], None),
];

/// Reads the documents of a JSON text that is one of the sources.
pub fn documents(sources: &mut Sources, file: SourceId, hints: &Hints) -> Found {
    let Some(source) = sources.get(file) else { return Found::Nothing };
    let (name, text) = (source.name.clone(), source.text.clone());
    let reading = json::read(file, &text);
    let by_name = Named::of(&name);
    let owner = owner(&reading.root, &hints.owner, &name);
    if let Some((node, kind)) = carried(&reading.root) {
        let kind = kind.filter(|_| hints.kind.is_none());
        let member = match &node.value {
            Value::String(_) => {
                let Some(embedded) = json::embedded(&text, node.span) else {
                    return Found::Nothing;
                };
                let id = sources.next_id();
                let inner = json::read(id, &embedded.text);
                sources.add_carried(name, embedded.text, embedded.carrier);
                inner
            }
            // The object itself stands in the answer, byte for byte.
            _ => {
                let range = node.span.range();
                let carrier = Carrier::verbatim(file, node.span.start..node.span.end);
                let Some(inner) = text.get(range) else { return Found::Nothing };
                let id = sources.next_id();
                let read = json::read(id, inner);
                sources.add_carried(name, inner, carrier);
                read
            }
        };
        let kind = hints
            .kind
            .or(kind)
            .or_else(|| declared(&reading.root))
            .or_else(|| kind_of(&member.root, by_name));
        let Some(kind) = kind else { return Found::Nothing };
        let document = Document::new(kind, "", member.root, member.problems).owned_by(owner);
        return Found::Documents(vec![document]);
    }
    match hints.kind.or_else(|| kind_of(&reading.root, by_name)) {
        Some(kind) => Found::Documents(vec![
            Document::new(kind, "", reading.root, reading.problems).owned_by(owner),
        ]),
        None => Found::Nothing,
    }
}

/// The policy that an answer carries. A policy has a `Statement` of its own.
fn carried(root: &Node) -> Option<(&Node, Option<DocumentKind>)> {
    if root.member("Statement").is_some() {
        return None;
    }
    ANSWERS.iter().find_map(|(path, kind)| {
        let node = path.iter().try_fold(root, |node, member| node.member(member))?;
        let is_policy = match &node.value {
            Value::String(text) => {
                text.known().is_some_and(|text| text.trim_start().starts_with('{'))
            }
            Value::Object(_) => {
                node.member("Statement").is_some() || *kind == Some(DocumentKind::BackupPlan)
            }
            _ => false,
        };
        is_policy.then_some((node, *kind))
    })
}

/// The kind that an answer of Organizations, KMS or AWS Backup declares.
fn declared(root: &Node) -> Option<DocumentKind> {
    let text = |path: &[&str]| {
        path.iter().try_fold(root, |node, member| node.member(member)).and_then(Node::as_str)
    };
    let declared = text(&["Policy", "PolicySummary", "Type"])
        .or_else(|| text(&["EffectivePolicy", "PolicyType"]));
    match declared {
        Some("SERVICE_CONTROL_POLICY") => Some(DocumentKind::Scp),
        Some("RESOURCE_CONTROL_POLICY") => Some(DocumentKind::Rcp),
        Some("BACKUP_POLICY") => Some(DocumentKind::BackupPolicy),
        Some("TAG_POLICY") => Some(DocumentKind::TagPolicy),
        Some(_) => None,
        None if root.member("BackupVaultArn").is_some()
            || root.member("BackupVaultName").is_some() =>
        {
            Some(DocumentKind::VaultPolicy)
        }
        None => None,
    }
}

/// Whose document it is: what the hints say, else the answer, else the path of a snapshot.
fn owner(root: &Node, given: &Owner, path: &str) -> Owner {
    let arn = given
        .arn
        .clone()
        .or_else(|| root.member("BackupVaultArn").and_then(Node::as_str).map(Into::into));
    let mut owner = Owner { arn, ..given.clone() };
    if let Some(parsed) = owner.arn.as_deref().and_then(Arn::parse) {
        owner.account.get_or_insert_with(|| parsed.account.into());
        owner.region.get_or_insert_with(|| parsed.region.into());
    }
    let mut parts = path.split(['/', '\\']).skip_while(|part| *part != "accounts").skip(1);
    if owner.account.is_none()
        && let Some(account) = parts.next()
        && copy_preflight_policy::iam::principal::is_account_id(account)
    {
        owner.account = Some(account.into());
        let region = parts.next().filter(|part| part.matches('-').count() >= 2);
        owner.region = owner.region.or_else(|| region.map(Into::into));
    }
    owner
}

/// What a file name says of the document in it.
#[derive(Debug, Clone, Copy, Default)]
struct Named {
    key: bool,
    vault: bool,
    trust: bool,
    scp: bool,
    rcp: bool,
}

impl Named {
    fn of(path: &str) -> Self {
        let folded = path.to_ascii_lowercase();
        // The file and its folder; what stands above says nothing of one file.
        let mut parts = folded.rsplit(['/', '\\']);
        let near = [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()];
        let has = |words: &[&str]| {
            near.iter().any(|part| {
                let mut tokens = part.split(|one: char| !one.is_ascii_alphanumeric());
                tokens.any(|token| words.contains(&token))
            })
        };
        Self {
            key: has(&["kms", "key", "keys", "cmk"]),
            vault: has(&["vault", "vaults"]),
            trust: has(&["trust", "assume", "assumerole"]),
            scp: has(&["scp", "scps"]),
            rcp: has(&["rcp", "rcps"]),
        }
    }
}

/// The kind of a document by its content, and by its name where the content fits several.
fn kind_of(root: &Node, named: Named) -> Option<DocumentKind> {
    if let Some(statement) = root.member("Statement") {
        let list = match &statement.value {
            Value::Array(elements) => elements.as_slice(),
            _ => std::slice::from_ref(statement),
        };
        return Some(iam_kind(list, named));
    }
    if root.member("plans").is_some_and(is_object) {
        return Some(DocumentKind::BackupPolicy);
    }
    let tags = root.member("tags").filter(|tags| is_object(tags));
    if tags
        .is_some_and(|tags| tags.members().iter().any(|tag| tag.value.member("tag_key").is_some()))
    {
        return Some(DocumentKind::TagPolicy);
    }
    let rules = root.member("Rules").or_else(|| root.member("BackupPlanRule"));
    let is_rule = |rule: &Node| {
        rule.member("TargetBackupVaultName").is_some() || rule.member("TargetBackupVault").is_some()
    };
    rules
        .is_some_and(|rules| rules.elements().iter().any(is_rule))
        .then_some(DocumentKind::BackupPlan)
}

fn is_object(node: &Node) -> bool {
    matches!(node.value, Value::Object(_))
}

fn iam_kind(statements: &[Node], named: Named) -> DocumentKind {
    let member = |name: &str| statements.iter().filter(|one| one.member(name).is_some()).count();
    let has_principal = member("Principal") + member("NotPrincipal") > 0;
    let effect = |word: &str| {
        statements.iter().any(|one| one.member("Effect").and_then(Node::as_str) == Some(word))
    };
    if !has_principal {
        // A policy that only takes away, or gives everything back, guards an organization.
        return match (named.scp, effect("Deny"), allows_one_thing(statements)) {
            (true, ..) => DocumentKind::Scp,
            _ if named.key => DocumentKind::KeyPolicy,
            _ if named.vault && services(statements).all(|one| one == "backup") => {
                DocumentKind::VaultPolicy
            }
            (_, true, false) => DocumentKind::Scp,
            _ => DocumentKind::IdentityPolicy,
        };
    }
    let mut all: Vec<&str> = services(statements).collect();
    all.sort_unstable();
    all.dedup();
    let only = |service: &str| !all.is_empty() && all.iter().all(|one| *one == service);
    let guards = !effect("Allow") && effect("Deny") && everybody(statements);
    if only("sts") && !guards {
        return DocumentKind::TrustPolicy;
    }
    if named.rcp || (guards && !only("backup") && !named.key) {
        return DocumentKind::Rcp;
    }
    if only("kms") || (named.key && !named.vault && !only("backup")) {
        return DocumentKind::KeyPolicy;
    }
    if only("backup") || named.vault {
        return DocumentKind::VaultPolicy;
    }
    if named.trust {
        return DocumentKind::TrustPolicy;
    }
    // A mixture: the service with the most actions decides, as a wrong action stands alone.
    let count = |service: &str| services(statements).filter(|one| *one == service).count();
    match (count("kms"), count("backup")) {
        (0, 0) => DocumentKind::ResourcePolicy,
        (kms, backup) if kms >= backup => DocumentKind::KeyPolicy,
        _ => DocumentKind::VaultPolicy,
    }
}

/// Whether a statement allows anything but everything.
fn allows_one_thing(statements: &[Node]) -> bool {
    statements.iter().any(|one| {
        one.member("Effect").and_then(Node::as_str) != Some("Deny")
            && strings(one.member("Action")).any(|action| action != "*")
    })
}

fn everybody(statements: &[Node]) -> bool {
    statements.iter().all(|one| match one.member("Principal") {
        Some(principal) => {
            principal.as_str() == Some("*")
                || strings(principal.member("AWS")).eq(std::iter::once("*"))
        }
        None => false,
    })
}

/// The services of the actions of statements, each as often as it is named.
fn services(statements: &[Node]) -> impl Iterator<Item = &str> {
    let actions = statements
        .iter()
        .flat_map(|one| strings(one.member("Action")).chain(strings(one.member("NotAction"))));
    actions.filter_map(|action| action.split_once(':')).map(|(service, _)| service)
}

/// The string or the strings of a list.
fn strings(node: Option<&Node>) -> impl Iterator<Item = &str> {
    let list = match node.map(|node| &node.value) {
        Some(Value::Array(elements)) => elements.as_slice(),
        _ => node.map(std::slice::from_ref).unwrap_or_default(),
    };
    list.iter().filter_map(Node::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, text: &str) -> Option<DocumentKind> {
        let mut sources = Sources::new();
        let file = sources.add(name, text);
        match documents(&mut sources, file, &Hints::default()) {
            Found::Documents(found) => found.first().map(|one| one.kind),
            Found::Nothing => None,
        }
    }

    #[test]
    fn kinds_are_told_by_content_then_by_name() {
        use DocumentKind::{
            BackupPlan, BackupPolicy, IdentityPolicy, KeyPolicy, Rcp, ResourcePolicy, Scp,
            TagPolicy, TrustPolicy, VaultPolicy,
        };
        let statement = |body: &str| format!(r#"{{"Statement":[{{{body}}}]}}"#);
        let allow = |principal: &str, action: &str| {
            statement(&format!(r#""Effect":"Allow",{principal}"Action":"{action}","Resource":"*""#))
        };
        let root = r#""Principal":{"AWS":"111122223333"},"#;
        let deny_all = |action: &str| {
            statement(&format!(
                r#""Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*""#
            ))
        };
        let deny = statement(r#""Effect":"Deny","Action":"backup:*","Resource":"*""#);
        for (name, text, expected) in [
            ("a.json", allow(root, "kms:*"), Some(KeyPolicy)),
            ("a.json", allow(root, "backup:CopyIntoBackupVault"), Some(VaultPolicy)),
            ("a.json", allow(root, "sts:AssumeRole"), Some(TrustPolicy)),
            ("a.json", allow(root, "sns:Publish"), Some(ResourcePolicy)),
            ("kms/a.json", allow(root, "*"), Some(KeyPolicy)),
            ("a.json", allow("", "backup:StartCopyJob"), Some(IdentityPolicy)),
            ("scp/a.json", allow("", "*"), Some(Scp)),
            ("a.json", deny, Some(Scp)),
            ("a.json", deny_all("kms:*"), Some(Rcp)),
            ("a.json", deny_all("backup:CopyIntoBackupVault"), Some(VaultPolicy)),
            ("rcp.json", deny_all("backup:*"), Some(Rcp)),
            ("a.json", r#"{"plans":{}}"#.to_owned(), Some(BackupPolicy)),
            ("a.json", r#"{"tags":{"a":{"tag_key":{}}}}"#.to_owned(), Some(TagPolicy)),
            ("a.json", r#"{"tags":["a"]}"#.to_owned(), None),
            (
                "a.json",
                r#"{"BackupPlan":{"Rules":[{"TargetBackupVaultName":"v"}]}}"#.to_owned(),
                Some(BackupPlan),
            ),
            ("package.json", r#"{"name":"x","version":"1"}"#.to_owned(), None),
            ("a.json", "[]".to_owned(), None),
        ] {
            assert_eq!(kind(name, &text), expected, "{name} {text}");
        }
    }

    #[test]
    fn answers_carry_policies() {
        use DocumentKind::{IdentityPolicy, KeyPolicy, Scp, TrustPolicy, VaultPolicy};
        let policy =
            r#"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Principal\":\"*\"}]}"#;
        let object = r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#;
        for (text, expected) in [
            (format!(r#"{{"Policy":"{policy}","PolicyName":"default"}}"#), KeyPolicy),
            (
                format!(
                    r#"{{"BackupVaultName":"v","BackupVaultArn":"arn:aws:backup:eu-west-1:444455556666:backup-vault:v","Policy":"{policy}"}}"#
                ),
                VaultPolicy,
            ),
            (format!(r#"{{"PolicyVersion":{{"Document":{object}}}}}"#), IdentityPolicy),
            (format!(r#"{{"Role":{{"AssumeRolePolicyDocument":{object}}}}}"#), TrustPolicy),
            (
                format!(
                    r#"{{"Policy":{{"PolicySummary":{{"Type":"SERVICE_CONTROL_POLICY"}},"Content":"{policy}"}}}}"#
                ),
                Scp,
            ),
        ] {
            assert_eq!(kind("answer.json", &text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_snapshot_says_whose_document_it_is() {
        let mut sources = Sources::new();
        let path = "snap/accounts/111122223333/eu-west-1/keys/x.policy.json";
        let text = r#"{"Policy":"{\"Statement\":[{\"Action\":\"kms:*\",\"Principal\":\"*\"}]}"}"#;
        let file = sources.add(path, text);
        let Found::Documents(found) = documents(&mut sources, file, &Hints::default()) else {
            panic!("nothing")
        };
        let owner = &found.first().unwrap().owner;
        assert_eq!(owner.account.as_deref(), Some("111122223333"));
        assert_eq!(owner.region.as_deref(), Some("eu-west-1"));
    }
}
