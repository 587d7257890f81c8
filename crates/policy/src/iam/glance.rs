//! Which actions a list may name, at a glance.

/// The services of actions and the letters that their names begin with, as sets of bits. Few
/// statements of large policies are about the action of a request, and most of the others are
/// told by this alone. Two services may share a bit, so it only ever tells what is not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Glance {
    services: u64,
    initials: u32,
}

impl Glance {
    /// Any action.
    pub(crate) const ANY: Self = Self { services: u64::MAX, initials: u32::MAX };

    /// The actions of this service whose names begin like this one. Case does not matter.
    pub(crate) fn action(service: &str, name: &str) -> Self {
        let hash = service
            .bytes()
            .fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte | 0x20)));
        let initials = match name.as_bytes().first() {
            None | Some(b'*' | b'?') => u32::MAX,
            // Without the bits that tell capital letters from small ones.
            Some(byte) => 1 << (byte % 32),
        };
        Self { services: 1 << (hash % 64), initials }
    }

    /// The actions of both.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { services: self.services | other.services, initials: self.initials | other.initials }
    }

    /// Whether an action may be among these.
    pub(crate) fn may_name(self, action: Self) -> bool {
        self.services & action.services != 0 && self.initials & action.initials != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matches_is_never_ruled_out() {
        let wanted = Glance::action("kms", "Decrypt");
        for (service, name) in [("kms", "*"), ("KMS", "dEC*"), ("kms", "?ecrypt"), ("kms", "")] {
            assert!(Glance::action(service, name).may_name(wanted), "{service}:{name}");
        }
        assert!(Glance::ANY.may_name(wanted));
        let others = Glance::action("kms", "Encrypt").or(Glance::action("s3", "DeleteObject"));
        assert!(!Glance::action("backup", "Decrypt").may_name(wanted));
        assert!(!Glance::action("kms", "Encrypt").may_name(wanted));
        assert!(others.may_name(Glance::action("S3", "DeleteBucket")));
        assert!(!Glance::default().may_name(wanted));
    }
}
