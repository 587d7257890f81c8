//! What AWS answers, read with the SDK: the only crate with the network.
//!
//! A document is the body of the answer as it was received; the SDK's types serve only paging,
//! errors and credentials, since they lose what they do not know. Answers of IAM are XML: there
//! the decoded text of the policy is the document, in the JSON form of the AWS CLI.

mod access;
mod call;
mod fault;
mod fetch;
#[cfg(feature = "iam")]
mod iam;
mod join;
mod organization;
mod renew;
mod settings;
mod sts;
mod whole;

pub use settings::{Accounts, AssumeRole, Means, Settings};
pub use sts::Caller;
pub use whole::Rate;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::inputs::{Address, CallRecord, Fetched};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use fetch::Session;

/// Reads documents from AWS.
pub struct Live {
    runtime: Runtime,
    session: Session,
    events: UnboundedReceiver<Event>,
    /// Everything that was asked for, so that nothing is asked twice.
    asked: BTreeSet<Address>,
}

/// What happens during a run, for progress and logs.
#[derive(Debug, Clone)]
pub enum Event {
    /// A call is sent again.
    Again {
        /// The service.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// What went wrong: a code of AWS, or a few words.
        why: String,
    },
    /// A call has ended.
    Called(CallRecord),
    /// What was wanted has come, or its error.
    Fetched(Fetched),
}

/// Why nothing is fetched any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// By ctrl-C.
    Interrupted,
    /// By the one who watches.
    ByWatcher,
}

/// What a round brought.
#[derive(Debug, Default)]
pub struct Round {
    /// For each address, in their order, what was fetched; `None` where the live reader does not
    /// fetch such a thing, or does not need to.
    pub fetched: BTreeMap<Address, Option<Fetched>>,
    /// What is wrong with the credentials: whose, and what.
    pub problems: Vec<(String, String)>,
}

impl Live {
    /// A reader that has asked nothing yet.
    ///
    /// # Errors
    /// Where the system refuses what asking needs, or `AWS_CA_BUNDLE` cannot be read.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sender, events) = unbounded_channel();
        let session = Session::new(settings, sender)?;
        Ok(Self { runtime, session, events, asked: BTreeSet::new() })
    }

    /// A reader with the same settings that has asked nothing yet.
    ///
    /// # Errors
    /// See [`Live::new`].
    pub fn anew(&self) -> io::Result<Self> {
        Self::new(self.session.settings.clone())
    }

    /// Tells which accounts the run is about, where they become known only on the way.
    pub fn concerns(&mut self, source: &VaultArn, destinations: Vec<String>) {
        let settings = &mut self.session.settings;
        settings.accounts.source.clone_from(&source.account);
        settings.accounts.destinations = destinations;
        settings.partition.clone_from(&source.partition);
        settings.region.clone_from(&source.region);
    }

    /// Fetches what is wanted, side by side. `watch` sees what happens as it happens, and ends
    /// the run by answering false.
    ///
    /// # Errors
    /// Where the run was ended. A call that fails is no error: it is an answer.
    pub fn fetch(
        &mut self,
        wanted: &BTreeSet<Address>,
        watch: Watch<'_>,
    ) -> Result<Round, Stopped> {
        self.session.concern(wanted.iter().filter_map(|address| address.call().account));
        let new: Vec<&Address> =
            wanted.iter().filter(|address| self.asked.insert((*address).clone())).collect();
        let Self { runtime, session, events, .. } = self;
        let session = &*session;
        let all = async {
            let mut running: FuturesUnordered<_> =
                new.into_iter().map(|address| session.fetch(address)).collect();
            let mut fetched = BTreeMap::new();
            while let Some((address, one)) = running.next().await {
                if let Some(one) = &one {
                    // Nobody may be listening any more.
                    let _ = session.events.send(Event::Fetched(one.clone()));
                }
                fetched.insert(address, one);
            }
            fetched
        };
        let fetched = drive(runtime, events, watch, all)?;
        Ok(Round { fetched, problems: self.session.take_problems() })
    }
}

/// Sees what happens as it happens, and ends the run by answering false.
pub type Watch<'w> = &'w mut dyn FnMut(Event) -> bool;

/// Runs until there is an answer, or the run is ended.
fn drive<T>(
    runtime: &Runtime,
    events: &mut UnboundedReceiver<Event>,
    watch: Watch<'_>,
    answer: impl Future<Output = T>,
) -> Result<T, Stopped> {
    runtime.block_on(async {
        let interrupt = tokio::signal::ctrl_c();
        tokio::pin!(interrupt, answer);
        let answer = loop {
            tokio::select! {
                biased;
                _ = &mut interrupt => return Err(Stopped::Interrupted),
                Some(event) = events.recv() => {
                    if !watch(event) {
                        return Err(Stopped::ByWatcher);
                    }
                }
                answer = &mut answer => break answer,
            }
        };
        while let Ok(event) = events.try_recv() {
            if !watch(event) {
                return Err(Stopped::ByWatcher);
            }
        }
        Ok(answer)
    })
}
