//! `aws:SourceIp` is compared with public addresses.

use copy_preflight_policy::iam::condition::Base;
use std::net::Ipv4Addr;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "`aws:SourceIp` is compared with private addresses, which it never is",
    reason_lists: &[&[
        Reason { name: "private", meaning: "the range is private" },
    ]],
    facts: &["policy-language-private-addresses"],
    page: include_str!("private_source_ip.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions().filter(|(_, one)| one.folded_key() == "aws:sourceip") {
        if condition.operator.base != Base::IpAddress {
            continue;
        }
        for value in &condition.values {
            let Some(text) = value.text.known().filter(|text| is_private(text)) else { continue };
            let end = match condition.operator.negated {
                true => "so this keeps nobody out of the statement",
                false => "so this never matches",
            };
            let message = format!("`{text}` is private and `aws:SourceIp` is public, {end}");
            let outcome = Outcome::broken("private", message);
            found.push(
                outcome
                    .label(view.label(value.span, "a private range"))
                    .help("use `aws:VpcSourceIp` for addresses within a VPC, or the public range"),
            );
        }
    }
    found
}

fn is_private(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
    let (Ok(address), Ok(bits)) = (address.parse::<Ipv4Addr>(), bits.parse::<u8>()) else {
        return false;
    };
    // A range that is wider than the private one holds public addresses too.
    let least = match address.octets() {
        [10, ..] => 8,
        [172, second, ..] if (16..32).contains(&second) => 12,
        [192, 168, ..] => 16,
        _ => return false,
    };
    bits >= least
}
