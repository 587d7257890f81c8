//! Statements of a key policy that are plainly meant for copies to another account.

use copy_preflight_policy::iam::Statement;
use copy_preflight_policy::iam::principal::{PrincipalTerm, account_of};

use super::view::{DocumentView, account_in, is_everybody, may_do, principals};

const LINKED: &str = "/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup";

/// A principal to whom a statement shares the key for copies.
pub(crate) struct Sharing<'a> {
    /// The statement that shows it.
    pub(crate) statement: &'a Statement,
    /// The principal.
    pub(crate) term: &'a PrincipalTerm,
    /// Its account.
    pub(crate) whom: &'a str,
}

impl Sharing<'_> {
    /// Whether a statement for this principal also reaches the service-linked role that copies.
    pub(crate) fn is_reached_by(&self, other: &PrincipalTerm) -> bool {
        let Some(text) = other.term.text.known() else { return true };
        is_everybody(other)
            || account_of(text) == Some(self.whom)
            || (account_in(other) == Some(self.whom) && text.ends_with(LINKED))
            || other.term.text == self.term.term.text
    }
}

/// The principals of other accounts that are given what only copies need: grants for AWS
/// resources, grants beside re-encryption, or anything at all as the role that copies.
///
/// A role of one's own account, or an account that is let in to decrypt, has other uses.
pub(crate) fn sharing<'a>(view: &DocumentView<'a>) -> impl Iterator<Item = Sharing<'a>> {
    let owner = view.owner.clone();
    view.allows().flat_map(move |statement| {
        let owner = owner.clone();
        principals(statement).filter_map(move |term| {
            let whom = account_in(term)?;
            let foreign = owner.as_ref().is_some_and(|owner| owner != whom);
            let text = term.term.text.known()?;
            let linked = text.ends_with(LINKED);
            let account = account_of(text).is_some();
            let meant = linked || (account && gives_for_copies(statement));
            (foreign && meant).then_some(Sharing { statement, term, whom })
        })
    })
}

fn gives_for_copies(statement: &Statement) -> bool {
    let everything = may_do(statement, "kms:PutKeyPolicy").is_true();
    let grants = may_do(statement, "kms:CreateGrant").is_true() && !everything;
    let for_resources = statement.conditions.iter().any(|condition| {
        condition.folded_key() == "kms:grantisforawsresource"
            && condition.values.iter().all(|value| value.text.known() == Some("true"))
    });
    let re_encrypts = may_do(statement, "kms:ReEncryptFrom").is_true();
    grants && (for_resources || re_encrypts)
}
