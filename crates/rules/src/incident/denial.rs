//! The text with which IAM refuses, in its old and new forms
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).

use crate::arn::Arn;

/// A request that a policy refused, as far as the text or the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Denial {
    /// The action, `kms:CreateGrant`.
    pub action: Option<String>,
    /// The resource, mostly an ARN.
    pub resource: Option<String>,
    /// Who asked.
    pub principal: Option<String>,
    /// The kind of policy that refused.
    pub refused_by: Option<RefusedBy>,
    /// Whether a policy denied, or none allowed.
    pub refusal: Option<Refusal>,
    /// The ARN of the policy, where the text names it.
    pub policy: Option<String>,
    /// The VPC endpoint through which the request came, where a record names it.
    pub endpoint: Option<String>,
}

impl Denial {
    /// The ARN of the principal as IAM takes it: of the role, not of its session; `None` for a
    /// principal that is no ARN.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        let principal = self.principal.as_deref()?;
        let arn = Arn::parse(principal)?;
        let Some(rest) = arn.resource.strip_prefix("assumed-role/") else {
            return Some(principal.to_owned());
        };
        let name = rest.split('/').next()?;
        Some(format!("arn:{}:iam::{}:role/{name}", arn.partition, arn.account))
    }
}

/// How a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A statement denies.
    Explicit,
    /// No statement allows.
    Implicit,
    /// The text leaves it open.
    Unknown,
}

/// Kinds of policies that refuse, in the words of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// Of the role or user.
    Identity,
    /// Of the vault, the key, the bucket.
    Resource,
    /// An SCP.
    ServiceControl,
    /// An RCP.
    ResourceControl,
    /// The permissions boundary of the role or user.
    Boundary,
    /// The policy of the session.
    Session,
    /// The policy of a VPC endpoint.
    VpcEndpoint,
}

/// Words that name a kind, the longer names first.
const NAMES: [(&str, RefusedBy); 14] = [
    ("service control polic", RefusedBy::ServiceControl),
    ("service_control_policy", RefusedBy::ServiceControl),
    ("resource control polic", RefusedBy::ResourceControl),
    ("resource_control_policy", RefusedBy::ResourceControl),
    ("permissions boundar", RefusedBy::Boundary),
    ("permission boundar", RefusedBy::Boundary),
    ("session polic", RefusedBy::Session),
    ("vpc endpoint polic", RefusedBy::VpcEndpoint),
    ("vpc endpoint", RefusedBy::VpcEndpoint),
    ("identity-based polic", RefusedBy::Identity),
    ("identity based polic", RefusedBy::Identity),
    ("identity-based permission", RefusedBy::Identity),
    ("resource-based polic", RefusedBy::Resource),
    ("resource based polic", RefusedBy::Resource),
];

impl RefusedBy {
    /// The words in output: those of AWS.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// The kind that a text names.
    #[must_use]
    pub(super) fn find(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        NAMES.iter().find(|(name, _)| lower.contains(name)).map(|&(_, kind)| kind)
    }
}

/// Beginnings of the part that says for what.
const STEMS: [&str; 3] =
    ["is not authorized to perform", "is not authorised to perform", "is not authorized to call"];

/// Reads the denial in a text, whatever an SDK wrote around it; `None` where there is none.
#[must_use]
pub fn read(text: &str) -> Option<Denial> {
    // One space for each run of white space, so that a wrapped text is the same text. ASCII
    // letters keep their places when they change their case.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_ascii_lowercase();
    let found = STEMS.iter().find_map(|stem| Some((lower.find(stem)?, stem.len())));
    let Some((at, length)) = found else { return bare(&text) };
    let (before, after) =
        (text.get(..at)?, text.get(at + length..)?.trim_start_matches([':', ' ']));
    let action = after.split(' ').next().map(clean).filter(|word| is_action(word));
    let lower = after.to_ascii_lowercase();
    let resource = lower.find("on resource:").and_then(|at| {
        let word = after.get(at + "on resource:".len()..)?.trim_start().split(' ').next()?;
        let word = clean(word);
        (!word.is_empty()).then(|| word.to_owned())
    });
    let mut denial = Denial {
        action: action.map(str::to_owned),
        resource,
        principal: principal(before),
        ..Denial::default()
    };
    refusal(&mut denial, after);
    // Prose about permissions has none of these.
    let says = denial.action.is_some() || denial.refused_by.is_some();
    says.then_some(denial)
}

/// A text that only says which policy refused.
fn bare(text: &str) -> Option<Denial> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("with an explicit deny in a") {
        return None;
    }
    let mut denial = Denial::default();
    refusal(&mut denial, text);
    denial.refused_by.map(|_| denial)
}

