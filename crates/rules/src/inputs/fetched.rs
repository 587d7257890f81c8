//! What a call to AWS brought, and a record of the call.

use std::fmt::Write as _;

use super::{Address, Inputs};

/// What was brought for one address: an answer, or the error in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What it answers.
    pub address: Address,
    /// What `aws … --output json` would print, as received.
    pub text: Result<String, ErrorAnswer>,
    /// The calls it took, in their order: one for each page. None where there was nobody to ask,
    /// for lack of credentials.
    pub calls: Vec<CallRecord>,
}

/// An error in the place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The code that AWS gave, such as `AccessDeniedException`; one of ours, such as
    /// `ExpiredToken` or `NoConnection`, where the call did not get so far.
    pub code: String,
    /// What AWS said, or what is wrong.
    pub message: String,
}

/// One call: who asked what, where, and how it went. It names no session and no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The service as permissions name it: `backup`, `kms`, `organizations`, `sts`, `iam`.
    pub service: String,
    /// The operation: `DescribeBackupVault`.
    pub operation: String,
    /// The account that asked.
    pub account: String,
    /// The Region of the endpoint.
    pub region: String,
    /// The role or user that asked, without the name of its session; `None` where it is not known.
    pub role: Option<String>,
    /// The id that AWS gave to the request.
    pub request_id: Option<String>,
    /// When the call was made.
    pub started: jiff::Timestamp,
    /// How long it took, in milliseconds, with its retries.
    pub milliseconds: u64,
    /// How often it was sent.
    pub attempts: u32,
    /// How it went: `ok`, or the code of the error.
    pub outcome: String,
}

impl ErrorAnswer {
    /// What a snapshot keeps of it: `{"code":"…","message":"…"}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!(
            "{{\"code\":\"{}\",\"message\":\"{}\"}}",
            escaped(&self.code),
            escaped(&self.message)
        )
    }
}

impl Inputs {
    /// Adds what was fetched, under the name of its file in a snapshot.
    pub fn insert_fetched(&mut self, fetched: &Fetched) {
        let path = fetched.address.path();
        if let Some(call) = fetched.calls.last() {
            self.calls.insert(fetched.address.clone(), call.clone());
        }
        match &fetched.text {
            Ok(text) => self.insert_answer(fetched.address.clone(), &format!("{path}.json"), text),
            Err(error) => self.insert_error(
                fetched.address.clone(),
                &format!("{path}.error.json"),
                &error.to_json(),
            ),
        }
    }
}

/// A text inside a JSON string.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character if character < ' ' => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "\\u{:04x}", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_json_whatever_aws_says() {
        let message = "User: \"x\" \\ is\nnot authorized é".to_owned();
        let error = ErrorAnswer { code: "AccessDenied".to_owned(), message };
        let read: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
        assert_eq!(read["code"], "AccessDenied");
        assert_eq!(read["message"], error.message);
    }
}
