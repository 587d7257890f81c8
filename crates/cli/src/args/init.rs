//! Arguments of `init`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to read, ignore files respected, and to write the config into
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}
