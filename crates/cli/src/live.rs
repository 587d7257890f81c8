//! The accounts themselves as a source of documents, and what is shown while they are read.

mod organization;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use copy_preflight_live::{Accounts, AssumeRole, Event, Live, Settings, Stopped, Watch};
use copy_preflight_rules::inputs::{Address, CallRecord, Inputs, Why};
use copy_preflight_rules::plan::Request;

use crate::args::LiveArgs;
use crate::documents::{Documents, Keep, Stop};
use crate::output::plain::visible;

/// Documents from AWS.
pub(crate) struct FromAws<'a> {
    live: Live,
    keep: Option<&'a mut dyn Keep>,
    progress: Progress<'a>,
}

impl<'a> FromAws<'a> {
    /// A reader of the accounts that a request names.
    ///
    /// # Errors
    /// Where the system refuses what asking needs.
    pub(crate) fn new(
        args: &LiveArgs,
        request: &Request,
        keep: Option<&'a mut dyn Keep>,
        progress: Progress<'a>,
    ) -> io::Result<Self> {
        let mut destinations: Vec<String> =
            request.destinations.iter().map(|vault| vault.account.clone()).collect();
        destinations.sort();
        destinations.dedup();
        let assume = args
            .assume_role_name
            .clone()
            .map(|name| AssumeRole { name, external_id: args.external_id.clone() });
        let live = Live::new(Settings {
            accounts: Accounts {
                source: request.source.account.clone(),
                destinations,
                source_profile: args.source_profile.clone(),
                destination_profile: args.destination_profile.clone(),
                management_profile: args.management_profile.clone(),
                assume,
                known: BTreeMap::new(),
            },
            partition: request.source.partition.clone(),
            region: request.source.region.clone(),
        })?;
        Ok(Self { live, keep, progress })
    }

    /// Runs something, shows what happens meanwhile, and keeps what is fetched.
    fn watched<T>(
        &mut self,
        run: impl FnOnce(&mut Live, Watch<'_>) -> Result<T, Stopped>,
    ) -> Result<T, Stop> {
        let Self { live, keep, progress } = self;
        let mut unkept = None;
        let ran = run(live, &mut |event| {
            if let (Event::Fetched(fetched), Some(keep)) = (&event, keep.as_deref_mut())
                && let Err(fault) = keep.keep(fetched)
            {
                unkept = Some(Stop::Keep(fetched.address.path(), fault));
                return false;
            }
            progress.show(&event);
            true
        });
        progress.clear();
        ran.map_err(|stopped| match (stopped, unkept) {
            (Stopped::ByWatcher, Some(stop)) => stop,
            _ => Stop::Interrupted,
        })
    }
}

impl Documents for FromAws<'_> {
    fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
        let round = self.watched(|live, watch| live.fetch(wanted, watch))?;
        for (whose, what) in &round.problems {
            inputs.problem(whose, what.clone());
        }
        for address in wanted {
            match round.fetched.get(address) {
                Some(Some(fetched)) => inputs.insert_fetched(fetched),
                _ => inputs.insert_absent(address.clone(), Why::NotFetched),
            }
        }
        Ok(())
    }

    fn stage(&mut self, stage: &str) {
        self.progress.stage = format!("{stage}  ");
    }
}

/// What a person sees while accounts are read.
pub(crate) struct Progress<'a> {
    stream: &'a mut dyn Write,
    terminal: bool,
    verbose: bool,
    calls: usize,
    shown: bool,
    /// How far a long run has come.
    stage: String,
}

impl<'a> Progress<'a> {
    /// Progress on a stream: a line that renews itself on a terminal, each call where the user
    /// asks for it, else nothing.
    pub(crate) fn new(stream: &'a mut dyn Write, terminal: bool, verbose: bool) -> Self {
        Self { stream, terminal, verbose, calls: 0, shown: false, stage: String::new() }
    }

    fn show(&mut self, event: &Event) {
        match event {
            Event::Called(call) => {
                self.calls += 1;
                if self.verbose {
                    self.line(&told(call));
                } else {
                    let Self { calls, stage, .. } = &self;
                    let (service, operation) = (&call.service, &call.operation);
                    self.renew(&format!("{stage}{calls} calls  {service}:{operation}"));
                }
            }
            Event::Again { service, operation, why } => {
                let text = format!("{service}:{operation} again: {why}");
                if self.verbose {
                    self.line(&text);
                } else {
                    self.renew(&text);
                }
            }
            Event::Fetched(_) => {}
        }
    }

    fn line(&mut self, text: &str) {
        // Progress that cannot be shown is no reason to end.
        let _ = writeln!(self.stream, "{}", visible(text));
    }

    fn renew(&mut self, text: &str) {
        if self.terminal {
            let _ = write!(self.stream, "\r\x1b[K{}", visible(text));
            let _ = self.stream.flush();
            self.shown = true;
        }
    }

    /// Takes the line away that renews itself.
    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(self.stream, "\r\x1b[K");
            let _ = self.stream.flush();
        }
    }
}

/// A call in a line.
fn told(call: &CallRecord) -> String {
    let CallRecord { service, operation, account, region, milliseconds, outcome, .. } = call;
    let asked = if account.is_empty() { "-" } else { account };
    let again = match call.attempts {
        0 | 1 => String::new(),
        attempts => format!(", sent {attempts} times"),
    };
    let id = call.request_id.as_deref().unwrap_or("-");
    format!(
        "{service}:{operation}  {asked} {region}  {milliseconds} ms{again}  {outcome}  request {id}"
    )
}
