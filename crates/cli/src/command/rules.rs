//! `rules`: the list of rules, and their pages.

use std::fmt::Write as _;
use std::io::Write;

use copy_preflight_rules::rule::Rule;
use copy_preflight_rules::rules;
use serde::Serialize;

use super::Failure;
use crate::Exit;
use crate::args::{ListFormat, RulesArgs};
use crate::output::human::Style;

#[derive(Debug, Serialize)]
struct RuleJson {
    id: String,
    aliases: &'static [&'static str],
    scope: &'static str,
    level: &'static str,
    summary: &'static str,
    reasons: Vec<&'static str>,
    page: &'static str,
}

pub(super) fn run(args: &RulesArgs, output: &mut dyn Write, style: Style) -> Result<Exit, Failure> {
    let chosen: Vec<&Rule> = match &args.id {
        Some(id) => match rules::named(id) {
            Some(rule) => vec![rule],
            None => {
                return Err(Failure::Usage(format!("there is no rule `{id}`; `rules` lists them")));
            }
        },
        None => rules::all().collect(),
    };
    let text = match (args.format, &args.id) {
        (ListFormat::Json, _) => {
            let list: Vec<RuleJson> = chosen.iter().map(|rule| json(rule)).collect();
            let text = serde_json::to_string_pretty(&list);
            text.map_err(|fault| Failure::Usage(fault.to_string()))? + "\n"
        }
        (ListFormat::Human, Some(_)) => chosen.iter().map(|rule| rule.page).collect(),
        (ListFormat::Human, None) => list(&chosen, style),
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

fn json(rule: &Rule) -> RuleJson {
    RuleJson {
        id: rule.id(),
        aliases: rule.aliases,
        scope: rule.scope.word(),
        level: rule.level.word(),
        summary: rule.summary,
        reasons: rule.reasons().map(|reason| reason.name).collect(),
        page: rule.page,
    }
}

fn list(rules: &[&Rule], style: Style) -> String {
    let mut text = String::new();
    for rule in rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", rule.id());
        let options =
            textwrap::Options::new(style.width).initial_indent("  ").subsequent_indent("  ");
        for line in textwrap::wrap(rule.summary, options) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}
