//! Pages, joined as the AWS CLI prints them: one object, its lists one behind the other.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Joins the pages of an answer: the members of that name, lists or objects, become one. Each
/// element keeps its text. A single page stays the text that it is.
///
/// # Errors
/// Where a page is not what the service should send.
pub(crate) fn pages(pages: Vec<String>, member: &str) -> Result<String, serde_json::Error> {
    let mut pages = pages;
    if pages.len() == 1
        && let Some(only) = pages.pop()
    {
        return Ok(only);
    }
    let mut elements: Vec<String> = Vec::new();
    let mut is_object = false;
    for page in &pages {
        let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(page)?;
        let Some(found) = members.remove(member) else { continue };
        if found.get().starts_with('{') {
            is_object = true;
            let entries: BTreeMap<String, &RawValue> = serde_json::from_str(found.get())?;
            for (key, value) in entries {
                elements.push(format!("{}:{}", serde_json::to_string(&key)?, value.get()));
            }
        } else if found.get() != "null" {
            let list: Vec<&RawValue> = serde_json::from_str(found.get())?;
            elements.extend(list.into_iter().map(|element| element.get().to_owned()));
        }
    }
    let (open, close) = if is_object { ('{', '}') } else { ('[', ']') };
    let name = serde_json::to_string(member)?;
    Ok(format!("{{{name}:{open}{}{close}}}", elements.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_objects_are_joined() {
        let join = |texts: &[&str], member: &str| {
            pages(texts.iter().map(|&text| text.to_owned()).collect(), member).unwrap()
        };
        let only = r#"{ "Grants": [1.50], "Truncated": false }"#;
        assert_eq!(join(&[only], "Grants"), only);
        assert_eq!(
            join(&[r#"{"Grants":[{"a":1.50}],"NextMarker":"x"}"#, r#"{"Grants":[2,3]}"#], "Grants"),
            r#"{"Grants":[{"a":1.50},2,3]}"#
        );
        assert_eq!(
            join(&[r#"{"Tags":{"a":"1"}}"#, r#"{"Tags":{"b":"2"}}"#], "Tags"),
            r#"{"Tags":{"a":"1","b":"2"}}"#
        );
        assert!(pages(vec!["{".to_owned(), "{}".to_owned()], "Tags").is_err());
    }
}
