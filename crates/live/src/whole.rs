//! A run about a whole organization: whose credentials ask about it, and how fast.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use copy_preflight_rules::inputs::{Address, ApiCall, ErrorAnswer};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until};

use crate::access::Access;
use crate::fetch::Session;
use crate::sts::Caller;
use crate::{Live, Stopped, Watch, drive};

/// How many calls to AWS Organizations run at once: it refuses an account that asks more, whatever
/// the operations.
const OF_ORGANIZATIONS: usize = 2;

/// How often AWS takes an operation from one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls a second, for long.
    pub per_second: u32,
    /// Calls at once, after a pause.
    pub burst: u32,
}

/// What such a run knows besides.
pub(crate) struct Whole {
    paces: BTreeMap<String, Pace>,
}

/// When the next call of an operation may be sent.
struct Pace {
    between: Duration,
    ahead: Duration,
    next: Cell<Instant>,
}

impl Pace {
    fn new(rate: Rate) -> Self {
        let between = Duration::from_secs(1) / rate.per_second.max(1);
        let ahead = between * rate.burst.saturating_sub(1);
        Self { between, ahead, next: Cell::new(Instant::now()) }
    }

    /// The time of one more call.
    fn turn(&self, now: Instant) -> Instant {
        let next = self.next.get().max(now);
        self.next.set(next + self.between);
        next.checked_sub(self.ahead).map_or(now, |turn| turn.max(now))
    }
}

impl Whole {
    pub(crate) fn at_once(&self, service: &str, most: usize) -> usize {
        if service == "organizations" { OF_ORGANIZATIONS } else { most }
    }
}

impl Session {
    /// Waits until AWS takes one more call of an operation from who asks about the organization.
    pub(crate) async fn pace(&self, access: &Access, operation: &ApiCall) {
        let Some(whole) = self.whole.as_ref() else { return };
        // A rate is of an account: members are asked little each.
        if access.account != self.settings.accounts.source {
            return;
        }
        if let Some(pace) = whole.paces.get(operation.permission) {
            sleep_until(pace.turn(Instant::now())).await;
        }
    }
}

impl Live {
    /// Begins a run about the organization that the credentials at hand, or the profile of the
    /// management account, are of. Rates are by permission; of what a run before this one brought,
    /// `describe-organization` and `list-roots` are not asked again.
    ///
    /// # Errors
    /// Where the run was ended; inside, why nobody can ask.
    pub fn begin_organization(
        &mut self,
        rates: &BTreeMap<String, Rate>,
        known: &BTreeMap<Address, String>,
        watch: Watch<'_>,
    ) -> Result<Result<Caller, ErrorAnswer>, Stopped> {
        let Self { runtime, session, events, .. } = self;
        if session.settings.region.is_empty() {
            // Where neither the environment nor the profile names one: Organizations has one
            // endpoint for a partition.
            session.settings.region = "us-east-1".to_owned();
        }
        let profile = session.settings.accounts.management_profile.clone();
        let asked = session.ask(async |asking| asking.profile(profile.as_deref()).await);
        let access = match drive(runtime, events, watch, asked)? {
            Ok(access) => access,
            Err(error) => return Ok(Err(error)),
        };
        let caller = Caller::of(&access);
        session.settings.accounts.source.clone_from(&caller.account);
        session.settings.partition.clone_from(&caller.partition);
        session.settings.region = access.region();
        if let Some(text) = known.get(&Address::ManagementOrganization) {
            let organization = (management_account(text), text.clone());
            let cell = OnceCell::new_with(Some(Ok(organization)));
            session.organizations.borrow_mut().insert(caller.account.clone(), Rc::new(cell));
        }
        if let Some(text) = known.get(&Address::OrganizationRoots) {
            session.roots = OnceCell::new_with(Some(Ok(text.clone())));
        }
        let paces = rates.iter().map(|(permission, rate)| (permission.clone(), Pace::new(*rate)));
        session.whole = Some(Whole { paces: paces.collect() });
        Ok(Ok(caller))
    }
}

/// The management account in an answer of `describe-organization`.
fn management_account(text: &str) -> Option<String> {
    let read: serde_json::Value = serde_json::from_str(text).ok()?;
    read.get("Organization")?.get("MasterAccountId")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_by_the_rate() {
        let pace = Pace::new(Rate { per_second: 2, burst: 3 });
        let now = pace.next.get();
        let waits: Vec<Duration> = (0..5).map(|_| pace.turn(now) - now).collect();
        let half = Duration::from_millis(500);
        assert_eq!(waits, [Duration::ZERO, Duration::ZERO, Duration::ZERO, half, half * 2]);
        // After a pause there is a burst again.
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.turn(later), later);
        assert_eq!(pace.turn(later), later);
    }
}
