//! Templates: one policy is the same tree in every form, and unknown where a template leaves it
//! open.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::{Integrity, ProblemKind};
use copy_preflight_policy::json;
use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_templates::{self as templates, Kind, Template};
use copy_preflight_tests::places::{fixture, workspace};
use copy_preflight_tests::templates::{Case, Form, cases, written};

/// The files of one folder.
const MODULE: [&str; 4] =
    ["module/main.tf", "module/policies.tf", "module/main_override.tf", "module/terraform.tfvars"];

/// A template and the texts that its spans point into.
struct Read {
    sources: Sources,
    template: Template,
}

fn read(files: &[(&str, &str)]) -> Read {
    let mut sources = Sources::new();
    let files: Vec<templates::File> = files
        .iter()
        .map(|(name, text)| templates::File {
            format: templates::format(name, text).unwrap_or_else(|| panic!("{name}: no format")),
            source: sources.add(*name, *text),
        })
        .collect();
    let template = templates::read(&mut sources, &files);
    Read { sources, template }
}

/// The policy in a file of one form.
fn policy(case: &Case, form: Form, text: &str, name: &str) -> (Sources, Node) {
    if !matches!(form, Form::Json | Form::Answer) {
        let Read { sources, template } = read(&[(name, text)]);
        assert_eq!(template.problems, [], "{form:?}\n{text}");
        let [document] = template.documents.as_slice() else {
            panic!("{:?} documents: {form:?}\n{text}", template.documents.len())
        };
        assert_eq!(document.kind, kind(case), "{form:?}");
        assert!(document.damage.is_none() && !document.conditional, "{form:?}");
        return (sources, document.node.clone());
    }
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let mut node = json::read(file, text).root;
    if form == Form::Answer {
        let path: &[&str] = match kind(case) {
            Kind::KeyPolicy | Kind::VaultPolicy => &["Policy"],
            Kind::IdentityPolicy => &["PolicyVersion", "Document"],
            Kind::TrustPolicy => &["Role", "AssumeRolePolicyDocument"],
            _ => &["Policy", "Content"],
        };
        for member in path {
            node = node.member(member).unwrap().clone();
        }
        if matches!(node.value, Value::String(_)) {
            let embedded = json::embedded(text, node.span).unwrap();
            node = json::read(sources.next_id(), &embedded.text).root;
            sources.add_carried(name, embedded.text, embedded.carrier);
        }
    }
    (sources, node)
}

fn kind(case: &Case) -> Kind {
    use copy_preflight_tests::templates::Kind as Named;
    match case.kind {
        Named::KeyPolicy => Kind::KeyPolicy,
        Named::VaultPolicy => Kind::VaultPolicy,
        Named::IdentityPolicy => Kind::IdentityPolicy,
        Named::TrustPolicy => Kind::TrustPolicy,
        Named::ServiceControlPolicy => Kind::ServiceControlPolicy,
        Named::ResourceControlPolicy => Kind::ResourceControlPolicy,
    }
}

/// A value that is no object and no list: what it says, what is underlined, on which line.
#[derive(Debug, PartialEq, Eq)]
struct Scalar {
    value: String,
    underlined: String,
    line: u32,
}

/// The scalars of a tree by their paths, and the keys with what is underlined of them. A list of
/// one is its element: the language of policies makes no difference.
#[derive(Debug, Default)]
struct Flat {
    scalars: BTreeMap<String, Scalar>,
    keys: BTreeMap<String, String>,
}

impl Flat {
    fn of(node: &Node, sources: &Sources) -> Self {
        let mut flat = Self::default();
        flat.add("", node, sources);
        flat
    }

