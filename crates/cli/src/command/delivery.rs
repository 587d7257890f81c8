//! Where an answer goes: to standard output as it comes, or to a file that is there whole or not
//! at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::Failure;

/// An answer on its way.
pub(super) enum Delivery<'a> {
    Output(&'a mut dyn Write),
    File { path: &'a Path, partial: OsString, writer: BufWriter<File> },
}

impl<'a> Delivery<'a> {
    /// To the file that was asked for, else to standard output.
    pub(super) fn open(file: Option<&'a Path>, output: &'a mut dyn Write) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(Self::Output(output)) };
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let writer = File::create(&partial).map_err(|fault| unwritten(path, fault))?;
        Ok(Self::File { path, partial, writer: BufWriter::new(writer) })
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Output(output) => output.write_all(text.as_bytes()).map_err(Failure::output),
            Self::File { path, writer, .. } => {
                writer.write_all(text.as_bytes()).map_err(|fault| unwritten(path, fault))
            }
        }
    }

    /// The answer is complete.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Output(output) => output.flush().map_err(Failure::output),
            Self::File { path, partial, writer } => writer
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .and_then(|_| fs::rename(&partial, path))
                .map_err(|fault| unwritten(path, fault)),
        }
    }
}

fn unwritten(path: &Path, fault: std::io::Error) -> Failure {
    Failure::Io(format!("cannot write `{}`", path.to_string_lossy()), fault)
}
