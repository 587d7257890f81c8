//! Schedules of plans: cron expressions of six fields, in UTC.

use jiff::civil::{Date, date};

/// A schedule that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    minutes: Vec<u16>,
    hours: Vec<u16>,
    days: Option<Vec<u16>>,
    months: Vec<u16>,
    /// Sunday is 1.
    weekdays: Option<Vec<u16>>,
    /// Whether it has a part whose days are not worked out: `L`, `W`, `#`, or a year.
    pub(crate) special: bool,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// A year that begins after the oldest schedules of today, with 365 days.
const YEAR: (Date, Date) = (date(2027, 1, 1), date(2028, 1, 1));

fn fault<T>(reason: &'static str, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { reason, message: message.into() })
}

/// Reads a schedule.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Schedule, Fault> {
    let inside = text.trim().strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    let Some(inside) = inside else {
        return fault("not-cron", "a schedule is `cron(…)`");
    };
    let fields: Vec<&str> = inside.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
        return fault("field-count", format!("it has {} fields, not six", fields.len()));
    };
    if *day != "?" && *weekday != "?" {
        return fault("no-question-mark", "one of day-of-month and day-of-week has to be `?`");
    }
    if *day == "?" && *weekday == "?" {
        return fault("no-question-mark", "only one of day-of-month and day-of-week can be `?`");
    }
    let is_special = |field: &str| {
        field != "SUN-SAT"
            && (field.contains('#') || field.ends_with(['L', 'W']) || field.starts_with('L'))
    };
    let special = is_special(day) || is_special(weekday) || *year != "*";
    let days = |field: &str, range, names: &[&str]| {
        if field == "?" || is_special(field) {
            return Ok(None);
        }
        values(field, range, names).map(Some)
    };
    let schedule = Schedule {
        minutes: values(minute, (0, 59), &[])?,
        hours: values(hour, (0, 23), &[])?,
        days: days(day, (1, 31), &[])?,
        months: values(month, (1, 12), &MONTHS)?,
        weekdays: days(weekday, (1, 7), &WEEKDAYS)?,
        special,
    };
    if schedule.minutes.len() > 1 {
        return fault("more-than-hourly", "it starts more than once an hour");
    }
    if !schedule.special && schedule.starts().is_empty() && !schedule.is_leap_day() {
        return fault("never-starts", "no day of the year fits it");
    }
    Ok(schedule)
}

/// The values of a field: `*`, values, ranges, and steps.
fn values(field: &str, (least, most): (u16, u16), names: &[&str]) -> Result<Vec<u16>, Fault> {
    let wrong = |what: &str| Fault {
        reason: "field-wrong",
        message: format!("`{what}` is no value from {least} to {most}"),
    };
    let value = |text: &str| -> Result<u16, Fault> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(at) => u16::try_from(at).ok().map(|at| at + least),
            None => text.parse().ok(),
        };
        number.filter(|number| (least..=most).contains(number)).ok_or_else(|| wrong(text))
    };
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step: u16 =
                    step.parse().ok().filter(|&step| step > 0).ok_or_else(|| wrong(part))?;
                (range, Some(step))
            }
            None => (part, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (least, most),
            (_, Some((first, last))) => (value(first)?, value(last)?),
            // `5/1` begins at five and goes on to the end.
            (_, None) => {
                let first = value(range)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        found.extend((first..=last).step_by(usize::from(step.unwrap_or(1))));
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Err(wrong(field)) } else { Ok(found) }
}

