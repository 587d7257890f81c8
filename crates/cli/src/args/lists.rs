//! Arguments of what lists: rules, facts and schemas; and of `simulate`.

use std::path::PathBuf;

use clap::Args;

use super::ListFormat;

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The file of lines; left out or `-` for standard input
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// The id of a rule, to read its page
    pub(crate) id: Option<String>,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// A table, or the id of a row
    pub(crate) name: Option<String>,
    /// Rows of facts that take the place of those that ship, as TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The schema to print, with or without its version: `config` is that of the config
    pub(crate) name: Option<String>,
}
