//! The ARNs that name vaults, keys, roles and recovery points.

use std::fmt;
use std::str::FromStr;

use copy_preflight_policy::iam::principal::is_account_id;

/// The six components of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The service.
    pub service: &'a str,
    /// The Region, empty for global resources.
    pub region: &'a str,
    /// The account, empty where the resource names none.
    pub account: &'a str,
    /// Everything behind the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` where it has fewer than six components.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut components = text.splitn(6, ':');
        let mut next = || components.next();
        if next()? != "arn" {
            return None;
        }
        let (partition, service, region, account, resource) =
            (next()?, next()?, next()?, next()?, next()?);
        Some(Self { partition, service, region, account, resource })
    }
}

/// A text that does not name what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArnError {
    text: String,
    fault: String,
    expected: &'static str,
}

impl ArnError {
    fn new(text: &str, fault: impl Into<String>, expected: &'static str) -> Self {
        Self { text: text.to_owned(), fault: fault.into(), expected }
    }
}

impl fmt::Display for ArnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; expected `{}`", self.text, self.fault, self.expected)
    }
}

impl std::error::Error for ArnError {}

/// Checks service, Region and account, which all regional ARNs here have.
fn regional<'a>(text: &'a str, service: &str, expected: &'static str) -> Result<Arn<'a>, ArnError> {
    let fail = |fault: String| Err(ArnError::new(text, fault, expected));
    let Some(arn) = Arn::parse(text) else { return fail("is no ARN".to_owned()) };
    if arn.service != service {
        return fail(format!("is an ARN of `{}`, not of `{service}`", arn.service));
    }
    if arn.region.is_empty() {
        return fail("names no Region".to_owned());
    }
    if !is_account_id(arn.account) {
        return fail(format!("has `{}` where an account id of twelve digits stands", arn.account));
    }
    Ok(arn)
}

/// The name of a backup vault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultArn {
    /// The partition.
    pub partition: String,
    /// The Region.
    pub region: String,
    /// The account that owns the vault.
    pub account: String,
    /// The name.
    pub name: String,
}

impl FromStr for VaultArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        const EXPECTED: &str = "arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME";
        let arn = regional(text, "backup", EXPECTED)?;
        let name = match arn.resource.split_once(':') {
            Some(("backup-vault", name)) if !name.is_empty() && !name.contains([':', '*', '?']) => {
                name
            }
            Some(("vault", _)) => {
                return Err(ArnError::new(
                    text,
                    "has `vault` where `backup-vault` stands",
                    EXPECTED,
                ));
            }
            _ => return Err(ArnError::new(text, "names no backup vault", EXPECTED)),
        };
        Ok(Self {
            partition: arn.partition.to_owned(),
            region: arn.region.to_owned(),
            account: arn.account.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for VaultArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, name } = self;
        write!(f, "arn:{partition}:backup:{region}:{account}:backup-vault:{name}")
    }
}

/// The name of a KMS key. Aliases are no keys: a policy and a grant are of the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyArn {
    /// The partition.
    pub partition: String,
    /// The Region.
    pub region: String,
    /// The account that owns the key.
    pub account: String,
    /// The key id, `mrk-…` for a multi-Region key.
    pub id: String,
}

impl FromStr for KeyArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        const EXPECTED: &str = "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID";
        let arn = regional(text, "kms", EXPECTED)?;
        let id = match arn.resource.split_once('/') {
            Some(("key", id)) if !id.is_empty() && !id.contains(['/', '*', '?']) => id,
            Some(("alias", _)) => {
                return Err(ArnError::new(
                    text,
                    "is an alias; a policy belongs to the key",
                    EXPECTED,
                ));
            }
            _ => return Err(ArnError::new(text, "names no key", EXPECTED)),
        };
        Ok(Self {
            partition: arn.partition.to_owned(),
            region: arn.region.to_owned(),
            account: arn.account.to_owned(),
            id: id.to_owned(),
        })
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, id } = self;
        write!(f, "arn:{partition}:kms:{region}:{account}:key/{id}")
    }
}

/// The name of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    /// The partition.
    pub partition: String,
    /// The account.
    pub account: String,
    /// The path with both slashes; `/` where the role has none.
    pub path: String,
    /// The name.
    pub name: String,
}

impl FromStr for RoleArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        const EXPECTED: &str = "arn:aws:iam::ACCOUNT:role/PATH/NAME";
        let fail = |fault: &str| Err(ArnError::new(text, fault, EXPECTED));
        let Some(arn) = Arn::parse(text) else { return fail("is no ARN") };
        let Some(role) = arn.resource.strip_prefix("role/").filter(|_| arn.service == "iam") else {
            return fail("names no IAM role");
        };
        if !is_account_id(arn.account) {
            return fail("has no account id of twelve digits");
        }
        let (path, name) = match role.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name),
            None => ("/".to_owned(), role),
        };
        if name.is_empty() || role.contains(['*', '?']) {
            return fail("names no single role");
        }
        Ok(Self {
            partition: arn.partition.to_owned(),
            account: arn.account.to_owned(),
            path,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, account, path, name } = self;
        write!(f, "arn:{partition}:iam::{account}:role{path}{name}")
    }
}

