//! Some accounts of an organization: their documents are read, their copies judged and folded.
//! What the organization has in common lies below and stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Matrix;
use crate::arn::VaultArn;
use crate::check::{Judged, Settings, judge};
use crate::effective::snapshot::{self, Organization};
use crate::effective::{self, Merges};
use crate::facts::Facts;
use crate::inputs::{Address, Inputs, Problem};
use crate::plan::policy::{self, AccountPlan};
use crate::plan::{Plan, Planned};
use crate::run::Run;

/// The policy type that plans copies.
pub const POLICY_TYPE: &str = "BACKUP_POLICY";

/// What all accounts are judged with.
#[derive(Debug)]
pub struct Survey<'a> {
    /// The documents of the organization.
    pub shared: &'a Arc<Inputs>,
    /// Its backup policies.
    pub organization: &'a Organization<'a>,
    /// The facts.
    pub facts: &'a Facts,
    /// How copies are judged.
    pub settings: &'a Settings,
    /// Only accounts below one of these OUs; all where none is named.
    pub units: &'a [String],
    /// Only copies into these vaults; all where none is named.
    pub destinations: &'a [VaultArn],
}

/// What is said of some accounts.
#[derive(Debug)]
pub struct Part {
    /// Their copies, folded.
    pub matrix: Matrix,
    /// Each copy, with the root or OU that its account stands in.
    pub copies: Vec<(String, Planned, Judged)>,
    /// The documents of the accounts, over those of the organization.
    pub inputs: Inputs,
    /// What of the policies could not be planned.
    pub problems: Vec<Problem>,
}

/// An account with the copies that its policies plan.
struct Account {
    judged: effective::Judged,
    unit: String,
    plan: AccountPlan,
}

impl Survey<'_> {
    /// Judges some accounts. `load` reads what is wanted; each address then has an entry.
    pub fn of(
        &self,
        accounts: &[String],
        merges: &mut Merges,
        load: &dyn Fn(&BTreeSet<Address>, &mut Inputs),
    ) -> Part {
        let mut matrix = Matrix::default();
        let mut inputs = Inputs::over(self.shared);
        let mut judged = Vec::new();
        for account in accounts {
            self.effective(account, merges, &mut matrix, &mut judged);
        }
        let mut problems = Vec::new();
        let mut planned = Vec::new();
        for account in self.plan(judged, &mut inputs, load) {
            self.note(&account, &mut matrix);
            let Plan { copies, problems: found, .. } = account.plan.plan;
            problems.extend(found);
            planned.extend(copies.into_iter().map(|copy| (account.unit.clone(), copy)));
        }
        let judged = self.judge(&planned, &mut inputs, load);
        for ((unit, planned), judged) in planned.iter().zip(&judged) {
            matrix.add(unit, planned, judged, &inputs);
        }
        let copies = planned.into_iter().zip(judged);
        let copies = copies.map(|((unit, planned), judged)| (unit, planned, judged)).collect();
        Part { matrix, copies, inputs, problems }
    }

    /// The effective policy of an account, where it is one of those that are asked for.
    fn effective(
        &self,
        account: &str,
        merges: &mut Merges,
        matrix: &mut Matrix,
        judged: &mut Vec<(effective::Judged, String)>,
    ) {
        let given = match self.organization.given(account) {
            Ok(given) => given,
            Err(troubles) => {
                let faults = troubles.iter().map(ToString::to_string).collect();
                matrix.accounts += 1;
                return matrix.add_unjudged(account, faults);
            }
        };
        let above: Vec<&str> = given.path.iter().map(|level| level.target.as_str()).collect();
        let is_below = |unit: &String| above.contains(&unit.as_str());
        if !self.units.is_empty() && !self.units.iter().any(is_below) {
            return;
        }
        matrix.accounts += 1;
        let unit = above.iter().rev().nth(1).copied().unwrap_or_default().to_owned();
        judged.push((merges.judge(&given), unit));
    }

    /// Plans the copies of accounts; reads what the plans need.
    fn plan(
        &self,
        judged: Vec<(effective::Judged, String)>,
        inputs: &mut Inputs,
        load: &dyn Fn(&BTreeSet<Address>, &mut Inputs),
    ) -> Vec<Account> {
        let mut accounts: Vec<Account> = judged
            .into_iter()
            .map(|(judged, unit)| Account { judged, unit, plan: AccountPlan::default() })
            .collect();
        loop {
            let mut wanted = BTreeSet::new();
            for account in &mut accounts {
                account.plan = policy::plan(&account.judged, self.destinations, inputs, self.facts);
                wanted.append(&mut account.plan.plan.wanted);
            }
            if wanted.is_empty() {
                return accounts;
            }
            load(&wanted, inputs);
        }
    }

    /// Notes what an account plans that is no copy to judge.
    fn note(&self, account: &Account, matrix: &mut Matrix) {
        for one in &account.plan.unplanned {
            matrix.add_unplanned(one.clone());
        }
        if account.judged.copies.is_empty() {
            let why = if snapshot::is_enabled(self.shared, POLICY_TYPE) == Some(false) {
                "backup policies are not enabled on the root"
            } else if !account.judged.effective.attached {
                "no backup policy is attached to it or above it"
            } else {
                "its effective backup policy plans no copy"
            };
            matrix.add_quiet(&account.judged.account, why.to_owned());
        }
    }

    /// Judges copies, reads what was wanted, and judges those again that wanted it.
    fn judge(
        &self,
        copies: &[(String, Planned)],
        inputs: &mut Inputs,
        load: &dyn Fn(&BTreeSet<Address>, &mut Inputs),
    ) -> Vec<Judged> {
        let run = Run::new(inputs, self.facts, self.settings);
        let mut found: Vec<Judged> =
            copies.iter().map(|(_, planned)| judge(planned, &run)).collect();
        let mut memory = run.into_memory();
        loop {
            let wanted: BTreeSet<Address> =
                found.iter().flat_map(Judged::wanted).cloned().collect();
            if wanted.is_empty() {
                return found;
            }
            load(&wanted, inputs);
            // What did not look where something was read now stays as it is.
            memory.forget(&wanted);
            let run = Run::with(inputs, self.facts, self.settings, memory);
            for (judged, (_, planned)) in found.iter_mut().zip(copies) {
                if judged.hangs_on(&wanted) {
                    *judged = judge(planned, &run);
                }
            }
            memory = run.into_memory();
        }
    }
}
