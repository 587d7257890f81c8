//! Planned copies of the config, judged by the documents that the config names for them.

mod desk;
mod documents;

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::source::{Source, Span};
use copy_preflight_rules::check;
use copy_preflight_rules::copy::{self, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Inputs, Why};
use copy_preflight_rules::intent::{Judgement, Standing, judge};
use copy_preflight_rules::outcome::{Label, Outcome};
use copy_preflight_rules::plan::{Planned, Request, plan};
use copy_preflight_rules::rule::{Level, Rule};
use toml::Spanned;

use crate::config::{Located, PlannedCopy};
use crate::lint::{CopyLine, FileReport, Found, Judged, Version, fingerprint};
use desk::Desk;

/// How many resource types a message names.
const MOST_TYPES: usize = 4;

/// What planned copies are judged by.
pub struct Settings<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The time, and what the user stated.
    pub rules: &'a check::Settings,
    /// The level that a rule's findings have; `None` where it is turned off.
    pub level: &'a (dyn Fn(&'static Rule) -> Option<Level> + Sync),
    /// Where the files lie.
    pub version: &'a Version,
}

/// What the documents say of one planned copy of the config.
pub struct Intent {
    /// What the team calls it, else its vaults.
    pub name: String,
    /// What is broken or open.
    pub findings: Vec<Finding>,
    /// How many rules permit it.
    pub permits: usize,
    /// The rules that hang on documents that were not given.
    pub not_judged: BTreeSet<String>,
    /// The slots of these documents.
    pub lacks: BTreeSet<String>,
    /// The slots of given documents that no rule could conclude anything from.
    pub idle: BTreeSet<String>,
    /// Where a document permits it, by the copies and rules of findings.
    permitted: BTreeMap<String, String>,
    inputs: Inputs,
}

/// What one rule says of a planned copy, of one resource type or several.
pub struct Finding {
    rule: &'static Rule,
    level: Level,
    outcome: Outcome,
    standing: Standing,
    types: Vec<String>,
    /// Names the copies and the rule, whatever the documents say.
    subjects: BTreeSet<String>,
}

/// Judges every planned copy of a config: one entry each, or what is wrong with it, with places.
pub fn judge_all(
    config: &Located,
    settings: &Settings<'_>,
) -> Vec<(String, Result<Intent, Vec<String>>)> {
    let copies = &config.config.planned_copies;
    copies.iter().map(|copy| (name(copy.get_ref()), judge_one(config, copy, settings))).collect()
}

fn name(copy: &PlannedCopy) -> String {
    let vaults = || format!("{} -> {}", copy.source_vault.name, copy.destination_vault.name);
    copy.name.clone().unwrap_or_else(vaults)
}

fn judge_one(
    config: &Located,
    planned: &Spanned<PlannedCopy>,
    settings: &Settings<'_>,
) -> Result<Intent, Vec<String>> {
    let mut desk = Desk::new(config, planned, settings.version)?;
    let request = request(planned.get_ref());
    loop {
        let plan = plan(&request, &desk.inputs, settings.facts);
        let (mut slots, mut wanted) = (plan.slots.clone(), plan.wanted.clone());
        let copies = plan.copies.iter().filter(|copy| copy.counts);
        let judged: Vec<(&Planned, Vec<Judgement>)> = copies
            .map(|one| {
                let mut judged =
                    judge(&one.copy, &desk.inputs, &desk.papers, settings.facts, settings.rules);
                slots.append(&mut judged.slots);
                wanted.append(&mut judged.wanted);
                (one, judged.rules)
            })
            .collect();
        let answered = desk.answer(&slots, &wanted)?;
        if !answered {
            // A copy that cannot work whatever the documents say asks for none of them, and one
            // that is not understood not for all of them.
            let stops = |one: &Judgement| match one.standing {
                Standing::Breaks => true,
                Standing::Open => one.given.is_empty(),
                Standing::Permits | Standing::NotJudged => false,
            };
            if !judged.iter().any(|(_, rules)| rules.iter().any(stops)) {
                desk.all_were_asked_for(&slots)?;
            }
            return Ok(intent(planned, desk, &judged, settings));
        }
    }
}

