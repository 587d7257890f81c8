//! Roles and their policies. IAM answers XML with the policies percent-encoded in it; here they
//! become what the AWS CLI prints, the text of each policy as it was written.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;
use copy_preflight_rules::arn::RoleArn;
use copy_preflight_rules::inputs::{ErrorAnswer, api};
use serde_json::json;
use serde_json::value::RawValue;

use crate::access::Access;
use crate::call::{Asking, Tap};

impl Asking<'_> {
    pub(crate) async fn role(&self, role: &RoleArn) -> Result<String, ErrorAnswer> {
        let access = self.access(&role.account).await?;
        let (client, region) = self.client(&access);
        let send =
            |tap: Tap| client.get_role().role_name(&role.name).customize().interceptor(tap).send();
        let (typed, _) = self.send(&access, &region, &api::GET_ROLE, send).await?;
        let Some(role) = typed.role() else { return Err(empty("GetRole")) };
        Ok(describe(role))
    }

    pub(crate) async fn role_attached(&self, role: &RoleArn) -> Result<String, ErrorAnswer> {
        let access = self.access(&role.account).await?;
        let (client, region) = self.client(&access);
        let mut policies = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let send = |tap: Tap| {
                let call = client.list_attached_role_policies().role_name(&role.name);
                call.set_marker(marker.clone()).customize().interceptor(tap).send()
            };
            let what = &api::LIST_ATTACHED_ROLE_POLICIES;
            let (typed, _) = self.send(&access, &region, what, send).await?;
            policies.extend(typed.attached_policies().iter().map(|policy| {
                json!({ "PolicyName": policy.policy_name(), "PolicyArn": policy.policy_arn() })
            }));
            match typed.marker().filter(|_| typed.is_truncated()) {
                Some(next) if marker.as_deref() != Some(next) => marker = Some(next.to_owned()),
                _ => break,
            }
        }
        Ok(json!({ "AttachedPolicies": policies }).to_string())
    }

    pub(crate) async fn role_inline(&self, role: &RoleArn) -> Result<String, ErrorAnswer> {
        let access = self.access(&role.account).await?;
        let (client, region) = self.client(&access);
        let mut names: Vec<String> = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let send = |tap: Tap| {
                let call = client.list_role_policies().role_name(&role.name);
                call.set_marker(marker.clone()).customize().interceptor(tap).send()
            };
            let (typed, _) = self.send(&access, &region, &api::LIST_ROLE_POLICIES, send).await?;
            names.extend(typed.policy_names().iter().cloned());
            match typed.marker().filter(|_| typed.is_truncated()) {
                Some(next) if marker.as_deref() != Some(next) => marker = Some(next.to_owned()),
                _ => break,
            }
        }
        Ok(json!({ "PolicyNames": names }).to_string())
    }

    pub(crate) async fn role_policy(
        &self,
        role: &RoleArn,
        policy: &str,
    ) -> Result<String, ErrorAnswer> {
        let access = self.access(&role.account).await?;
        let (client, region) = self.client(&access);
        if let Some(name) = policy.strip_prefix("inline:") {
            let send = |tap: Tap| {
                let call = client.get_role_policy().role_name(&role.name).policy_name(name);
                call.customize().interceptor(tap).send()
            };
            let (typed, _) = self.send(&access, &region, &api::GET_ROLE_POLICY, send).await?;
            return Ok(format!(
                "{{\"RoleName\":{},\"PolicyName\":{},\"PolicyDocument\":{}}}",
                json!(typed.role_name()),
                json!(typed.policy_name()),
                document(typed.policy_document())
            ));
        }
        let send =
            |tap: Tap| client.get_policy().policy_arn(policy).customize().interceptor(tap).send();
        let (typed, _) = self.send(&access, &region, &api::GET_POLICY, send).await?;
        let version = typed.policy().and_then(|policy| policy.default_version_id());
        let Some(version) = version else { return Err(empty("GetPolicy")) };
        let send = |tap: Tap| {
            let call = client.get_policy_version().policy_arn(policy).version_id(version);
            call.customize().interceptor(tap).send()
        };
        let (typed, _) = self.send(&access, &region, &api::GET_POLICY_VERSION, send).await?;
        let Some(version) = typed.policy_version() else { return Err(empty("GetPolicyVersion")) };
        Ok(format!(
            "{{\"PolicyVersion\":{{\"Document\":{},\"VersionId\":{},\"IsDefaultVersion\":{}}}}}",
            document(version.document().unwrap_or_default()),
            json!(version.version_id()),
            version.is_default_version()
        ))
    }

    /// IAM has one endpoint for a partition, whatever the Region.
    fn client(&self, access: &Access) -> (Client, String) {
        let region = self.session.settings.region.clone();
        (access.client(&region, Client::new), region)
    }
}

/// `get-role`, as the AWS CLI prints it.
fn describe(role: &Role) -> String {
    let mut members: Vec<(&str, String)> = vec![
        ("Path", json!(role.path()).to_string()),
        ("RoleName", json!(role.role_name()).to_string()),
        ("RoleId", json!(role.role_id()).to_string()),
        ("Arn", json!(role.arn()).to_string()),
    ];
    if let Some(trust) = role.assume_role_policy_document() {
        members.push(("AssumeRolePolicyDocument", document(trust)));
    }
    if let Some(description) = role.description() {
        members.push(("Description", json!(description).to_string()));
    }
    if let Some(seconds) = role.max_session_duration() {
        members.push(("MaxSessionDuration", json!(seconds).to_string()));
    }
    if let Some(boundary) = role.permissions_boundary() {
        let boundary = json!({
            "PermissionsBoundaryType":
                boundary.permissions_boundary_type().map(|kind| kind.as_str()),
            "PermissionsBoundaryArn": boundary.permissions_boundary_arn(),
        });
        members.push(("PermissionsBoundary", boundary.to_string()));
    }
    if !role.tags().is_empty() {
        let tags: Vec<_> = role
            .tags()
            .iter()
            .map(|tag| json!({ "Key": tag.key(), "Value": tag.value() }))
            .collect();
        members.push(("Tags", json!(tags).to_string()));
    }
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{\"Role\":{{{}}}}}", members.join(","))
}

/// A percent-encoded policy: its text as an object where it is one, as the AWS CLI prints it, else
/// as a string.
fn document(encoded: &str) -> String {
    let text = decode(encoded);
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(raw) => raw.get().to_owned(),
        Err(_) => json!(text).to_string(),
    }
}

fn empty(name: &str) -> ErrorAnswer {
    ErrorAnswer {
        code: "UnexpectedAnswer".to_owned(),
        message: format!("the answer to iam:{name} is empty"),
    }
}

/// Decodes `%xx`; what is no such thing stays as it is.
fn decode(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit =
            |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        if first == b'%'
            && let [high, low, after @ ..] = behind
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            bytes.push(high << 4 | low);
            rest = after;
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_keep_their_text() {
        assert_eq!(document("%7B%20%22Version%22%3A%201.50%7D"), r#"{ "Version": 1.50}"#);
        assert_eq!(document("%7Bbroken"), r#""{broken""#);
        assert_eq!(decode("a%2Gb%"), "a%2Gb%");
        assert_eq!(decode("%C3%A9+"), "é+");
    }
}
