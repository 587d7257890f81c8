//! Whether a key is in a state, and of a kind, in which a copy can use it.

use copy_preflight_policy::tree::Node;

use super::subject::{missing_document, rest};
use crate::arn::KeyArn;
use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::Reason;
use crate::says;
use crate::view::{Filled, Slot, View};

/// The reasons that these outcomes can have.
pub(crate) const REASONS: [Reason; 8] = [
    Reason {
        name: "key-not-enabled",
        meaning: "the key is disabled, waits for its deletion or its material, or is out of reach",
    },
    Reason { name: "no-such-key", meaning: "KMS does not find the key" },
    Reason { name: "other-usage", meaning: "the key is not for encryption and decryption" },
    Reason { name: "not-symmetric", meaning: "the key is not a symmetric encryption key" },
    Reason {
        name: "wrong-region",
        meaning: "the key stands in another Region than what it should encrypt",
    },
    Reason {
        name: "unknown-key-state",
        meaning: "the facts do not say what this state of the key does to a copy",
    },
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

/// The facts that these outcomes rest on.
pub(crate) const UNUSABLE: &str = "encryption-key-unusable";
pub(crate) const STATES: &str = "encryption-key-states";
pub(crate) const KIND: &str = "encryption-key-kind";
pub(crate) const REGION: &str = "encryption-key-region";

/// Judges a key by what `kms describe-key` answers.
pub(crate) fn judge(view: &View<'_>, part: &str, key: &KeyArn) -> Outcome {
    let filled = match view.read(&Slot::key(part, key)) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => {
            let mut broken = Outcome::broken("no-such-key", format!("KMS does not find key `{}`", key.id))
                .help("a deleted key never comes back, and what was encrypted with it cannot be read; correct the ARN if it is mistyped")
                .aws_says(says::KEY_REFUSED);
            broken.labels.extend(gap.label("KMS answers this for a key that is not there"));
            return rest(view, broken, UNUSABLE);
        }
        Err(gap) => {
            return missing_document(
                format!("the state of key `{}` cannot be told: it {}", key.id, gap.words()),
                vec![gap.missing()],
            )
            .cites(UNUSABLE);
        }
    };
    let metadata = filled.root().member("KeyMetadata");
    let member = |name: &str| metadata.and_then(|metadata| metadata.member(name));
    let Some((node, state)) = member("KeyState").and_then(|node| Some((node, node.as_str()?)))
    else {
        return incomplete(&filled, "expected `KeyMetadata.KeyState`");
    };
    let listed = |cell: &str| {
        view.facts.row(STATES).is_some_and(|row| row.strings(cell).any(|one| one == state))
    };
    if listed("unusable") {
        let broken = Outcome::broken(
            "key-not-enabled",
            format!("key `{}` cannot be used: its state is {state}", key.id),
        )
        .label(filled.label(node.span, "only an enabled key encrypts and decrypts"))
        .help(remedy(key, state))
        .aws_says(says::KEY_REFUSED);
        return rest(view, rest(view, broken, UNUSABLE), STATES);
    }
    if let Err(outcome) = kind(view, &filled, key, &member) {
        return outcome;
    }
    if !listed("usable") {
        return Outcome::undecided(
            "unknown-key-state",
            format!("what the state {state} of key `{}` does to a copy is not known", key.id),
        )
        .label(filled.label(node.span, "the facts do not judge this state"))
        .help("wait until the key is enabled")
        .cites(STATES);
    }
    let holds = Outcome::holds(format!("key `{}` is enabled", key.id));
    rest(view, rest(view, holds, STATES), KIND)
}

/// Whether the key is of the kind that encrypts data.
fn kind<'a>(
    view: &View<'a>,
    filled: &Filled<'a>,
    key: &KeyArn,
    member: &impl Fn(&str) -> Option<&'a Node>,
) -> Result<(), Outcome> {
    let expected = |cell: &str| view.facts.row(KIND).and_then(|row| row.text(cell));
    let text = |node: Option<&'a Node>| node.and_then(|node| Some((node, node.as_str()?)));
    let Some((node, usage)) = text(member("KeyUsage")) else {
        return Err(incomplete(filled, "expected `KeyMetadata.KeyUsage`"));
    };
    if Some(usage) != expected("key_usage") {
        let broken = Outcome::broken(
            "other-usage",
            format!("key `{}` is not for encryption and decryption", key.id),
        )
        .label(filled.label(node.span, "AWS services encrypt with keys for ENCRYPT_DECRYPT"))
        .help("name another key: what a key is for never changes");
        return Err(rest(view, broken, KIND));
    }
    // Answers of older tools have the older name alone.
    let Some((node, spec)) = text(member("KeySpec").or_else(|| member("CustomerMasterKeySpec")))
    else {
        return Err(incomplete(filled, "expected `KeyMetadata.KeySpec`"));
    };
    if Some(spec) != expected("key_spec") {
        let broken = Outcome::broken(
            "not-symmetric",
            format!("key `{}` is not a symmetric encryption key", key.id),
        )
        .label(filled.label(node.span, "AWS services encrypt with symmetric keys"))
        .help("name another key: the kind of a key never changes");
        return Err(rest(view, broken, KIND));
    }
    Ok(())
}

fn incomplete(filled: &Filled<'_>, note: &str) -> Outcome {
    Outcome::undecided(
        reasons::ANSWER_INCOMPLETE.name,
        "the answer does not say in which state or of what kind the key is",
    )
    .label(filled.label(filled.root().span, note))
}

fn remedy(key: &KeyArn, state: &str) -> String {
    let KeyArn { id, region, .. } = key;
    match state {
        "Disabled" => format!("enable it: `aws kms enable-key --key-id {id} --region {region}`"),
        "PendingDeletion" => format!(
            "cancel the deletion while there is time: `aws kms cancel-key-deletion --key-id {id} --region {region}`, then \
             enable the key; once it is deleted nothing encrypted with it can ever be read again"
        ),
        "PendingImport" => {
            "import the key's material again; only the same material makes its data readable"
                .to_owned()
        }
        "Unavailable" => "connect the custom key store of the key again".to_owned(),
        _ => "wait until the key is enabled".to_owned(),
    }
}
