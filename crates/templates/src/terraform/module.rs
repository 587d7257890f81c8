//! What the files of a module define, by name.

use std::collections::HashMap;

use copy_preflight_policy::source::Sources;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, BlockLabel, Structure};

use super::parse::{Part, Place};
use crate::Format;

/// A part of the syntax, and where it stands.
#[derive(Debug)]
pub(crate) struct At<'a, T> {
    pub(crate) place: &'a Place,
    pub(crate) node: &'a T,
}

impl<T> Clone for At<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for At<'_, T> {}

impl<'a, T> At<'a, T> {
    /// Another part of the same text.
    pub(crate) fn other<S>(self, node: &'a S) -> At<'a, S> {
        At { place: self.place, node }
    }
}

/// The definitions of a module.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    /// Resources in the order of the files.
    pub(crate) resources: Vec<At<'a, Block>>,
    /// INVARIANT: type and name to an index of `resources`, whose blocks have two labels.
    pub(crate) resource_by_name: HashMap<(&'a str, &'a str), usize>,
    /// Blocks of override files, which replace attributes and blocks of the ones they name.
    /// <https://developer.hashicorp.com/terraform/language/files/override>
    pub(crate) overrides: HashMap<(&'a str, &'a str), At<'a, Block>>,
    /// Documents of `aws_iam_policy_document` in the order of the files.
    pub(crate) policy_documents: Vec<(&'a str, At<'a, Block>)>,
    /// INVARIANT: name to an index of `policy_documents`.
    policy_document_by_name: HashMap<&'a str, usize>,
    /// Calls of other modules in the order of the files.
    pub(crate) calls: Vec<At<'a, Block>>,
    pub(crate) locals: HashMap<&'a str, At<'a, Expression>>,
    /// The values of variables that the files themselves give.
    pub(crate) variables: HashMap<&'a str, At<'a, Expression>>,
    /// How many bytes all files have.
    pub(crate) size: usize,
}

impl<'a> Module<'a> {
    /// The definitions in these files.
    pub(crate) fn of(parts: &'a [(Format, Part)], sources: &Sources) -> Self {
        let mut module = Self::default();
        let mut given: Vec<(&str, &str, At<'a, Expression>)> = Vec::new();
        let mut overriding = Vec::new();
        for (format, part) in parts {
            module.size += part.place.text.len();
            let name = sources
                .get(part.place.source)
                .map_or("", |source| source.name.rsplit(['/', '\\']).next().unwrap_or_default());
            if *format == Format::TerraformVariables {
                let file = if name == "terraform.tfvars" { "" } else { name };
                for attribute in part.body.attributes() {
                    let at = At { place: &part.place, node: &attribute.value };
                    given.push((file, attribute.key.as_str(), at));
                }
                continue;
            }
            let stem = name.split('.').next().unwrap_or_default();
            if stem == "override" || stem.ends_with("_override") {
                overriding.push((name, part));
            } else {
                module.add(part, false);
            }
        }
        overriding.sort_by_key(|(name, _)| *name);
        for (_, part) in overriding {
            module.add(part, true);
        }
        // `terraform.tfvars` first, then the others in the order of their names; the last counts.
        // <https://developer.hashicorp.com/terraform/language/values/variables>
        given.sort_by_key(|(file, _, _)| *file);
        module.variables.extend(given.into_iter().map(|(_, variable, at)| (variable, at)));
        module
    }

    fn add(&mut self, part: &'a Part, overrides: bool) {
        for block in part.body.iter().filter_map(Structure::as_block) {
            let at = At { place: &part.place, node: block };
            let label = |index| block.labels.get(index).map(BlockLabel::as_str);
            match (block.ident.as_str(), (label(0), label(1))) {
                ("resource" | "data", (Some(kind), Some(name))) if overrides => {
                    self.overrides.insert((kind, name), at);
                }
                ("resource", (Some(kind), Some(name))) => {
                    self.resource_by_name.entry((kind, name)).or_insert(self.resources.len());
                    self.resources.push(at);
                }
                ("data", (Some("aws_iam_policy_document"), Some(name))) => {
                    let index = self.policy_documents.len();
                    self.policy_document_by_name.entry(name).or_insert(index);
                    self.policy_documents.push((name, at));
                }
                ("module", (Some(_), None)) => self.calls.push(at),
                ("locals", _) => {
                    for attribute in block.body.attributes() {
                        self.locals.insert(attribute.key.as_str(), at.other(&attribute.value));
                    }
                }
                ("variable", (Some(name), _)) => {
                    if let Some(default) = block.body.get_attribute("default") {
                        self.variables.insert(name, at.other(&default.value));
                    }
                }
                _ => {}
            }
        }
    }

    /// The resource of this type and name.
    pub(crate) fn resource(&self, kind: &str, name: &str) -> Option<At<'a, Block>> {
        self.resources.get(*self.resource_by_name.get(&(kind, name))?).copied()
    }

    /// The document of this name, unless an override file changes it.
    pub(crate) fn policy_document(&self, name: &str) -> Option<At<'a, Block>> {
        if self.overrides.contains_key(&("aws_iam_policy_document", name)) {
            return None;
        }
        let index = *self.policy_document_by_name.get(name)?;
        self.policy_documents.get(index).map(|(_, at)| *at)
    }
}
