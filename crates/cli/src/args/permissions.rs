//! Arguments of `permissions`.

use clap::Args;

use super::ListFormat;

#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    /// Also print the trust policy of a role that this account assumes
    #[arg(long, value_name = "ACCOUNT", value_parser = account_id)]
    pub(crate) trust: Option<String>,
    /// The external id that the trust policy asks for
    #[arg(long, value_name = "ID", requires = "trust")]
    pub(crate) external_id: Option<String>,
    /// The partition in ARNs: aws, aws-cn, aws-us-gov
    #[arg(long, value_name = "NAME", default_value = "aws")]
    pub(crate) partition: String,
    /// The form of the policies
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

fn account_id(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("an account id has twelve digits".to_owned()),
    }
}
