//! What can be wrong with a template.

use std::fmt;

use copy_preflight_policy::json;
use copy_preflight_policy::source::Span;

/// So many problems are kept of one template.
const MAX_PROBLEMS: usize = 10_000;

/// A mistake in a template, or a part of it that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// A place that explains it.
    pub related: Option<Span>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A mistake in JSON, of the file or of a policy inside a string.
    Json(json::ProblemKind),
    /// Not the syntax of Terraform, in the words of its parser.
    Terraform(String),
    /// Not YAML, in the words of its parser.
    Yaml(String),
    /// An alias that names no anchor.
    UnknownAlias(String),
    /// Aliases that would make the document many times as large.
    TooManyAliases,
    /// Values inside values, more than [`MAX_DEPTH`](crate::MAX_DEPTH).
    TooDeep,
    /// References to references, more than are worth following.
    TooLarge,
    /// The text has no `Resources`, or they are no object.
    NoResources,
    /// Resources that CloudFormation makes in a loop.
    Loop(String),
    /// A macro that is not of AWS: it may change all that stands in the template.
    Macro(String),
}

impl ProblemKind {
    /// Whether the text breaks the rules of its language.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        match self {
            Self::Json(kind) => kind.is_syntax(),
            Self::Terraform(_) | Self::Yaml(_) | Self::UnknownAlias(_) => true,
            _ => false,
        }
    }
}

/// The message: lower case, without a full stop.
impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(kind) => {
                // A gap in a policy is a mark in the text that the reader saw.
                let message = kind.to_string();
                f.write_str(&message.replace(crate::image::is_mark, "…"))
            }
            Self::Terraform(message) => write!(f, "not the syntax of Terraform: {message}"),
            Self::Yaml(message) => write!(f, "not YAML: {message}"),
            Self::UnknownAlias(name) => write!(f, "the alias `{name}` names no anchor before it"),
            Self::TooManyAliases => {
                write!(f, "aliases make this document too large: what they stand for is unknown")
            }
            Self::TooDeep => write!(f, "nested more than {} levels deep", crate::MAX_DEPTH),
            Self::TooLarge => write!(f, "too many references: what is behind them is unknown"),
            Self::NoResources => write!(f, "no resources: `Resources` holds no object"),
            Self::Macro(name) => {
                write!(f, "the macro `{name}` may change this template, which is judged as written")
            }
            Self::Loop(name) => {
                write!(f, "`{name}` makes resources in a loop, and they are not judged")
            }
        }
    }
}

/// The message of [`ProblemKind`].
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, kind: ProblemKind, span: Span) {
        self.push(Problem { kind, span, related: None });
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(problem);
        }
    }

    /// Adds what is wrong with a JSON text. Gives the first mistake after which a document
    /// cannot be trusted as a whole.
    pub(crate) fn add_json(&mut self, problems: &[json::Problem]) -> Option<Span> {
        for problem in problems {
            let kind = ProblemKind::Json(problem.kind.clone());
            self.push(Problem { kind, span: problem.span, related: problem.related });
        }
        problems.iter().find(|problem| problem.kind.is_syntax()).map(|problem| problem.span)
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.0
    }
}
