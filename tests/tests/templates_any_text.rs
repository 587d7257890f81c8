//! Every reader takes any text: it ends, it does not panic, and its spans stand in the text.

use std::fmt::Write as _;

use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::{Node, Value};
use copy_preflight_templates::{File, Format, MAX_DEPTH, ProblemKind, Template, read};
use copy_preflight_tests::places::fixture;
use proptest::prelude::*;
use proptest::sample::select;

const FORMATS: [Format; 5] = [
    Format::Terraform,
    Format::TerraformJson,
    Format::TerraformVariables,
    Format::TerraformPlan,
    Format::CloudFormation,
];

/// Pieces of the languages, of which damage is made.
const PIECES: &[&str] = &[
    "resource \"aws_kms_key\" \"a\" {\n",
    "data \"aws_iam_policy_document\" \"a\" {\n",
    "  policy = ",
    "statement {\n",
    "principals {\n",
    "condition {\n",
    "dynamic \"statement\" {\n",
    "locals {\n",
    "a = ",
    "variable \"a\" { default = ",
    "jsonencode(",
    "concat(",
    "data.aws_iam_policy_document.a.json",
    "source_policy_documents = [",
    "local.a",
    "var.a",
    "<<EOT\n",
    "<<-EOT\n",
    "\nEOT\n",
    "${",
    "$${",
    "%{",
    "&{",
    "~}",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    ",",
    "\n",
    "\r\n",
    "\"",
    "\\\"",
    "\\u00e9",
    "é",
    "\u{e000}",
    "\u{feff}",
    "# x",
    "/* x",
    "Resources:\n",
    "  A:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: ",
    "!Sub ",
    "!If [c, ",
    "!Ref A",
    "Fn::Join",
    "Fn::Sub: ",
    "&b ",
    "*b",
    "<<: ",
    "- ",
    "  ",
    "|\n",
    ">-\n",
    "'",
    ": ",
    "{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::Role\", \"Properties\": {\"Policies\": ",
    "{\"resource\": {\"aws_kms_key\": {\"a\": {\"policy\": \"",
    "{\"format_version\": \"1.2\", \"resource_changes\": [{\"type\": \"aws_kms_key\", ",
    "\"address\": \"a\", \"change\": {\"after\": {\"policy\": \"{}\"}, \"after_unknown\": true",
    "\"Statement\": [",
    "{\"Fn::Sub\": \"",
    "null",
];

fn template(text: &str, format: Format) -> (Sources, Template) {
    let mut sources = Sources::new();
    let source = sources.add("file", text);
    let template = read(&mut sources, &[File { source, format }]);
    (sources, template)
}

fn check(text: &str, format: Format) {
    let (sources, template) = template(text, format);
    let inside = |span: Span| {
        let place = sources.outermost(span);
        let within = place.start <= place.end && place.end as usize <= text.len();
        assert!(within, "{place:?} of {} bytes as {format:?}: {text}", text.len());
        assert!(text.get(place.range()).is_some(), "{place:?} cuts a character: {text}");
    };
    for document in &template.documents {
        inside(document.resource);
        for span in document.links.iter().map(|link| link.span).chain(document.damage) {
            inside(span);
        }
        assert!(depth(&document.node, &inside) <= 2 * MAX_DEPTH);
    }
    for problem in &template.problems {
        inside(problem.span);
        assert!(!problem.to_string().is_empty());
    }
    for comment in &template.comments {
        inside(comment.span);
        assert_eq!(sources.slice(comment.span), comment.text);
    }
}

/// How deep a tree is. Each place in it is looked at.
fn depth(node: &Node, inside: &impl Fn(Span)) -> usize {
    inside(node.span);
    let below = match &node.value {
        Value::Array(elements) => elements.iter().map(|one| depth(one, inside)).max(),
        Value::Object(members) => members
            .iter()
            .map(|member| {
                inside(member.key_span);
                depth(&member.value, inside)
            })
            .max(),
        _ => None,
    };
    1 + below.unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_characters(text in any::<String>(), format in select(&FORMATS)) {
        check(&text, format);
    }

    #[test]
    fn pieces_in_any_order(
        pieces in prop::collection::vec(select(PIECES), 0..40),
        format in select(&FORMATS),
    ) {
        check(&pieces.concat(), format);
    }

    /// A template that is being edited: a part of it is gone, or stands twice.
    #[test]
    fn damaged_templates(
        name in select(&[
            ("module/main.tf", Format::Terraform),
            ("module/policies.tf", Format::Terraform),
            ("copies.tf.json", Format::TerraformJson),
            ("plan.json", Format::TerraformPlan),
            ("stack.yaml", Format::CloudFormation),
            ("Stack.template.json", Format::CloudFormation),
        ]),
        from in any::<prop::sample::Index>(),
        length in 0_usize..200,
        twice in any::<bool>(),
    ) {
        let (name, format) = name;
        let text = fixture(&format!("templates/{name}"));
        let characters: Vec<char> = text.chars().collect();
        let from = from.index(characters.len());
        let to = (from + length).min(characters.len());
        // Up to `to`, and from there on without the part or with it once more.
        let kept = if twice { to } else { from };
        let behind = if twice { from } else { to };
        let damaged: String =
            characters.iter().take(kept).chain(characters.iter().skip(behind)).collect();
        check(&damaged, format);
    }
}

