//! The services and actions that AWS has, as of the day that the file names.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use copy_preflight_policy::iam::statement::matches_action;
use copy_preflight_policy::iam::{Action, Term};

const TEXT: &str = include_str!("../../facts/catalogue.txt");

/// Read when the first document is judged, never by other commands.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(TEXT));

/// Services and actions.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    services: HashMap<&'static str, Service>,
}

/// A service prefix. Of most services only the prefix is known.
#[derive(Debug, Default)]
struct Service {
    names: Vec<(&'static str, Option<&'static str>)>,
    actions: OnceLock<Vec<KnownAction>>,
}

/// An action that exists.
#[derive(Debug)]
pub(crate) struct KnownAction {
    /// Its name as AWS writes it, with the service.
    pub(crate) action: Action,
    /// The resource types that it takes, separated by commas; empty where it takes only `*`,
    /// `None` where the catalogue does not say.
    pub(crate) resources: Option<&'static str>,
}

/// What a pattern of actions comes to.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// These, at least one.
    Actions(Vec<&'static KnownAction>),
    /// Every action, or every action of a service.
    Everything,
    /// The service exists and has no such action.
    NoSuchAction,
    /// There is no such service.
    NoSuchService,
    /// Part of it is unknown, or the catalogue does not list the actions of the service.
    Open,
}

/// The catalogue that ships.
pub(crate) fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

impl Catalogue {
    fn read(text: &'static str) -> Self {
        let mut read = Self::default();
        let mut service: Option<&'static str> = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words = match line.split_once(": ") {
                Some((head, words)) => {
                    service = head.strip_prefix("actions ");
                    words
                }
                None => line,
            };
            for word in words.split_ascii_whitespace() {
                match service {
                    None => {
                        read.services.entry(word).or_default();
                    }
                    Some(service) => {
                        let (name, resources) = match word.split_once('(') {
                            Some((name, rest)) => (name, rest.strip_suffix(')')),
                            None => (word, None),
                        };
                        read.services.entry(service).or_default().names.push((name, resources));
                    }
                }
            }
        }
        read
    }

    /// What a value of `Action` comes to.
    pub(crate) fn meaning(&'static self, term: &Term) -> Meaning {
        let Some(text) = term.text.known() else { return Meaning::Open };
        if text == "*" {
            return Meaning::Everything;
        }
        let Some((prefix, name)) = text.split_once(':') else { return Meaning::Open };
        if prefix.contains(['*', '?']) {
            return Meaning::Open;
        }
        let folded;
        let prefix = if prefix.bytes().any(|byte| byte.is_ascii_uppercase()) {
            folded = prefix.to_ascii_lowercase();
            folded.as_str()
        } else {
            prefix
        };
        let Some((&prefix, service)) = self.services.get_key_value(prefix) else {
            return Meaning::NoSuchService;
        };
        if name == "*" {
            return Meaning::Everything;
        }
        if service.names.is_empty() {
            return Meaning::Open;
        }
        let matching = service.actions(prefix).iter();
        let matching: Vec<_> =
            matching.filter(|known| matches_action(term, &known.action).is_true()).collect();
        if matching.is_empty() { Meaning::NoSuchAction } else { Meaning::Actions(matching) }
    }

    /// The names of all services.
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        self.services.keys().copied()
    }

    /// Whether there is a service of that prefix.
    pub(crate) fn has_service(&self, prefix: &str) -> bool {
        self.services.contains_key(prefix)
    }

    /// The names of the actions of a service, without the prefix.
    pub(crate) fn names(&self, service: &str) -> impl Iterator<Item = &'static str> {
        let known = self.services.get(service).map(|service| service.names.as_slice());
        known.unwrap_or_default().iter().map(|(name, _)| *name)
    }
}

impl Service {
    fn actions(&self, prefix: &str) -> &[KnownAction] {
        self.actions.get_or_init(|| {
            let parsed = self.names.iter().filter_map(|(name, resources)| {
                let action = Action::parse(&format!("{prefix}:{name}"))?;
                Some(KnownAction { action, resources: *resources })
            });
            parsed.collect()
        })
    }
}

impl KnownAction {
    /// The name behind the service.
    pub(crate) fn name(&self) -> &str {
        self.action.text.split_once(':').map_or("", |(_, name)| name)
    }

    /// Whether it takes a resource of this type; `true` where that is not known.
    pub(crate) fn takes(&self, resource: &str) -> bool {
        self.resources.is_none_or(|list| list.split(',').any(|one| one == resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_whole() {
        let read = catalogue();
        assert!(read.services().count() > 400, "{}", read.services().count());
        assert_eq!(read.names("kms").count(), 56);
        assert_eq!(read.names("backup").count(), 122);
        assert_eq!(read.names("s3").count(), 180);
        let action = |service: &str, name: &str| {
            let (prefix, service) = read.services.get_key_value(service).unwrap();
            service.actions(prefix).iter().find(|one| one.name() == name).unwrap().resources
        };
        assert_eq!(action("backup", "CopyIntoBackupVault"), Some("backupVault"));
        assert_eq!(action("backup", "CopyFromBackupVault"), Some("recoveryPoint"));
        assert_eq!(action("kms", "ListKeys"), Some(""));
        assert_eq!(action("s3", "GetObject"), None);
    }
}
