//! Roles that are assumed, and assumed again before their sessions end: a run over many accounts
//! may take longer than a session lasts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use copy_preflight_rules::arn::Arn;
use copy_preflight_rules::inputs::{ErrorAnswer, api};

use crate::access::{Access, caller};
use crate::call::{self, Asking, Outlet, Tap};
use crate::fetch::Loose;
use crate::settings::AssumeRole;

/// Assumes a role in another account.
pub(crate) async fn assume(
    asking: &Asking<'_>,
    base: &Arc<Access>,
    partition: &str,
    account: &str,
    role: &AssumeRole,
) -> Result<Arc<Access>, ErrorAnswer> {
    let arn = match role.name.starts_with("arn:") {
        true => role.name.clone(),
        false => format!("arn:{partition}:iam::{account}:role/{}", role.name.trim_matches('/')),
    };
    let region = base.config.region().map(ToString::to_string).unwrap_or_default();
    let ask = Ask { client: aws_sdk_sts::Client::new(&base.config), arn, role: role.clone() };
    let (answer, _) = asking.send(base, &region, &api::ASSUME_ROLE, |tap| ask.send(tap)).await?;
    let session = answer.assumed_role_user().map(|user| user.arn().to_owned()).unwrap_or_default();
    let of = Arn::parse(&session).map(|arn| arn.account.to_owned()).unwrap_or_default();
    let Some(first) = credentials(&answer).filter(|_| of == account) else {
        return Err(ErrorAnswer {
            code: "WrongAccount".to_owned(),
            message: format!("the role {} gave a session of account `{of}`", ask.arn),
        });
    };
    let sessions = Sessions {
        first: Mutex::new(Some(first)),
        ask,
        base: Arc::clone(base),
        region,
        outlet: asking.outlet(),
        loose: asking.session.loose(),
    };
    let config = base
        .config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(sessions))
        // Identities are cached for each provider, so the cache of the base would do too; a new
        // one makes it plain that nothing of the base is used.
        .identity_cache(IdentityCache::lazy().build())
        .build();
    Ok(Arc::new(Access::new(account.to_owned(), caller(&session), config)))
}

/// The request for a session.
#[derive(Debug, Clone)]
struct Ask {
    client: aws_sdk_sts::Client,
    arn: String,
    role: AssumeRole,
}

impl Ask {
    fn send(
        &self,
        tap: Tap,
    ) -> impl Future<
        Output = call::Answer<
            AssumeRoleOutput,
            aws_sdk_sts::operation::assume_role::AssumeRoleError,
        >,
    > {
        let call = self.client.assume_role().role_arn(&self.arn);
        let call = call.role_session_name("copy-preflight");
        call.set_external_id(self.role.external_id.clone()).customize().interceptor(tap).send()
    }
}

/// The sessions of a role, one after the other: the SDK asks for the next one before one ends.
struct Sessions {
    first: Mutex<Option<Credentials>>,
    ask: Ask,
    base: Arc<Access>,
    region: String,
    outlet: Outlet,
    loose: Loose,
}

impl Sessions {
    async fn next(&self) -> Result<Credentials, CredentialsError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            return Ok(first);
        }
        let (answer, record) = self
            .outlet
            .send(&self.base, &self.region, &api::ASSUME_ROLE, |tap| self.ask.send(tap))
            .await;
        self.loose.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        let (answer, _) = answer.map_err(|error| {
            CredentialsError::provider_error(format!("{}: {}", error.code, error.message))
        })?;
        credentials(&answer).ok_or_else(|| CredentialsError::provider_error("no session came"))
    }
}

impl ProvideCredentials for Sessions {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.next())
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the credentials.
        f.debug_struct("Sessions").field("role", &self.ask.arn).finish_non_exhaustive()
    }
}

fn credentials(answer: &AssumeRoleOutput) -> Option<Credentials> {
    let given = answer.credentials()?;
    Some(Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        SystemTime::try_from(*given.expiration()).ok(),
        "AssumeRole",
    ))
}
