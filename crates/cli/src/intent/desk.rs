//! What lies on the desk when one planned copy is judged: its documents, the snapshot, and what
//! the config says.

use std::collections::BTreeSet;

use copy_preflight_policy::source::{SourceId, Span};
use copy_preflight_rules::arn::{KeyArn, RoleArn, VaultArn};
use copy_preflight_rules::inputs::{Address, Inputs, Why};
use copy_preflight_rules::intent::{Papers, Stated};
use copy_preflight_rules::nearest::nearest;
use copy_preflight_rules::view::Slot;
use toml::Spanned;

use super::documents::{Reference, kind_of, read, text};
use super::first_line;
use crate::config::{Located, PlannedCopy};
use crate::lint::Version;
use crate::snapshot::Snapshot;

/// The prefix of the slots of the copy role's policies, which are named by whoever gives them.
const ROLE_POLICY: &str = "copy-role-policy[";

pub(super) struct Desk<'c> {
    config: &'c Located,
    planned: &'c Spanned<PlannedCopy>,
    version: &'c Version,
    pub(super) inputs: Inputs,
    pub(super) papers: Papers,
    stated: Stated,
    snapshot: Option<Snapshot>,
    /// The slots of documents that were put in their place.
    placed: BTreeSet<&'c str>,
    /// The text of the config.
    source: SourceId,
}

impl<'c> Desk<'c> {
    pub(super) fn new(
        config: &'c Located,
        planned: &'c Spanned<PlannedCopy>,
        version: &'c Version,
    ) -> Result<Self, Vec<String>> {
        let mut inputs = Inputs::new();
        let shown = config.path.as_deref().map(|path| version.shown(path)).unwrap_or_default();
        let source = inputs.sources.add(shown, config.text());
        let copy = planned.get_ref();
        let snapshot = match &copy.snapshot {
            Some(folder) => {
                let path = config.folder().join(folder);
                let opened = Snapshot::open(&path).map_err(|fault| {
                    vec![format!(
                        "{}: snapshot `{folder}` cannot be read: {fault}",
                        config.place_of(planned)
                    )]
                })?;
                Some(opened.shown_below(format!("{}/", version.shown(&path))))
            }
            None => None,
        };
        let mut desk = Self {
            config,
            planned,
            version,
            inputs,
            papers: Papers::default(),
            stated: Stated::default(),
            snapshot,
            placed: BTreeSet::new(),
            source,
        };
        desk.stated = desk.stated();
        desk.place_role_policies()?;
        Ok(desk)
    }

    /// The first line of the planned copy in the config.
    pub(super) fn header(&self) -> Span {
        let whole = self.span(self.planned);
        self.inputs.sources.get(self.source).map_or(whole, |source| first_line(source, whole))
    }

