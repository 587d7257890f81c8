//! What judging a whole organization needs, read part by part: first what is said of all of it,
//! then account after account, a few side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use copy_preflight_policy::tree::Node;
use copy_preflight_rules::effective::needs::{self, Needs};
use copy_preflight_rules::effective::snapshot::{Organization, accounts, wanted_policies};
use copy_preflight_rules::effective::{Judged, Limits, judge};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Absence, Address, Entry, Inputs, Why};

use crate::documents::{Documents, Stop};

/// How many accounts are read side by side: AWS Backup and KMS count calls by account, and a role
/// that is assumed in each is what they have in common.
const SIDE_BY_SIDE: usize = 8;

/// The policy types whose effective policies AWS itself tells.
const TYPES: [&str; 2] = ["BACKUP_POLICY", "TAG_POLICY"];

/// Codes that say that there were no credentials to ask with: the account cannot be entered.
const OUTSIDE: [&str; 3] = ["RoleNotAssumed", "NoCredentials", "WrongAccount"];

/// Who asks.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The account of the credentials.
    pub account: String,
    /// Its partition.
    pub partition: String,
    /// Whether other accounts can be entered at all.
    pub enters: bool,
}

/// What was read, and what was not.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The id of the organization.
    pub organization: Option<String>,
    /// How many accounts it has.
    pub accounts: usize,
    /// Accounts that were read.
    pub entered: BTreeSet<String>,
    /// Accounts that were not, and why.
    pub not_entered: BTreeMap<String, Absence>,
    /// Accounts that are not active, and their state.
    pub inactive: BTreeMap<String, String>,
    /// Accounts outside the organization that copies go to.
    pub foreign: BTreeSet<String>,
    /// Accounts whose effective backup policy could not be told, and why: nothing says which
    /// documents it needs.
    pub unjudged: BTreeMap<String, Vec<String>>,
    /// Documents that were asked for and are not there.
    pub gaps: BTreeMap<Address, Absence>,
    /// Documents that only a person fetches: the permission, and how many.
    pub by_hand: BTreeMap<&'static str, usize>,
    /// What could not be read: the document, and why.
    pub problems: Vec<(String, String)>,
}

impl Gathered {
    /// Whether nothing that the tool can read is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
            && self.not_entered.is_empty()
            && self.unjudged.is_empty()
            && self.problems.is_empty()
    }
}

/// Why there is nothing to read.
#[derive(Debug)]
pub enum Fault {
    /// The run ended.
    Stop(Stop),
    /// The accounts could not be listed.
    NoAccounts(Option<Absence>),
    /// The credentials are of an account that the organization does not list: what was read before
    /// is of another one.
    NotOfIt(String),
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Reads it all.
///
/// # Errors
/// Where the run ended, or no account can be told.
pub fn gather(
    documents: &mut dyn Documents,
    asker: &Asker,
    facts: &Facts,
) -> Result<Gathered, Fault> {
    let mut run = Run { documents, facts, found: Gathered::default(), members: BTreeSet::new() };
    let inputs = run.organization(asker)?;
    let management = member(&inputs, "MasterAccountId");
    run.found.organization = member(&inputs, "Id");
    let needs = run.needs(&inputs, asker);
    run.found.foreign =
        needs.keys().filter(|account| !run.members.contains(*account)).cloned().collect();
    let regions: BTreeSet<&String> = needs.values().flat_map(|one| &one.regions).collect();
    let mut open: Vec<&String> = Vec::new();
    let members = run.members.clone();
    for account in &members {
        if run.found.inactive.contains_key(account) {
            continue;
        }
        if asker.enters || *account == asker.account {
            open.push(account);
        } else {
            run.found.not_entered.insert(account.clone(), no_role());
        }
    }
    let began = Instant::now();
    for (index, some) in open.chunks(SIDE_BY_SIDE).enumerate() {
        let done = index * SIDE_BY_SIDE;
        run.documents.stage(&stage(done, open.len(), began.elapsed()));
        let more = |account: &String| -> Vec<Address> {
            // Whether a type is backed up for a policy, the management account's settings say.
            let is_management = management.as_ref() == Some(account);
            let regions = regions.iter().filter(|_| is_management);
            let settings = |region: &&String| Address::RegionSettings {
                account: account.clone(),
                region: (*region).clone(),
            };
            regions.map(settings).collect()
        };
        let some: Vec<Part<'_>> = some
            .iter()
            .map(|account| Part { account, needs: needs.get(*account), more: more(account) })
            .collect();
        run.accounts(&some, inputs.clone())?;
    }
    // Those that are not read are told too, as far as the organization tells.
    let rest: Vec<Part<'_>> = run
        .found
        .not_entered
        .keys()
        .filter(|_| !asker.enters)
        .filter_map(|account| members.get(account))
        .map(|account| Part { account, needs: None, more: Vec::new() })
        .collect();
    for some in rest.chunks(SIDE_BY_SIDE) {
        run.effective(some, &mut inputs.clone())?;
    }
    Ok(run.found)
}

struct Run<'d> {
    documents: &'d mut dyn Documents,
    facts: &'d Facts,
    found: Gathered,
    members: BTreeSet<String>,
}

