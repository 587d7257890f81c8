//! YAML into the located tree.
//!
//! A short form such as `!Ref x` becomes the object that the long form is, so that what reads the
//! tree knows one form. Aliases are followed as far as the text could have been written out.

use std::collections::{HashMap, HashSet};

use copy_preflight_policy::source::{SourceId, Span};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use crate::MAX_DEPTH;
use crate::document::Comment;
use crate::problem::{ProblemKind, Problems};
use crate::tree::{to_text, unknown};

/// How many values aliases may add, beyond one for each byte of the text.
const ALIASED: usize = 10_000;

/// A file as far as it could be read.
pub(super) struct Reading {
    pub(super) root: Node,
    pub(super) comments: Vec<Comment>,
}

/// Reads the first document of a text.
pub(super) fn read(source: SourceId, text: &str, problems: &mut Problems) -> Reading {
    let nowhere = Span::new(source, 0, 0);
    let mut builder = Builder {
        source,
        text,
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        aliased: ALIASED + text.len(),
        skipped: 0,
        skipped_from: nowhere,
        comments: Vec::new(),
        problems,
    };
    if u32::try_from(text.len()).is_err() {
        let kind = ProblemKind::Json(copy_preflight_policy::json::ProblemKind::TooLong);
        builder.problems.add(kind, nowhere);
    } else {
        builder.run();
    }
    Reading { root: builder.root.unwrap_or_else(|| unknown(nowhere)), comments: builder.comments }
}

struct Builder<'t> {
    source: SourceId,
    text: &'t str,
    /// What stands open, outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    /// How many values aliases may still add.
    aliased: usize,
    /// How many collections stand open that are not read, being too deep.
    skipped: usize,
    skipped_from: Span,
    comments: Vec<Comment>,
    problems: &'t mut Problems,
}

/// A list or an object that stands open.
struct Open {
    start: Span,
    is_flow: bool,
    /// The short form before it, and its place.
    tag: Option<(String, Span)>,
    anchor: usize,
    contents: Contents,
    /// How deep and how many values stand in it.
    size: Size,
}

enum Contents {
    List(Vec<Node>),
    /// The members, and the key whose value comes next.
    Object(Vec<Member>, Option<(Text, Span)>),
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    depth: usize,
    count: usize,
}

struct Anchored {
    node: Node,
    size: Size,
}