    fn add(&mut self, path: &str, node: &Node, sources: &Sources) {
        match &node.value {
            Value::Object(members) => {
                for member in members {
                    let path = format!("{path}/{}", member.key);
                    self.keys.insert(path.clone(), underlined(member.key_span, sources));
                    self.add(&path, &member.value, sources);
                }
            }
            Value::Array(elements) => match elements.as_slice() {
                [only] => self.add(path, only, sources),
                _ => {
                    for (index, element) in elements.iter().enumerate() {
                        self.add(&format!("{path}[{index}]"), element, sources);
                    }
                }
            },
            scalar => {
                let value = match scalar {
                    Value::String(text) => text.to_string(),
                    Value::Bool(value) => value.to_string(),
                    other => format!("{other:?}"),
                };
                let place = sources.outermost(node.span);
                let file = sources.get(place.source).unwrap();
                let line = file.position(place.start).line;
                let underlined = underlined(node.span, sources);
                let scalar = Scalar { value, underlined, line };
                assert!(self.scalars.insert(path.to_owned(), scalar).is_none(), "{path}");
            }
        }
    }
}

/// The text under a span in the file, without its quotes and as JSON would escape it once.
fn underlined(span: Span, sources: &Sources) -> String {
    let text = sources.slice(sources.outermost(span));
    let quoted_inside = text.starts_with("\\\"");
    let text = if quoted_inside {
        text.replace("\\\"", "\"").replace("\\\\", "\\")
    } else {
        text.to_owned()
    };
    let inside =
        ['"', '\''].iter().find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote));
    let inside = inside.unwrap_or(&text);
    inside.replace("$${", "${").replace("&{", "${").replace("%%{", "%{")
}

#[test]
fn one_policy_is_one_tree_in_seven_forms() {
    let mut compared = 0;
    for case in cases() {
        let expected = {
            let file = written(&case, Form::Json);
            let (sources, node) = policy(&case, Form::Json, &file.text, &file.name);
            Flat::of(&node, &sources)
        };
        for (form, windows) in Form::ALL.into_iter().flat_map(|form| [(form, false), (form, true)])
        {
            let mut file = written(&case, form);
            if windows {
                file.text = file.text.replace('\n', "\r\n");
            }
            let (sources, node) = policy(&case, form, &file.text, &file.name);
            let found = Flat::of(&node, &sources);
            let at = format!("{} as {form:?}:\n{}", case.name, file.text);
            let paths = |flat: &Flat| flat.scalars.keys().cloned().collect::<Vec<_>>();
            assert_eq!(paths(&found), paths(&expected), "{at}");
            for (path, scalar) in &found.scalars {
                let other = &expected.scalars[path];
                assert_eq!(scalar.value, other.value, "{path} of {at}");
                assert_eq!(scalar.underlined, other.underlined, "{path} of {at}");
                compared += 1;
            }
            // Blocks imply some of the keys that JSON writes out.
            if form != Form::PolicyDocument {
                assert_eq!(found.keys, expected.keys, "{at}");
            }
            let mut lines: Vec<u32> = found.scalars.values().map(|scalar| scalar.line).collect();
            lines.sort_unstable();
            lines.dedup();
            if form.has_lines(case.kind) {
                assert_eq!(lines.len(), found.scalars.len(), "a line for each value: {at}");
            } else {
                assert_eq!(lines.len(), 1, "{at}");
            }
        }
    }
    assert!(compared > 3_000, "{compared} values");
}

/// The tree on lines: `…` for gaps, `?` for what is not known, each scalar with its line.
fn show(node: &Node, indent: usize, sources: &Sources, into: &mut String) {
    let before = " ".repeat(indent);
    match &node.value {
        Value::Object(members) if !members.is_empty() => {
            for member in members {
                write!(into, "\n{before}{}:", member.key).unwrap();
                show(&member.value, indent + 2, sources, into);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                write!(into, "\n{before}-").unwrap();
                show(element, indent + 2, sources, into);
            }
        }
        value => {
            let text = match value {
                Value::String(text) => format!("`{text}`"),
                Value::Number(digits) => digits.to_string(),
                Value::Bool(value) => value.to_string(),
                Value::Null => "null".to_owned(),
                Value::Unknown => "?".to_owned(),
                Value::Array(_) => "[]".to_owned(),
                Value::Object(_) => "{}".to_owned(),
            };
            write!(into, " {text}  @{}", place(node.span, sources)).unwrap();
        }
    }
}

/// Line, column, and the underlined text where it is short.
fn place(span: Span, sources: &Sources) -> String {
    let span = sources.outermost(span);
    let source = sources.get(span.source).unwrap();
    let position = source.position(span.start);
    let text = sources.slice(span);
    let short: String = text.chars().take(60).map(|c| if c == '\n' { '⏎' } else { c }).collect();
    format!("{}:{} {short}", position.line, position.column)
}

