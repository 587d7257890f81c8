//! The files of a snapshot and their names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders stand at most four deep; a loop of links ends here.
const DEEPEST: usize = 12;

/// What a folder holds.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The answers and errors, by name.
    pub files: Vec<File>,
    /// What is no answer, or could not be looked at: its name and why.
    pub other: Vec<(String, String)>,
}

/// One answer or error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The path in the snapshot, with `/` between folders.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
}

impl File {
    /// The name without `.json` or `.error.json`: the same for an answer and for the error in its
    /// place.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.name.strip_suffix(".json").unwrap_or(&self.name);
        name.strip_suffix(".error").unwrap_or(name)
    }

    /// Whether it stands in the place of an answer.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.name.ends_with(".error.json")
    }
}

/// Lists a snapshot. Hidden files are none of it.
///
/// # Errors
/// Where there is no such folder, or it cannot be read.
pub fn list(root: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    walk(root, "", 0, &mut listing)?;
    listing.files.sort();
    listing.other.sort();
    Ok(listing)
}

fn walk(folder: &Path, prefix: &str, depth: usize, listing: &mut Listing) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = format!("{prefix}{}", name.to_string_lossy());
        let Some(name) = name.to_str() else {
            listing.other.push((shown, "its name is not UTF-8".to_owned()));
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() && depth < DEEPEST => {
                if let Err(fault) = walk(&path, &format!("{shown}/"), depth + 1, listing) {
                    listing.other.push((shown, format!("cannot be read: {fault}")));
                }
            }
            Ok(meta) if meta.is_dir() => {
                listing.other.push((shown, "folders stand too deep here".to_owned()));
            }
            Ok(_) if name.ends_with(".json") => listing.files.push(File { name: shown, path }),
            Ok(_) => listing.other.push((shown, "is no JSON file".to_owned())),
            Err(fault) => listing.other.push((shown, format!("cannot be read: {fault}"))),
        }
    }
    Ok(())
}

/// The name that a part of a path stands for; `None` where its percent signs encode no text.
#[must_use]
pub fn decode_name(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())?;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        rest = after.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        assert_eq!(decode_name("arn%3Aaws%3aec2").as_deref(), Some("arn:aws:ec2"));
        assert_eq!(decode_name("caf%C3%A9").as_deref(), Some("café"));
        for broken in ["100%", "%4", "%+1", "%zz", "%FF"] {
            assert_eq!(decode_name(broken), None, "{broken}");
        }
    }

    #[test]
    fn an_answer_and_its_error_share_a_stem() {
        let stem = |name: &str| {
            let file = File { name: name.to_owned(), path: PathBuf::new() };
            (file.stem().to_owned(), file.is_error())
        };
        assert_eq!(stem("a/central.policy.json"), ("a/central.policy".to_owned(), false));
        assert_eq!(stem("a/central.policy.error.json"), ("a/central.policy".to_owned(), true));
    }
}
