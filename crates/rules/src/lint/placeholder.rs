//! Texts that a person was to replace before the document went out.

/// Words that stand in examples for a value of one's own, in capitals as examples write them.
const WORDS: [&str; 11] = [
    "ACCOUNT",
    "ORGANIZATION",
    "ORGID",
    "ORG_ID",
    "ORG-ID",
    "REGION",
    "YOUR",
    "REPLACE",
    "CHANGEME",
    "PLACEHOLDER",
    "INSERT",
];

/// The part of a text that was to be replaced, where one stands there.
pub(crate) fn placeholder(text: &str) -> Option<&str> {
    bracketed(text, "<", ">")
        .or_else(|| bracketed(text, "{{", "}}"))
        .or_else(|| text.split(separates).find(|part| is_shouted(part) || is_crossed_out(part)))
}

fn separates(one: char) -> bool {
    matches!(one, ':' | '/' | '.' | ',' | ' ')
}

/// `<account>`, `<<ORG>>`, `{{ account }}`.
fn bracketed<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let start = text.find(open)?;
    let (_, behind) = text.split_at_checked(start)?;
    let inside = behind.trim_start_matches(open);
    let length = inside.find(close)?;
    let words = inside.get(..length)?;
    // `a < b > c` compares.
    let named = words.contains(|one: char| one.is_ascii_alphabetic())
        && (open != "<" || !words.starts_with(' '));
    let end = behind.len() - inside.len() + length;
    let closing = inside.get(length..)?;
    let closing = closing.len() - closing.trim_start_matches(close).len();
    behind.get(..end + closing).filter(|_| named)
}

/// `PROD_ACCOUNT_ID`, `YOUR-ORG-ID`: capitals with a word of the list among them.
fn is_shouted(part: &str) -> bool {
    let capitals =
        |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || matches!(one, '_' | '-');
    part.len() > 3
        && part.chars().all(capitals)
        && WORDS.iter().any(|word| contains_word(part, word))
}

fn contains_word(part: &str, word: &str) -> bool {
    let at_edge = |one: Option<char>| one.is_none_or(|one| !one.is_ascii_uppercase());
    part.match_indices(word).any(|(start, _)| {
        let before = part.get(..start).and_then(|before| before.chars().next_back());
        let behind = part.get(start + word.len()..);
        at_edge(before)
            && behind.is_some_and(|behind| {
                at_edge(behind.chars().next())
                    || behind.starts_with("ID")
                    || behind.starts_with("NUMBER")
            })
    })
}

/// `xxxxxxxxxxxx`, `o-xxxxxxxxxx`, `XXXX`.
fn is_crossed_out(part: &str) -> bool {
    let bare = part.strip_prefix("o-").or_else(|| part.strip_prefix("ou-")).unwrap_or(part);
    bare.len() >= 4 && bare.chars().all(|one| matches!(one, 'x' | 'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_to_be_replaced() {
        for (text, expected) in [
            ("<<ORGANIZATION-ID>>", Some("<<ORGANIZATION-ID>>")),
            ("arn:aws:iam::<account-id>:root", Some("<account-id>")),
            ("arn:aws:iam::PROD_ACCOUNT_ID:root", Some("PROD_ACCOUNT_ID")),
            ("{{ account }}", Some("{{ account }}")),
            ("o-xxxxxxxxxx", Some("o-xxxxxxxxxx")),
            ("arn:aws:iam::XXXXXXXXXXXX:root", Some("XXXXXXXXXXXX")),
            ("YOUR-ORG-ID", Some("YOUR-ORG-ID")),
            ("arn:aws:kms:REGION:111122223333:key/x", Some("REGION")),
            ("arn:aws:iam::111122223333:role/ADMIN", None),
            ("REGIONAL", None),
            ("SYMMETRIC_DEFAULT", None),
            ("ENCRYPT_DECRYPT", None),
            ("a < b > c", None),
            ("arn:aws:iam::123456789012:role/EXAMPLE-ROLE", None),
        ] {
            assert_eq!(placeholder(text), expected, "{text}");
        }
    }
}