impl Builder<'_> {
    fn run(&mut self) {
        let mut options = granit_parser::Options::default();
        options.emit_unresolved_aliases = true;
        // They are kept, not looked ahead for.
        options.max_buffered_comment_events = usize::MAX;
        for next in Parser::new_from_str_with_options(self.text, options) {
            match next {
                Ok((Event::DocumentEnd | Event::StreamEnd, _)) => break,
                Ok((event, span)) => self.event(event, span),
                Err(error) => {
                    self.broken(&error);
                    break;
                }
            }
        }
    }

    fn event(&mut self, event: Event<'_>, span: granit_parser::Span) {
        let place = self.place(&span);
        let tag_place = span.tag_span().map_or(place, |tag| self.place(&tag));
        match event {
            Event::Comment(..) => self.comment(place),
            Event::Scalar(text, style, anchor, tag) => {
                let place = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => self.trimmed(place),
                    _ => place,
                };
                let tag = tag.as_deref();
                // `Null` is an operator of conditions; keys of objects are strings.
                let value = match self.open.last().map(|open| &open.contents) {
                    Some(Contents::Object(_, None)) => Value::String((&*text).into()),
                    _ => scalar(&text, style, tag),
                };
                let node = Node { span: place, value };
                let short = tag.and_then(short_form).map(|name| (name, tag_place));
                self.add(wrapped(node, short), anchor, Size { depth: 0, count: 1 });
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.as_deref().and_then(short_form).map(|name| (name, tag_place));
                self.begin(place, style, anchor, tag, Contents::List(Vec::new()));
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = tag.as_deref().and_then(short_form).map(|name| (name, tag_place));
                self.begin(place, style, anchor, tag, Contents::Object(Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(Some(place)),
            Event::Alias(id) => self.alias(id, place),
            Event::UnresolvedAlias(name) => {
                self.problems.add(ProblemKind::UnknownAlias(name.into_owned()), place);
                self.add(unknown(place), 0, Size { depth: 0, count: 1 });
            }
            _ => {}
        }
    }

    fn begin(
        &mut self,
        start: Span,
        style: StructureStyle,
        anchor: usize,
        tag: Option<(String, Span)>,
        contents: Contents,
    ) {
        // A short form is one level more.
        let depth: usize = self.open.iter().map(|open| 1 + usize::from(open.tag.is_some())).sum();
        if self.skipped > 0 || depth + 1 >= MAX_DEPTH {
            if self.skipped == 0 {
                self.problems.add(ProblemKind::TooDeep, start);
                self.skipped_from = start;
            }
            self.skipped += 1;
            return;
        }
        let is_flow = style == StructureStyle::Flow;
        self.open.push(Open { start, is_flow, tag, anchor, contents, size: Size::default() });
    }

    /// Ends what was begun last. `at` is the place of its end, where there is one.
    fn end(&mut self, at: Option<Span>) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                self.add(unknown(self.skipped_from), 0, Size { depth: 0, count: 1 });
            }
            return;
        }
        let Some(open) = self.open.pop() else { return };
        let (value, last) = match open.contents {
            Contents::List(elements) => {
                let last = elements.last().map(|element| element.span);
                (Value::Array(elements), last)
            }
            Contents::Object(mut members, pending) => {
                if let Some((key, key_span)) = pending {
                    members.push(Member { key, key_span, value: unknown(key_span) });
                }
                let last = members.last().map(|member| member.key_span.to(member.value.span));
                (Value::Object(merged(members)), last)
            }
        };
        // A block has no end of its own; what follows it does.
        let span = match at {
            Some(end) if open.is_flow => open.start.to(end),
            _ => last.map_or(open.start, |last| open.start.to(last)),
        };
        let node = wrapped(Node { span, value }, open.tag);
        let Size { depth, count } = open.size;
        self.add(node, open.anchor, Size { depth: depth + 1, count: count + 1 });
    }

    /// Adds a value to what stands open.
    fn add(&mut self, node: Node, anchor: usize, size: Size) {
        if self.skipped > 0 {
            return;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        open.size.depth = open.size.depth.max(size.depth);
        open.size.count += size.count;
        match &mut open.contents {
            Contents::List(elements) => elements.push(node),
            Contents::Object(members, pending) => match pending.take() {
                None => *pending = Some((to_text(&node), node.span)),
                Some((key, key_span)) => members.push(Member { key, key_span, value: node }),
            },
        }
    }

    fn alias(&mut self, id: usize, place: Span) {
        let one = Size { depth: 0, count: 1 };
        let Some(Anchored { node, size }) = self.anchors.get(&id) else {
            // It stands inside of what it names.
            return self.add(unknown(place), 0, one);
        };
        let depth: usize = self.open.iter().map(|open| 1 + usize::from(open.tag.is_some())).sum();
        // Each level may have a short form.
        if depth + 2 * size.depth >= MAX_DEPTH {
            self.problems.add(ProblemKind::TooDeep, place);
            return self.add(unknown(place), 0, one);
        }
        if size.count > self.aliased {
            if self.aliased > 0 {
                self.problems.add(ProblemKind::TooManyAliases, place);
                self.aliased = 0;
            }
            return self.add(unknown(place), 0, one);
        }
        self.aliased -= size.count;
        let (node, size) = (node.clone(), *size);
        self.add(node, 0, size);
    }

    /// The text breaks off here. What stands open may have had any other member.
    fn broken(&mut self, error: &granit_parser::ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let place = Span::new(self.source, at as u32, at as u32);
        self.problems.add(ProblemKind::Yaml(error.info()), place);
        if self.skipped > 0 {
            self.skipped = 1;
            self.end(None);
        }
        while !self.open.is_empty() {
            self.add(unknown(place), 0, Size { depth: 0, count: 1 });
            if let Some(Contents::Object(members, pending)) =
                self.open.last_mut().map(|open| &mut open.contents)
            {
                *pending = None;
                members.push(Member {
                    key: Text::unknown(),
                    key_span: place,
                    value: unknown(place),
                });
            }
            self.end(None);
        }
    }

    fn comment(&mut self, place: Span) {
        let before = self.text.get(..place.range().start).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t']);
        self.comments.push(Comment {
            span: place,
            text: self.text.get(place.range()).unwrap_or_default().to_owned(),
            own_line: before.chars().next_back().is_none_or(|before| before == '\n'),
        });
    }

    fn place(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        // INVARIANT: offsets fit, since longer texts are not read.
        Span::new(self.source, range.start as u32, range.end as u32)
    }

    /// A block of text without the white space behind it.
    fn trimmed(&self, place: Span) -> Span {
        let text = self.text.get(place.range()).unwrap_or_default();
        Span { end: place.start + text.trim_end().len() as u32, ..place }
    }
}

/// The name of the long form: `!Ref` is `Ref`, `!Sub` is `Fn::Sub`.
fn short_form(tag: &Tag) -> Option<String> {
    if tag.handle() != "!" || tag.suffix().is_empty() {
        return None;
    }
    Some(match tag.suffix() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    })
}

/// The long form of a value with a short one before it.
fn wrapped(node: Node, short: Option<(String, Span)>) -> Node {
    let Some((name, key_span)) = short else { return node };
    let span = key_span.to(node.span);
    Node { span, value: Value::Object(vec![Member { key: name.into(), key_span, value: node }]) }
}

/// The value of a scalar. CloudFormation reads YAML 1.1, in which some plain words are Booleans
/// that other readers take for strings: those are unknown.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_string = tag.is_some_and(|tag| tag.handle() == "!" || tag.core_suffix() == Some("str"));
    if style != ScalarStyle::Plain || is_string {
        return Value::String(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            Value::Unknown
        }
        _ if is_number(text) => Value::Number(text.into()),
        _ => Value::String(text.into()),
    }
}

/// Digits, with a sign and a fraction.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// The members with those that `<<` merges in, which give way to the others.
fn merged(members: Vec<Member>) -> Vec<Member> {
    if !members.iter().any(|member| member.key.known() == Some("<<")) {
        return members;
    }
    let (merges, mut members): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|member| member.key.known() == Some("<<"));
    let own: HashSet<Text> = members.iter().map(|member| member.key.clone()).collect();
    for merge in merges {
        let sources = match merge.value.value {
            Value::Array(sources) => sources,
            value => vec![Node { span: merge.value.span, value }],
        };
        for source in sources {
            let Value::Object(more) = source.value else {
                let value = unknown(source.span);
                members.push(Member { key: Text::unknown(), key_span: merge.key_span, value });
                continue;
            };
            for member in more {
                if !own.contains(&member.key) {
                    members.push(member);
                }
            }
        }
    }
    members
}
