//! Placeholders of commands and fixes: `{key}`, filled from the message or the job, or said in
//! words.

/// The placeholders, each with the words that stand for one that is not known.
pub const PLACEHOLDERS: [(&str, &str); 27] = [
    ("account", "account"),
    ("action", "the action that was refused"),
    ("backup_job", "backup job id"),
    ("bucket", "bucket"),
    ("copy_job", "copy job id"),
    ("destination_account", "destination account"),
    ("destination_key", "key of the destination vault"),
    ("destination_region", "destination Region"),
    ("destination_vault", "destination vault"),
    ("encoded_message", "encoded message"),
    ("image", "AMI id"),
    ("key", "key ARN"),
    ("management_account", "management account"),
    ("option_group", "option group"),
    ("plan", "backup plan id"),
    ("principal", "principal"),
    ("recovery_point", "recovery point ARN"),
    ("region", "Region"),
    ("resource", "resource ARN"),
    ("role", "role ARN"),
    ("role_name", "role name"),
    ("snapshot", "snapshot id"),
    ("source_account", "source account"),
    ("source_key", "key of the source"),
    ("source_region", "source Region"),
    ("source_vault", "source vault"),
    ("tag_key", "tag key"),
];

/// Fills the placeholders of a template.
///
/// `value` answers for a placeholder by its name. One that it does not know, or that could do
/// something else in a shell than stand there, becomes `<words>`.
#[must_use]
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    for part in parts(template) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Placeholder(name) => match value(name).filter(|value| is_plain(value)) {
                Some(value) => out.push_str(&value),
                None => {
                    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
                    out.push('<');
                    out.push_str(known.map_or(name, |(_, words)| words));
                    out.push('>');
                }
            },
        }
    }
    out
}

/// The first placeholder of a template that there is not.
pub(super) fn unknown(template: &str) -> Option<&str> {
    parts(template).find_map(|part| match part {
        Part::Placeholder(name) => {
            (!PLACEHOLDERS.iter().any(|(known, _)| *known == name)).then_some(name)
        }
        Part::Text(_) => None,
    })
}

/// Whether a shell takes it for what it is.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@=+,-".contains(&byte);
    !value.is_empty() && !value.starts_with('-') && value.bytes().all(plain)
}

enum Part<'t> {
    Text(&'t str),
    Placeholder(&'t str),
}

/// A placeholder is a name in braces; other braces, as in a JMESPath query, are text.
fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('{')
            && let Some((name, behind)) = inner.split_once('}')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            rest = behind;
            return Some(Part::Placeholder(name));
        }
        let skipped = rest.chars().next().map_or(0, char::len_utf8);
        let from_second = rest.get(skipped..).unwrap_or_default();
        let length = from_second.find('{').map_or(rest.len(), |at| at + skipped);
        let (text, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(Part::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in() {
        let known = |name: &str| match name {
            "key" => Some("arn:aws:kms:eu-west-1:111122223333:key/1234".to_owned()),
            "region" => Some("$(reboot)".to_owned()),
            "role" => Some("--profile".to_owned()),
            _ => None,
        };
        for (template, expected) in [
            ("a {key}", "a arn:aws:kms:eu-west-1:111122223333:key/1234"),
            // What a shell would run, or take for an option, is not put there.
            ("b {region} {role}", "b <Region> <role ARN>"),
            ("c {copy_job}{x}", "c <copy job id><x>"),
            ("--query 'A.{B:C}' {", "--query 'A.{B:C}' {"),
        ] {
            assert_eq!(fill(template, known), expected);
        }
        assert_eq!(unknown("{key} {ky}"), Some("ky"));
    }
}
