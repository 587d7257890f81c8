//! A planned copy as rules see it: which of its parts a rule looks at is recorded.
//!
//! Two copies that agree in the parts that a rule looked at have the same outcome of that rule,
//! since documents, facts and settings of a run do not change. [`crate::remembered`] rests on it.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

use crate::arn::{CallerArn, RoleArn, VaultArn};
use crate::copy::{From, Lifecycle, PlanSize, PlannedCopy, SourceKeys};

/// A part of a planned copy that rules look at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Part {
    /// Whether the copy crosses accounts, without which accounts those are.
    CrossAccount,
    /// Whether it crosses Regions.
    CrossRegion,
    /// Whether source and destination are one vault.
    SameVault,
    SourcePartition,
    SourceRegion,
    SourceAccount,
    SourceName,
    DestinationPartition,
    DestinationRegion,
    DestinationAccount,
    DestinationName,
    From,
    ResourceType,
    Variant,
    RecoveryPoint,
    /// Whether the source is known to be unencrypted, without which keys it has.
    Unencrypted,
    SourceKeys,
    Role,
    Caller,
    Lifecycle,
    SourceLifecycle,
    PlanSize,
}

impl Part {
    /// All parts, each at its own number.
    pub(crate) const ALL: [Self; 22] = [
        Self::CrossAccount,
        Self::CrossRegion,
        Self::SameVault,
        Self::SourcePartition,
        Self::SourceRegion,
        Self::SourceAccount,
        Self::SourceName,
        Self::DestinationPartition,
        Self::DestinationRegion,
        Self::DestinationAccount,
        Self::DestinationName,
        Self::From,
        Self::ResourceType,
        Self::Variant,
        Self::RecoveryPoint,
        Self::Unencrypted,
        Self::SourceKeys,
        Self::Role,
        Self::Caller,
        Self::Lifecycle,
        Self::SourceLifecycle,
        Self::PlanSize,
    ];
}

/// A set of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Parts(u32);

impl Parts {
    const SOURCE: Self = Self::of(&[
        Part::SourcePartition,
        Part::SourceRegion,
        Part::SourceAccount,
        Part::SourceName,
    ]);
    const DESTINATION: Self = Self::of(&[
        Part::DestinationPartition,
        Part::DestinationRegion,
        Part::DestinationAccount,
        Part::DestinationName,
    ]);

    const fn of(parts: &[Part]) -> Self {
        let (mut set, mut rest) = (0, parts);
        while let [first, others @ ..] = rest {
            set |= 1 << *first as u32;
            rest = others;
        }
        Self(set)
    }

    pub(crate) fn holds(self, part: Part) -> bool {
        self.0 & Self::of(&[part]).0 != 0
    }

    #[must_use]
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A value of a copy; whoever looks at it has seen its parts.
pub struct Seen<'a, T> {
    value: &'a T,
    parts: Parts,
    seen: &'a Cell<Parts>,
}

impl<'a, T> Seen<'a, T> {
    fn new(value: &'a T, parts: Parts, seen: &'a Cell<Parts>) -> Self {
        Self { value, parts, seen }
    }

    /// The value, for as long as the copy lives.
    #[must_use]
    pub fn look(&self) -> &'a T {
        self.seen.set(self.seen.get().with(self.parts));
        self.value
    }
}

impl<T> Deref for Seen<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.look()
    }
}

impl<T: fmt::Display> fmt::Display for Seen<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Seen<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.look() == other.look()
    }
}

impl<T: PartialEq> PartialEq<T> for Seen<'_, T> {
    fn eq(&self, other: &T) -> bool {
        self.look() == other
    }
}

impl PartialEq<Seen<'_, Self>> for String {
    fn eq(&self, other: &Seen<'_, Self>) -> bool {
        self == other.look()
    }
}

impl PartialEq<Seen<'_, String>> for str {
    fn eq(&self, other: &Seen<'_, String>) -> bool {
        self == other.look()
    }
}

impl PartialEq<Seen<'_, String>> for &str {
    fn eq(&self, other: &Seen<'_, String>) -> bool {
        self == other.look()
    }
}

impl PartialEq<str> for Seen<'_, String> {
    fn eq(&self, other: &str) -> bool {
        self.look() == other
    }
}

/// A vault, each part of its name by itself, or all of it.
pub struct SeenVault<'a> {
    /// The partition.
    pub partition: Seen<'a, String>,
    /// The Region.
    pub region: Seen<'a, String>,
    /// The account that owns the vault.
    pub account: Seen<'a, String>,
    /// The name.
    pub name: Seen<'a, String>,
    whole: Seen<'a, VaultArn>,
}

