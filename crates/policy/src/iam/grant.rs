//! KMS grants: they allow, never deny, one grantee for some operations.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use smol_str::SmolStr;

use super::context::{Context, ContextValue};
use super::pattern::{text_equals, texts_equal};
use super::principal::{account_of, names_identity};
use super::request::{Caller, CallerKind, Request};
use crate::Truth;
use crate::source::Span;
use crate::text::Text;
use crate::tree::{Node, Value};

/// One grant on the key.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The whole grant.
    pub span: Span,
    /// Who may use the key: an ARN, or the name of a service principal.
    pub grantee: Text,
    /// For which operations, such as `ReEncryptFrom`.
    pub operations: Vec<Text>,
    /// What the request must carry.
    pub constraints: Vec<Constraint>,
    /// Whether the grant holds something that is not understood.
    pub doubtful: bool,
}

/// One constraint of a grant.
#[derive(Debug, Clone)]
pub enum Constraint {
    /// The encryption context holds at least these pairs.
    EncryptionContextSubset(Vec<(SmolStr, Text)>),
    /// The encryption context is exactly these pairs.
    EncryptionContextEquals(Vec<(SmolStr, Text)>),
    /// The service acts for this resource.
    SourceArn(Text),
}

/// Members of a grant that say nothing about whom it lets do what.
const DESCRIPTIVE: [&str; 10] = [
    "KeyId",
    "GrantId",
    "Name",
    "CreationDate",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "IssuingAccount",
    "GrantToken",
    "id",
    "name",
];

impl Grant {
    /// Reads a grant as `aws kms list-grants` prints it, or in short form: `grantee`,
    /// `operations`, `encryption_context_subset`.
    #[must_use]
    pub fn read(node: &Node) -> Self {
        let mut grant = Self {
            span: node.span,
            grantee: Text::unknown(),
            operations: vec![Text::unknown()],
            constraints: Vec::new(),
            doubtful: !matches!(node.value, Value::Object(_)),
        };
        let mut has_grantee = false;
        for member in node.members() {
            let value = &member.value;
            match member.key.known() {
                Some("GranteePrincipal" | "GranteeServicePrincipal" | "grantee") => {
                    // A grant has one grantee; two of them are not understood.
                    grant.doubtful |= has_grantee;
                    has_grantee = true;
                    grant.grantee = text(value);
                }
                Some("Operations" | "operations") => match &value.value {
                    Value::Array(elements) => {
                        grant.operations = elements.iter().map(text).collect();
                    }
                    _ => grant.doubtful = true,
                },
                Some("Constraints" | "constraints") => grant.read_constraints(value),
                Some("encryption_context_subset") => {
                    grant.constraints.push(Constraint::EncryptionContextSubset(pairs(value)));
                }
                Some(key) if DESCRIPTIVE.contains(&key) => {}
                _ => grant.doubtful = true,
            }
        }
        grant.doubtful |= !has_grantee;
        grant
    }

    fn read_constraints(&mut self, node: &Node) {
        self.doubtful |= !matches!(node.value, Value::Object(_));
        for member in node.members() {
            let constraint = match member.key.known() {
                Some("EncryptionContextSubset") => {
                    Constraint::EncryptionContextSubset(pairs(&member.value))
                }
                Some("EncryptionContextEquals") => {
                    Constraint::EncryptionContextEquals(pairs(&member.value))
                }
                Some("SourceArn") => Constraint::SourceArn(text(&member.value)),
                _ => {
                    self.doubtful = true;
                    continue;
                }
            };
            self.constraints.push(constraint);
        }
    }

    /// Whether the grant lets the caller make this request.
    pub(crate) fn allows(&self, request: &Request) -> Truth {
        let operation = Truth::any(
            self.operations.iter().map(|operation| operation_is(operation, &request.action.name)),
        );
        let allowed = operation & grantee_is(&self.grantee, &request.caller);
        let allowed = allowed & Truth::all(self.constraints.iter().map(|one| one.holds(request)));
        if self.doubtful { allowed.at_most_unknown() } else { allowed }
    }
}

impl Constraint {
    fn holds(&self, request: &Request) -> Truth {
        let context = &request.context;
        match self {
            Self::EncryptionContextSubset(pairs) => holds_pairs(pairs, request),
            Self::EncryptionContextEquals(pairs) => {
                holds_pairs(pairs, request) & no_other_keys(pairs, context)
            }
            Self::SourceArn(arn) => match context.value("aws:SourceArn") {
                ContextValue::Known(value) => texts_equal(arn, value),
                ContextValue::Absent => Truth::False,
                _ => Truth::Unknown,
            },
        }
    }
}

fn holds_pairs(pairs: &[(SmolStr, Text)], request: &Request) -> Truth {
    // DescribeKey has no encryption context; what a constraint does to it is not documented.
    if request.action.is("kms", "describekey") && !pairs.is_empty() {
        return Truth::Unknown;
    }
    Truth::all(pairs.iter().map(|(key, expected)| {
        match request.context.value(&format!("kms:EncryptionContext:{key}")) {
            ContextValue::Known(value) => texts_equal(expected, value),
            ContextValue::Absent => Truth::False,
            _ => Truth::Unknown,
        }
    }))
}

fn no_other_keys(pairs: &[(SmolStr, Text)], context: &Context) -> Truth {
    match context.value("kms:EncryptionContextKeys") {
        ContextValue::Absent => Truth::from(pairs.is_empty()),
        ContextValue::Many(keys) => Truth::all(
            keys.iter().map(|key| Truth::any(pairs.iter().map(|(pair, _)| text_equals(key, pair)))),
        ),
        ContextValue::Known(key) => {
            Truth::any(pairs.iter().map(|(pair, _)| text_equals(key, pair)))
        }
        _ => Truth::Unknown,
    }
}

fn grantee_is(grantee: &Text, caller: &Caller) -> Truth {
    if caller.kind == CallerKind::Service {
        return texts_equal(grantee, &caller.principal);
    }
    // What a grant to a whole account gives its principals is not documented.
    if let Some(account) = grantee.known().and_then(account_of) {
        let own = caller.account.as_deref().is_none_or(|own| own == account);
        return Truth::from(own).at_most_unknown();
    }
    let (direct, role) = names_identity(grantee, caller);
    direct | role
}

fn operation_is(operation: &Text, name: &str) -> Truth {
    match operation.known() {
        Some(operation) => operation.eq_ignore_ascii_case(name).into(),
        None => Truth::Unknown,
    }
}

fn text(node: &Node) -> Text {
    match &node.value {
        Value::String(text) => text.clone(),
        _ => Text::unknown(),
    }
}

fn pairs(node: &Node) -> Vec<(SmolStr, Text)> {
    node.members()
        .iter()
        .map(|member| (member.key.to_string().into(), text(&member.value)))
        .collect()
}
