//! The binary.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use copy_preflight::output::human::Style;
use copy_preflight::{Streams, run};

fn main() -> ExitCode {
    let exit = run(
        std::env::args_os(),
        Streams {
            input: &mut io::stdin().lock(),
            output: &mut io::stdout().lock(),
            error: &mut io::stderr().lock(),
            style: style(),
            error_is_terminal: io::stderr().is_terminal(),
        },
    );
    ExitCode::from(exit as u8)
}

/// Width and colour of standard output, by its terminal and the usual variables.
fn style() -> Style {
    let set =
        |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let terminal = io::stdout().is_terminal();
    let forced = set("CLICOLOR_FORCE") || set("FORCE_COLOR");
    let off = std::env::var_os("CLICOLOR").is_some_and(|value| value == "0")
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    let colour = !set("NO_COLOR") && (forced || (terminal && !off));
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = columns.or(measured).unwrap_or(Style::PLAIN.width).clamp(40, 120);
    Style { width, colour }
}
