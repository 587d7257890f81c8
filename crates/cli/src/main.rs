//! The binary.

use std::io::{self, BufWriter};

fn main() -> io::Result<()> {
    let facts = copy_preflight_rules::facts::Facts::embedded().map_err(io::Error::other)?;
    copy_preflight::simulate::run(
        io::stdin().lock(),
        BufWriter::new(io::stdout().lock()),
        facts.catalogue(),
    )?;
    Ok(())
}
