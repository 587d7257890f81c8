//! Failed copies and the accounts themselves: jobs are fetched, messages decoded, and the documents
//! of each copy asked which cause holds.

use std::io::Write;

use copy_preflight_rules::check::Settings;
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::incident::Incident;

use super::Found;
use crate::args::ExplainArgs;
use crate::command::Failure;
use crate::config::Located;

#[cfg(feature = "live")]
pub(super) use reading::explain;

/// This build cannot.
#[cfg(not(feature = "live"))]
pub(super) fn explain(
    _: (&ExplainArgs, &Located),
    _: impl FnOnce() -> Result<Vec<Incident>, Failure>,
    _: (&mut dyn Write, bool),
    _: (&Facts, &Settings),
) -> Result<Found, Failure> {
    Err(crate::command::live::reads_no_accounts())
}

#[cfg(feature = "live")]
mod reading {
    use std::collections::{BTreeMap, BTreeSet};
    use std::rc::Rc;

    use copy_preflight_policy::iam::principal::is_account_id;
    use copy_preflight_rules::arn::{Arn, VaultArn};
    use copy_preflight_rules::explanation::{self, Explanation, confirm};
    use copy_preflight_rules::incident::denial_in;
    use copy_preflight_rules::inputs::{Address, Inputs};
    use copy_preflight_rules::plan::Request;

    use super::super::{failed_since, named_only, of_entry, request, since_of, with_job};
    use super::*;
    use crate::command::judge::judge_all;
    use crate::command::live::Reach;
    use crate::command::live::reading::{begin, named};
    use crate::documents::Documents;
    use crate::live::FromAws;
    use crate::output::explanation::{Evidence, Explained};

    /// Explains what is brought, or the jobs that are asked for, and reads the accounts.
    pub(in super::super) fn explain(
        (args, config): (&ExplainArgs, &Located),
        brought: impl FnOnce() -> Result<Vec<Incident>, Failure>,
        (stream, terminal): (&mut dyn Write, bool),
        (facts, settings): (&Facts, &Settings),
    ) -> Result<Found, Failure> {
        let place = &args.place;
        let reach = Reach::of(
            &args.credentials,
            config,
            place.account.as_deref(),
            place.region.as_slice(),
        )?;
        let live = begin(&reach, (&mut *stream, terminal))?;
        let mut ground = Ground { reach, live, facts, home: None, inputs: Inputs::new() };
        let mut scope = String::new();
        let incidents = match &args.copy_job {
            Some(id) => ground.copy_job(id)?,
            None if args.failed => {
                let since = since_of(args, settings.now.unwrap_or_default())?;
                let VaultArn { account, region, .. } = ground.home("the failed copy jobs")?;
                let from = since.map(|since| format!(", since {since}")).unwrap_or_default();
                scope = format!(" in {account}, {region}{from}");
                ground.failed((account, region), since)?
            }
            None => {
                let incidents = brought()?;
                ground.with_jobs(incidents)?
            }
        };
        let incidents = incidents.into_iter().map(|one| ground.decoded(one));
        let incidents = incidents.collect::<Result<Vec<_>, Failure>>()?;
        let mut explained: Vec<Explained> = Vec::new();
        let mut requests: BTreeMap<String, Vec<(usize, Request)>> = BTreeMap::new();
        for incident in incidents {
            let mut explanation = explanation::explain(&incident, facts);
            if let Some(request) = request(&incident, &mut explanation) {
                let of_source = requests.entry(request.source.account.clone()).or_default();
                of_source.push((explained.len(), request));
            }
            explained.push(Explained { incident, explanation, evidence: None });
        }
        ground.confirm(requests, &mut explained, settings)?;
        Ok(Found { explained, scope })
    }