/// Which policy refused and how.
fn refusal(denial: &mut Denial, text: &str) {
    let lower = text.to_ascii_lowercase();
    let explicit = lower.contains("explicit deny") || lower.contains("explicitly denies");
    let implicit = lower.contains("because no ") || lower.contains(", no ");
    denial.refusal = match (explicit, implicit) {
        (true, false) => Some(Refusal::Explicit),
        (false, true) => Some(Refusal::Implicit),
        (true, true) => Some(Refusal::Unknown),
        (false, false) => None,
    };
    // The action and the resource may hold the words too; the reason stands behind them.
    let reason = ["because ", "with an explicit", "explicit deny"]
        .iter()
        .find_map(|mark| lower.find(mark))
        .and_then(|at| text.get(at..));
    let Some(reason) = reason else { return };
    denial.refused_by = RefusedBy::find(reason);
    denial.policy = reason
        .split([' ', '(', ')', '"', '\''])
        .map(clean)
        .find(|word| word.starts_with("arn:") && word.contains("policy"))
        .map(str::to_owned);
}

/// Who asked: the word before the stem, or all words behind `User:`.
fn principal(before: &str) -> Option<String> {
    let lower = before.to_ascii_lowercase();
    if let Some(at) = lower.rfind("user:") {
        let words = clean(before.get(at + "user:".len()..)?.trim());
        return (!words.is_empty()).then(|| words.to_owned());
    }
    let word = clean(before.trim_end().rsplit(' ').next()?);
    word.starts_with("arn:").then(|| word.to_owned())
}

fn clean(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`', ',', ';', '(', ')', ' ']).trim_end_matches(['.', ':'])
}

fn is_action(word: &str) -> bool {
    let Some((service, name)) = word.split_once(':') else { return false };
    let plain = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*'))
    };
    plain(service) && plain(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let user = "arn:aws:sts::111122223333:assumed-role/Copy/x";
        for (text, action, resource, principal, refused_by, refusal) in [
            (
                "User: arn:aws:sts::111122223333:assumed-role/Copy/x is not authorized to perform: backup:CopyIntoBackupVault on resource: arn:aws:backup:eu-west-1:444455556666:backup-vault:central because no resource-based policy allows the backup:CopyIntoBackupVault action",
                "backup:CopyIntoBackupVault",
                Some("arn:aws:backup:eu-west-1:444455556666:backup-vault:central"),
                user,
                Some(RefusedBy::Resource),
                Some(Refusal::Implicit),
            ),
            (
                "An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:sts::111122223333:assumed-role/Copy/x is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a service control policy: arn:aws:organizations::9:policy/o-1/service_control_policy/p-1 (Service: S3)",
                "s3:PutObject",
                Some("arn:aws:s3:::b/k"),
                user,
                Some(RefusedBy::ServiceControl),
                Some(Refusal::Explicit),
            ),
            (
                "User: <assumed role> is not authorized to perform: kms:CreateGrant on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
                "kms:CreateGrant",
                None,
                "<assumed role>",
                Some(RefusedBy::Resource),
                Some(Refusal::Unknown),
            ),
            (
                "AccessDenied: user: arn:aws:sts::111122223333:assumed-role/Copy/x IS NOT AUTHORIZED TO PERFORM: ec2:CopySnapshot\non resource: arn:aws:ec2:eu-west-1::snapshot/*",
                "ec2:CopySnapshot",
                Some("arn:aws:ec2:eu-west-1::snapshot/*"),
                user,
                None,
                None,
            ),
        ] {
            let denial = read(text).unwrap();
            assert_eq!(denial.action.as_deref(), Some(action), "{text}");
            assert_eq!(denial.resource.as_deref(), resource, "{text}");
            assert_eq!(denial.principal.as_deref(), Some(principal), "{text}");
            assert_eq!(denial.refused_by, refused_by, "{text}");
            assert_eq!(denial.refusal, refusal, "{text}");
        }
        let denial = read("User ARN is not authorized to perform action on resource with an explicit deny in a resource based policy.").unwrap();
        assert_eq!((denial.action, denial.refused_by), (None, Some(RefusedBy::Resource)));
        assert_eq!(read("he is not authorized to perform surgery"), None);
        let scp = "User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt with an explicit deny in a service control policy: arn:aws:organizations::9:policy/o-1/service_control_policy/p-1";
        assert!(read(scp).unwrap().policy.unwrap().ends_with("p-1"));
    }
}
