//! `snapshot redact`: the same snapshot with other ids.

use std::io::Write;

use serde::Serialize;

use super::{about, counted};
use crate::Exit;
use crate::args::{ListFormat, RedactArgs};
use crate::command::{Failure, pretty};
use crate::output::human::Style;
use crate::output::plain::Lines;
use crate::snapshot::redact::Redacted;
use crate::snapshot::write::redact_into;

#[derive(Debug, Serialize)]
struct RedactJson {
    schema: &'static str,
    snapshot: String,
    copy: String,
    #[serde(flatten)]
    redacted: RedactedJson,
}

/// What a redaction did.
#[derive(Debug, Serialize)]
pub(super) struct RedactedJson {
    files: usize,
    replaced: Vec<ReplacedJson>,
    left_out: Vec<LeftOutJson>,
}

impl RedactedJson {
    pub(super) fn of(redacted: &Redacted) -> Self {
        let replaced = redacted.replaced.iter().map(|one| ReplacedJson {
            kind: one.kind,
            from: one.from.clone(),
            to: one.to.clone(),
        });
        let left_out = redacted.left_out.iter();
        let left_out =
            left_out.map(|(path, why)| LeftOutJson { path: path.clone(), why: why.clone() });
        Self { files: redacted.files, replaced: replaced.collect(), left_out: left_out.collect() }
    }
}

#[derive(Debug, Serialize)]
struct ReplacedJson {
    kind: &'static str,
    from: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct LeftOutJson {
    path: String,
    why: String,
}

pub(super) fn run(
    args: &RedactArgs,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    super::open(&args.folder)?;
    let redacted = redact_into(&args.folder, &args.copy)
        .map_err(|fault| Failure::Io(about(&args.copy), fault))?;
    let text = match args.format {
        ListFormat::Json => pretty(&RedactJson {
            schema: "copy-preflight/snapshot-redact/v1",
            snapshot: args.folder.to_string_lossy().into_owned(),
            copy: args.copy.to_string_lossy().into_owned(),
            redacted: RedactedJson::of(&redacted),
        })?,
        ListFormat::Human => {
            let mut page = Lines::new(style.width);
            let copy = args.copy.to_string_lossy();
            page.wrapped("", "  ", &format!("{}: {copy}", counted(redacted.files, "file")));
            tell(&mut page, &redacted);
            page.text
        }
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(if redacted.left_out.is_empty() { Exit::Fine } else { Exit::Undecided })
}

/// What was replaced by what. It is told here alone: nothing in the copy leads back.
pub(super) fn tell(page: &mut Lines, redacted: &Redacted) {
    page.line("");
    page.line("replaced (keep this list for yourself; the copy does not have it):");
    for one in &redacted.replaced {
        page.wrapped("  ", "    ", &format!("{} {} -> {}", one.kind, one.from, one.to));
    }
    page.line("");
    page.wrapped(
        "",
        "  ",
        "also replaced: OUs, email addresses, names of accounts, ids of principals. As they were: \
         names of roles, vaults and OUs, ids of keys and resources, tags.",
    );
    if !redacted.left_out.is_empty() {
        page.line("");
        page.line("left out:");
        for (path, why) in &redacted.left_out {
            page.wrapped("  ", "    ", &format!("{path}: {why}"));
        }
    }
}