fn request(copy: &PlannedCopy) -> Request {
    Request {
        source: copy.source_vault.clone(),
        destinations: vec![copy.destination_vault.clone()],
        resource_types: copy.resource_type.texts().to_vec(),
        variant: copy.variant.clone(),
        source_keys: match (copy.source_unencrypted, copy.source_key.as_slice()) {
            (true, _) => SourceKeys::Unencrypted,
            (false, []) => SourceKeys::NotGiven,
            (false, keys) => SourceKeys::Given(keys.to_vec()),
        },
        role: copy.role.clone(),
        recovery_point: None,
        caller: None,
        lifecycle: copy::Lifecycle {
            delete_after_days: copy.delete_after_days,
            cold_after_days: copy.cold_after_days,
        },
        backup_plan: None,
        backup_plan_id: None,
        copy_job: None,
    }
}

fn intent(
    planned: &Spanned<PlannedCopy>,
    desk: Desk<'_>,
    judged: &[(&Planned, Vec<Judgement>)],
    settings: &Settings<'_>,
) -> Intent {
    let here = desk.header();
    let mut intent = Intent {
        name: name(planned.get_ref()),
        findings: Vec::new(),
        permits: 0,
        not_judged: BTreeSet::new(),
        lacks: BTreeSet::new(),
        idle: BTreeSet::new(),
        permitted: BTreeMap::new(),
        inputs: desk.inputs,
    };
    let all = || judged.iter().flat_map(|(_, judgements)| judgements);
    let (idle, used): (Vec<_>, Vec<_>) = all().partition(|one| one.standing == Standing::NotJudged);
    let used: BTreeSet<&String> = used.iter().flat_map(|one| &one.given).collect();
    let idle = idle.iter().flat_map(|one| &one.given).filter(|slot| !used.contains(slot));
    intent.idle.extend(idle.cloned());
    for (of, judgements) in judged {
        for Judgement { outcome, standing, .. } in judgements {
            let Some(level) = (settings.level)(outcome.rule) else { continue };
            match standing {
                Standing::Permits => intent.permit(of, outcome.rule, &outcome.outcome),
                Standing::NotJudged => {
                    intent.not_judged.insert(outcome.rule.id());
                    let missing = outcome.outcome.missing.iter();
                    intent.lacks.extend(
                        missing.filter(|one| one.why != Why::NotFound).map(|one| one.what.clone()),
                    );
                }
                Standing::Breaks | Standing::Open => {
                    intent.add(of, (outcome.rule, level), &outcome.outcome, *standing, here);
                }
            }
        }
    }
    for finding in &mut intent.findings {
        finding.name_copy(&intent.name);
    }
    intent
}

/// Names a copy and a rule, whatever the documents say.
fn subject(of: &Planned, rule: &Rule) -> String {
    let copy = &of.copy;
    let (kind, variant) = (&copy.resource_type, &copy.variant);
    format!("{}|{}|{kind:?}|{variant:?}|{}", copy.source, copy.destination, rule.id())
}

impl Intent {
    /// Notes that a rule holds, and which place shows it.
    fn permit(&mut self, of: &Planned, rule: &Rule, outcome: &Outcome) {
        self.permits += 1;
        let sources = &self.inputs.sources;
        let place = outcome.labels.first().and_then(|label| {
            let span = sources.outermost(label.span);
            let source = sources.get(span.source)?;
            Some(format!("{}:{}", source.name, source.position(span.start).line))
        });
        if let Some(place) = place {
            self.permitted.insert(subject(of, rule), place);
        }
    }

