//! The walk through policies and their statements, and who hears of what matches.

use super::decision::{Group, Open, Place};
use super::policies::{Document, Documents, Grants, Levels};
use crate::Truth;
use crate::iam::document::{Effect, Policy, Statement};
use crate::iam::grant::Grant;
use crate::iam::principal::Classes;
use crate::iam::request::Request;
use crate::iam::statement::PolicyKind;

/// Hears of every statement that matches or may match, and of every policy not known.
pub(crate) trait Observer<'a> {
    fn statement(&mut self, found: Found<'a>);
    fn unknown(&mut self, open: Open);
    fn grant(&mut self, index: usize, grant: &'a Grant, allows: Truth);
}

/// A statement that matches or may match.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) place: Place,
    pub(crate) kind: PolicyKind,
    pub(crate) policy: &'a Policy,
    pub(crate) statement: &'a Statement,
    pub(crate) matched: Classes,
}

pub(super) struct Silent;

impl<'a> Observer<'a> for Silent {
    fn statement(&mut self, _: Found<'a>) {}
    fn unknown(&mut self, _: Open) {}
    fn grant(&mut self, _: usize, _: &'a Grant, _: Truth) {}
}

/// What one group of policies says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) allow: Classes,
    pub(super) deny: Truth,
}

impl Said {
    pub(super) const NOTHING: Self = Self { allow: Classes::NONE, deny: Truth::False };
    const ANYTHING: Self = Self { allow: Classes::all(Truth::Unknown), deny: Truth::Unknown };

    fn or(self, other: Self) -> Self {
        Self { allow: self.allow.or(other.allow), deny: self.deny | other.deny }
    }
}

pub(super) struct Walk<'r, O> {
    pub(super) request: &'r Request,
    pub(super) observer: &'r mut O,
    pub(super) has_boundary: Truth,
}

impl<'a, O: Observer<'a>> Walk<'_, O> {
    pub(super) fn document(
        &mut self,
        document: Document<'a>,
        place: Place,
        kind: PolicyKind,
    ) -> Said {
        let policy = match document {
            Document::Known(policy) if policy.doubt.is_none() => policy,
            _ => {
                self.observer.unknown(Open::Policy(place));
                return Said::ANYTHING;
            }
        };
        let mut said = Said::NOTHING;
        for statement in &policy.statements {
            let matched = statement.matches(kind, self.request, self.has_boundary, policy.version);
            if matched == Classes::NONE {
                continue;
            }
            self.observer.statement(Found { place, kind, policy, statement, matched });
            match statement.effect {
                Effect::Allow => said.allow = said.allow.or(matched),
                Effect::Deny => said.deny = said.deny | matched.any(),
                Effect::Unknown => {
                    said.allow = said.allow.or(matched.and(Truth::Unknown));
                    said.deny = said.deny | matched.any().at_most_unknown();
                }
            }
        }
        said
    }

    pub(super) fn documents(
        &mut self,
        documents: &Documents<'a>,
        kind: PolicyKind,
        place: impl Fn(usize) -> Place,
    ) -> Said {
        match documents {
            Documents::Known(documents) => {
                let mut said = Said::NOTHING;
                for (index, &document) in documents.iter().enumerate() {
                    said = said.or(self.document(document, place(index), kind));
                }
                said
            }
            Documents::Unknown => {
                self.observer.unknown(Open::Policies(place(0).group()));
                Said::ANYTHING
            }
        }
    }

    pub(super) fn levels(
        &mut self,
        levels: &Levels<'a>,
        kind: PolicyKind,
        place: fn(usize, usize) -> Place,
        mut each: impl FnMut(Group, Said),
    ) {
        match levels {
            Levels::Known(levels) => {
                for (level, documents) in levels.iter().enumerate() {
                    let said = self.documents(documents, kind, |index| place(level, index));
                    each(place(level, 0).group(), said);
                }
            }
            Levels::Unknown => {
                let every = if kind == PolicyKind::Scp { Group::EveryScp } else { Group::EveryRcp };
                self.observer.unknown(Open::Policies(every));
                each(every, Said::ANYTHING);
            }
        }
    }

    pub(super) fn grants(&mut self, grants: Grants<'a>) -> Truth {
        match grants {
            Grants::Known(grants) => {
                let mut result = Truth::False;
                for (index, grant) in grants.iter().enumerate() {
                    let allows = grant.allows(self.request);
                    if !allows.is_false() {
                        self.observer.grant(index, grant, allows);
                    }
                    result = result | allows;
                }
                result
            }
            Grants::Unknown => {
                self.observer.unknown(Open::Policies(Group::Grants));
                Truth::Unknown
            }
        }
    }
}
