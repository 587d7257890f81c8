//! The accounts themselves as a source of documents, and what is shown while they are read.

mod organization;

use std::collections::BTreeSet;
use std::io::{self, Write};

use copy_preflight_live::{
    Accounts, AssumeRole, Caller, Event, Live, Means, Settings, Stopped, Watch,
};
use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, CallRecord, ErrorAnswer, Inputs, Why};
use copy_preflight_rules::plan::Request;

use crate::args::LiveArgs;
use crate::command::{Failure, place};
use crate::config::Config;
use crate::documents::{Documents, Keep, Stop};
use crate::output::plain::visible;

/// Documents from AWS.
pub(crate) struct FromAws<'a> {
    live: Live,
    keep: Option<&'a mut dyn Keep>,
    progress: Progress<'a>,
}

impl<'a> FromAws<'a> {
    /// A reader of accounts, by what flags say of their credentials, else by what a config says.
    ///
    /// # Errors
    /// Where the system refuses what asking needs.
    pub(crate) fn new(
        args: &LiveArgs,
        config: &Config,
        progress: Progress<'a>,
    ) -> Result<Self, Failure> {
        let role = |name: &String, external_id: &Option<String>| AssumeRole {
            name: name.clone(),
            external_id: external_id.clone(),
        };
        let known = config.accounts.iter().filter_map(|account| {
            let means = match (&account.profile, &account.role) {
                (Some(name), _) => Means::Profile(name.clone()),
                (None, Some(name)) => Means::Role(role(name, &account.external_id)),
                (None, None) => return None,
            };
            Some((account.id.get_ref().clone(), means))
        });
        let live = Live::new(Settings {
            accounts: Accounts {
                source: String::new(),
                destinations: Vec::new(),
                source_profile: args.source_profile.clone(),
                destination_profile: args.destination_profile.clone(),
                management_profile: args.management_profile.clone(),
                assume: args.assume_role_name.as_ref().map(|name| role(name, &args.external_id)),
                known: known.collect(),
            },
            partition: String::new(),
            region: String::new(),
        })
        .map_err(cannot_read)?;
        Ok(Self { live, keep: None, progress })
    }

    /// Gives what is fetched from now on to somebody who keeps it.
    pub(crate) fn kept_by(&mut self, keep: &'a mut dyn Keep) {
        self.keep = Some(keep);
    }

    /// Says something where progress is shown.
    pub(crate) fn say(&mut self, text: &str) {
        self.progress.line(text);
    }

    /// A reader with the same credentials that has asked nothing yet.
    ///
    /// # Errors
    /// Where the system refuses what asking needs.
    pub(crate) fn anew(self) -> Result<Self, Failure> {
        let live = self.live.anew().map_err(cannot_read)?;
        Ok(Self { live, ..self })
    }

    /// Tells the account and Region in which the run begins.
    pub(crate) fn starts_at(&mut self, place: &VaultArn) {
        self.live.concerns(place, Vec::new());
    }

    /// Tells which accounts the copies of requests touch; the first one's source is the source.
    pub(crate) fn concerns<'r>(&mut self, requests: impl IntoIterator<Item = &'r Request>) {
        let mut requests = requests.into_iter().peekable();
        let Some(source) = requests.peek().map(|request| request.source.clone()) else { return };
        let accounts = requests.flat_map(|request| &request.destinations);
        let destinations: BTreeSet<String> = accounts.map(|vault| vault.account.clone()).collect();
        self.live.concerns(&source, destinations.into_iter().collect());
    }

    /// The account and Region that are named, else those of the credentials.
    ///
    /// # Errors
    /// Where neither tells: what to name.
    pub(crate) fn place(&mut self, named: Named<'_>, facts: &Facts) -> Result<VaultArn, Failure> {
        let Named { account, region, what } = named;
        let region = region.map(str::to_owned).or_else(|| self.live.configured_region(account));
        let Some(region) = region else {
            return Err(Failure::Usage(format!(
                "no Region for {what}: name it with `--region`, in AWS_REGION, or in the profile"
            )));
        };
        if let Some(account) = account {
            return Ok(place::at(account, &region, facts));
        }
        self.live.concerns(&place::at("", &region, facts), Vec::new());
        match self.watched(|live, watch| live.caller(watch))? {
            Ok(Caller { account, partition }) => {
                Ok(VaultArn { partition, ..place::at(&account, &region, facts) })
            }
            Err(error) => Err(Failure::Usage(format!(
                "no account for {what}: {}; name it with `--account`, or credentials with \
                 `--source-profile`",
                error.message
            ))),
        }
    }

    /// What an encoded message says, asked in an account.
    pub(crate) fn decode(
        &mut self,
        account: &str,
        message: &str,
    ) -> Result<Result<String, ErrorAnswer>, Stop> {
        self.watched(|live, watch| live.decode(account, message, watch))
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

/// The failure to ask anything.
fn cannot_read(fault: io::Error) -> Failure {
    Failure::Io("cannot read accounts".to_owned(), fault)
}

/// What flags say of where something is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'n> {
    /// The account.
    pub(crate) account: Option<&'n str>,
    /// The Region.
    pub(crate) region: Option<&'n str>,
    /// What it is, in words.
    pub(crate) what: &'n str,
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
