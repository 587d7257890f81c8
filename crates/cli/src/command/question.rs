//! The question of a run: which copies, judged how, by which facts.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use copy_preflight_policy::tree::Node;
use copy_preflight_rules::check::{Report, Settings};
use copy_preflight_rules::copy::{Lifecycle, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::Inputs;
use copy_preflight_rules::plan::Request;

use super::Failure;
use super::judge::{answers, judge, now};
use crate::args::{FailOn, QuestionArgs};
use crate::config::Located;
use crate::documents::{Documents, Stop};
use crate::snapshot::decode;

/// What is asked, ready to be judged by any source of documents.
pub(super) struct Question {
    /// Which copies.
    pub(super) request: Request,
    /// How they are judged.
    pub(super) settings: Settings,
    /// What is known of AWS.
    pub(super) facts: Cow<'static, Facts>,
    /// What the user gave besides: a backup plan.
    given: Inputs,
}

impl Question {
    /// The question that flags ask.
    pub(super) fn of(args: QuestionArgs, config: &Located) -> Result<Self, Failure> {
        let facts = super::facts_of_rules(args.facts.as_deref())?;
        let settings = settings(&args, config)?;
        let mut given = Inputs::new();
        let backup_plan = match &args.backup_plan {
            Some(path) => Some(read_plan(path, &mut given)?),
            None => None,
        };
        let request = Request {
            source: args.source_vault,
            destinations: args.destination_vault,
            resource_types: args.resource_type,
            variant: args.variant,
            source_keys: match (args.source_unencrypted, args.source_key) {
                (true, _) => SourceKeys::Unencrypted,
                (false, keys) if keys.is_empty() => SourceKeys::NotGiven,
                (false, keys) => SourceKeys::Given(keys),
            },
            role: args.role,
            caller: args.caller,
            recovery_point: args.recovery_point,
            lifecycle: Lifecycle {
                delete_after_days: args.delete_after_days,
                cold_after_days: args.cold_after_days,
            },
            backup_plan,
            backup_plan_id: args.backup_plan_id,
            copy_job: args.copy_job,
        };
        Ok(Self { request, settings, facts, given })
    }

    /// Whether nothing says where copies go.
    pub(super) fn names_no_copy(&self) -> bool {
        let Request { destinations, backup_plan, backup_plan_id, copy_job, .. } = &self.request;
        destinations.is_empty()
            && backup_plan.is_none()
            && backup_plan_id.is_none()
            && copy_job.is_none()
    }

    /// Plans and judges, reads what was wanted, and does so again until nothing more is wanted.
    pub(super) fn judge(&self, documents: &mut dyn Documents) -> Result<(Report, Inputs), Stop> {
        let given = self.given.clone();
        judge(&self.request, given, documents, &self.facts, &self.settings)
    }
}

/// Reads a backup plan. A file that is not JSON is an error: nothing of it can be judged.
fn read_plan(path: &Path, inputs: &mut Inputs) -> Result<Node, Failure> {
    let shown = path.to_string_lossy().into_owned();
    let bytes =
        fs::read(path).map_err(|fault| Failure::Io(format!("backup plan `{shown}`"), fault))?;
    let text = decode(&bytes)
        .map_err(|fault| Failure::Usage(format!("backup plan `{shown}`: {fault}")))?;
    inputs.read_given(&shown, text).ok_or_else(|| {
        let problem = inputs.problems().first();
        let place = problem.and_then(|problem| {
            let span = problem.place?;
            let position = inputs.sources.get(span.source)?.position(span.start);
            Some(format!(":{}:{}", position.line, position.column))
        });
        let message = problem.map_or("is not JSON", |problem| problem.message.as_str());
        Failure::Usage(format!("backup plan {shown}{}: {message}", place.unwrap_or_default()))
    })
}

fn settings(args: &QuestionArgs, config: &Located) -> Result<Settings, Failure> {
    let now = now(args.now.as_deref())?;
    Ok(Settings {
        strict: args.strict,
        documented_only: args.fail_on_certainty == FailOn::Documented,
        answers: answers(&args.answer, config, now)?,
        now: Some(now),
    })
}
