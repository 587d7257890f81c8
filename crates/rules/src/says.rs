//! What AWS says when something is refused, as far as its words are stable: each stands in a stem of
//! the message facts, which a test holds.

/// Of a vault that does not admit the caller, or does not exist.
pub(crate) const ACCESS_DENIED: &str = "Access Denied trying to call AWS Backup service";
/// Of the setting of the management account.
pub(crate) const CROSS_ACCOUNT_NOT_ENABLED: &str =
    "Cross-account copy feature is not enabled for the current organization";
/// Of a snapshot under the AWS managed key of EC2.
pub(crate) const DEFAULT_KEY_NOT_SHARED: &str = "default key cannot be shared";
/// Of a lifecycle.
pub(crate) const DELETE_TOO_SOON_AFTER_COLD: &str =
    "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays";
/// Of a type or direction that is not copied.
pub(crate) const FEATURE_NOT_SUPPORTED: &str =
    "Feature is not supported for provided resource type";
/// Of a key, by EC2.
pub(crate) const KEY_NOT_ACCESSIBLE: &str = "Given key ID is not accessible";
/// Of a key that cannot be used, for whatever reason.
pub(crate) const KEY_REFUSED: &str =
    "KMS key is either disabled or pending deletion or access to KMS key is denied";
/// Of an image from the Marketplace.
pub(crate) const MARKETPLACE_IMAGE: &str =
    "Images from AWS Marketplace cannot be copied to another AWS account";
/// Of two accounts.
pub(crate) const NOT_ONE_ORGANIZATION: &str =
    "Both source and destination account must be a member of the same organization";
/// Of the copy role.
pub(crate) const ROLE_NOT_ASSUMED: &str = "cannot be assumed by AWS Backup";
/// Of an image that the destination does not allow.
pub(crate) const SOURCE_IMAGE_NOT_FOUND: &str = "Source AMI not found in Region";
/// Of a tag.
pub(crate) const TAG_VALUE_NOT_ALLOWED: &str =
    "The tag policy does not allow the specified value for the following tag key";
/// Of a destination vault under `aws/backup`.
pub(crate) const VAULT_UNDER_DEFAULT_KEY: &str =
    "the destination Backup vault is encrypted with the default Backup service managed key";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;

    #[test]
    fn each_stands_in_a_message_that_the_facts_know() {
        let facts = Facts::embedded().unwrap();
        let plain = |text: &str| text.to_lowercase().replace(['{', '}'], "");
        let known: Vec<String> = facts
            .rows()
            .iter()
            .filter(|row| row.table == "messages")
            .flat_map(|row| row.strings("stems").map(plain).collect::<Vec<_>>())
            .collect();
        for said in [
            ACCESS_DENIED,
            CROSS_ACCOUNT_NOT_ENABLED,
            DEFAULT_KEY_NOT_SHARED,
            DELETE_TOO_SOON_AFTER_COLD,
            FEATURE_NOT_SUPPORTED,
            KEY_NOT_ACCESSIBLE,
            KEY_REFUSED,
            MARKETPLACE_IMAGE,
            NOT_ONE_ORGANIZATION,
            ROLE_NOT_ASSUMED,
            SOURCE_IMAGE_NOT_FOUND,
            TAG_VALUE_NOT_ALLOWED,
            VAULT_UNDER_DEFAULT_KEY,
        ] {
            assert!(known.iter().any(|stem| stem.contains(&plain(said))), "{said}");
        }
    }
}
