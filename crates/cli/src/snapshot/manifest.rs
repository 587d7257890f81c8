//! `manifest.json`: who took a snapshot, when, and how each call went.
//!
//! Readers of documents do without it. It names roles, never sessions, and holds no secret.

use copy_preflight_rules::inputs::{CallRecord, Fetched};
use serde::{Deserialize, Serialize};

/// The file's name.
pub const MANIFEST: &str = "manifest.json";

const SCHEMA: &str = "copy-preflight/snapshot/v1";

/// What a manifest says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// `copy-preflight/snapshot/v1`.
    #[serde(default)]
    pub schema: String,
    /// What took the snapshot.
    #[serde(default)]
    pub tool: Tool,
    /// When the first call was made, ISO 8601.
    #[serde(default)]
    pub taken_at: String,
    /// Whether ids were replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Who asked, an account and role each.
    #[serde(default)]
    pub credentials: Vec<Credential>,
    /// Every call, in the order in which they ended.
    #[serde(default)]
    pub calls: Vec<CallLine>,
}

/// A program.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
}

/// Who asked in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The account.
    pub account: String,
    /// The role or user, without its session.
    pub role: Option<String>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLine {
    /// The service, as permissions name it.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The account that asked.
    pub account: String,
    /// The Region of the endpoint.
    #[serde(default)]
    pub region: Option<String>,
    /// The role or user, without its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The file that holds the answer or the error.
    pub file: String,
    /// `ok`, or the code of the error.
    pub outcome: String,
    /// When the call was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// How often it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// The id that AWS gave to the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Manifest {
    /// The manifest of these calls.
    #[must_use]
    pub fn of(taken_at: String, calls: Vec<CallLine>) -> Self {
        let mut credentials: Vec<Credential> = Vec::new();
        // A call whose answer tells the account has none.
        for call in calls.iter().filter(|call| !call.account.is_empty()) {
            let one = Credential { account: call.account.clone(), role: call.role.clone() };
            if !credentials.contains(&one) {
                credentials.push(one);
            }
        }
        credentials.sort_by(|one, other| one.account.cmp(&other.account));
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "copy-preflight".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            taken_at,
            redacted: false,
            credentials,
            calls,
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// Where it has another form, with the place.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|fault| fault.to_string())
    }

    /// The text of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Structs of strings and numbers always have a JSON form.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl CallLine {
    /// The lines of what was fetched into a file.
    pub(super) fn of<'f>(fetched: &'f Fetched, file: &'f str) -> impl Iterator<Item = Self> + 'f {
        fetched.calls.iter().map(move |call| {
            let CallRecord { service, operation, account, region, role, .. } = call.clone();
            Self {
                service,
                operation,
                account,
                region: Some(region).filter(|region| !region.is_empty()),
                role: role.map(|role| without_session(&role)),
                file: file.to_owned(),
                outcome: call.outcome.clone(),
                when: Some(call.started.to_string()),
                milliseconds: Some(call.milliseconds),
                attempts: Some(call.attempts),
                request_id: call.request_id.clone(),
            }
        })
    }
}

/// The ARN of an assumed role without the name of the session, which may name a person.
fn without_session(arn: &str) -> String {
    match arn.split_once(":assumed-role/") {
        Some((before, role)) => {
            let role = role.split('/').next().unwrap_or(role);
            format!("{before}:assumed-role/{role}")
        }
        None => arn.to_owned(),
    }
}
