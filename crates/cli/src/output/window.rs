//! The part of a source that a diagnostic shows.
//!
//! miette is never given a whole document: it prints whole lines, however long, panics on
//! labels behind column 65,535, passes control characters through, and takes time with the
//! size of the source for every finding. A window is a few short lines with their true numbers.

use std::ops::Range;

use copy_preflight_policy::source::Source;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::plain::picture;

/// Lines shown before and after a label.
const CONTEXT: u32 = 1;
/// Labels at most this many lines apart share a window.
const NEAR: u32 = 6;

/// A few lines of a source, cut to a width.
#[derive(Debug)]
pub struct Window {
    name: String,
    text: String,
    /// The number of the first line, counted from 0.
    first_line: usize,
    /// For each line of the text: its first byte, and how many characters were cut at the left
    /// less the mark that stands for them.
    lines: Vec<(usize, usize)>,
    /// Labels, in bytes of the window.
    pub labels: Vec<(Range<usize>, String)>,
}

/// A label in bytes of the source.
pub type SourceLabel = (Range<u32>, String);

impl Window {
    /// Cuts the windows that show these labels, in their order; labels that stand near each
    /// other share one. `columns` is how wide a line may be.
    #[must_use]
    pub fn cut(name: &str, source: &Source, labels: &[SourceLabel], columns: usize) -> Vec<Self> {
        let mut groups: Vec<Vec<&SourceLabel>> = Vec::new();
        for label in labels {
            let line = source.position(label.0.start).line;
            let near = groups.iter_mut().find(|group| {
                group.iter().any(|other| source.position(other.0.start).line.abs_diff(line) <= NEAR)
            });
            match near {
                Some(group) => group.push(label),
                None => groups.push(vec![label]),
            }
        }
        groups.iter().map(|group| Self::of_group(name, source, group, columns)).collect()
    }

    fn of_group(name: &str, source: &Source, labels: &[&SourceLabel], columns: usize) -> Self {
        let lines = labels.iter().map(|label| source.position(label.0.start).line);
        let first = lines.clone().min().unwrap_or(1).saturating_sub(CONTEXT).max(1);
        let last = (lines.max().unwrap_or(1) + CONTEXT).min(source.line_count());
        let mut window = Self {
            name: name.to_owned(),
            text: String::new(),
            first_line: first as usize - 1,
            lines: Vec::new(),
            labels: Vec::new(),
        };
        for number in first..=last {
            let range = source.line_range(number).unwrap_or(0..0);
            let here: Vec<&SourceLabel> = labels
                .iter()
                .copied()
                .filter(|label| source.position(label.0.start).line == number)
                .collect();
            window.add_line(source.slice(range.clone()), range.start, &here, columns);
        }
        // The order of the labels says which one decides.
        let order = |note: &str| labels.iter().position(|label| label.1 == note);
        window.labels.sort_by_key(|(_, note)| order(note));
        window
    }

    fn add_line(&mut self, line: &str, start: usize, labels: &[&SourceLabel], columns: usize) {
        let characters: Vec<(usize, char)> = line.char_indices().collect();
        let column_of = |byte: u32| {
            let within = (byte as usize).saturating_sub(start);
            characters.partition_point(|&(at, _)| at < within)
        };
        let first_label = labels.iter().map(|label| column_of(label.0.start)).min().unwrap_or(0);
        let left =
            if characters.len() <= columns { 0 } else { first_label.saturating_sub(columns / 3) };
        let right = (left + columns).min(characters.len());
        let begin = self.text.len();
        if left > 0 {
            self.text.push('…');
        }
        // For each shown character its first byte in the window.
        let mut places = Vec::with_capacity(right - left + 1);
        for &(_, character) in characters.iter().take(right).skip(left) {
            places.push(self.text.len());
            self.text.push(picture(character).unwrap_or(character));
        }
        places.push(self.text.len());
        if right < characters.len() {
            self.text.push('…');
        }
        self.lines.push((begin, left.saturating_sub(usize::from(left > 0))));
        let place = |column: usize| {
            let within = column.clamp(left, right) - left;
            places.get(within).copied().unwrap_or(begin)
        };
        for (range, note) in labels {
            let shown = place(column_of(range.start));
            // A label that goes on in the next line ends with this one.
            let end = place(column_of(range.end.min((start + line.len()) as u32))).max(shown);
            let end = if end == shown { (shown + 1).min(self.text.len()).max(shown) } else { end };
            self.labels.push((shown..end, note.clone()));
        }
        self.text.push('\n');
    }

    fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|&(start, _)| start <= byte).max(1) - 1
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).map_or(self.text.len(), |&(start, _)| start)
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line = self.line_of(span.offset());
        let last = self.line_of((span.offset() + span.len().max(1) - 1).min(self.text.len()));
        let (first, start, column) = if lines_before == 0 {
            let (line_start, cut) = self.lines.get(line).copied().unwrap_or((0, 0));
            let before = self.text.get(line_start..span.offset()).unwrap_or_default();
            (line, span.offset(), cut + before.chars().count())
        } else {
            let first = line.saturating_sub(lines_before);
            (first, self.line_start(first), 0)
        };
        let end = if lines_after == 0 {
            span.offset() + span.len()
        } else {
            self.line_start(last + lines_after + 1).saturating_sub(1)
        };
        let data =
            self.text.as_bytes().get(start..end.max(start)).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            (start, data.len()).into(),
            self.first_line + first,
            column,
            last - first + 1,
        )))
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "a test may stop")]
mod tests {
    use copy_preflight_policy::source::Sources;

    use super::*;

    fn window(text: &str, label: Range<u32>, columns: usize) -> Window {
        let mut sources = Sources::new();
        let id = sources.add("a.json", text);
        let source = sources.get(id).unwrap();
        let mut windows = Window::cut("a.json", source, &[(label, "here".to_owned())], columns);
        assert_eq!(windows.len(), 1);
        windows.remove(0)
    }

    #[test]
    fn a_long_line_is_cut_around_the_label() {
        let text = format!("{}NEEDLE{}", "a".repeat(100_000), "b".repeat(100_000));
        let window = window(&text, 100_000..100_006, 60);
        assert!(window.text.len() < 80, "{}", window.text.len());
        let (range, _) = &window.labels[0];
        assert_eq!(&window.text[range.clone()], "NEEDLE");
        let span = (range.start, range.len()).into();
        let contents = window.read_span(&span, 0, 0).unwrap();
        assert_eq!((contents.line(), contents.column()), (0, 100_000));
    }

    #[test]
    fn control_characters_are_shown_in_place() {
        let window = window("x\x1b[31mé\"NEEDLE\"", 9..15, 60);
        assert_eq!(window.text, "x␛[31mé\"NEEDLE\"\n");
        assert_eq!(&window.text[window.labels[0].0.clone()], "NEEDLE");
    }

    #[test]
    fn far_labels_have_windows_of_their_own() {
        let mut sources = Sources::new();
        let id = sources.add("a", "x\n".repeat(100));
        let labels =
            [(10..11, "a".to_owned()), (14..15, "b".to_owned()), (180..181, "c".to_owned())];
        let windows = Window::cut("a", sources.get(id).unwrap(), &labels, 60);
        assert_eq!(windows.len(), 2);
        assert_eq!(windows[0].labels.len(), 2);
    }
}
