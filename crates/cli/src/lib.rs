//! The command line: arguments, files and snapshots, renderers, exit codes.

pub mod simulate;
