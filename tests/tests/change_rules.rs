//! Rules on two versions of a document: who is let in that was not before.

use copy_preflight_rules::lint::{DocumentKind, Hints, Linter, Owner};
use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::rules::change::RULES;
use copy_preflight_tests::cases::blocks;
use copy_preflight_tests::documents::{now, read};
use copy_preflight_tests::facts::facts;

const OWNER: &str = "444455556666";

/// `reason: who may do what` of each outcome, with the underlined texts.
fn newly(kind: DocumentKind, before: Option<&str>, after: &str) -> Vec<String> {
    let owner = Owner { account: Some(OWNER.into()), ..Owner::default() };
    let hints = Hints { kind: Some(kind), owner };
    let whole = |text: &str| match text.contains("\"Version\"") {
        true => text.to_owned(),
        false => format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#),
    };
    let before = before.map(|text| read("before.json", &whole(text), &hints).1);
    let (sources, after) = read("after.json", &whole(after), &hints);
    let found = Linter::new(facts(), Some(now())).compare(before.as_ref(), &after);
    found
        .into_iter()
        .map(|(_, outcome)| {
            let places = outcome.labels.iter().map(|label| sources.slice(label.span));
            let places: Vec<&str> = places.collect();
            assert!(!places.is_empty(), "{}", outcome.message);
            assert!(!outcome.facts.is_empty(), "{}", outcome.message);
            let kind = if outcome.kind == OutcomeKind::Broken { "" } else { "?" };
            format!("{}{kind} {}", outcome.reason.unwrap(), places.join(" "))
        })
        .collect()
}

fn allow(sid: &str, principal: &str, action: &str, rest: &str) -> String {
    format!(
        r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"{rest}}}"#
    )
}

#[test]
fn who_is_let_in_is_told_once_with_the_statement() {
    const COPY: &str = "backup:CopyIntoBackupVault";
    let account = |sid: &str, id: &str| allow(sid, &format!(r#"{{"AWS":"{id}"}}"#), COPY, "");
    let everybody = |sid: &str, rest: &str| allow(sid, "\"*\"", COPY, rest);
    let organization = |id: &str| {
        everybody(
            "O",
            &format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"{id}"}}}}"#),
        )
    };
    let (one, other) = (account("A", "111122223333"), account("B", "777788889999"));
    let both = format!("{one},{other}");
    let deny = r#"{"Sid":"D","Effect":"Deny","Principal":{"AWS":"777788889999"},"Action":"backup:*","Resource":"*"}"#;
    let damaged = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","#;
    for (name, before, after, expected) in [
        ("nothing changed", Some(one.as_str()), one.as_str(), vec![]),
        ("another spelling", Some(&one), &account("C", "arn:aws:iam::111122223333:root"), vec![]),
        ("one more", Some(&one), &both, vec!["account \"B\""]),
        ("one less", Some(&both), &one, vec![]),
        ("a Deny goes away", Some(&format!("{both},{deny}")), &both, vec!["account \"B\""]),
        ("a Deny comes", Some(&both), &format!("{both},{deny}"), vec![]),
        (
            "everybody, told once",
            Some(&one),
            &format!("{},{other}", everybody("E", "")),
            vec!["everybody \"E\""],
        ),
        ("it was everybody before", Some(&everybody("E", "")), &both, vec![]),
        ("an organization", Some(&one), &organization("o-a1b2c3d4e5"), vec!["organization \"O\""]),
        (
            "another organization",
            Some(&organization("o-a1b2c3d4e5")),
            &organization("o-zzzz999999"),
            vec!["organization \"O\""],
        ),
        (
            "the organization goes away",
            Some(&organization("o-a1b2c3d4e5")),
            &everybody("E", ""),
            vec!["everybody \"E\""],
        ),
        (
            "the own account is no news",
            Some(&one),
            &format!("{one},{}", account("Own", OWNER)),
            vec![],
        ),
        (
            "another action",
            Some(&one),
            &format!("{one},{}", allow("X", "\"*\"", "backup:ListTags", "")),
            vec![],
        ),
        (
            "a template decides who",
            Some(&one),
            &account("T", "${source}"),
            vec!["may-be-allowed? \"T\""],
        ),
        ("a new policy", None, &one, vec!["account \"A\""]),
        ("nobody knows what was before", Some(damaged), &one, vec!["account \"A\""]),
        (
            "a role",
            Some(&one),
            &format!("{one},{}", account("R", "arn:aws:iam::777788889999:role/x")),
            vec!["principal \"R\""],
        ),
    ] {
        let found = newly(DocumentKind::VaultPolicy, before, after);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn keys_are_judged_by_what_copies_do_with_them() {
    let own = allow("Own", &format!(r#"{{"AWS":"arn:aws:iam::{OWNER}:root"}}"#), "kms:*", "");
    let with = |statement: String| format!("{own},{statement}");
    let account = r#"{"AWS":"111122223333"}"#;
    let for_resources = r#","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#;
    for (after, expected) in [
        (with(allow("D", account, "kms:Decrypt", "")), vec!["account \"D\""]),
        (with(allow("G", account, "kms:CreateGrant", for_resources)), vec!["account \"G\""]),
        (
            with(allow("S", r#"{"Service":"backup-storage.amazonaws.com"}"#, "kms:Decrypt", "")),
            vec!["service \"S\""],
        ),
        (with(allow("P", account, "kms:PutKeyPolicy", "")), vec![]),
        (
            with(allow(
                "V",
                "\"*\"",
                "kms:Decrypt",
                r#","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#,
            )),
            vec!["account \"V\""],
        ),
    ] {
        assert_eq!(newly(DocumentKind::KeyPolicy, Some(&own), &after), expected, "{after}");
    }
    assert!(newly(DocumentKind::Scp, Some(&own), &own).is_empty());
}

/// The page's example: before, what breaks, and what holds.
#[test]
fn examples_on_pages_do_what_the_page_says() {
    for rule in RULES {
        let blocks: Vec<(&str, String)> = blocks(rule.rule.page).collect();
        let block = |begins: &str| {
            let found = blocks.iter().find(|(info, _)| info.starts_with(begins));
            found.unwrap_or_else(|| panic!("{}: no `{begins}`", rule.rule.id())).1.clone()
        };
        let before = block("json before");
        let kind = DocumentKind::VaultPolicy;
        let breaks = newly(kind, Some(&before), &block("json breaks"));
        assert!(breaks.iter().any(|one| one.starts_with("everybody ")), "{breaks:?}");
        assert_eq!(newly(kind, Some(&before), &block("json holds")), Vec::<String>::new());
    }
}
