//! The condition keys that calls do not carry.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use copy_preflight_policy::iam::{AbsentKeys, Action};
use smol_str::SmolStr;

use super::row::Row;
use super::steps::expand;

/// How much is known of whose call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CallOf {
    /// Somebody's: only keys that the action does not have are absent.
    Anybody,
    /// A call of a copy that AWS Backup makes itself.
    Copy,
    /// A call of a copy that a service makes in the session of the role.
    CopyForwarded,
}

/// The keys that calls do not carry, by action.
#[derive(Debug, Clone)]
pub(super) struct Absent {
    /// The condition keys of each service, each with the actions that carry it.
    by_service: HashMap<String, Vec<(String, Vec<String>)>>,
    /// The keys that calls of a copy do not carry.
    of_copies: Vec<OfCopies>,
    /// INVARIANT: what [`Absent::compute`] gives, for the actions that the steps name.
    of_steps: HashMap<(SmolStr, CallOf), Arc<AbsentKeys>>,
}

/// Keys of a row on the calls of a copy.
#[derive(Debug, Clone)]
struct OfCopies {
    keys: Vec<String>,
    except_actions: Vec<String>,
    forwarded_only: bool,
}

impl Absent {
    pub(super) fn of(rows: &[Row]) -> Self {
        let by_service = service_keys(rows);
        let steps = || rows.iter().filter(|row| row.table == "steps");
        let absent = steps().filter(|row| row.text("context") == Some("absent"));
        let of_copies = absent.map(OfCopies::read).collect();
        let mut absent = Self { by_service, of_copies, of_steps: HashMap::new() };
        let names: BTreeSet<String> =
            steps().flat_map(|row| row.strings("actions")).flat_map(expand).collect();
        for action in names.iter().filter_map(|name| Action::parse(name)) {
            for call in [CallOf::Anybody, CallOf::Copy, CallOf::CopyForwarded] {
                let keys = Arc::new(absent.compute(&action, call));
                absent.of_steps.insert((action.text.clone(), call), keys);
            }
        }
        absent
    }

    /// The keys that a call does not carry.
    pub(super) fn keys(&self, action: &Action, call: CallOf) -> Arc<AbsentKeys> {
        match self.of_steps.get(&(action.text.clone(), call)) {
            Some(keys) => Arc::clone(keys),
            None => Arc::new(self.compute(action, call)),
        }
    }

    fn compute(&self, action: &Action, call: CallOf) -> AbsentKeys {
        let of_service = self.by_service.get(action.service()).map_or(&[][..], Vec::as_slice);
        let of_others = of_service
            .iter()
            .filter(|(_, carriers)| {
                !carriers.iter().any(|one| one.eq_ignore_ascii_case(&action.text))
            })
            .map(|(key, _)| key);
        let of_copies = self
            .of_copies
            .iter()
            .filter(|row| row.concerns(action, call))
            .flat_map(|row| &row.keys);
        of_others.chain(of_copies).map(String::as_str).collect()
    }
}

impl OfCopies {
    fn read(row: &Row) -> Self {
        let list = |cell| row.strings(cell).map(str::to_owned).collect();
        Self {
            keys: list("keys"),
            except_actions: list("except_actions"),
            forwarded_only: row.text("when") == Some("forward-access-session"),
        }
    }

    fn concerns(&self, action: &Action, call: CallOf) -> bool {
        let by_route = match call {
            CallOf::Anybody => false,
            CallOf::Copy => !self.forwarded_only,
            CallOf::CopyForwarded => true,
        };
        by_route && !self.except_actions.iter().any(|one| one == action.text.as_str())
    }
}

/// Keys of families such as `kms:EncryptionContext:` are left out: which ones a request
/// carries is not told by their names.
fn service_keys(rows: &[Row]) -> HashMap<String, Vec<(String, Vec<String>)>> {
    let mut keys: HashMap<String, Vec<(String, Vec<String>)>> = HashMap::new();
    for row in rows.iter().filter(|row| row.table == "condition-keys") {
        let (Some(key), Some(service)) = (row.text("key"), row.text("service")) else { continue };
        // A key property is carried by every operation on a key.
        if service == "aws" || key.contains(['$', '*']) || row.flag("key_operations") == Some(true)
        {
            continue;
        }
        let actions = row.strings("actions").map(str::to_owned).collect();
        keys.entry(service.to_owned()).or_default().push((key.to_owned(), actions));
    }
    keys
}