/// What is open 50,000 times is read to its end, on the stack of a test.
#[test]
fn nothing_is_too_deep() {
    const TIMES: usize = 50_000;
    let resource = "resource \"aws_kms_key\" \"a\" {\n  policy = ";
    let properties =
        "Resources:\n  A:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: ";
    let in_json = r#"{"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": "#;
    let after = r#"{"format_version": "1.2", "resource_changes": [{"address": "a",
        "type": "aws_kms_key", "change": {"after": {"policy": "#;
    for (format, before, open, inside, close) in [
        (Format::Terraform, resource, "jsonencode(", "1", ")"),
        (Format::Terraform, resource, "[", "", "]"),
        (Format::Terraform, resource, "{ a = ", "1", "}"),
        (Format::Terraform, resource, "(", "1", ")"),
        (Format::Terraform, resource, "!", "a", ""),
        (Format::Terraform, resource, "a ? b : ", "a", ""),
        (Format::Terraform, resource, "\"${", "a", "}\""),
        (Format::Terraform, resource, "a.", "a", ""),
        (Format::Terraform, "", "a {\n", "", "}\n"),
        (Format::Terraform, "", "a = \"%{if a}", "", "%{endif}\"\n"),
        (Format::TerraformJson, r#"{"resource": {"aws_kms_key": {"a": {"policy": "#, "[", "", "]"),
        (
            Format::TerraformJson,
            r#"{"resource": {"aws_kms_key": {"a": {"policy": ""#,
            "${",
            "",
            "}",
        ),
        (Format::TerraformPlan, after, "[", "", "]"),
        (
            Format::TerraformPlan,
            r#"{"planned_values": {"root_module": "#,
            "{\"child_modules\": [",
            "",
            "]}",
        ),
        (Format::CloudFormation, in_json, "{\"Fn::Sub\": ", "1", "}"),
        (Format::CloudFormation, properties, "[", "", "]"),
        (Format::CloudFormation, properties, "{a: ", "", "}"),
        (Format::CloudFormation, properties, "!Sub ", "a", ""),
        (Format::CloudFormation, properties, "- ", "a", ""),
        (Format::CloudFormation, properties, "!Sub [", "a", "]"),
        (Format::CloudFormation, properties, "\"${", "a", "}\""),
    ] {
        for close in ["", close] {
            let text =
                format!("{before}{}{inside}{}\n}}\n", open.repeat(TIMES), close.repeat(TIMES));
            check(&text, format);
        }
    }
}

/// Each name stands for two of the one before: written out, they are more than memory holds.
#[test]
fn what_multiplies_is_bounded() {
    let mut aliases = "Resources:\n  A0: &a0 [x, x]\n".to_owned();
    let mut locals = "locals {\n  a0 = [\"x\", \"x\"]\n".to_owned();
    for level in 1..40 {
        let before = level - 1;
        writeln!(aliases, "  A{level}: &a{level} [*a{before}, *a{before}]").unwrap();
        writeln!(locals, "  a{level} = [local.a{before}, local.a{before}]").unwrap();
    }
    aliases.push_str("  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: *a39\n");
    locals.push_str("}\nresource \"aws_kms_key\" \"k\" {\n  policy = jsonencode(local.a39)\n}\n");
    for (text, format, kind) in [
        (&aliases, Format::CloudFormation, ProblemKind::TooManyAliases),
        (&locals, Format::Terraform, ProblemKind::TooLarge),
    ] {
        let (_, template) = template(text, format);
        let problems: Vec<_> = template.problems.iter().map(|problem| &problem.kind).collect();
        assert_eq!(problems, [&kind]);
        assert_eq!(template.documents.len(), 1);
    }
}

/// Aliases of aliases, each one level deeper.
#[test]
fn deep_aliases_are_told() {
    let mut text = "Resources:\n  A0: &a0 [x]\n".to_owned();
    for level in 1..2_000 {
        writeln!(text, "  A{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    text.push_str("  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: *a1999\n");
    let (_, template) = template(&text, Format::CloudFormation);
    assert!(template.problems.iter().any(|one| one.kind == ProblemKind::TooDeep));
    check(&text, Format::CloudFormation);
}

#[test]
fn a_circle_ends() {
    let text = "locals {\n  a = local.b\n  b = [local.a]\n}\n\
        data \"aws_iam_policy_document\" \"d\" {\n  \
        source_policy_documents = [data.aws_iam_policy_document.d.json]\n}\n\
        resource \"aws_kms_key\" \"k\" {\n  policy = local.a\n}\n\
        resource \"aws_kms_key\" \"l\" {\n  policy = data.aws_iam_policy_document.d.json\n}\n";
    let (_, template) = template(text, Format::Terraform);
    assert_eq!(template.problems, []);
    assert_eq!(template.documents.len(), 2);
    check(text, Format::Terraform);
}