impl<'a> SeenVault<'a> {
    /// The whole name, for as long as the copy lives.
    #[must_use]
    pub fn look(&self) -> &'a VaultArn {
        self.whole.look()
    }
}

impl Deref for SeenVault<'_> {
    type Target = VaultArn;

    fn deref(&self) -> &VaultArn {
        self.look()
    }
}

/// A planned copy of which each part is seen by itself.
pub struct SeenCopy<'a> {
    /// The vault that the copy leaves.
    pub source: SeenVault<'a>,
    /// The vault that the copy enters.
    pub destination: SeenVault<'a>,
    /// Where the plan of this copy stands.
    pub from: Seen<'a, From>,
    /// The resource type.
    pub resource_type: Seen<'a, Option<String>>,
    /// The variant of the type.
    pub variant: Seen<'a, Option<String>>,
    /// The recovery point.
    pub recovery_point: Seen<'a, Option<String>>,
    /// The keys that encrypt the source.
    pub source_keys: Seen<'a, SourceKeys>,
    /// The role that AWS Backup assumes in the source account.
    pub role: Seen<'a, Option<RoleArn>>,
    /// Who starts the copy job.
    pub caller: Seen<'a, Option<CallerArn>>,
    /// The lifecycle of the copy.
    pub lifecycle: Seen<'a, Lifecycle>,
    /// The lifecycle of the source.
    pub source_lifecycle: Seen<'a, Option<Lifecycle>>,
    /// How large the plan is.
    pub plan_size: Seen<'a, Option<PlanSize>>,
    cross_account: Seen<'a, PlannedCopy>,
    cross_region: Seen<'a, PlannedCopy>,
    same_vault: Seen<'a, PlannedCopy>,
    unencrypted: Seen<'a, PlannedCopy>,
}

impl<'a> SeenCopy<'a> {
    pub(crate) fn new(copy: &'a PlannedCopy, seen: &'a Cell<Parts>) -> Self {
        fn part<'a, T>(value: &'a T, part: Part, seen: &'a Cell<Parts>) -> Seen<'a, T> {
            Seen::new(value, Parts::of(&[part]), seen)
        }
        let PlannedCopy { source, destination, .. } = copy;
        Self {
            source: SeenVault {
                partition: part(&source.partition, Part::SourcePartition, seen),
                region: part(&source.region, Part::SourceRegion, seen),
                account: part(&source.account, Part::SourceAccount, seen),
                name: part(&source.name, Part::SourceName, seen),
                whole: Seen::new(source, Parts::SOURCE, seen),
            },
            destination: SeenVault {
                partition: part(&destination.partition, Part::DestinationPartition, seen),
                region: part(&destination.region, Part::DestinationRegion, seen),
                account: part(&destination.account, Part::DestinationAccount, seen),
                name: part(&destination.name, Part::DestinationName, seen),
                whole: Seen::new(destination, Parts::DESTINATION, seen),
            },
            from: part(&copy.from, Part::From, seen),
            resource_type: part(&copy.resource_type, Part::ResourceType, seen),
            variant: part(&copy.variant, Part::Variant, seen),
            recovery_point: part(&copy.recovery_point, Part::RecoveryPoint, seen),
            source_keys: part(&copy.source_keys, Part::SourceKeys, seen),
            role: part(&copy.role, Part::Role, seen),
            caller: part(&copy.caller, Part::Caller, seen),
            lifecycle: part(&copy.lifecycle, Part::Lifecycle, seen),
            source_lifecycle: part(&copy.source_lifecycle, Part::SourceLifecycle, seen),
            plan_size: part(&copy.plan_size, Part::PlanSize, seen),
            cross_account: part(copy, Part::CrossAccount, seen),
            cross_region: part(copy, Part::CrossRegion, seen),
            same_vault: part(copy, Part::SameVault, seen),
            unencrypted: part(copy, Part::Unencrypted, seen),
        }
    }

    /// Whether the copy crosses accounts.
    #[must_use]
    pub fn is_cross_account(&self) -> bool {
        self.cross_account.look().is_cross_account()
    }

    /// Whether source and destination are one vault.
    #[must_use]
    pub fn stays_in_vault(&self) -> bool {
        let copy = self.same_vault.look();
        copy.source == copy.destination
    }

    /// Whether somebody said that the source is not encrypted.
    #[must_use]
    pub fn is_unencrypted(&self) -> bool {
        self.unencrypted.look().source_keys == SourceKeys::Unencrypted
    }

    /// Whether the copy crosses Regions.
    #[must_use]
    pub fn is_cross_region(&self) -> bool {
        self.cross_region.look().is_cross_region()
    }
}
