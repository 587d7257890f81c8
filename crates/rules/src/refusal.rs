//! Who refused a call, as far as the words of AWS tell.

/// What AWS says, and who it was. The longer phrase stands before one that it contains.
const REFUSERS: [(&str, &str); 12] = [
    ("service control policy", "an SCP"),
    ("resource control policy", "an RCP"),
    ("vpc endpoint policy", "the policy of a VPC endpoint"),
    ("no permissions boundary allows", "a permissions boundary without an Allow"),
    ("permissions boundary", "a permissions boundary"),
    ("no session policy allows", "a session policy without an Allow"),
    ("session policy", "a session policy"),
    ("no identity-based policy allows", "no Allow in the caller's policies"),
    ("explicit deny in an identity-based policy", "a Deny in the caller's policies"),
    ("no resource-based policy allows", "no Allow in the resource's policy"),
    ("explicit deny in a resource-based policy", "a Deny in the resource's policy"),
    ("role trust policy", "the trust policy of the role"),
];

/// Who refused, in a few words; `None` where the message does not tell.
#[must_use]
pub fn refuser(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    REFUSERS.iter().find(|(said, _)| message.contains(said)).map(|&(_, who)| who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_refused_is_told_by_the_message() {
        for (reason, who) in [
            (
                "because no identity-based policy allows the kms:GetKeyPolicy action",
                Some("no Allow in the caller's policies"),
            ),
            ("with an explicit deny in a service control policy", Some("an SCP")),
            (
                "because no VPC endpoint policy allows the action",
                Some("the policy of a VPC endpoint"),
            ),
            (
                "with an explicit deny in an identity-based policy",
                Some("a Deny in the caller's policies"),
            ),
            (
                "because no permissions boundary allows it",
                Some("a permissions boundary without an Allow"),
            ),
            ("on resource: key/1", None),
        ] {
            let message =
                format!("User: u is not authorized to perform: kms:GetKeyPolicy {reason}");
            assert_eq!(refuser(&message), who);
        }
    }
}
