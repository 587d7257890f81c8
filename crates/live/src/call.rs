//! One call: sent with patience, its body kept as it was received, and a record of it.

use std::cell::RefCell;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use copy_preflight_rules::inputs::{ApiCall, CallRecord, ErrorAnswer};
use tokio::sync::mpsc::UnboundedSender;

use crate::access::Access;
use crate::fetch::Session;
use crate::{Event, fault, join};

/// How many pages of one answer are read: a server that never ends must not hold the run.
const MOST_PAGES: usize = 10_000;

/// Which operation: a row of the table of calls, so that no other can be made.
pub(crate) type Operation = &'static ApiCall;

/// What one attempt after the other brought: the last body stands.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) attempts: u32,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) failed: Option<String>,
}

/// Listens to a call.
#[derive(Debug, Clone)]
pub(crate) struct Tap {
    operation: Operation,
    received: Arc<Mutex<Received>>,
    events: UnboundedSender<Event>,
}

impl Tap {
    fn with<R>(&self, change: impl FnOnce(&mut Received) -> R) -> R {
        change(&mut self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "copy-preflight"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let again = self.with(|received| {
            received.attempts += 1;
            (received.attempts > 1).then(|| received.failed.take()).flatten()
        });
        if let Some(why) = again {
            let ApiCall { service, operation, .. } = *self.operation;
            // Nobody may be listening any more.
            let _ = self.events.send(Event::Again { service, operation, why });
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        self.with(|received| {
            let response = context.response();
            let header = |name: &str| {
                response.and_then(|response| response.headers().get(name)).map(str::to_owned)
            };
            received.status = response.map(|response| response.status().as_u16());
            received.request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
            received.body =
                response.and_then(|response| response.body().bytes()).map(<[u8]>::to_vec);
            received.failed = failed.then(|| fault::attempt(received));
        });
        Ok(())
    }
}

/// What the SDK answers.
pub(crate) type Answer<O, E> = Result<O, SdkError<E, HttpResponse>>;

/// Where calls go out, and who hears of them.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    events: UnboundedSender<Event>,
}

impl Outlet {
    /// Sends one request: the typed answer and its body as text, and the record of the call.
    pub(crate) async fn send<O, E, F>(
        &self,
        access: &Access,
        region: &str,
        operation: Operation,
        send: impl FnOnce(Tap) -> F,
    ) -> (Result<(O, String), ErrorAnswer>, CallRecord)
    where
        F: Future<Output = Answer<O, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let tap = Tap { operation, received: Arc::default(), events: self.events.clone() };
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let answer = send(tap.clone()).await;
        let milliseconds = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let received = tap.with(std::mem::take);
        let result = match answer {
            Ok(typed) => text(&received).map(|text| (typed, text)),
            Err(error) => Err(fault::words(&error, &received, operation, region)),
        };
        let record = CallRecord {
            service: operation.service.to_owned(),
            operation: operation.operation.to_owned(),
            account: access.account.clone(),
            region: region.to_owned(),
            role: access.role.clone(),
            request_id: received.request_id,
            started,
            milliseconds,
            attempts: received.attempts,
            outcome: match &result {
                Ok(_) => "ok".to_owned(),
                Err(error) => error.code.clone(),
            },
        };
        // Nobody may be listening any more.
        let _ = self.events.send(Event::Called(record.clone()));
        (result, record)
    }
}

/// The calls for one address.
pub(crate) struct Asking<'s> {
    pub(crate) session: &'s Session,
    calls: RefCell<Vec<CallRecord>>,
}

impl<'s> Asking<'s> {
    pub(crate) fn new(session: &'s Session) -> Self {
        Self { session, calls: RefCell::default() }
    }

    /// Where its calls go out.
    pub(crate) fn outlet(&self) -> Outlet {
        Outlet { events: self.session.events.clone() }
    }

    /// Says of the last call whose it was, where its answer tells.
    pub(crate) fn asked_by(&self, account: &str, role: Option<&String>) {
        if let Some(call) = self.calls.borrow_mut().last_mut() {
            account.clone_into(&mut call.account);
            call.role = role.cloned();
        }
    }

    /// The calls that were made, in their order.
    pub(crate) fn into_calls(self) -> Vec<CallRecord> {
        self.calls.into_inner()
    }

    /// Sends one request: the typed answer, and its body as text.
    pub(crate) async fn send<O, E, F>(
        &self,
        access: &Access,
        region: &str,
        operation: Operation,
        send: impl FnOnce(Tap) -> F,
    ) -> Result<(O, String), ErrorAnswer>
    where
        F: Future<Output = Answer<O, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.session.pace(access, operation).await;
        let gate = self.session.gate(operation.service, &access.account);
        // The gate is never closed; without a permit the call is still right, only less polite.
        let permit = gate.acquire().await.ok();
        let (result, record) = self.outlet().send(access, region, operation, send).await;
        drop(permit);
        self.calls.borrow_mut().push(record);
        result
    }

    /// Sends requests until the last page, and joins their lists.
    pub(crate) async fn pages<O, E, F>(
        &self,
        access: &Access,
        region: &str,
        (operation, list): (Operation, &str),
        send: impl Fn(Option<String>, Tap) -> F,
        next: impl Fn(&O) -> Option<String>,
    ) -> Result<String, ErrorAnswer>
    where
        F: Future<Output = Answer<O, E>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut texts = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let (typed, text) =
                self.send(access, region, operation, |tap| send(token.clone(), tap)).await?;
            texts.push(text);
            let following = next(&typed).filter(|token| !token.is_empty());
            match following {
                None => break,
                following if following == token => {
                    return Err(odd(operation, "it answers the same page again and again"));
                }
                _ if texts.len() >= MOST_PAGES => {
                    return Err(odd(operation, "its answer has no end"));
                }
                following => token = following,
            }
        }
        join::pages(texts, list).map_err(|fault| odd(operation, fault))
    }
}

/// The body as text.
fn text(received: &Received) -> Result<String, ErrorAnswer> {
    let body = received.body.clone().unwrap_or_default();
    String::from_utf8(body).map_err(|_| ErrorAnswer {
        code: "NotText".to_owned(),
        message: "the answer is not UTF-8".to_owned(),
    })
}

fn odd(operation: Operation, fault: impl Display) -> ErrorAnswer {
    ErrorAnswer {
        code: "UnexpectedAnswer".to_owned(),
        message: format!("{}: {fault}", operation.permission),
    }
}
