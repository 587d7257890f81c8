//! A value has the form that the key's values have.

use copy_preflight_policy::iam::condition::Base;
use copy_preflight_policy::iam::principal::is_account_id;

use crate::lint::conditions::is_dead_literal;
use crate::lint::placeholder::placeholder;
use crate::lint::view::account_of_principal;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a value does not have the form of the key's values, so it never matches",
    reason_lists: &[&[
        Reason { name: "account", meaning: "accounts are twelve digits" },
        Reason { name: "organization", meaning: "organizations are `o-` and letters and digits" },
        Reason { name: "org-path", meaning: "a path of an organization ends with a slash or a wildcard" },
        Reason { name: "vpc", meaning: "VPCs are `vpc-` and letters and digits" },
        Reason { name: "endpoint", meaning: "endpoints are `vpce-` and letters and digits" },
    ]],
    facts: &["policy-language-organization-ids", "policy-language-condition-values"],
    page: include_str!("condition_value_shape.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        let text = matches!(
            condition.operator.base,
            Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike
        );
        let Some(form) = Form::of(condition.folded_key()).filter(|_| text) else { continue };
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            let left = value.variables || placeholder(text).is_some();
            if left || is_dead_literal(condition, value) || form.fits(text) {
                continue;
            }
            let message = format!("`{text}` is no {}, so it never matches", form.name());
            let outcome = Outcome::broken(form.reason(), message);
            let outcome = outcome.label(view.label(value.span, form.looks_like()));
            found.push(outcome.help(form.help(text)));
        }
    }
    found
}

/// What the values of a key look like.
#[derive(Clone, Copy)]
enum Form {
    Account,
    Organization,
    Path,
    Vpc,
    Endpoint,
}

impl Form {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "kms:calleraccount"
            | "aws:principalaccount"
            | "aws:sourceaccount"
            | "aws:resourceaccount"
            | "aws:vpceaccount" => Self::Account,
            "aws:principalorgid" | "aws:sourceorgid" | "aws:resourceorgid" | "aws:vpceorgid" => {
                Self::Organization
            }
            "aws:principalorgpaths"
            | "aws:sourceorgpaths"
            | "aws:resourceorgpaths"
            | "aws:vpceorgpaths"
            | "backup:copytargetorgpaths" => Self::Path,
            "aws:sourcevpc" => Self::Vpc,
            "aws:sourcevpce" => Self::Endpoint,
            _ => return None,
        })
    }

    fn fits(self, text: &str) -> bool {
        if text.contains(['*', '?']) {
            return match self {
                Self::Account => !text.contains(':'),
                Self::Path => text.starts_with(['o', '*', '?']),
                _ => true,
            };
        }
        let id = |prefix: &str, least: usize| {
            text.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() >= least
                    && rest.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit())
            })
        };
        match self {
            Self::Account => is_account_id(text),
            // Documents that are shown to others have ids that are spelled for readers.
            Self::Organization => id("o-", 8) || text.starts_with("o-example"),
            Self::Path => text.starts_with("o-") && text.ends_with('/'),
            Self::Vpc => id("vpc-", 1),
            Self::Endpoint => id("vpce-", 1),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Account => "account id",
            Self::Organization => "organization id",
            Self::Path => "path that a principal can have",
            Self::Vpc => "VPC id",
            Self::Endpoint => "VPC endpoint id",
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Organization => "organization",
            Self::Path => "org-path",
            Self::Vpc => "vpc",
            Self::Endpoint => "endpoint",
        }
    }

    fn looks_like(self) -> &'static str {
        match self {
            Self::Account => "twelve digits stand here",
            Self::Organization => "`o-…` stands here",
            Self::Path => "`o-…/r-…/ou-…/` stands here",
            Self::Vpc => "`vpc-…` stands here",
            Self::Endpoint => "`vpce-…` stands here",
        }
    }

    fn help(self, text: &str) -> String {
        match self {
            Self::Account => match account_of_principal(text) {
                Some(account) => {
                    format!("write `{account}`: the key holds the account, not an ARN")
                }
                None => "write the twelve digits of the account".to_owned(),
            },
            Self::Organization => {
                "the id of an organization is `o-` and ten or more letters and digits".to_owned()
            }
            Self::Path => format!(
                "end it with a slash for one OU (`{}/`), or with `/*` under `ForAnyValue:StringLike` for all below",
                text.trim_end_matches('/')
            ),
            Self::Vpc | Self::Endpoint => "copy the id from the VPC console".to_owned(),
        }
    }
}
