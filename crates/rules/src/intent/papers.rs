//! The documents that a repository gives, and what follows from them and from the config.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};

use crate::arn::{KeyArn, RoleArn, VaultArn};
use crate::inputs::{Address, Inputs, object};
use crate::lint::Document;

/// Which answers are documents of the repository, and which are assumed.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    given: BTreeSet<Address>,
    assumed: BTreeSet<Address>,
    /// Places in given documents of which the value is not known.
    unsettled: Vec<Span>,
}

/// What the config says in its own words, and where.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// The id of the organization.
    pub organization: Option<(String, Span)>,
    /// The accounts that are of it.
    pub members: BTreeSet<String>,
    /// The customer managed keys of vaults.
    pub vault_keys: BTreeMap<VaultArn, (KeyArn, Span)>,
}

impl Papers {
    /// Takes a policy of the repository for an address. False where no answer at this address
    /// carries a policy.
    pub fn give(&mut self, inputs: &mut Inputs, address: Address, document: &Document) -> bool {
        if !inputs.insert_document(address.clone(), document) {
            return false;
        }
        collect_unsettled(&document.root, &mut self.unsettled);
        self.given.insert(address);
        true
    }

    /// Takes an answer of the AWS CLI for an address.
    pub fn give_answer(&mut self, inputs: &mut Inputs, address: Address, name: &str, text: &str) {
        inputs.insert_answer(address.clone(), name, text);
        self.given.insert(address);
    }

    /// Answers for an address what follows from the given documents and the config:
    ///
    /// - a key that the config names for a vault, or whose policy was given, is a customer managed
    ///   one: nobody writes the policy of another. No grants are counted on: they stand in no
    ///   repository;
    /// - a role of which policies were given has these policies and no boundary;
    /// - a vault is under the key, and an account in the organization, that the config names.
    ///
    /// False where nothing follows.
    pub fn assume(&mut self, inputs: &mut Inputs, address: &Address, stated: &Stated) -> bool {
        let Some(answer) = self.answer(inputs, address, stated) else { return false };
        inputs.insert_tree(address.clone(), answer);
        self.assumed.insert(address.clone());
        true
    }

    fn answer(&self, inputs: &Inputs, address: &Address, stated: &Stated) -> Option<Node> {
        match address {
            Address::Key(key) => {
                let mut stated = stated.vault_keys.values();
                let stated = stated.find(|(named, _)| named == key).map(|(_, span)| *span);
                let policy = Address::KeyPolicy(key.clone());
                let span = stated.or_else(|| self.place_of(inputs, &policy))?;
                Some(object([("KeyMetadata", object([("KeyManager", text("CUSTOMER", span))]))]))
            }
            Address::KeyGrants(key) => {
                let span = self.place_of(inputs, &Address::KeyPolicy(key.clone()))?;
                Some(object([("Grants", list(Vec::new(), span))]))
            }
            Address::Role(role) => {
                let span = self.policies_of(inputs, role).first()?.1;
                Some(object([("Role", object([("RoleName", text(&role.name, span))]))]))
            }
            Address::RoleAttached(role) => {
                let span = self.policies_of(inputs, role).first()?.1;
                Some(object([("AttachedPolicies", list(Vec::new(), span))]))
            }
            Address::RoleInline(role) => {
                let policies = self.policies_of(inputs, role);
                let span = policies.first()?.1;
                let names = policies.iter().map(|(name, span)| text(name, *span)).collect();
                Some(object([("PolicyNames", list(names, span))]))
            }
            Address::Vault(vault) => {
                let (key, span) = stated.vault_keys.get(vault)?;
                Some(object([("EncryptionKeyArn", text(&key.to_string(), *span))]))
            }
            Address::Organization { account } => {
                let (id, span) = stated.organization.as_ref()?;
                let is_member = stated.members.contains(account);
                is_member.then(|| object([("Organization", object([("Id", text(id, *span))]))]))
            }
            _ => None,
        }
    }

    /// The inline policies that were given for a role.
    fn policies_of<'s>(&'s self, inputs: &Inputs, role: &RoleArn) -> Vec<(&'s str, Span)> {
        self.given
            .iter()
            .filter_map(|address| match address {
                Address::RolePolicy { role: of, policy } if of == role => {
                    let name = policy.strip_prefix("inline:")?;
                    Some((name, self.place_of(inputs, address)?))
                }
                _ => None,
            })
            .collect()
    }

    /// Where a given document stands.
    fn place_of(&self, inputs: &Inputs, address: &Address) -> Option<Span> {
        if !self.given.contains(address) {
            return None;
        }
        match inputs.get(address)? {
            crate::inputs::Entry::Present(answer) => Some(answer.root.span),
            crate::inputs::Entry::Absent(absence) => absence.place,
        }
    }

    /// Whether an answer is a document of the repository.
    #[must_use]
    pub fn is_given(&self, address: &Address) -> bool {
        self.given.contains(address)
    }

    /// Whether an answer is assumed.
    #[must_use]
    pub fn is_assumed(&self, address: &Address) -> bool {
        self.assumed.contains(address)
    }

    /// Whether a place in a given document touches a value that is not known.
    pub(super) fn is_unsettled(&self, place: Span) -> bool {
        self.unsettled.iter().any(|span| {
            span.source == place.source && span.start < place.end && place.start < span.end
        })
    }
}

fn collect_unsettled(node: &Node, found: &mut Vec<Span>) {
    match &node.value {
        Value::Unknown => found.push(node.span),
        Value::String(text) if text.known().is_none() => found.push(node.span),
        _ => {}
    }
    node.elements().iter().for_each(|element| collect_unsettled(element, found));
    for member in node.members() {
        if member.key.known().is_none() {
            found.push(member.key_span);
        }
        collect_unsettled(&member.value, found);
    }
}

fn text(text: &str, span: Span) -> Node {
    Node { span, value: Value::String(Text::from(text)) }
}

fn list(elements: Vec<Node>, span: Span) -> Node {
    Node { span, value: Value::Array(elements) }
}