    fn span<T>(&self, value: &Spanned<T>) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let range = value.span();
        Span::new(self.source, offset(range.start), offset(range.end))
    }

    /// What the config says in its own words.
    fn stated(&self) -> Stated {
        let config = &self.config.config;
        let copy = self.planned.get_ref();
        let key = |vault: &VaultArn, key: &Option<Spanned<KeyArn>>| {
            let key = key.as_ref()?;
            Some((vault.clone(), (key.get_ref().clone(), self.span(key))))
        };
        let keys = [
            key(&copy.source_vault, &copy.source_vault_key),
            key(&copy.destination_vault, &copy.destination_key),
        ];
        let id = config.organization.id.as_ref();
        Stated {
            organization: id.map(|id| (id.get_ref().clone(), self.span(id))),
            members: config.accounts.iter().map(|account| account.id.get_ref().clone()).collect(),
            vault_keys: keys.into_iter().flatten().collect(),
        }
    }

    /// Puts the documents in the slots that were asked for, and answers what is wanted as far as
    /// anything does. False where nothing was left to answer.
    pub(super) fn answer(
        &mut self,
        slots: &[Slot],
        wanted: &BTreeSet<Address>,
    ) -> Result<bool, Vec<String>> {
        let mut faults = Vec::new();
        let mut placed = false;
        let documents = &self.planned.get_ref().documents;
        for (slot, reference) in documents {
            let asked = slots.iter().find(|one| one.name == *slot.get_ref());
            let Some(asked) = asked.filter(|_| !self.placed.contains(slot.get_ref().as_str()))
            else {
                continue;
            };
            self.placed.insert(slot.get_ref());
            placed = true;
            if let Err(fault) = self.place(asked.address.clone(), reference) {
                faults.push(fault);
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        for address in wanted {
            if self.papers.is_given(address) {
                continue;
            }
            if let Some(snapshot) = &self.snapshot {
                snapshot.load(address, &mut self.inputs);
            }
            let found = self.inputs.get(address);
            let nothing = found.is_none_or(|entry| {
                matches!(entry, copy_preflight_rules::inputs::Entry::Absent(absence)
                    if absence.why == Why::NotFetched && absence.place.is_none())
            });
            if nothing && !self.papers.assume(&mut self.inputs, address, &self.stated) {
                self.inputs.insert_absent(address.clone(), Why::NotGiven);
            }
        }
        Ok(placed || !wanted.is_empty())
    }

    /// Policies of the copy role have no slot before someone says that they are there.
    fn place_role_policies(&mut self) -> Result<(), Vec<String>> {
        let copy = self.planned.get_ref();
        let Some(role) = copy.role.clone() else { return Ok(()) };
        let mut faults = Vec::new();
        for (slot, reference) in &copy.documents {
            let Some(name) = slot.get_ref().strip_prefix(ROLE_POLICY) else { continue };
            let Some(name) = name.strip_suffix(']') else { continue };
            if let Err(fault) = self.place(role_policy(&role, name), reference) {
                faults.push(fault);
            }
            self.placed.insert(slot.get_ref());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn place(&mut self, address: Address, reference: &'c Spanned<String>) -> Result<(), String> {
        let named = reference.get_ref();
        let fault =
            |message: String| format!("{}: `{named}` {message}", self.config.place_of(reference));
        let parsed = Reference::parse(named);
        let folder = self.config.folder();
        let path = folder.join(parsed.path);
        self.version.need(&path).map_err(|error| fault(error.to_string()))?;
        match kind_of(&address) {
            Some(kind) => {
                let sources = &mut self.inputs.sources;
                let document = read(folder, parsed, kind, self.version, sources).map_err(fault)?;
                self.papers.give(&mut self.inputs, address, &document);
            }
            None => {
                let text = text(&path).map_err(fault)?;
                let shown = self.version.shown(&path);
                self.papers.give_answer(&mut self.inputs, address, &shown, &text);
            }
        }
        Ok(())
    }

    /// A document in a slot that no rule asks for would be checked by nobody.
    pub(super) fn all_were_asked_for(&self, slots: &[Slot]) -> Result<(), Vec<String>> {
        let copy = self.planned.get_ref();
        let idle: Vec<String> = copy
            .documents
            .keys()
            .filter(|slot| !slots.iter().any(|asked| asked.name == *slot.get_ref()))
            .map(|slot| self.idle(slot, slots))
            .collect();
        if idle.is_empty() { Ok(()) } else { Err(idle) }
    }

    fn idle(&self, slot: &Spanned<String>, slots: &[Slot]) -> String {
        let copy = self.planned.get_ref();
        let named = slot.get_ref();
        let lacks = |prefix: &str, lacking: bool, what: &str| {
            (named.starts_with(prefix) && lacking).then(|| format!("say which it is: `{what}`"))
        };
        let help =
            lacks("destination-key", copy.destination_key.is_none(), "destination-key = ARN")
                .or_else(|| {
                    lacks(
                        "source-vault-key",
                        copy.source_vault_key.is_none(),
                        "source-vault-key = ARN",
                    )
                })
                .or_else(|| lacks("source-key", copy.source_key.is_empty(), "source-key = ARN"))
                .or_else(|| lacks(ROLE_POLICY, copy.role.is_none(), "role = ARN"))
                .or_else(|| {
                    let near = nearest(named, slots.iter().map(|slot| slot.name.as_str()))?;
                    Some(format!("the nearest slot is `{near}`"))
                });
        format!(
            "{}: no rule asks for `{named}` of this copy{}",
            self.config.place_of(slot),
            help.map(|help| format!("; {help}")).unwrap_or_default()
        )
    }
}

fn role_policy(role: &RoleArn, name: &str) -> Address {
    Address::RolePolicy { role: role.clone(), policy: format!("inline:{name}") }
}
