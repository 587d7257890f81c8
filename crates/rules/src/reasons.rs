//! Reasons that several rules share.

use crate::rule::Reason;

/// A document is missing.
pub(crate) const DOCUMENT_MISSING: Reason =
    Reason { name: "document-missing", meaning: "a document that decides was not read" };
/// The answer lacks what it should hold.
pub(crate) const ANSWER_INCOMPLETE: Reason = Reason {
    name: "answer-incomplete",
    meaning: "the answer does not hold the member that decides",
};
/// The type is not known.
pub(crate) const TYPE_NOT_KNOWN: Reason =
    Reason { name: "type-not-known", meaning: "nobody said which resource type is copied" };
/// The facts have no such type.
pub(crate) const UNKNOWN_TYPE: Reason =
    Reason { name: "unknown-type", meaning: "the facts do not know this resource type or variant" };
/// The variant is not known and matters.
pub(crate) const VARIANT_NOT_KNOWN: Reason = Reason {
    name: "variant-not-known",
    meaning: "the variants of the resource type differ, and which one it is was not said",
};
/// The source key is not known.
pub(crate) const KEY_NOT_KNOWN: Reason =
    Reason { name: "key-not-known", meaning: "nobody said which key encrypts the source" };
/// The setting has other possible values.
pub(crate) const SETTING_AMBIGUOUS: Reason = Reason {
    name: "setting-ambiguous",
    meaning: "the setting has more than one possible value, or one that is not known",
};
/// The tag policies of the account cannot be merged.
pub(crate) const TAG_POLICY_NOT_KNOWN: Reason = Reason {
    name: "tag-policy-not-known",
    meaning: "the tag policies of the account cannot be merged",
};
/// The policies of the account cannot be merged.
pub(crate) const POLICY_NOT_KNOWN: Reason = Reason {
    name: "effective-policy-not-known",
    meaning: "what is in force in the account is not known",
};
/// Sources contradict each other.
pub(crate) const SOURCES_CONTRADICT: Reason = Reason {
    name: "sources-contradict",
    meaning: "AWS's pages contradict each other or do not say it",
};
/// An explicit deny.
pub(crate) const EXPLICIT_DENY: Reason =
    Reason { name: "explicit-deny", meaning: "a Deny statement matches" };
/// No statement is about the caller.
pub(crate) const NO_STATEMENT: Reason =
    Reason { name: "no-statement", meaning: "no Allow statement names the caller" };
/// A statement names the caller, but not the action.
pub(crate) const MISSING_ACTION: Reason = Reason {
    name: "missing-action",
    meaning: "the statements that name the caller leave out an action that the copy needs",
};
/// A statement would allow, but is about another resource.
pub(crate) const OTHER_RESOURCE: Reason = Reason {
    name: "other-resource",
    meaning: "the statement that names the caller is about another resource",
};
/// A statement would allow, but its condition fails.
pub(crate) const CONDITION_FAILS: Reason = Reason {
    name: "condition-fails",
    meaning: "the statement that would allow has a condition that fails",
};
/// The decision hangs on a condition key that nobody knows.
pub(crate) const UNKNOWN_KEY: Reason = Reason {
    name: "unknown-condition-key",
    meaning: "it depends on a condition key whose value in this call is not documented",
};
/// The decision hangs on how AWS reads a statement, or on a part that is not understood.
pub(crate) const AMBIGUOUS: Reason = Reason {
    name: "ambiguous-policy",
    meaning: "a statement that decides can be read in two ways, or holds something not understood",
};
/// AWS would not save the policy as it stands.
pub(crate) const POLICY_NOT_VALID: Reason = Reason {
    name: "policy-not-valid",
    meaning: "the policy holds a mistake for which AWS refuses it, so it cannot be in force as it stands",
};
/// The forms in which the call may be made are decided differently.
pub(crate) const FORMS_DIFFER: Reason = Reason {
    name: "forms-differ",
    meaning: "one form of the call is allowed and another is not, and which one AWS makes is not documented",
};
/// It depends on the copy role, and nobody named it.
pub(crate) const ROLE_NOT_KNOWN: Reason =
    Reason { name: "role-not-known", meaning: "it depends on the copy role, which was not named" };