impl Schedule {
    /// The starts in a year, in minutes from its beginning; those of a special schedule are not
    /// all of them.
    pub(crate) fn starts(&self) -> Vec<u32> {
        let mut found = Vec::new();
        let (mut day, end) = YEAR;
        let mut begin = 0;
        while day < end {
            if self.fits(day) {
                for hour in &self.hours {
                    found.extend(
                        self.minutes
                            .iter()
                            .map(|minute| begin + u32::from(*hour) * 60 + u32::from(*minute)),
                    );
                }
            }
            begin += 24 * 60;
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        found
    }

    fn fits(&self, day: Date) -> bool {
        let is =
            |list: &[u16], value: i8| u16::try_from(value).is_ok_and(|one| list.contains(&one));
        is(&self.months, day.month())
            && self.days.as_ref().is_none_or(|days| is(days, day.day()))
            && self
                .weekdays
                .as_ref()
                .is_none_or(|days| is(days, day.weekday().to_sunday_one_offset()))
    }

    /// Whether it starts on 29 February, which not every year has.
    fn is_leap_day(&self) -> bool {
        self.months.contains(&2) && self.days.as_ref().is_some_and(|days| days.contains(&29))
    }
}

/// How many starts of one schedule fall into a window of another, or the other way round: `window`
/// is for how long each stays open.
pub(crate) fn meetings(one: (&[u32], u32), other: (&[u32], u32)) -> usize {
    let ((one, one_window), (other, other_window)) = (one, other);
    let mut first = 0;
    one.iter()
        .filter(|&&start| {
            // Those that ended before this one begins never meet a later one.
            while other.get(first).is_some_and(|&open| open + other_window <= start) {
                first += 1;
            }
            other.get(first).is_some_and(|&open| open < start + one_window)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> &'static str {
        parse(text).unwrap_err().reason
    }

    #[test]
    fn what_public_policies_write() {
        for (text, starts) in [
            ("cron(0 5 ? * * *)", 365),
            ("cron(0 5/1 ? * * *)", 365 * 19),
            ("cron(0 8 1 * ? *)", 12),
            ("cron(0 8 ? * MON *)", 52),
            ("cron(15 10 * * ? *)", 365),
            ("cron(0 8 1 */3 ? *)", 4),
            ("cron(0 8 1 */12 ? *)", 1),
            ("cron(50 5 ? * 2 *)", 52),
            ("cron(0 5 ? * 1,7 *)", 104),
            ("cron(0 5 ? * MON-FRI *)", 261),
        ] {
            assert_eq!(parse(text).unwrap().starts().len(), starts, "{text}");
        }
        assert!(parse("cron(50 5 ? * 2#1 *)").unwrap().special);
        assert!(parse("cron(50 5 L * ? *)").unwrap().special);
    }

    #[test]
    fn what_is_no_schedule() {
        for (text, expected) in [
            ("rate(1 day)", "not-cron"),
            ("cron(0 5 * * *)", "field-count"),
            ("cron(0 5 * * * *)", "no-question-mark"),
            ("cron(0 5 ? * ? *)", "no-question-mark"),
            ("cron(0 24 ? * * *)", "field-wrong"),
            ("cron(0 5 ? * FOO *)", "field-wrong"),
            ("cron(0/30 5 ? * * *)", "more-than-hourly"),
            ("cron(* 5 ? * * *)", "more-than-hourly"),
            ("cron(0 5 30 2 ? *)", "never-starts"),
            ("cron(0 5 31 4,6 ? *)", "never-starts"),
            ("cron(0 0/0 ? * * *)", "field-wrong"),
        ] {
            assert_eq!(reason(text), expected, "{text}");
        }
        assert!(parse("cron(0 5 29 2 ? *)").is_ok());
    }

    #[test]
    fn windows_that_meet() {
        // AWS's example: hourly with one hour, every twelve hours with eight.
        let hourly = parse("cron(0 * ? * * *)").unwrap().starts();
        let twice = parse("cron(0 0/12 ? * * *)").unwrap().starts();
        assert_eq!(meetings((&hourly, 60), (&twice, 8 * 60)), 365 * 16);
        assert_eq!(meetings((&twice, 8 * 60), (&hourly, 60)), 365 * 2);
        let nightly = parse("cron(0 3 ? * * *)").unwrap().starts();
        let evening = parse("cron(0 20 ? * * *)").unwrap().starts();
        assert_eq!(meetings((&nightly, 480), (&evening, 400)), 0);
        assert_eq!(meetings((&nightly, 480), (&evening, 421)), 364);
    }
}
