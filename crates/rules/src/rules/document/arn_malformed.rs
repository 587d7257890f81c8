//! The ARNs of resources have the parts that their service has.

use copy_preflight_policy::iam::principal::is_account_id;

use crate::arn::Arn;
use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentView, IAM};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an ARN is not well formed, so it matches no resource",
    reason_lists: &[&[
        Reason { name: "not-an-arn", meaning: "the text is neither `*` nor an ARN" },
        Reason { name: "account", meaning: "the account is not twelve digits" },
        Reason { name: "partition", meaning: "there is no such partition" },
        Reason { name: "region", meaning: "there is no such Region, or the resource has none" },
        Reason { name: "colons", meaning: "the ARN of a snapshot or image has a colon too many" },
        Reason { name: "account-not-allowed", meaning: "the resource names no account in its ARN" },
        Reason { name: "service", meaning: "there is no such service" },
    ]],
    facts: &["policy-language-arns", "policy-language-ec2-recovery-points", "regions-partition-aws"],
    page: include_str!("arn_malformed.md"),
}

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for element in view.statements().iter().filter_map(|one| one.resource.as_ref()) {
        for term in &element.terms {
            let Some(text) = term.text.known() else { continue };
            if text.starts_with('*') || placeholder(text).is_some() || text.contains("${") {
                continue;
            }
            if let Some((reason, message, help)) = judge(view, text) {
                let outcome = Outcome::broken(reason, message);
                found.push(outcome.label(view.label(term.span, "matches no resource")).help(help));
            }
        }
    }
    found
}

type Fault = (&'static str, String, String);

fn judge(view: &DocumentView<'_>, text: &str) -> Option<Fault> {
    let Some(arn) = Arn::parse(text) else {
        // `arn:aws:backup:*` may stand for the parts that follow.
        if text.starts_with("arn:") && text.contains('*') {
            return None;
        }
        let message = match text {
            "" => "a resource without text: asterisks get lost in pasting".to_owned(),
            _ => format!("`{text}` is no ARN"),
        };
        let help =
            "an ARN has six parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`".to_owned();
        return Some(("not-an-arn", message, help));
    };
    let open = |part: &str| part.contains(['*', '?']);
    if !open(arn.partition) && !PARTITIONS.contains(&arn.partition) {
        let message = format!("there is no partition `{}`", arn.partition);
        return Some((
            "partition",
            message,
            "the partitions are `aws`, `aws-cn`, `aws-us-gov`".to_owned(),
        ));
    }
    if arn.service.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let message = format!("the service `{}` is written in small letters", arn.service);
        return Some(("service", message, "ARNs are compared with case".to_owned()));
    }
    if let Some(fault) = ec2(text, arn) {
        return Some(fault);
    }
    if !arn.account.is_empty()
        && !open(arn.account)
        && !is_account_id(arn.account)
        && arn.account != "aws"
    {
        let message = format!("`{}` is no account id of twelve digits", arn.account);
        return Some(("account", message, "correct the account in the ARN".to_owned()));
    }
    region(view, arn)
}

/// Snapshots and images: `arn:aws:ec2:REGION::snapshot/…`.
fn ec2(text: &str, arn: Arn<'_>) -> Option<Fault> {
    if arn.service != "ec2" {
        return None;
    }
    let of = |resource: &str| resource.starts_with("snapshot/") || resource.starts_with("image/");
    if let Some(resource) = arn.resource.strip_prefix(':').filter(|resource| of(resource)) {
        let region = if arn.region.is_empty() { arn.account } else { arn.region };
        let right = format!("arn:{}:ec2:{region}::{resource}", arn.partition);
        let message = format!("`{text}` has a colon too many");
        return Some(("colons", message, format!("write `{right}`")));
    }
    if arn.region.is_empty() && of(arn.resource) {
        let message = format!("`{text}` has its Region in the place of the account");
        let right = format!("arn:{}:ec2:{}::{}", arn.partition, arn.account, arn.resource);
        return Some(("colons", message, format!("write `{right}`")));
    }
    if of(arn.resource) && is_account_id(arn.account) {
        let message = "snapshots and images have no account in their ARN".to_owned();
        let right = format!("arn:{}:ec2:{}::{}", arn.partition, arn.region, arn.resource);
        return Some(("account-not-allowed", message, format!("write `{right}`")));
    }
    None
}

fn region(view: &DocumentView<'_>, arn: Arn<'_>) -> Option<Fault> {
    if arn.region.contains(['*', '?']) {
        return None;
    }
    if arn.service == "iam" {
        return (!arn.region.is_empty()).then(|| {
            let message = format!("ARNs of IAM have no Region, this one has `{}`", arn.region);
            ("region", message, "write two colons behind `iam`".to_owned())
        });
    }
    let regional = matches!(arn.service, "kms" | "backup" | "ec2" | "rds");
    if !regional {
        return None;
    }
    if arn.region.is_empty() {
        let message = format!("ARNs of `{}` name a Region", arn.service);
        return Some(("region", message, "write the Region, or `*` for all".to_owned()));
    }
    let row = view.facts.row(&format!("regions-partition-{}", arn.partition))?;
    let mut known = row.strings("regions");
    if known.any(|region| region == arn.region) {
        return None;
    }
    let message =
        format!("there is no Region `{}` in the partition `{}`", arn.region, arn.partition);
    let meant = near(arn.region, row.strings("regions"));
    let help = match meant.first() {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "a Region is written like `eu-west-1`".to_owned(),
    };
    Some(("region", message, help))
}