fn shown(Read { sources, template }: &Read) -> String {
    let mut text = String::new();
    for document in &template.documents {
        write!(text, "{:?} {} {}", document.kind, document.address, document.property).unwrap();
        if document.conditional {
            text.push_str(" (conditional)");
        }
        write!(text, "  @{}", place(document.resource, sources)).unwrap();
        for link in &document.links {
            let resource = link.resource.as_deref().unwrap_or("-");
            write!(text, "\n  of {:?} `{}` {resource}", link.kind, link.text).unwrap();
        }
        for assumed in &document.assumed {
            let place = place(assumed.span, sources);
            write!(text, "\n  assumes {} @{place}", assumed.variable).unwrap();
        }
        if let Some(damage) = document.damage {
            write!(text, "\n  damaged @{}", place(damage, sources)).unwrap();
        }
        show(&document.node, 4, sources, &mut text);
        text.push_str("\n\n");
    }
    for problem in &template.problems {
        writeln!(text, "problem: {problem}  @{}", place(problem.span, sources)).unwrap();
    }
    for comment in &template.comments {
        let alone = if comment.own_line { "" } else { " (behind something)" };
        writeln!(text, "comment{alone}: {}", place(comment.span, sources)).unwrap();
    }
    text
}

/// What is known of templates, what is not, and where it stands. `TEMPLATES=overwrite` writes
/// the expected texts, which are to be read before they are kept.
#[test]
fn what_templates_settle() {
    for (name, files) in [
        ("module", &MODULE[..]),
        ("copies", &["copies.tf.json"]),
        ("plan", &["plan.json"]),
        ("stack", &["stack.yaml"]),
        ("cdk", &["Stack.template.json"]),
        ("broken", &["broken.tf"]),
    ] {
        let texts: Vec<_> =
            files.iter().map(|file| (*file, fixture(&format!("templates/{file}")))).collect();
        let texts: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_str())).collect();
        let found = shown(&read(&texts));
        let path = format!("templates/{name}.expected");
        if std::env::var_os("TEMPLATES").is_some_and(|value| value == "overwrite") {
            std::fs::write(workspace().join("fixtures").join(&path), &found).unwrap();
        }
        assert_eq!(found, fixture(&path), "{name}");
    }
}

/// What is unknown is no mistake of the policy, and nothing is decided on it.
#[test]
fn unknown_parts_are_no_problems_of_policies() {
    let mut policies = 0;
    for files in [&MODULE[..], &["plan.json"], &["stack.yaml"]] {
        let texts: Vec<_> =
            files.iter().map(|file| (*file, fixture(&format!("templates/{file}")))).collect();
        let texts: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_str())).collect();
        let Read { template, .. } = read(&texts);
        for document in template.documents {
            if matches!(document.kind, Kind::BackupPlan | Kind::BackupPolicy) {
                continue;
            }
            let policy = Policy::read(&document.node, Integrity::Whole);
            // These two are mistakes in the fixtures, and what is not known at all is in doubt.
            let told = policy.problems.iter().filter(|problem| {
                document.node.value != Value::Unknown
                    && !matches!(
                        problem.kind,
                        ProblemKind::AllowWithNotPrincipal | ProblemKind::MissingElement(_)
                    )
            });
            assert_eq!(told.count(), 0, "{}: {:?}", document.address, policy.problems);
            let has_unknown = |one: &Node| matches!(one.value, Value::Unknown);
            let condition = document.node.member("Statement").map(Node::elements);
            for (node, statement) in condition.unwrap_or_default().iter().zip(&policy.statements) {
                if node.member("Condition").is_some_and(has_unknown) {
                    assert!(statement.doubt.is_some(), "{}", document.address);
                }
            }
            policies += 1;
        }
    }
    assert!(policies > 10, "{policies} policies");
}

/// The paths of all strings of a policy, in their order.
fn strings(value: &serde_json::Value, path: &str, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                strings(
                    value,
                    &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")),
                    into,
                );
            }
        }
        serde_json::Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                strings(value, &format!("{path}/{index}"), into);
            }
        }
        _ => into.push(path.to_owned()),
    }
}

