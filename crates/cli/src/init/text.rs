//! The text of the config. Prose begins with `# `, what can be switched on with `#` alone.

use std::fmt::Write as _;

use copy_preflight_rules::arn::VaultArn;
use copy_preflight_rules::lint::DocumentKind;

use super::findings::{CopyAction, Destination, Findings, Place};
use crate::output::plain::{visible, wrapped};

/// More planned copies than this are a list that nobody fills in by hand.
const MOST_COPIES: usize = 40;

/// How many documents are named where one of several is meant.
const MOST_NAMED: usize = 6;

/// The width of the prose.
const WIDTH: usize = 100;

/// The config that findings come to.
#[must_use]
pub(crate) fn config(findings: &Findings) -> String {
    let mut text = String::new();
    prose(
        &mut text,
        "What this repository says once, so that no command of copy-preflight has to. Written by \
         `copy-preflight init` from what the repository holds. Lines that begin with `#` and no \
         space are settings: fill them in and take the `#` away.",
    );
    prose(
        &mut text,
        "Editors check and complete this file with its schema: `copy-preflight schema config`.",
    );
    organization(&mut text, findings);
    accounts(&mut text, findings);
    copies(&mut text, findings);
    text.push('\n');
    text.push_str(REST);
    text
}

/// What no repository shows.
const REST: &str = "\
# How much a rule weighs: \"off\", \"suggestion\", \"warning\", \"security\" or \"error\". The ids:
# `copy-preflight rules`.
[rules]
#copy-stays-unencrypted = \"error\"

# A finding that is known and accepted; `where` and `until` can be left out.
#[[suppress]]
#rule = \"\"
#where = \"policies/**\"
#reason = \"\"
#until = 2027-01-31

# What no document shows; a report names the id.
#[[answer]]
#id = \"\"
#value = \"\"
#reason = \"\"
";

fn organization(text: &mut String, findings: &Findings) {
    text.push_str("\n# The organization that the accounts are of.\n[organization]\n");
    match findings.organizations.len() {
        0 => text.push_str("#id = \"o-\"\n"),
        1 => {
            for (id, place) in &findings.organizations {
                prose(text, &format!("Named in {place}."));
                line(text, &format!("id = {}", quoted(id)));
            }
        }
        _ => {
            prose(text, "Several are named: which one is yours?");
            for (id, place) in &findings.organizations {
                line(text, &format!("#id = {}  # {}", quoted(id), visible(place)));
            }
        }
    }
    text.push_str("#management-account = \"\"\n");
}

fn accounts(text: &mut String, findings: &Findings) {
    text.push('\n');
    prose(
        text,
        "Accounts, and whose credentials read them where `check` asks AWS: a profile of the AWS \
         CLI, or a role to assume. Take out those that are not yours.",
    );
    text.push('\n');
    for (id, place) in &findings.accounts {
        prose(text, &format!("Named in {place}."));
        text.push_str("[[account]]\n");
        line(text, &format!("id = {}", quoted(id)));
        text.push_str("#name = \"\"\n#profile = \"\"\n\n");
    }
    if findings.accounts.is_empty() {
        text.push_str("#[[account]]\n#id = \"\"\n#name = \"\"\n#profile = \"\"\n\n");
    }
}

fn copies(text: &mut String, findings: &Findings) {
    prose(
        text,
        "Copies that are relied on. `copy-preflight lint` asks whether the documents of this \
         repository still permit them.",
    );
    for copy in findings.copies.iter().take(MOST_COPIES) {
        text.push('\n');
        planned(text, copy, findings);
    }
    match findings.copies.len().checked_sub(MOST_COPIES) {
        Some(more) if more > 0 => {
            text.push('\n');
            prose(text, &format!("{more} more copy actions were found and left out."));
        }
        _ => {}
    }
    if findings.copies.is_empty() {
        text.push_str(
            "#[[planned-copy]]
#source-vault = \"arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME\"
#destination-vault = \"arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME\"
#resource-type = [\"EBS\"]
#source-key = \"arn:aws:kms:REGION:ACCOUNT:key/ID\"
#destination-key = \"arn:aws:kms:REGION:ACCOUNT:key/ID\"
#[planned-copy.documents]
",
        );
        let (vaults, keys) = (
            documents(findings, DocumentKind::VaultPolicy),
            documents(findings, DocumentKind::KeyPolicy),
        );
        document(text, "destination-vault-policy", &vaults);
        document(text, "source-key-policy[0]", &keys);
        document(text, "destination-key-policy", &keys);
    }
}

