//! `copy-preflight.toml`: what a repository or a team says once, so that no command has to.

mod form;

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use copy_preflight_policy::source::Source;
use toml::Spanned;

pub use form::{
    Account, Config, Level, OneOrMany, Organization, PlannedCopy, StatedAnswer, Suppression,
};

/// The name of the file.
pub const FILE_NAME: &str = "copy-preflight.toml";

/// A config and where it stands.
#[derive(Debug, Clone, Default)]
pub struct Located {
    /// What it says.
    pub config: Config,
    /// The file; `None` where there is none and nothing is said.
    pub path: Option<PathBuf>,
    text: String,
}

/// A config that cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// What it says is wrong: file with line and column, and the fault.
    Wrong(String, String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, fault) => write!(f, "cannot read `{}`: {fault}", path.display()),
            Self::Wrong(place, fault) => write!(f, "{place}: {fault}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Located {
    /// The config that a flag names, else the first one upward from a folder, else nothing.
    ///
    /// # Errors
    /// A file that cannot be read, or says something wrong, with its place.
    pub fn find(named: Option<&Path>, folder: &Path) -> Result<Self, ConfigError> {
        match named {
            Some(path) => Self::read(path),
            None => folder
                .ancestors()
                .map(|folder| folder.join(FILE_NAME))
                .find(|path| path.is_file())
                .map_or_else(|| Ok(Self::default()), |path| Self::read(&path)),
        }
    }

    /// What stands in the file; empty where there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|fault| ConfigError::Unreadable(path.to_owned(), fault))?;
        let (path, config) = (Some(path.to_owned()), Config::default());
        let mut located = Self { config, path, text };
        located.config = toml::from_str(&located.text).map_err(|fault| {
            let start = fault.span().map(|span| span.start);
            ConfigError::Wrong(located.place(start), fault.message().to_owned())
        })?;
        located.accounts_are_told_apart()?;
        Ok(located)
    }

    /// An account twice, or two of one name, would leave open whose credentials are meant.
    fn accounts_are_told_apart(&self) -> Result<(), ConfigError> {
        let accounts = &self.config.accounts;
        for (index, account) in accounts.iter().enumerate() {
            let before = accounts.iter().take(index);
            let same = |one: &Account| {
                one.id.get_ref() == account.id.get_ref()
                    || (one.name.is_some() && one.name == account.name)
            };
            if before.into_iter().any(same) {
                let id = account.id.get_ref();
                let fault = format!("account `{id}`: its id or its name stands twice");
                return Err(ConfigError::Wrong(self.place_of(&account.id), fault));
            }
        }
        Ok(())
    }

    /// File, line and column of a value, as errors begin.
    #[must_use]
    pub fn place_of<T>(&self, value: &Spanned<T>) -> String {
        self.place(Some(value.span().start))
    }

    fn place(&self, start: Option<usize>) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(FILE_NAME)).to_string_lossy();
        let Some(start) = start.and_then(|start| u32::try_from(start).ok()) else {
            return path.into_owned();
        };
        let position = Source::alone(path.as_ref(), self.text.as_str()).position(start);
        format!("{path}:{}:{}", position.line, position.column)
    }

    /// The folder that paths in the config start from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Located;

    #[test]
    fn nothing_said_is_nothing_found() {
        let located = Located::find(None, Path::new("")).unwrap();
        assert!(located.path.is_none() && located.config.accounts.is_empty());
    }
}