impl RoleArn {
    /// The service-linked role of AWS Backup in an account.
    #[must_use]
    pub fn service_linked(partition: &str, account: &str) -> Self {
        Self {
            partition: partition.to_owned(),
            account: account.to_owned(),
            path: "/aws-service-role/backup.amazonaws.com/".to_owned(),
            name: "AWSServiceRoleForBackup".to_owned(),
        }
    }
}

/// Who starts a copy job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerArn {
    /// A role.
    Role(RoleArn),
    /// A session of a role. Its ARN does not tell the path of the role.
    Session {
        /// The partition.
        partition: String,
        /// The account.
        account: String,
        /// The name of the role.
        role: String,
        /// The name of the session.
        session: String,
    },
    /// Somebody who is no role.
    Other {
        /// The ARN.
        arn: String,
        /// Who it is, in a few words.
        words: &'static str,
    },
}

impl FromStr for CallerArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        const EXPECTED: &str = "arn:aws:iam::ACCOUNT:role/PATH/NAME` or \
            `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION";
        let fail = |fault: &str| Err(ArnError::new(text, fault, EXPECTED));
        let Some(arn) = Arn::parse(text) else { return fail("is no ARN") };
        if !matches!(arn.service, "iam" | "sts") {
            return fail("names neither a role nor a user");
        }
        if !arn.region.is_empty() {
            return fail("names a Region, which roles and users do not have");
        }
        if !is_account_id(arn.account) {
            return fail("has no account id of twelve digits");
        }
        if arn.resource.contains(['*', '?']) {
            return fail("names no single caller");
        }
        let other = |words| Ok(Self::Other { arn: text.to_owned(), words });
        match (arn.service, arn.resource.split_once('/')) {
            ("iam", Some(("role", _))) => text.parse().map(Self::Role),
            ("iam", Some(("user", name))) if !name.is_empty() => other("an IAM user"),
            ("iam", None) if arn.resource == "root" => other("the root user"),
            ("sts", Some(("federated-user", name))) if !name.is_empty() => {
                other("a federated user")
            }
            ("sts", Some(("assumed-role", session))) => match session.split_once('/') {
                Some((role, session))
                    if !role.is_empty() && !session.is_empty() && !session.contains('/') =>
                {
                    Ok(Self::Session {
                        partition: arn.partition.to_owned(),
                        account: arn.account.to_owned(),
                        role: role.to_owned(),
                        session: session.to_owned(),
                    })
                }
                _ => fail("names no session of a role"),
            },
            _ => fail("names neither a role nor a user"),
        }
    }
}

impl fmt::Display for CallerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => role.fmt(f),
            Self::Session { partition, account, role, session } => {
                write!(f, "arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            Self::Other { arn, .. } => f.write_str(arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let vault = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
        assert_eq!(vault.parse::<VaultArn>().unwrap().to_string(), vault);
        let key = "arn:aws:kms:eu-west-1:444455556666:key/mrk-12";
        assert_eq!(key.parse::<KeyArn>().unwrap().to_string(), key);
        let role = "arn:aws:iam::111122223333:role/service-role/Copy";
        assert_eq!(role.parse::<RoleArn>().unwrap().to_string(), role);
    }

    #[test]
    fn faults_are_named() {
        for (text, fault) in [
            ("central", "is no ARN"),
            ("arn:aws:s3:::bucket", "is an ARN of `s3`, not of `backup`"),
            (
                "arn:aws:backup:eu-west-1:44445555666:backup-vault:central",
                "has `44445555666` where",
            ),
            (
                "arn:aws:backup:eu-west-1:444455556666:vault:central",
                "has `vault` where `backup-vault` stands",
            ),
            ("arn:aws:backup:eu-west-1:444455556666:backup-plan:x", "names no backup vault"),
            ("arn:aws:backup::444455556666:backup-vault:x", "names no Region"),
        ] {
            let error = text.parse::<VaultArn>().unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
        let alias = "arn:aws:kms:eu-west-1:444455556666:alias/x".parse::<KeyArn>().unwrap_err();
        assert!(alias.to_string().contains("alias"));
    }
    #[test]
    fn callers() {
        for text in [
            "arn:aws:iam::111122223333:role/ops/Starter",
            "arn:aws:sts::111122223333:assumed-role/Starter/jane@example.com",
            "arn:aws:iam::111122223333:user/ops/jane",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:federated-user/jane",
        ] {
            assert_eq!(text.parse::<CallerArn>().unwrap().to_string(), text);
        }
        for (text, fault) in [
            ("Starter", "is no ARN"),
            ("arn:aws:s3:::bucket", "names neither a role nor a user"),
            ("arn:aws:iam::111122223333:group/ops", "names neither a role nor a user"),
            ("arn:aws:iam::111122223333:role/", "names no single role"),
            ("arn:aws:iam::111122223333:role/*", "names no single caller"),
            ("arn:aws:iam::11112222333:role/Starter", "has no account id"),
            ("arn:aws:iam:eu-west-1:111122223333:role/Starter", "names a Region"),
            ("arn:aws:sts::111122223333:assumed-role/Starter", "names no session"),
        ] {
            let error = text.parse::<CallerArn>().unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