/// An account, and what is needed of it.
struct Part<'p> {
    account: &'p str,
    needs: Option<&'p Needs>,
    more: Vec<Address>,
}

impl Run<'_> {
    /// What is said of the organization as a whole.
    fn organization(&mut self, asker: &Asker) -> Result<Inputs, Fault> {
        let mut inputs = Inputs::new();
        self.documents.stage("the organization");
        self.load([Address::ManagementOrganization].into(), &mut inputs)?;
        let invalid =
            TYPES.map(|kind| Address::InvalidEffectivePolicies { policy_type: kind.to_owned() });
        let about = [
            Address::OrganizationAccounts,
            Address::OrganizationRoots,
            Address::OrganizationPolicies,
            Address::GlobalSettings,
            Address::ServiceAccess,
            Address::DelegatedAdministrators,
        ];
        self.load(about.into_iter().chain(invalid).collect(), &mut inputs)?;
        self.members = accounts(&inputs).into_iter().collect();
        if self.members.is_empty() {
            return Err(Fault::NoAccounts(match inputs.get(&Address::OrganizationAccounts) {
                Some(Entry::Absent(absence)) => Some(absence.clone()),
                _ => None,
            }));
        }
        if !self.members.contains(&asker.account) {
            return Err(Fault::NotOfIt(asker.account.clone()));
        }
        self.found.accounts = self.members.len();
        let (inactive, placed) = states(&inputs);
        self.found.inactive = inactive;
        let mut wanted: BTreeSet<Address> = wanted_policies(&inputs).into_iter().collect();
        self.documents.stage(&format!("{} policies", wanted.len() / 2));
        if !placed {
            wanted.insert(Address::OrganizationTree);
        }
        self.load(wanted, &mut inputs)?;
        Ok(inputs)
    }

    /// What the effective policies need of each account.
    fn needs(&mut self, inputs: &Inputs, asker: &Asker) -> BTreeMap<String, Needs> {
        let limits = Limits::of(self.facts);
        let organization = Organization::read(inputs, "BACKUP_POLICY", limits);
        let mut judged: Vec<Judged> = Vec::new();
        for account in &self.members {
            match organization.given(account) {
                Ok(given) => judged.push(judge(&given, &limits)),
                Err(troubles) => {
                    let faults = troubles.iter().map(ToString::to_string).collect();
                    self.found.unjudged.insert(account.clone(), faults);
                }
            }
        }
        needs::of(&judged, self.facts, &asker.partition)
    }

    /// What AWS says is in force, asked from above.
    fn effective(&mut self, some: &[Part<'_>], inputs: &mut Inputs) -> Result<(), Stop> {
        let policies = |part: &Part<'_>| {
            TYPES.map(|kind| Address::EffectivePolicy {
                account: part.account.to_owned(),
                policy_type: kind.to_owned(),
            })
        };
        self.load(some.iter().flat_map(policies).collect(), inputs)
    }

    /// Reads some accounts side by side.
    fn accounts(&mut self, some: &[Part<'_>], mut inputs: Inputs) -> Result<(), Stop> {
        let here = |part: &Part<'_>| Address::Organization { account: part.account.to_owned() };
        // One call shows whether an account can be entered; the others would fail as it did.
        let mut first: BTreeSet<Address> = some.iter().map(here).collect();
        first.retain(|address| inputs.get(address).is_none());
        self.load(first, &mut inputs)?;
        for part in some {
            match inputs.get(&here(part)) {
                Some(Entry::Absent(absence)) if is_outside(absence) => {
                    self.found.gaps.remove(&here(part));
                    self.found.not_entered.insert(part.account.to_owned(), absence.clone());
                }
                _ => {
                    self.found.entered.insert(part.account.to_owned());
                }
            }
        }
        self.effective(some, &mut inputs)?;
        loop {
            let mut wanted = BTreeSet::new();
            for part in some.iter().filter(|part| self.found.entered.contains(part.account)) {
                wanted.extend(part.more.iter().cloned());
                if let Some(needs) = part.needs {
                    wanted.append(&mut needs.wanted(part.account, &inputs, self.facts));
                }
            }
            wanted.retain(|address| inputs.get(address).is_none());
            if wanted.is_empty() {
                return Ok(());
            }
            self.load(wanted, &mut inputs)?;
        }
    }

    /// Reads documents, and notes those that are not there. Nothing is asked in an account that is
    /// not of the organization, or that cannot be entered.
    fn load(&mut self, wanted: BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
        let is_shut = |address: &Address| match (address, address.call().account) {
            // The management account answers.
            (Address::EffectivePolicy { .. }, _) | (_, None) => false,
            (_, Some(account)) => {
                !self.members.contains(&account)
                    || self.found.not_entered.contains_key(&account)
                    || self.found.inactive.contains_key(&account)
            }
        };
        let (shut, open): (BTreeSet<Address>, BTreeSet<Address>) =
            wanted.into_iter().partition(is_shut);
        for address in shut {
            inputs.insert_absent(address, Why::NotFetched);
        }
        let told = inputs.problems().len();
        self.documents.load(&open, inputs)?;
        for problem in inputs.problems().iter().skip(told) {
            // What keeps an account shut is told once, with the account.
            if !problem.name.starts_with("account ") {
                self.found.problems.push((problem.name.clone(), problem.message.clone()));
            }
        }
        for address in open {
            let Some(Entry::Absent(absence)) = inputs.get(&address) else { continue };
            if absence.why == Why::NotFound {
                continue;
            }
            if absence.why == Why::NotFetched && absence.code.is_none() {
                *self.found.by_hand.entry(address.call().permission).or_default() += 1;
            } else {
                self.found.gaps.insert(address, absence.clone());
            }
        }
        Ok(())
    }
}

