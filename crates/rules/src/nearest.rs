//! "Did you mean": the known names that come nearest to one that is not known.

/// How many names are offered at most.
const OFFERED: usize = 3;

/// The known names that a person may have meant, the nearest first; empty where none is near.
///
/// Near is a name with few typing mistakes, or one of which the given one is a part.
pub(crate) fn near<'a>(named: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let tolerated = (named.chars().count() / 3).max(1);
    let wanted = plain(named);
    let mut ranked: Vec<(usize, bool, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let candidate = plain(name);
            let distance = strsim::damerau_levenshtein(&wanted, &candidate);
            let is_part = wanted.len() > 2 && candidate.contains(&wanted);
            // Of names as near, one that the given one begins is the likelier.
            let goes_on = !candidate.starts_with(&wanted);
            (distance <= tolerated || is_part).then_some((distance, goes_on, name))
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().map(|(_, _, name)| name).take(OFFERED).collect()
}

/// The known name with the fewest differences, however many they are.
pub fn nearest<'a>(named: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(named);
    known.into_iter().min_by_key(|name| strsim::damerau_levenshtein(&wanted, &plain(name)))
}

/// People leave out spaces and hyphens, and write capitals as they like.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [&str; 7] = [
        "EBS",
        "EC2",
        "EFS",
        "DynamoDB",
        "DocumentDB",
        "Storage Gateway",
        "SAP HANA on Amazon EC2",
    ];

    #[test]
    fn names_that_were_meant() {
        for (named, expected) in [
            ("ebs", vec!["EBS", "EFS"]),
            ("Dynamo", vec!["DynamoDB"]),
            ("dynamodb", vec!["DynamoDB"]),
            ("StorageGateway", vec!["Storage Gateway"]),
            ("SAP HANA", vec!["SAP HANA on Amazon EC2"]),
            ("DocumentBD", vec!["DocumentDB"]),
            ("Lambda", vec![]),
        ] {
            assert_eq!(near(named, TYPES), expected, "{named}");
        }
    }

    #[test]
    fn a_name_that_was_cut_short_goes_on() {
        let keys = ["aws:PrincipalArn", "aws:PrincipalOrgID"];
        assert_eq!(near("aws:PrincipalOrg", keys).first(), Some(&"aws:PrincipalOrgID"));
    }

    #[test]
    fn the_nearest_is_always_named() {
        let regions = ["us-east-1", "eu-central-1", "eu-west-1"];
        assert_eq!(nearest("eu-wst-1", regions), Some("eu-west-1"));
        assert_eq!(nearest("mars-1", []), None);
    }
}
