//! Prints lines for `simulate`, 100,000 or as many as the first argument says, so that speed
//! and memory of the binary can be measured:
//! `simulate_lines | /usr/bin/time -v copy-preflight simulate >/dev/null`.

use std::io::{self, BufWriter, Write};

use copy_preflight_tests::lines::Cases;

fn main() -> io::Result<()> {
    let count = match std::env::args().nth(1) {
        None => 100_000,
        Some(count) => count.parse().map_err(io::Error::other)?,
    };
    let cases = Cases::read();
    let mut out = BufWriter::new(io::stdout().lock());
    for number in 0..count {
        out.write_all(&cases.line(number).bytes)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
