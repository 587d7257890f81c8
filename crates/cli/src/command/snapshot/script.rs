//! Commands that fetch what is missing, as a shell takes them.

use copy_preflight_rules::check::Report;
use copy_preflight_rules::inputs::{Address, quoted};

/// One document to fetch.
pub(super) struct Step<'a> {
    pub(super) address: &'a Address,
    /// The copies that want it.
    pub(super) report: &'a Report,
}

/// Saves an answer, or the error in its place, as a snapshot has them.
const SAVE: &str = r#"save() { # FILE COMMAND...: the answer, or the error in its place
  file=$1; shift
  mkdir -p "$(dirname "$file")"
  if said=$("$@" --output json 2>&1 >"$file.json"); then
    rm -f "$file.error.json"; return 0
  fi
  rm -f "$file.json"
  case $said in
    *"An error occurred ("*) ;;
    *) printf '%s\n' "$said" >&2; return 1 ;;
  esac
  printf '%s' "$said" | tr '\n\t' '  ' | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
    -e 's/.*An error occurred (\([^)]*\)) when calling the [^:]*: /\1 /' \
    -e 's/\([^ ]*\) \(.*\)/{"code":"\1","message":"\2"}/' >"$file.error.json"
}
"#;

/// What stands before all commands.
pub(super) fn head(folder: &str) -> String {
    let folder = quoted(folder);
    format!("umask 077\nmkdir -p {folder}\ncd {folder} || exit\n{SAVE}")
}

/// What prints the document.
pub(super) fn command(step: &Step<'_>) -> String {
    match step.address {
        Address::OrganizationPolicies | Address::OrganizationTree => lines(step, usize::MAX),
        Address::RolePolicy { policy, .. } if !policy.starts_with("inline:") => {
            let arn = quoted(policy);
            let version = format!(
                "\"$(aws iam get-policy --policy-arn {arn} --query Policy.DefaultVersionId \
                 --output text)\""
            );
            step.address.call().command.replace("VERSION", &version)
        }
        // Settings are of the account, and any Region answers.
        Address::GlobalSettings => {
            let region = step.report.copies.first().map(|copy| copy.copy.source.region.as_str());
            let region = region.map(|region| format!(" --region {}", quoted(region)));
            step.address.call().command + &region.unwrap_or_default()
        }
        address => address.call().command,
    }
}

/// The lines of a script that save the document, none wider than a terminal where it can be.
pub(super) fn lines(step: &Step<'_>, width: usize) -> String {
    match step.address {
        Address::OrganizationPolicies => r#"mkdir -p organization/policies
for type in SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY; do
  for id in $(aws organizations list-policies --filter "$type" \
      --query 'Policies[].Id' --output text); do
    save organization/policies/"$id" \
      aws organizations describe-policy --policy-id "$id"
    save organization/attachments/"$id" \
      aws organizations list-targets-for-policy --policy-id "$id"
  done
done
"#
        .to_owned(),
        Address::OrganizationTree => tree(step.report),
        address => {
            let command = format!("save {} {}", address.path(), command(step));
            broken(&command, width)
        }
    }
}

/// The parents of the accounts that copies touch, up to the root.
fn tree(report: &Report) -> String {
    let mut accounts: Vec<&str> = report
        .copies
        .iter()
        .flat_map(|copy| [copy.copy.source.account.as_str(), &copy.copy.destination.account])
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    let accounts: Vec<String> = accounts.into_iter().map(quoted).collect();
    let accounts = accounts.join(" ");
    format!(
        r#"mkdir -p organization
parents() {{
  parent=$(aws organizations list-parents --child-id "$1" \
    --query 'Parents[0].Id' --output text) || return
  printf '%s"%s":"%s"' "$comma" "$1" "$parent"; comma=,
  case $parent in ou-*) parents "$parent" ;; esac
}}
{{ comma=; printf '{{'; for id in {accounts}; do parents "$id"; done; printf '}}\n'; }} \
  >organization/tree.json
"#
    )
}

/// A command over several lines, broken between its parts: what is saved, the call, each flag
/// with its value.
fn broken(command: &str, width: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for word in words(command) {
        match parts.last_mut() {
            Some(last) if word != "aws" && !word.starts_with("--") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    let mut text = String::new();
    let mut columns = 0;
    for part in parts {
        let length = part.chars().count();
        // Two columns are kept for the mark at the end of a line.
        if columns > 0 && columns + 1 + length + 2 > width {
            text.push_str(" \\\n   ");
            columns = 3;
        }
        if columns > 0 {
            text.push(' ');
            columns += 1;
        }
        text.push_str(&part);
        columns += length;
    }
    text.push('\n');
    text
}

/// The words of a command; spaces inside quotes and `$(…)` are theirs.
fn words(command: &str) -> Vec<&str> {
    let (mut single, mut double) = (false, false);
    command
        .split(move |character| {
            match character {
                '\'' if !double => single = !single,
                '"' if !single => double = !double,
                _ => {}
            }
            character == ' ' && !single && !double
        })
        .collect()
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_broken_between_parts() {
        let command = "save a aws b 'one two' --three \"$(four five)\" --six 7";
        assert_eq!(
            words(command),
            ["save", "a", "aws", "b", "'one two'", "--three", "\"$(four five)\"", "--six", "7"]
        );
        assert_eq!(
            broken(command, 24),
            "save a aws b 'one two' \\\n    --three \"$(four five)\" \\\n    --six 7\n"
        );
        assert_eq!(broken(command, usize::MAX), format!("{command}\n"));
    }
}
