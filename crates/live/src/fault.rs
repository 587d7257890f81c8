//! What is said of a call that failed: the code and the words of AWS, else ours.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use copy_preflight_rules::inputs::{ApiCall, ErrorAnswer};

use crate::call::{Operation, Received};

/// The error of a call.
pub(crate) fn words<E>(
    error: &SdkError<E, HttpResponse>,
    received: &Received,
    operation: Operation,
    region: &str,
) -> ErrorAnswer
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let ApiCall { service, operation: name, .. } = operation;
    let answer = |code: &str, message: String| ErrorAnswer { code: code.to_owned(), message };
    if let SdkError::ServiceError(service_error) = error
        && let Some(code) = service_error.err().code()
    {
        let message = service_error.err().message().unwrap_or_default();
        return answer(code, with_advice(code, message, operation, region, received));
    }
    match error {
        SdkError::TimeoutError(_) => answer(
            "NoAnswer",
            format!(
                "no answer to {service}:{name} in {region} within the time; the network may be closed to it"
            ),
        ),
        SdkError::DispatchFailure(failure) => {
            let chain = chain(
                failure.as_connector_error().map_or(error as &(dyn Error + 'static), |connector| {
                    connector as &(dyn Error + 'static)
                }),
            );
            dispatch(&chain, operation, region)
        }
        SdkError::ConstructionFailure(_) => dispatch(&chain(error), operation, region),
        // The answer came and cannot be read.
        _ => unreadable(&chain(error), received, operation, region),
    }
}

/// What a single attempt ended with, in a word or two.
pub(crate) fn attempt(received: &Received) -> String {
    match (received.body.as_deref().and_then(code_in), received.status) {
        (Some(code), _) => code,
        (None, Some(status)) => format!("HTTP {status}"),
        (None, None) => "no answer".to_owned(),
    }
}

/// The code in the body of an error, of JSON or XML services.
fn code_in(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(text) {
        let code = ["__type", "code", "Code"].iter().find_map(|key| json.get(key)?.as_str())?;
        return Some(code.rsplit('#').next().unwrap_or(code).to_owned());
    }
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code.to_owned())
}

/// What AWS said, and what to do where its words do not tell.
fn with_advice(
    code: &str,
    message: &str,
    operation: Operation,
    region: &str,
    received: &Received,
) -> String {
    let short = code.strip_suffix("Exception").unwrap_or(code);
    let advice = match short {
        "ExpiredToken" | "RequestExpired" => {
            Some("the session has expired: sign in again".to_owned())
        }
        "UnrecognizedClient" | "InvalidClientTokenId" | "InvalidAccessKeyId" | "AuthFailure" => {
            Some(format!(
                "AWS does not know these credentials in {region}: they are wrong, or the Region is \
             not enabled in the account"
            ))
        }
        "SignatureDoesNotMatch" => {
            Some("the secret key is wrong, or the clock of this machine is".to_owned())
        }
        "OptInRequired" | "SubscriptionRequired" => {
            Some(format!("{} is not enabled in {region} for this account", operation.service))
        }
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "LimitExceeded"
        | "SlowDown" => Some(format!("asked {} times; try again later", received.attempts)),
        _ => None,
    };
    match (message.is_empty(), advice) {
        (false, Some(advice)) => format!("{message} ({advice})"),
        (true, Some(advice)) => advice,
        (false, None) => message.to_owned(),
        (true, None) => format!("{} failed with {code}", operation.permission),
    }
}

/// A request that was never answered, or never sent.
fn dispatch(chain: &str, operation: Operation, region: &str) -> ErrorAnswer {
    let service = operation.service;
    let lower = chain.to_lowercase();
    let (code, words) = if lower.contains("credential") || lower.contains("token") {
        if lower.contains("expired") {
            ("ExpiredToken", "the session has expired: sign in again".to_owned())
        } else {
            ("NoCredentials", "no credentials to sign the call with".to_owned())
        }
    } else if lower.contains("dns") || lower.contains("lookup") {
        (
            "UnknownEndpoint",
            format!(
                "the endpoint of {service} in {region} is not known here: is `{region}` a Region \
                 that has {service}, and is the network open?"
            ),
        )
    } else if lower.contains("certificate") {
        (
            "UntrustedCertificate",
            format!(
                "the certificate of {service} in {region} is not trusted: behind a proxy that \
                 opens TLS, name its certificates in AWS_CA_BUNDLE"
            ),
        )
    } else {
        ("NoConnection", format!("no connection to {service} in {region}: the network is closed"))
    };
    ErrorAnswer { code: code.to_owned(), message: format!("{words} ({chain})") }
}

/// An answer that is not what the service sends.
fn unreadable(chain: &str, received: &Received, operation: Operation, region: &str) -> ErrorAnswer {
    let ApiCall { service, operation: name, .. } = operation;
    let status = received.status.unwrap_or_default();
    let body = received.body.as_deref().unwrap_or_default();
    // By its text alone: some servers call everything HTML.
    let is_html = {
        let start = String::from_utf8_lossy(body.get(..body.len().min(256)).unwrap_or_default())
            .trim_start()
            .to_lowercase();
        start.starts_with("<!doctype") || start.starts_with("<html")
    };
    let (code, message) = if is_html {
        (
            "NotFromAws",
            format!(
                "a page of HTML with status {status} came in place of the answer to \
                 {service}:{name} in {region}: a proxy or a wrong endpoint answers, not AWS"
            ),
        )
    } else if received.status.is_none() || received.body.is_none() {
        (
            "NoAnswer",
            format!(
                "the connection to {service} in {region} ended before the answer did ({chain})"
            ),
        )
    } else {
        (
            "UnexpectedAnswer",
            format!("the answer to {service}:{name} with status {status} cannot be read ({chain})"),
        )
    };
    ErrorAnswer { code: code.to_owned(), message }
}

/// An error and all that caused it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
        cause = error.source();
    }
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    static OPERATION: Operation = &copy_preflight_rules::inputs::api::GET_KEY_POLICY;

    #[test]
    fn each_fault_has_its_own_words() {
        for (chain, code) in [
            ("dispatch failure: io error: tcp connect error: Connection refused", "NoConnection"),
            ("dns error: failed to lookup address information", "UnknownEndpoint"),
            ("the credential provider was not enabled", "NoCredentials"),
            ("the SSO token has expired", "ExpiredToken"),
            ("invalid peer certificate: UnknownIssuer", "UntrustedCertificate"),
        ] {
            assert_eq!(dispatch(chain, OPERATION, "eu-west-1").code, code, "{chain}");
        }
    }

    #[test]
    fn html_is_told_from_a_broken_answer() {
        let received = |body: &str| Received {
            status: Some(404),
            body: Some(body.as_bytes().to_vec()),
            ..Received::default()
        };
        let code = |body: &str| unreadable("x", &received(body), OPERATION, "eu-west-1").code;
        assert_eq!(code("<!DOCTYPE html><html>"), "NotFromAws");
        assert_eq!(code("{\"Policy\":"), "UnexpectedAnswer");
        assert_eq!(unreadable("x", &Received::default(), OPERATION, "x").code, "NoAnswer");
    }

    #[test]
    fn codes_are_found_in_bodies() {
        for (body, code) in [
            (r#"{"__type":"com.amazonaws#ThrottlingException"}"#, Some("ThrottlingException")),
            ("<ErrorResponse><Error><Code>Throttling</Code></Error>", Some("Throttling")),
            ("gone", None),
        ] {
            assert_eq!(code_in(body.as_bytes()).as_deref(), code);
        }
    }
}
