//! What a file is, told by its name and its text.

/// A format that carries documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Terraform source, `*.tf`.
    Terraform,
    /// Terraform source written as JSON, `*.tf.json`.
    TerraformJson,
    /// Values of variables that Terraform reads by itself: `terraform.tfvars`, `*.auto.tfvars`.
    TerraformVariables,
    /// What `terraform show -json` prints, of a plan or of a state.
    TerraformPlan,
    /// A CloudFormation template as YAML or JSON, written or generated.
    CloudFormation,
}

impl Format {
    /// Whether the files of a folder belong together.
    #[must_use]
    pub fn is_module(self) -> bool {
        matches!(self, Self::Terraform | Self::TerraformJson | Self::TerraformVariables)
    }
}

/// The format of a file; `None` for one that is no template.
///
/// `name` is a path with either separator. YAML and JSON have many uses, so their text decides;
/// it is looked through once, not read.
#[must_use]
pub fn format(name: &str, text: &str) -> Option<Format> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if name.ends_with(".tf.json") {
        return Some(Format::TerraformJson);
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match extension {
        "tf" | "tofu" => return Some(Format::Terraform),
        // Other files of values count only where the command line names them.
        "tfvars" if stem == "terraform" || stem.ends_with(".auto") => {
            return Some(Format::TerraformVariables);
        }
        _ => {}
    }
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let is_plan = has_key(text, "format_version")
            && ["resource_changes", "planned_values", "values"]
                .iter()
                .any(|key| has_key(text, key));
        if is_plan {
            return Some(Format::TerraformPlan);
        }
        let is_template = has_key(text, "Resources") && text.contains("\"AWS::");
        return is_template.then_some(Format::CloudFormation);
    }
    // The text of a template that is called `*.json` must be JSON.
    let may_be_yaml = matches!(extension, "yaml" | "yml" | "template" | "cfn" | "");
    (may_be_yaml && is_cloudformation_yaml(text)).then_some(Format::CloudFormation)
}

fn has_key(text: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    text.match_indices(&quoted).any(|(at, _)| {
        let behind = text.get(at + quoted.len()..).unwrap_or_default();
        behind.trim_start().starts_with(':')
    })
}

fn is_cloudformation_yaml(text: &str) -> bool {
    let section = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix("Resources")
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    text.contains("AWS::") && text.lines().any(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_decide() {
        let plan = r#"{"format_version": "1.2", "resource_changes" : []}"#;
        let stack = r#"{"Resources": {"K": {"Type": "AWS::KMS::Key"}}}"#;
        let yaml = "Resources:\n  K:\n    Type: AWS::KMS::Key\n";
        for (name, text, expected) in [
            ("infra/main.tf", "", Some(Format::Terraform)),
            (r"infra\main.tf", "", Some(Format::Terraform)),
            ("main.tf.json", "{}", Some(Format::TerraformJson)),
            ("terraform.tfvars", "", Some(Format::TerraformVariables)),
            ("eu.auto.tfvars", "", Some(Format::TerraformVariables)),
            ("prod.tfvars", "", None),
            ("plan.json", plan, Some(Format::TerraformPlan)),
            ("plan", plan, Some(Format::TerraformPlan)),
            ("Stack.template.json", stack, Some(Format::CloudFormation)),
            ("stack.yaml", yaml, Some(Format::CloudFormation)),
            ("stack.yaml", stack, Some(Format::CloudFormation)),
            ("stack.json", yaml, None),
            ("deployment.yaml", "kind: Deployment\nspec:\n  Resources: AWS::x\n", None),
            ("policy.json", r#"{"Version": "2012-10-17", "Statement": []}"#, None),
            ("values.json", r#"{"values": 1, "note": "format_version"}"#, None),
        ] {
            assert_eq!(format(name, text), expected, "{name}: {text}");
        }
    }
}