fn planned(text: &mut String, copy: &CopyAction, findings: &Findings) {
    let CopyAction { name, place, source, destination, .. } = copy;
    prose(text, &format!("A copy action in {place}."));
    text.push_str("#[[planned-copy]]\n");
    if !name.is_empty() {
        line(text, &format!("#name = {}", quoted(name)));
    }
    let (partition, region) = match destination {
        Destination::Known(vault) => (vault.partition.as_str(), None),
        Destination::Open(_) => ("aws", Some("REGION")),
    };
    let part =
        |given: &Option<String>, open: &str| given.clone().unwrap_or_else(|| open.to_owned());
    let from = format!(
        "arn:{partition}:backup:{}:{}:backup-vault:{}",
        part(&source.region, region.unwrap_or("REGION")),
        part(&source.account, "ACCOUNT"),
        part(&source.name, "NAME"),
    );
    line(text, &format!("#source-vault = {}", quoted(&from)));
    let to = match destination {
        Destination::Known(vault) => vault.to_string(),
        Destination::Open(given) => {
            if !given.is_empty() {
                prose(text, &format!("The document says `{given}`."));
            }
            "arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME".to_owned()
        }
    };
    line(text, &format!("#destination-vault = {}", quoted(&to)));
    text.push_str("#resource-type = [\"EBS\"]\n");
    let owner = source.account.as_deref().unwrap_or("ACCOUNT");
    let region = source.region.as_deref().unwrap_or("REGION");
    let key = format!("arn:{partition}:kms:{region}:{owner}:key/ID");
    line(text, &format!("#source-key = {}", quoted(&key)));
    let key = match destination {
        Destination::Known(VaultArn { partition, region, account, .. }) => {
            format!("arn:{partition}:kms:{region}:{account}:key/ID")
        }
        Destination::Open(_) => "arn:aws:kms:REGION:ACCOUNT:key/ID".to_owned(),
    };
    line(text, &format!("#destination-key = {}", quoted(&key)));
    for (key, days) in
        [("delete-after-days", copy.delete_after_days), ("cold-after-days", copy.cold_after_days)]
    {
        if let Some(days) = days {
            line(text, &format!("#{key} = {days}"));
        }
    }
    text.push_str("#[planned-copy.documents]\n");
    let destination = match destination {
        Destination::Known(vault) => Some(vault),
        Destination::Open(_) => None,
    };
    document(text, "destination-vault-policy", &vault_policies(findings, destination));
    let keys =
        |account: Option<&str>| of_account(documents(findings, DocumentKind::KeyPolicy), account);
    document(text, "source-key-policy[0]", &keys(source.account.as_deref()));
    let account = destination.map(|vault| vault.account.as_str());
    document(text, "destination-key-policy", &keys(account));
}

fn documents(findings: &Findings, kind: DocumentKind) -> Vec<&Place> {
    findings.of_kind(kind).collect()
}

/// The vault policies that can be that of a vault: the one that says so; else those whose path
/// names it; else all that do not belong to another.
fn vault_policies<'f>(findings: &'f Findings, vault: Option<&VaultArn>) -> Vec<&'f Place> {
    let all = documents(findings, DocumentKind::VaultPolicy);
    let Some(vault) = vault else { return all };
    let arn = vault.to_string();
    let said: Vec<&Place> =
        all.iter().copied().filter(|one| one.arn.as_deref() == Some(arn.as_str())).collect();
    if !said.is_empty() {
        return said;
    }
    let open: Vec<&Place> = all.into_iter().filter(|one| one.arn.is_none()).collect();
    let open = of_account(open, Some(&vault.account));
    let named: Vec<&Place> =
        open.iter().copied().filter(|one| has_word(&one.place, &vault.name)).collect();
    if named.is_empty() { open } else { named }
}

/// Those of an account, and those of which the account is not known.
fn of_account<'f>(mut places: Vec<&'f Place>, account: Option<&str>) -> Vec<&'f Place> {
    if let Some(account) = account {
        places.retain(|one| one.account.as_deref().is_none_or(|owner| owner == account));
    }
    places
}

/// Whether a name stands in a path as a word of its own.
fn has_word(path: &str, name: &str) -> bool {
    let (path, name) = (path.to_ascii_lowercase(), name.to_ascii_lowercase());
    path.match_indices(&name).any(|(start, found)| {
        let before = path.get(..start).and_then(|text| text.chars().next_back());
        let behind = path.get(start + found.len()..).and_then(|text| text.chars().next());
        [before, behind].into_iter().flatten().all(|one| !one.is_alphanumeric())
    })
}

/// The line of a document, with the one that it has to be or those that it can be.
fn document(text: &mut String, slot: &str, candidates: &[&Place]) {
    match candidates {
        [] => line(text, &format!("#{} = \"\"", quoted(slot))),
        [one] => line(text, &format!("#{} = {}", quoted(slot), quoted(&one.place))),
        several => {
            for one in several.iter().take(MOST_NAMED) {
                line(text, &format!("#{} = {}", quoted(slot), quoted(&one.place)));
            }
            let more = several.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!("; {more} more were found") } else { String::new() };
            prose(text, &format!("Keep the one that is meant{more}."));
        }
    }
}

fn prose(text: &mut String, sentence: &str) {
    text.push_str(&wrapped("# ", "# ", sentence, WIDTH));
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// A text as a TOML string of one line.
fn quoted(text: &str) -> String {
    // The escapes of JSON are escapes of TOML; DEL is the one character that only TOML escapes.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}
