//! Arguments of what reads accounts: whose credentials, and where a plan or a job is.

use clap::Args;

/// Whose credentials read which account.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct LiveArgs {
    /// The profile that reads the account of the source vault
    #[arg(long, value_name = "NAME")]
    pub(crate) source_profile: Option<String>,
    /// The profile that reads the account of the destination vault
    #[arg(long, value_name = "NAME")]
    pub(crate) destination_profile: Option<String>,
    /// The profile that reads the management account of the organization
    #[arg(long, value_name = "NAME")]
    pub(crate) management_profile: Option<String>,
    /// A role to assume in each account that the credentials at hand are not of
    #[arg(long, value_name = "NAME")]
    pub(crate) assume_role_name: Option<String>,
    /// The external id that the trust policy of the role asks for
    #[arg(long, value_name = "ID", requires = "assume_role_name")]
    pub(crate) external_id: Option<String>,
    /// Show each call with its duration and request id
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Where a plan or a job is, for want of a vault that tells it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct PlaceArgs {
    /// The account that a plan or job is in, by its id or its name in copy-preflight.toml; left
    /// out, that of the credentials
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// The Region that a plan or job is in; left out, that of the credentials
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(crate) region: Option<String>,
}

/// A Region by its code.
///
/// # Errors
/// Where the text has another form.
pub(crate) fn region(text: &str) -> Result<String, String> {
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match text.contains('-') && text.bytes().all(is_code) {
        true => Ok(text.to_owned()),
        false => Err("a Region is written as in `eu-west-1`".to_owned()),
    }
}
