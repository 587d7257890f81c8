//! A service in `kms:ViaService` is written as KMS writes it.

use copy_preflight_policy::iam::condition::Base;

use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentKind, DocumentView};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::IdentityPolicy, DocumentKind::Scp, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a value of `kms:ViaService` is none that KMS puts into a request",
    reason_lists: &[&[
        Reason { name: "form", meaning: "the value is not `service.region.amazonaws.com`" },
        Reason { name: "region", meaning: "there is no such Region" },
        Reason { name: "suffix", meaning: "the value ends as in no partition" },
    ]],
    facts: &["organization-key-via-service"],
    page: include_str!("via_service_value.md"),
}

const SUFFIX: &str = ".amazonaws.com";

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions().filter(|(_, one)| one.folded_key() == "kms:viaservice")
    {
        if matches!(condition.operator.base, Base::Null | Base::Unknown | Base::Open) {
            continue;
        }
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            let left = value.variables || placeholder(text).is_some() || text.contains(['*', '?']);
            if left {
                continue;
            }
            let Some((reason, message, help)) = fault(view, text) else { continue };
            let outcome = Outcome::broken(reason, message);
            found.push(outcome.label(view.label(value.span, "never in a request")).help(help));
        }
    }
    found
}

fn fault(view: &DocumentView<'_>, text: &str) -> Option<(&'static str, String, String)> {
    let form = || "write it as `ec2.eu-west-1.amazonaws.com`".to_owned();
    let Some(stem) = text.strip_suffix(SUFFIX) else {
        let (reason, end) = match text.contains(SUFFIX) {
            true => ("suffix", "the value ends with `.amazonaws.com` in every partition"),
            false => ("form", "the value is `service.region.amazonaws.com`"),
        };
        return Some((reason, format!("`{text}`: {end}"), form()));
    };
    let Some((_, region)) = stem.split_once('.') else {
        let message = format!("`{text}` names no Region");
        return Some(("form", message, form()));
    };
    let partitions = view.facts.rows().iter().filter(|row| row.text("kind") == Some("partition"));
    let known: Vec<&str> = partitions.flat_map(|row| row.strings("regions")).collect();
    if !known.contains(&region) {
        let message = format!("`{text}`: there is no Region `{region}`");
        let help = match near(region, known).first() {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => form(),
        };
        return Some(("region", message, help));
    }
    None
}
