//! Questions to STS that are no documents: whose the credentials are, and what an encoded message
//! says.

use copy_preflight_rules::arn::Arn;
use copy_preflight_rules::inputs::{ErrorAnswer, api};

use crate::access::Access;
use crate::call::Tap;
use crate::settings::Means;
use crate::{Live, Stopped, Watch, access, drive};

/// Whose the credentials are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The partition.
    pub partition: String,
}

impl Caller {
    pub(crate) fn of(access: &Access) -> Self {
        let partition = access.role.as_deref().and_then(Arn::parse).map(|arn| arn.partition);
        let partition = partition.unwrap_or("aws").to_owned();
        Self { account: access.account.clone(), partition }
    }
}

impl Live {
    /// The Region that the environment names, else the profile for the source, or that of the
    /// account. Nothing is sent.
    #[must_use]
    pub fn configured_region(&self, account: Option<&str>) -> Option<String> {
        let accounts = &self.session.settings.accounts;
        let known = account.and_then(|account| match accounts.known.get(account)? {
            Means::Profile(name) => Some(name.as_str()),
            Means::Role(_) => None,
        });
        let profile = accounts.source_profile.as_deref().or(known);
        let region = self.runtime.block_on(access::region(profile));
        region.map(|region| region.to_string())
    }

    /// Whose the credentials at hand are: those of the profile for the source, where one is named.
    ///
    /// # Errors
    /// Where the run was ended; inside, what AWS said where it did not tell.
    pub fn caller(&mut self, watch: Watch<'_>) -> Result<Result<Caller, ErrorAnswer>, Stopped> {
        let Self { runtime, session, events, .. } = self;
        let profile = session.settings.accounts.source_profile.clone();
        let asked = session.ask(async |asking| {
            asking.profile(profile.as_deref()).await.map(|access| Caller::of(&access))
        });
        drive(runtime, events, watch, asked)
    }

    /// Decodes a message that AWS encoded because it shows policies, asked in an account.
    ///
    /// # Errors
    /// Where the run was ended; inside, what AWS said where it did not decode it.
    pub fn decode(
        &mut self,
        account: &str,
        message: &str,
        watch: Watch<'_>,
    ) -> Result<Result<String, ErrorAnswer>, Stopped> {
        let Self { runtime, session, events, .. } = self;
        let region = session.settings.region.clone();
        let asked = session.ask(async |asking| {
            let access = asking.access(account).await?;
            let client = access.client(&region, aws_sdk_sts::Client::new);
            let what = &api::DECODE_AUTHORIZATION_MESSAGE;
            let send = |tap: Tap| {
                let call = client.decode_authorization_message().encoded_message(message);
                call.customize().interceptor(tap).send()
            };
            let (typed, _) = asking.send(&access, &region, what, send).await?;
            typed.decoded_message().map(str::to_owned).ok_or_else(|| ErrorAnswer {
                code: "UnexpectedAnswer".to_owned(),
                message: format!("{} gave no message", what.permission),
            })
        });
        drive(runtime, events, watch, asked)
    }
}