/// Each string of a policy, replaced by something that the template does not settle, is unknown
/// and all else is as it was.
#[test]
fn each_value_can_be_unknown_alone() {
    const MARK: &str = "@@mark@@";
    let mut replaced = 0;
    for case in cases() {
        let mut paths = Vec::new();
        strings(&case.policy, "", &mut paths);
        for path in paths {
            let mut case = case.clone();
            let value = case.policy.pointer_mut(&path).unwrap();
            let original = value.as_str().unwrap().to_owned();
            for (form, whole, part) in [
                (Form::JsonEncode, "var.not_known", "${var.not_known}"),
                (Form::PolicyDocument, "var.not_known", "${var.not_known}"),
                (Form::Yaml, "!Ref NotKnown", ""),
                (Form::CloudFormationJson, "{\"Ref\": \"NotKnown\"}", ""),
            ] {
                for (marked, partly) in [(MARK.to_owned(), false), (format!("{MARK}x"), true)] {
                    if partly && part.is_empty() {
                        continue;
                    }
                    *case.policy.pointer_mut(&path).unwrap() = marked.into();
                    let file = written(&case, form);
                    let quoted = format!("\"{MARK}\"");
                    let text = match partly {
                        true => file.text.replace(MARK, part),
                        false => file.text.replace(&quoted, whole),
                    };
                    // The principal `*` is written as a block of kind `*`.
                    if !text.contains("ot_known") && !text.contains("NotKnown") {
                        panic!("{path} of {text}");
                    }
                    let (sources, node) = policy(&case, form, &text, &file.name);
                    let found = Flat::of(&node, &sources);
                    let unknown: Vec<_> = found
                        .scalars
                        .iter()
                        .filter(|(_, scalar)| match partly {
                            true => scalar.value == "…x",
                            false => scalar.value == "Unknown",
                        })
                        .collect();
                    assert_eq!(unknown.len(), 1, "{path} of {text}");
                    let others = found.scalars.len() - 1;
                    let json =
                        policy(&case, Form::Json, &written(&case, Form::Json).text, "a.json");
                    let expected = Flat::of(&json.1, &json.0);
                    let same = expected
                        .scalars
                        .iter()
                        .filter(|(path, scalar)| {
                            found.scalars.get(*path).is_some_and(|one| one.value == scalar.value)
                        })
                        .count();
                    assert_eq!(same, others, "{path} of {text}");
                    replaced += 1;
                }
            }
            *case.policy.pointer_mut(&path).unwrap() = original.into();
        }
    }
    assert!(replaced > 1_000, "{replaced}");
}

/// Each document that nobody uses is told once, under the one that holds it.
#[test]
fn documents_without_a_place_are_told_once() {
    let document = |name: &str, inside: &str| {
        format!(
            "data \"aws_iam_policy_document\" \"{name}\" {{\n  {inside}\n  \
             statement {{\n    actions = [\"kms:*\"]\n    resources = [\"*\"]\n  }}\n}}\n"
        )
    };
    let source = |name: &str| {
        format!("source_policy_documents = [data.aws_iam_policy_document.{name}.json]")
    };
    let text = [
        document("base", ""),
        document("middle", &source("base")),
        document("top", &source("middle")),
        document("used", ""),
        "resource \"aws_kms_key\" \"k\" {\n  count = 2\n  \
         policy = \"${data.aws_iam_policy_document.used[0].json}\"\n}\n"
            .to_owned(),
    ]
    .concat();
    let Read { template, .. } = read(&[("main.tf", &text)]);
    assert_eq!(template.problems, []);
    let found: Vec<_> = template
        .documents
        .iter()
        .map(|document| {
            let statements = document.node.member("Statement").map_or(0, |it| it.elements().len());
            (document.kind, document.address.as_str(), statements, document.conditional)
        })
        .collect();
    assert_eq!(
        found,
        [
            (Kind::KeyPolicy, "aws_kms_key.k", 1, true),
            (Kind::UnplacedPolicy, "data.aws_iam_policy_document.top", 3, false),
        ]
    );
}