    /// The accounts, and what was read of them.
    struct Ground<'a> {
        reach: Reach<'a>,
        live: FromAws<'a>,
        facts: &'a Facts,
        /// Where a job is that names no account.
        home: Option<VaultArn>,
        inputs: Inputs,
    }

    impl Ground<'_> {
        fn home(&mut self, what: &str) -> Result<VaultArn, Failure> {
            if let Some(home) = &self.home {
                return Ok(home.clone());
            }
            let home = self.live.place(named(&self.reach, what), self.facts)?;
            self.live.starts_at(&home);
            Ok(self.home.insert(home).clone())
        }

        fn copy_job(&mut self, id: &str) -> Result<Vec<Incident>, Failure> {
            let VaultArn { account, region, .. } = self.home(&format!("copy job `{id}`"))?;
            let what = format!("copy job `{id}` in {account}, {region}");
            self.read(&Address::CopyJob { account, region, id: id.to_owned() }, what)
        }

        fn failed(
            &mut self,
            (account, region): (String, String),
            since: Option<jiff::Timestamp>,
        ) -> Result<Vec<Incident>, Failure> {
            let what = format!("the failed copy jobs of {account} in {region}");
            let jobs = self.read(&Address::FailedCopyJobs { account, region, since }, what)?;
            Ok(failed_since(jobs, since))
        }

        fn read(&mut self, address: &Address, what: String) -> Result<Vec<Incident>, Failure> {
            self.live.load(&BTreeSet::from([address.clone()]), &mut self.inputs)?;
            self.tell_problems();
            Ok(of_entry(self.inputs.get(address), address, || what))
        }

        /// The jobs that incidents name without saying more, fetched side by side.
        fn with_jobs(&mut self, incidents: Vec<Incident>) -> Result<Vec<Incident>, Failure> {
            let mut addresses: Vec<Option<Address>> = Vec::new();
            for incident in &incidents {
                let address = match named_only(incident) {
                    Some(id) => Some(self.address_of(incident, id)?),
                    None => None,
                };
                addresses.push(address);
            }
            let wanted: BTreeSet<Address> = addresses.iter().flatten().cloned().collect();
            if wanted.is_empty() {
                return Ok(incidents);
            }
            self.live.load(&wanted, &mut self.inputs)?;
            self.tell_problems();
            let found = |address: Option<Address>| {
                let jobs = address.map(|address| {
                    of_entry(self.inputs.get(&address), &address, || address.path())
                });
                jobs.unwrap_or_default()
            };
            let both = incidents.into_iter().zip(addresses);
            Ok(both.map(|(incident, address)| with_job(incident, found(address))).collect())
        }

        fn address_of(&mut self, incident: &Incident, id: &str) -> Result<Address, Failure> {
            let (account, region) = (incident.job.account.clone(), incident.job.region.clone());
            let (account, region) = match (account, region) {
                (Some(account), Some(region)) => (account, region),
                (account, region) => {
                    let home = self.home(&format!("copy job `{id}`"))?;
                    (account.unwrap_or(home.account), region.unwrap_or(home.region))
                }
            };
            Ok(Address::CopyJob { account, region, id: id.to_owned() })
        }

        /// The incident with what its encoded message says.
        fn decoded(&mut self, mut incident: Incident) -> Result<Incident, Failure> {
            let Some(encoded) = incident.encoded.clone() else { return Ok(incident) };
            let refused = incident.message.as_deref().and_then(denial_in);
            let refused = refused.and_then(|denial| denial.principal);
            let of_arn = |arn: &str| Some(Arn::parse(arn)?.account.to_owned());
            let account = refused.as_deref().and_then(of_arn).or(incident.job.account.clone());
            // Who was refused tells the account; the Region is that of any endpoint.
            let home = self.home("the encoded message")?;
            let account = account.filter(|id| is_account_id(id)).unwrap_or(home.account);
            match self.live.decode(&account, &encoded)? {
                Ok(answer) => Ok(incident.decoded(&answer)),
                Err(error) => {
                    let why = format!("the message was not decoded: {}", error.message);
                    incident.next.insert(0, why);
                    Ok(incident)
                }
            }
        }

        /// Marks each cause by what the documents of its copy say. Copies from one account share
        /// their documents; those from another may be in another organization.
        fn confirm(
            mut self,
            requests: BTreeMap<String, Vec<(usize, Request)>>,
            explained: &mut [Explained],
            settings: &Settings,
        ) -> Result<(), Failure> {
            let home = self.home.as_ref().map(|home| home.account.clone());
            let mut groups: Vec<_> = requests.into_iter().collect();
            groups.sort_by_key(|(account, _)| Some(account) != home.as_ref());
            let mut read_for = home;
            for (account, group) in groups {
                if read_for.as_ref().is_some_and(|other| *other != account) {
                    self.live = self.live.anew()?;
                    self.inputs = Inputs::new();
                }
                read_for = Some(account);
                let (indexes, requests): (Vec<usize>, Vec<Request>) = group.into_iter().unzip();
                self.live.concerns(&requests);
                let inputs = std::mem::take(&mut self.inputs);
                let facts = self.facts;
                let (judged, inputs) =
                    judge_all(&requests, inputs, &mut self.live, (facts, settings))?;
                self.inputs = inputs;
                self.tell_problems();
                let inputs = Rc::new(std::mem::take(&mut self.inputs));
                for (index, one) in indexes.into_iter().zip(judged) {
                    let Some(explained) = explained.get_mut(index) else { continue };
                    let explanation: &mut Explanation = &mut explained.explanation;
                    confirm(explanation, &one.report);
                    let evidence = Evidence { report: one.report, inputs: Rc::clone(&inputs) };
                    explained.evidence = Some(Box::new(evidence));
                }
            }
            Ok(())
        }

        /// Says what is wrong with credentials, which no cause would show.
        fn tell_problems(&mut self) {
            for problem in self.inputs.take_problems() {
                self.live.say(&format!("{}: {}", problem.name, problem.message));
            }
        }
    }
}
