//! The JSON form of an effective policy: `copy-preflight/effective-policy/v1`.
//!
//! The elements of `diagnostics`, `validation`, `ambiguous`, `copies` and `undecided_copies` have
//! the members of the contract and no others; where things stand is in `places`, which points at
//! them.

use copy_preflight_policy::management::backup::PlannedCopy;
use copy_preflight_policy::management::{
    Ambiguous, Diagnostic, Entry, Fate, Invalid, Kind, Setting, Step, Value,
};
use copy_preflight_policy::source::Span;
use copy_preflight_rules::effective::{Difference, Judged};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Shown;

const SCHEMA: &str = "copy-preflight/effective-policy/v1";

/// An effective policy.
#[derive(Debug, Serialize)]
pub struct EffectiveJson<'a> {
    schema: &'static str,
    account_id: &'a str,
    policy_type: &'a str,
    effective: Json,
    diagnostics: Vec<DiagnosticJson<'a>>,
    validation: Vec<InvalidJson<'a>>,
    ambiguous: Vec<AmbiguousJson<'a>>,
    copies: Vec<CopyJson<'a>>,
    undecided_copies: Vec<UndecidedJson<'a>>,
    /// Copies that only another possible value of an ambiguous setting plans.
    possible_copies: Vec<UndecidedJson<'a>>,
    /// Validation errors, by their paths, that another possible value removes.
    uncertain_validation: Vec<&'a str>,
    places: Vec<PlaceJson<'a>>,
    /// What AWS's own answer shows; null where none was saved.
    aws: Option<AwsJson<'a>>,
    /// What keeps the answer from being whole.
    problems: &'a [String],
    /// How the settings under `--why` came to their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<WhyJson<'a>>>,
}

#[derive(Debug, Serialize)]
struct WhyJson<'a> {
    path: String,
    values: Vec<Json>,
    steps: Vec<StepJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StepJson<'a> {
    op: &'static str,
    value: Json,
    fate: &'static str,
    at: Option<PlaceJson<'a>>,
    /// The lock that stopped it, or the assignment that was first.
    by: Option<PlaceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct DiagnosticJson<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'static str>,
    path: &'a str,
    target: &'a str,
    policy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<Json>,
}

#[derive(Debug, Serialize)]
struct InvalidJson<'a> {
    code: &'static str,
    path: &'a str,
}

#[derive(Debug, Serialize)]
struct AmbiguousJson<'a> {
    path: &'a str,
    /// Null stands for no value, and for one that is not known.
    values: Vec<Json>,
    why: String,
}

#[derive(Debug, Serialize)]
struct CopyJson<'a> {
    plan: &'a str,
    rule: &'a str,
    source: &'a str,
    destination: &'a str,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct UndecidedJson<'a> {
    #[serde(flatten)]
    copy: CopyJson<'a>,
    reason: &'a str,
}

/// Where something stands, `of` a JSON pointer into this document, under `why` a path.
#[derive(Debug, Serialize)]
struct PlaceJson<'a> {
    of: String,
    /// `here`, `lock`, `kept`, or what became of an operator: `applied`, `blocked`, `lost`,
    /// `doubtful`.
    role: &'static str,
    target: &'a str,
    policy: &'a str,
    file: String,
    line: u32,
    column: u32,
    text: String,
}

#[derive(Debug, Serialize)]
struct AwsJson<'a> {
    same: bool,
    differences: Vec<DifferenceJson<'a>>,
    /// Ambiguous settings whose value AWS's answer shows.
    settled: Vec<DifferenceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct DifferenceJson<'a> {
    path: &'a str,
    ours: Option<Json>,
    aws: Option<Json>,
}

/// An account of which nothing can be said.
#[derive(Debug, Serialize)]
pub struct UnjudgedJson<'a> {
    schema: &'static str,
    account_id: &'a str,
    policy_type: &'a str,
    /// Why.
    problems: &'a [String],
}

/// The JSON form of an account of which nothing can be said.
#[must_use]
pub fn unjudged<'a>(
    account: &'a str,
    policy_type: &'a str,
    problems: &'a [String],
) -> UnjudgedJson<'a> {
    UnjudgedJson { schema: SCHEMA, account_id: account, policy_type, problems }
}

/// The JSON form of an effective policy.
#[must_use]
pub fn effective<'a>(shown: Shown<'a>, path: Option<&str>) -> EffectiveJson<'a> {
    let judged = shown.judged;
    let copies = |wanted: bool| judged.copies.iter().filter(move |copy| copy.shown == wanted);
    EffectiveJson {
        schema: SCHEMA,
        account_id: &judged.account,
        policy_type: &judged.policy_type,
        effective: policy(judged),
        diagnostics: judged.effective.diagnostics.iter().map(diagnostic).collect(),
        validation: judged.invalid.iter().map(invalid).collect(),
        ambiguous: judged
            .ambiguous
            .iter()
            .map(|one| ambiguous(one, judged.effective.kind))
            .collect(),
        copies: copies(true).map(copy).collect(),
        undecided_copies: copies(true).filter_map(undecided).collect(),
        possible_copies: copies(false).filter_map(undecided).collect(),
        uncertain_validation: judged
            .invalid
            .iter()
            .filter(|error| !error.certain)
            .map(|error| error.path.as_str())
            .collect(),
        places: places(shown),
        aws: shown.comparison.map(|comparison| AwsJson {
            same: comparison.differences.is_empty(),
            differences: comparison.differences.iter().map(difference).collect(),
            settled: comparison.settled.iter().map(difference).collect(),
        }),
        problems: shown.problems,
        why: path.map(|path| why(shown, path)),
    }
}

