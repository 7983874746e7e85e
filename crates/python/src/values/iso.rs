//! Instants as ISO 8601 text with the local offset: what `value.astimezone().isoformat()` gives, without the two
//! objects between.

use super::datetime::{REGULAR, civil_seconds, system_offset};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateAccess, PyDateTime, PyString, PyTimeAccess, PyTzInfo, PyTzInfoAccess};
use reprieve_core::value::{Time, Timestamp};
use std::cell::Cell;

const DAY: i64 = 86_400;
const QUARTER: i64 = 900;

/// Where a quarter of an hour of local time lies.
#[derive(Clone, Copy)]
struct Place {
    quarter: i64,
    fold: bool,
    /// From local time to UTC, in seconds. Not the negative offset for times that a change of the clock left out.
    to_utc: i64,
    offset: i64,
}

thread_local! {
    /// The place asked last. The zone may have changed since, which is why it is checked before use.
    static LAST: Cell<Option<Place>> = const { Cell::new(None) };
}

/// The instant as text, in local time with its offset.
pub fn instant_text<'py>(value: &Bound<'py, PyDateTime>) -> PyResult<Bound<'py, PyString>> {
    let written = match value.get_tzinfo() {
        None => from_local(value),
        Some(zone) if PyTzInfo::utc(value.py())?.is(&zone) => {
            let seconds = civil_seconds(value);
            system_offset(seconds).map(|offset| (seconds + offset, offset))
        }
        Some(_) => None,
    };
    // The ends of the calendar may have no UTC form, and some local times are none; Python says what is shown.
    match written.filter(|_| (2..=9998).contains(&value.get_year())) {
        Some((local, offset)) => Ok(write(value, local, offset)),
        None => {
            let aware = value.call_method0(intern!(value.py(), "astimezone"))?;
            Ok(aware.call_method0(intern!(value.py(), "isoformat"))?.cast_into()?)
        }
    }
}

/// The local time to show, in seconds, and its offset.
fn from_local(value: &Bound<'_, PyDateTime>) -> Option<(i64, i64)> {
    let (seconds, fold) = (civil_seconds(value), value.get_fold());
    let quarter = seconds.div_euclid(QUARTER);
    let last = LAST.get().filter(|last| last.quarter == quarter && last.fold == fold);
    let place = match last.filter(|last| system_offset(seconds + last.to_utc) == Some(last.offset)) {
        Some(place) => place,
        None => {
            let utc = seconds - system_offset(timestamp(seconds, fold)?)?;
            let place = Place { quarter, fold, to_utc: utc - seconds, offset: system_offset(utc)? };
            if seconds > REGULAR {
                LAST.set(Some(place));
            }
            place
        }
    };
    Some((seconds + place.to_utc + place.offset, place.offset))
}

/// The instant that a local time names, by the rule of `datetime.timestamp`: of two it is the one that `fold` says. None
/// for a time that was left out, which versions of Python read differently.
fn timestamp(local: i64, fold: bool) -> Option<i64> {
    let at = |utc: i64| system_offset(utc).map(|offset| utc + offset);
    let first_offset = at(local)? - local;
    let first = local - first_offset;
    let shown = at(first)?;
    let other_offset = if shown == local {
        let beside = first + if fold { DAY } else { -DAY };
        let offset = at(beside)? - beside;
        if offset == first_offset {
            return Some(first);
        }
        offset
    } else {
        shown - first
    };
    let second = local - other_offset;
    match (at(second)? == local, shown == local) {
        (true, _) => Some(second),
        (false, true) => Some(first),
        (false, false) => None,
    }
}

fn write<'py>(value: &Bound<'py, PyDateTime>, local: i64, offset: i64) -> Bound<'py, PyString> {
    let (date, time) = Timestamp::from_microseconds(local * 1_000_000).parts();
    let mut text = Text { bytes: [0; 40], length: 0 };
    text.digits(u32::from(date.year), 4);
    text.part(b'-', u32::from(date.month));
    text.part(b'-', u32::from(date.day));
    text.part(b'T', u32::from(time.hour));
    text.part(b':', u32::from(time.minute));
    text.part(b':', u32::from(time.second));
    if value.get_microsecond() != 0 {
        text.push(b'.');
        text.digits(value.get_microsecond(), 6);
    }
    let Time { hour, minute, second, .. } = Time::from_microseconds(offset.abs() * 1_000_000);
    text.part(if offset < 0 { b'-' } else { b'+' }, u32::from(hour));
    text.part(b':', u32::from(minute));
    if second != 0 {
        text.part(b':', u32::from(second));
    }
    PyString::new(value.py(), str::from_utf8(&text.bytes[..text.length]).unwrap_or_default())
}

/// ASCII that grows. The longest instant has 35 bytes.
struct Text {
    bytes: [u8; 40],
    length: usize,
}

impl Text {
    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn digits(&mut self, mut number: u32, width: usize) {
        for place in (self.length..self.length + width).rev() {
            self.bytes[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.length += width;
    }

    fn part(&mut self, sign: u8, number: u32) {
        self.push(sign);
        self.digits(number, 2);
    }
}
