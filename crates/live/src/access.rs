//! Credentials: whose they are, and which account they read.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs, io};

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use copy_preflight_rules::arn::Arn;
use copy_preflight_rules::inputs::{ErrorAnswer, api};

use crate::call::Asking;

/// How long one attempt may take. AWS answers reads within a second or two.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How long a call may take with its retries.
const CALL: Duration = Duration::from_secs(60);
/// How often a call is sent before it has failed: throttling passes within seconds.
const ATTEMPTS: u32 = 5;

/// Credentials that are known to be of an account.
pub(crate) struct Access {
    /// The account.
    pub(crate) account: String,
    /// The role or user, without the name of its session.
    pub(crate) role: Option<String>,
    pub(crate) config: SdkConfig,
    clients: Mutex<Clients>,
}

/// Clients by their type and Region.
type Clients = BTreeMap<(TypeId, String), Box<dyn Any + Send>>;

impl Access {
    pub(crate) fn new(account: String, role: Option<String>, config: SdkConfig) -> Self {
        Self { account, role, config, clients: Mutex::default() }
    }

    /// The Region of the credentials' configuration.
    pub(crate) fn region(&self) -> String {
        self.config.region().map(ToString::to_string).unwrap_or_default()
    }

    /// The client of a service in a Region, made once.
    pub(crate) fn client<C: Clone + Send + 'static>(
        &self,
        region: &str,
        make: impl FnOnce(&SdkConfig) -> C,
    ) -> C {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<C>(), region.to_owned());
        if let Some(client) = clients.get(&key).and_then(|client| client.downcast_ref::<C>()) {
            return client.clone();
        }
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        let client = make(&config);
        clients.insert(key, Box::new(client.clone()));
        client
    }
}

/// The client of all calls; `None` for the default one.
///
/// # Errors
/// Where the file that `AWS_CA_BUNDLE` names cannot be read.
pub(crate) fn http_client() -> io::Result<Option<SharedHttpClient>> {
    // The SDK reads SSL_CERT_FILE alone; every other AWS tool reads this variable.
    let Some(path) = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let shown = path.to_string_lossy().into_owned();
    let told = |fault: String| io::Error::other(format!("AWS_CA_BUNDLE `{shown}`: {fault}"));
    let bundle = fs::read(&path).map_err(|fault| told(fault.to_string()))?;
    let store = TrustStore::empty().with_pem_certificate(bundle);
    let context = TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|fault| told(fault.to_string()))?;
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    });
    Ok(Some(client))
}

/// The Region that the environment names, else a profile.
pub(crate) async fn region(profile: Option<&str>) -> Option<Region> {
    let mut named = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        named = named.profile_name(profile);
    }
    // Not the default chain: it would ask for an EC2 instance where there is none.
    let regions = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    regions.or_else(named.build()).region().await
}

/// Reads the configuration of a profile, or the one at hand. Nothing is sent.
pub(crate) async fn configuration(
    profile: Option<&str>,
    region: &str,
    client: Option<SharedHttpClient>,
) -> SdkConfig {
    let fallback = || Region::new(region.to_owned());
    let region = self::region(profile).await.unwrap_or_else(fallback);
    // The default chain prefers keys of the environment to a profile that is named; no other AWS
    // tool does.
    let of_profile = profile.map(|profile| {
        let mut provider = ProviderConfig::default()
            .with_behavior_version(Some(BehaviorVersion::v2026_01_12()))
            .with_region(Some(region.clone()));
        if let Some(client) = client.clone() {
            provider = provider.with_http_client(client);
        }
        ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build()
    });
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL)
                .build(),
        );
    if let Ok(name) = AppName::new("copy-preflight") {
        loader = loader.app_name(name);
    }
    if let Some(client) = client {
        loader = loader.http_client(client);
    }
    if let (Some(profile), Some(provider)) = (profile, of_profile) {
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    loader.load().await
}

/// Asks whose credentials these are.
pub(crate) async fn identify(
    asking: &Asking<'_>,
    config: SdkConfig,
) -> Result<Arc<Access>, ErrorAnswer> {
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    let client = aws_sdk_sts::Client::new(&config);
    // Who asks is what is asked.
    let nobody = Access::new(String::new(), None, config.clone());
    let (identity, _) = asking
        .send(&nobody, &region, &api::GET_CALLER_IDENTITY, |tap| {
            client.get_caller_identity().customize().interceptor(tap).send()
        })
        .await?;
    let account = identity.account().unwrap_or_default().to_owned();
    let role = identity.arn().and_then(caller);
    asking.asked_by(&account, role.as_ref());
    Ok(Arc::new(Access::new(account, role, config)))
}

/// The ARN of a role or user, without the name of a session.
pub(crate) fn caller(arn: &str) -> Option<String> {
    let Arn { partition, account, resource, .. } = Arn::parse(arn)?;
    let who = match resource.split_once('/') {
        Some(("assumed-role", session)) => {
            format!("role/{}", session.split('/').next().unwrap_or(session))
        }
        // A federated user's name is that of its session.
        Some(("federated-user", _)) => "federated-user".to_owned(),
        _ => resource.to_owned(),
    };
    Some(format!("arn:{partition}:iam::{account}:{who}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_not_named() {
        for (arn, told) in [
            ("arn:aws:sts::111122223333:assumed-role/Audit/jane@example.com", "role/Audit"),
            ("arn:aws:iam::111122223333:user/ops/jane", "user/ops/jane"),
            ("arn:aws:sts::111122223333:federated-user/jane", "federated-user"),
            ("arn:aws:iam::111122223333:root", "root"),
        ] {
            assert_eq!(
                caller(arn).as_deref(),
                Some(format!("arn:aws:iam::111122223333:{told}").as_str())
            );
        }
    }
}