fn why<'a>(shown: Shown<'a>, path: &str) -> Vec<WhyJson<'a>> {
    let settings = shown.settings(path).into_iter();
    let history = |(path, setting): (String, &'a Setting)| WhyJson {
        values: setting.possible.iter().map(|one| one.as_ref().map_or(Json::Null, value)).collect(),
        steps: setting.steps.iter().map(|one| step(shown, &path, one)).collect(),
        path,
    };
    settings.map(history).collect()
}

fn step<'a>(shown: Shown<'a>, path: &str, one: &'a Step) -> StepJson<'a> {
    let role = fate(&one.fate);
    let by = match &one.fate {
        Fate::Applied => None,
        Fate::Blocked(by) | Fate::Lost(by) | Fate::Doubtful(by) => Some(by),
    };
    StepJson {
        op: one.operator.key(),
        value: value(&one.value),
        fate: role,
        at: place(shown, path, "here", (&one.target, &one.policy), one.span),
        by: by.and_then(|by| place(shown, path, "by", (&by.target, &by.policy), by.span)),
    }
}

/// The policy as AWS renders it; null where there is none.
#[must_use]
pub fn policy(judged: &Judged) -> Json {
    if judged.effective.attached { entry(&judged.effective.root) } else { Json::Null }
}

fn entry(of: &Entry) -> Json {
    if let Some(shown) = of.value() {
        return value(shown);
    }
    let members: Map<String, Json> =
        of.shown().map(|child| (child.key.to_string(), entry(child))).collect();
    Json::Object(members)
}

/// A value; null for one that is not known in full.
pub(super) fn value(of: &Value) -> Json {
    match of {
        Value::Scalar(text) => text.known().map_or(Json::Null, Into::into),
        Value::List(list) => {
            list.iter().map(|text| text.known().map_or(Json::Null, Json::from)).collect()
        }
        Value::Unknown => Json::Null,
    }
}

fn diagnostic(one: &Diagnostic) -> DiagnosticJson<'_> {
    DiagnosticJson {
        code: one.code.word(),
        op: one.operator.map(|operator| operator.key()),
        path: &one.path,
        target: &one.target,
        policy: &one.policy,
        kept: one.kept.as_ref().map(value),
        ignored: one.ignored.as_ref().map(value),
    }
}

fn invalid(error: &Invalid) -> InvalidJson<'_> {
    InvalidJson { code: error.code.word(), path: &error.path }
}

fn ambiguous(one: &Ambiguous, kind: Kind) -> AmbiguousJson<'_> {
    let why: Vec<&str> = one.why.iter().map(|why| why.why(kind)).collect();
    AmbiguousJson {
        path: &one.path,
        values: one.values.iter().map(|one| one.as_ref().map_or(Json::Null, value)).collect(),
        why: why.join("; "),
    }
}

fn copy(copy: &PlannedCopy) -> CopyJson<'_> {
    CopyJson {
        plan: &copy.plan,
        rule: &copy.rule,
        source: &copy.source,
        destination: &copy.destination,
        kind: copy.kind.word(),
    }
}

fn undecided(one: &PlannedCopy) -> Option<UndecidedJson<'_>> {
    Some(UndecidedJson { copy: copy(one), reason: one.undecided.as_deref()? })
}

fn difference(one: &Difference) -> DifferenceJson<'_> {
    DifferenceJson {
        path: &one.path,
        ours: one.ours.as_ref().map(value),
        aws: one.aws.as_ref().map(value),
    }
}

fn places<'a>(shown: Shown<'a>) -> Vec<PlaceJson<'a>> {
    let judged = shown.judged;
    let mut found = Vec::new();
    for (index, one) in judged.effective.diagnostics.iter().enumerate() {
        let of = format!("/diagnostics/{index}");
        found.extend(place(shown, &of, "here", (&one.target, &one.policy), one.span));
        if let Some(related) = &one.related {
            let role = if one.kept.is_some() { "kept" } else { "lock" };
            let who = (related.target.as_str(), related.policy.as_str());
            found.extend(place(shown, &of, role, who, related.span));
        }
    }
    let invalid = judged.invalid.iter().enumerate();
    let invalid = invalid.map(|(index, error)| (format!("/validation/{index}"), &error.path));
    let ambiguous = judged.ambiguous.iter().enumerate();
    let ambiguous = ambiguous.map(|(index, one)| (format!("/ambiguous/{index}"), &one.path));
    for (of, path) in invalid.chain(ambiguous) {
        let setting = judged.effective.root.at(path).and_then(|entry| entry.setting.as_ref());
        for step in setting.into_iter().flat_map(|setting| &setting.steps) {
            let who = (step.target.as_str(), step.policy.as_str());
            found.extend(place(shown, &of, fate(&step.fate), who, step.span));
        }
    }
    found
}

/// The word for what became of an operator.
pub(super) fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Applied => "applied",
        Fate::Blocked(_) => "blocked",
        Fate::Lost(_) => "lost",
        Fate::Doubtful(_) => "doubtful",
    }
}

fn place<'a>(
    shown: Shown<'a>,
    of: &str,
    role: &'static str,
    (target, policy): (&'a str, &'a str),
    span: Span,
) -> Option<PlaceJson<'a>> {
    let place = shown.place(span)?;
    let text = shown.sources.slice(span).chars().take(200).collect();
    Some(PlaceJson {
        of: of.to_owned(),
        role,
        target,
        policy,
        file: place.name,
        line: place.line,
        column: place.column,
        text,
    })
}