fn is_outside(absence: &Absence) -> bool {
    absence.code.as_deref().is_some_and(|code| OUTSIDE.contains(&code))
}

fn no_role() -> Absence {
    Absence {
        why: Why::NotFetched,
        code: Some("NoCredentials".to_owned()),
        message: Some("no role was named with --assume-role-name".to_owned()),
        place: None,
    }
}

/// A member of what `describe-organization` answers.
fn member(inputs: &Inputs, name: &str) -> Option<String> {
    let Some(Entry::Present(answer)) = inputs.get(&Address::ManagementOrganization) else {
        return None;
    };
    answer.root.member("Organization")?.member(name)?.as_str().map(str::to_owned)
}

/// The accounts that are not active, and whether the list shows where each stands.
fn states(inputs: &Inputs) -> (BTreeMap<String, String>, bool) {
    let Some(Entry::Present(answer)) = inputs.get(&Address::OrganizationAccounts) else {
        return (BTreeMap::new(), false);
    };
    let list = answer.root.member("Accounts").map(Node::elements).unwrap_or_default();
    let mut inactive = BTreeMap::new();
    let mut placed = true;
    for account in list {
        let text = |name: &str| account.member(name).and_then(Node::as_str);
        placed &= account.member("Paths").is_some_and(|paths| !paths.elements().is_empty());
        // `State` takes the place of `Status`, which AWS retires.
        let state = text("State").or_else(|| text("Status"));
        if let (Some(id), Some(state)) = (text("Id"), state.filter(|state| *state != "ACTIVE")) {
            inactive.insert(id.to_owned(), state.to_owned());
        }
    }
    (inactive, placed)
}

/// How far a run has come, and how long the rest may take.
fn stage(done: usize, all: usize, elapsed: Duration) -> String {
    let left = u32::try_from(done).ok().filter(|done| *done > 0).map(|done| {
        let rest = u32::try_from(all.saturating_sub(done as usize)).unwrap_or(u32::MAX);
        elapsed.saturating_mul(rest) / done
    });
    let told = match left.map(|left| left.as_secs()) {
        None => String::new(),
        Some(seconds) if seconds < 60 => ", less than a minute left".to_owned(),
        Some(seconds) => format!(", about {} min left", seconds.div_ceil(60)),
    };
    format!("{done} of {all} accounts{told}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_follows_what_is_done() {
        let after = |done, seconds| stage(done, 100, Duration::from_secs(seconds));
        assert_eq!(after(0, 5), "0 of 100 accounts");
        assert_eq!(after(50, 30), "50 of 100 accounts, less than a minute left");
        assert_eq!(after(20, 60), "20 of 100 accounts, about 4 min left");
    }
}