    /// Adds what a rule says of one copy; the same of another resource type is one finding.
    fn add(
        &mut self,
        of: &Planned,
        (rule, level): (&'static Rule, Level),
        outcome: &Outcome,
        standing: Standing,
        here: Span,
    ) {
        let subject = subject(of, rule);
        let kind = of.copy.resource_type.clone().unwrap_or_default();
        let mut outcome = outcome.clone();
        if outcome.labels.is_empty() {
            outcome = outcome.label(Label {
                slot: "config".to_owned(),
                span: here,
                note: "this copy is relied on".to_owned(),
            });
        }
        // What several rules cannot tell for one cause is one question.
        let same_question = |one: &Finding| {
            let of = |outcome: &Outcome| (outcome.message.clone(), outcome.labels.clone());
            standing == Standing::Open
                && one.standing == Standing::Open
                && of(&one.outcome) == of(&outcome)
        };
        let same = |one: &&mut Finding| {
            (std::ptr::eq(one.rule, rule) && one.outcome == outcome) || same_question(one)
        };
        match self.findings.iter_mut().find(same) {
            Some(finding) => {
                finding.subjects.insert(subject);
                if !finding.types.contains(&kind) {
                    finding.types.push(kind);
                }
            }
            None => self.findings.push(Finding {
                rule,
                level,
                outcome,
                standing,
                types: vec![kind],
                subjects: BTreeSet::from([subject]),
            }),
        }
    }

    /// Takes out what the version before says too: how many findings that were. Of what is left
    /// it says what permitted it before. Broken or open before and open now is nothing
    /// new, nor is broken before and now.
    pub fn leave_out(&mut self, before: &[Intent]) -> usize {
        let earlier: Vec<&Finding> = before.iter().flat_map(|one| &one.findings).collect();
        let known = |finding: &Finding| {
            finding.subjects.iter().all(|subject| {
                earlier.iter().any(|one| {
                    one.subjects.contains(subject)
                        && (one.standing == Standing::Breaks || finding.standing == Standing::Open)
                })
            })
        };
        let all = self.findings.len();
        self.findings.retain(|finding| !known(finding));
        for finding in &mut self.findings {
            let mut places = before.iter().flat_map(|one| {
                finding.subjects.iter().filter_map(|subject| one.permitted.get(subject))
            });
            let Some(place) = places.next().cloned() else { continue };
            let help = finding.outcome.help.take().map(|help| format!("; {help}"));
            let help =
                format!("before the change {place} permitted it{}", help.unwrap_or_default());
            finding.outcome.help = Some(help);
        }
        all - self.findings.len()
    }

    /// How many findings are of this standing.
    fn count(&self, standing: Standing) -> usize {
        self.findings.iter().filter(|one| one.standing == standing).count()
    }

    /// The copy in a few words.
    #[must_use]
    pub fn line(&self) -> CopyLine {
        CopyLine {
            name: self.name.clone(),
            word: self.word(),
            not_judged: self.not_judged.len(),
            lacks: self.lacks.iter().cloned().collect(),
            idle: self.idle.iter().cloned().collect(),
        }
    }

    /// What the documents say of the copy, in a word: of the worst finding.
    fn word(&self) -> &'static str {
        let error = |one: &Finding| one.standing == Standing::Breaks && one.level == Level::Error;
        if self.findings.iter().any(error) {
            "not permitted"
        } else if self.count(Standing::Open) > 0 {
            "open"
        } else if self.permits > 0 && self.idle.is_empty() {
            "permitted"
        } else {
            "not judged"
        }
    }

    /// The findings by the files of their first labels.
    #[must_use]
    pub fn files(&self) -> Vec<FileReport> {
        let sources = &self.inputs.sources;
        let mut files: Vec<FileReport> = Vec::new();
        for finding in &self.findings {
            let first = finding.outcome.labels.first();
            let source = first.and_then(|label| sources.get(sources.outermost(label.span).source));
            let path = source.map(|source| source.name.clone()).unwrap_or_default();
            let found = Found {
                rule: finding.rule,
                level: finding.level,
                outcome: finding.outcome.clone(),
                document: 0,
                fingerprint: String::new(),
            };
            match files.iter_mut().find(|file| file.path == path) {
                Some(file) => file.findings.push(found),
                None => files.push(FileReport {
                    path,
                    sources: sources.clone(),
                    documents: vec![Judged { kind: None, name: self.name.clone() }],
                    findings: vec![found],
                    waived: 0,
                    unchanged: false,
                }),
            }
        }
        files.iter_mut().for_each(fingerprint::give);
        files
    }
}

impl Finding {
    /// Says which copy it is about, and how the config says what a flag would.
    fn name_copy(&mut self, name: &str) {
        let types: Vec<&str> =
            self.types.iter().map(String::as_str).filter(|kind| !kind.is_empty()).collect();
        let types = match types.as_slice() {
            [] => String::new(),
            // A config that names no type means all that there are.
            many if many.len() > MOST_TYPES => format!(" ({} resource types)", many.len()),
            types => format!(" ({})", types.join(", ")),
        };
        self.outcome.message = format!("planned copy `{name}`{types}: {}", self.outcome.message);
        let flags: Vec<String> = self
            .outcome
            .missing
            .iter()
            .filter_map(|missing| Some(format!("`{}`", missing.what.strip_prefix("--")?)))
            .collect();
        if !flags.is_empty() {
            self.outcome.help = Some(format!("say it in the planned copy: {}", flags.join(", ")));
        }
    }
}

/// The first line of a table in the config.
fn first_line(source: &Source, span: Span) -> Span {
    let text = source.slice(span.range());
    let length = text.lines().next().unwrap_or_default().len();
    Span::new(span.source, span.start, span.start + u32::try_from(length).unwrap_or_default())
}
