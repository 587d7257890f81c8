//! `simulate`: decides requests.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use super::Failure;
use crate::Exit;
use crate::args::SimulateArgs;
use crate::simulate;

pub(super) fn run(
    args: &SimulateArgs,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Exit, Failure> {
    let facts = super::facts()?;
    let mut output = BufWriter::new(output);
    let tally = match &args.file {
        Some(path) if path.as_os_str() != "-" => {
            let shown = path.to_string_lossy().into_owned();
            let file = File::open(path).map_err(|fault| Failure::Io(shown, fault))?;
            simulate::run(BufReader::new(file), &mut output, facts.catalogue())
        }
        _ => simulate::run(input, &mut output, facts.catalogue()),
    };
    let tally = tally.and_then(|tally| output.flush().map(|()| tally));
    let tally = tally.map_err(|fault| Failure::Io("simulate".to_owned(), fault))?;
    Ok(if tally.unreadable > 0 { Exit::Unable } else { Exit::Fine })
}
