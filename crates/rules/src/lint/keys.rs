//! The condition keys that AWS has, from the rows of facts.

use std::collections::HashMap;

use copy_preflight_policy::iam::Action;

use crate::facts::{Facts, Row};

/// All condition keys that the facts name.
#[derive(Debug)]
pub(crate) struct ConditionKeys {
    /// By the name in lower case; a family by its part before the variable one.
    exact: HashMap<String, KnownKey>,
    families: Vec<(String, KnownKey)>,
}

/// A condition key that exists.
#[derive(Debug)]
pub(crate) struct KnownKey {
    /// The row that says so.
    pub(crate) fact: String,
    /// As AWS writes it; a family with `${…}`.
    pub(crate) name: String,
    /// Whether a request may carry several values.
    pub(crate) multivalued: bool,
    /// The type of a value.
    pub(crate) value: ValueType,
    /// Whether a wildcard in its value lets in more than anybody means.
    pub(crate) sensitive: bool,
    /// Whether every operation on a KMS key carries it.
    key_operations: bool,
    /// The actions that carry it; `None` for keys of all services.
    actions: Option<Vec<String>>,
}

/// Types of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    String,
    Arn,
    Bool,
    Number,
    Date,
    IpAddress,
    Other,
}

impl ValueType {
    fn parse(word: &str) -> Self {
        match word {
            "String" => Self::String,
            "ARN" => Self::Arn,
            "Bool" => Self::Bool,
            "Numeric" => Self::Number,
            "Date" => Self::Date,
            "IPAddress" => Self::IpAddress,
            _ => Self::Other,
        }
    }

    /// The word in messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::String | Self::Other => "text",
            Self::Arn => "an ARN",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::IpAddress => "an IP address",
        }
    }
}

impl ConditionKeys {
    pub(crate) fn of(facts: &Facts) -> Self {
        let mut keys = Self { exact: HashMap::new(), families: Vec::new() };
        for row in facts.rows().iter().filter(|row| row.table == "condition-keys") {
            let Some(name) = row.text("key") else { continue };
            let known = known(row, name);
            match name.split_once("${") {
                Some((family, _)) => keys.families.push((family.to_ascii_lowercase(), known)),
                None => {
                    keys.exact.insert(name.to_ascii_lowercase(), known);
                }
            }
        }
        keys
    }

    /// The key of a name in lower case.
    pub(crate) fn find(&self, folded: &str) -> Option<&KnownKey> {
        self.exact.get(folded).or_else(|| {
            let of = |(family, _): &&(String, KnownKey)| {
                folded.len() > family.len() && folded.starts_with(family.as_str())
            };
            self.families.iter().find(of).map(|(_, known)| known)
        })
    }

    /// The family whose name stands without its variable part, such as `aws:ResourceTag`.
    pub(crate) fn bare_family(&self, folded: &str) -> Option<&KnownKey> {
        let bare = |(family, _): &&(String, KnownKey)| {
            family.trim_end_matches(['/', ':']) == folded.trim_end_matches(['/', ':'])
        };
        self.families.iter().find(bare).map(|(_, known)| known)
    }

    /// The names of the keys that begin with a service and a colon.
    pub(crate) fn names<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.exact.values().chain(self.families.iter().map(|(_, known)| known));
        all.map(|known| known.name.as_str()).filter(move |name| {
            name.split_once(':').is_some_and(|(prefix, _)| prefix.eq_ignore_ascii_case(service))
        })
    }
}

impl KnownKey {
    /// Whether requests of this action can carry the key: `false` only where they never do.
    pub(crate) fn goes_with(&self, action: &Action) -> bool {
        let Some(actions) = &self.actions else { return true };
        (self.key_operations && action.service() == "kms")
            || actions.iter().any(|one| one.eq_ignore_ascii_case(&action.text))
    }

    /// The actions that carry it; `None` where it goes with all.
    pub(crate) fn actions(&self) -> Option<&[String]> {
        self.actions.as_deref().filter(|_| !self.key_operations)
    }
}

fn known(row: &Row, name: &str) -> KnownKey {
    let service = row.text("service");
    let global = !matches!(service, Some("kms" | "backup"));
    let listed: Vec<String> = row.strings("actions").map(str::to_owned).collect();
    KnownKey {
        fact: row.id.clone(),
        name: name.to_owned(),
        multivalued: row.text("cardinality") == Some("multi"),
        value: row.text("type").map_or(ValueType::Other, ValueType::parse),
        sensitive: row.flag("sensitive") == Some(true),
        key_operations: row.flag("key_operations") == Some(true),
        actions: (!global && !listed.is_empty()).then_some(listed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_name_and_family() {
        let keys = ConditionKeys::of(&Facts::of_rules().unwrap());
        let find = |name: &str| keys.find(name).map(|known| known.name.as_str());
        assert_eq!(find("kms:viaservice"), Some("kms:ViaService"));
        assert_eq!(find("aws:resourcetag/team"), Some("aws:ResourceTag/${TagKey}"));
        assert_eq!(find("aws:resourcetag/"), None);
        assert_eq!(find("kms:resourcesaliases"), None);
        assert_eq!(
            find("kms:encryptioncontext:aws:ebs:id"),
            Some("kms:EncryptionContext:${EncryptionContextKey}")
        );
        assert!(keys.bare_family("aws:resourcetag").is_some());
        let grant = keys.find("kms:grantisforawsresource").unwrap();
        let action = |text| Action::parse(text).unwrap();
        assert!(grant.goes_with(&action("kms:CreateGrant")));
        assert!(!grant.goes_with(&action("kms:Decrypt")));
        assert!(keys.find("kms:viaservice").unwrap().goes_with(&action("kms:Decrypt")));
        assert!(keys.find("aws:sourceip").unwrap().goes_with(&action("kms:Decrypt")));
    }
}
