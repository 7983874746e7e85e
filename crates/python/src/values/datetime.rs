//! Instants in Python: naive means local time, as everywhere in `datetime`; of a database with a zone they are aware, in
//! that zone.
//!
//! The offset of local time is asked of the C library, as Python does, once for each quarter of an hour that a
//! statement's rows fall into: no zone changes its offset within one.
#![allow(unsafe_code, reason = "calls localtime_r; the block states its proof")]

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateAccess, PyDateTime, PyDict, PyTimeAccess, PyTzInfo, PyTzInfoAccess};
use reprieve_core::value::{Date, Time, Timestamp};
use std::sync::Arc;

const QUARTER: i64 = 900_000_000;
/// 1973, in seconds. Since then no zone has changed its clocks within a quarter of an hour.
pub const REGULAR: i64 = 100_000_000;

/// The zone that a database hands out instants in, and that naive values given to it mean.
#[derive(Clone)]
pub struct Timezone(Arc<Py<PyTzInfo>>);

impl Timezone {
    pub fn new(zone: Py<PyTzInfo>) -> Self {
        Self(Arc::new(zone))
    }

    /// The offset from UTC at an instant, in seconds, and whether its local time reads like an earlier one's.
    fn offset(&self, py: Python<'_>, seconds: i64) -> PyResult<(i64, bool)> {
        let zone = self.0.bind(py);
        let (date, time) = Timestamp::from_microseconds(seconds * 1_000_000).parts();
        let there = zone.call_method1(intern!(py, "fromutc"), (make(py, date, time, false, Some(zone))?,))?;
        let there = there.cast_into::<PyDateTime>()?;
        Ok((civil_seconds(&there) - seconds, there.get_fold()))
    }

    /// A datetime for the wire: in this zone, with its offset.
    pub fn instant_text<'py>(&self, value: &Bound<'py, PyDateTime>) -> PyResult<Bound<'py, PyAny>> {
        let py = value.py();
        let aware = self.aware(value)?.call_method1(intern!(py, "astimezone"), (self.0.bind(py),))?;
        aware.call_method0(intern!(py, "isoformat"))
    }

    /// A naive datetime as one in this zone; an aware one as it is.
    fn aware<'py>(&self, value: &Bound<'py, PyDateTime>) -> PyResult<Bound<'py, PyAny>> {
        if value.get_tzinfo().is_some() {
            return Ok(value.as_any().clone());
        }
        let zone = PyDict::new(value.py());
        zone.set_item(intern!(value.py(), "tzinfo"), self.0.bind(value.py()))?;
        value.call_method(intern!(value.py(), "replace"), (), Some(&zone))
    }
}

/// The offset of the quarter of an hour asked last, in local time or a database's zone. Lives as long as one statement:
/// local time may become another zone's.
pub struct Zone {
    timezone: Option<Timezone>,
    quarter: i64,
    offset: i64,
    fold: bool,
}

impl Zone {
    /// For a database with this zone, or for local time.
    pub fn new(timezone: Option<&Timezone>) -> Self {
        Self { timezone: timezone.cloned(), quarter: i64::MIN, offset: 0, fold: false }
    }

    /// The instant in local time, and whether it is the second of two that read alike.
    fn local(&mut self, py: Python<'_>, instant: Timestamp) -> PyResult<(Timestamp, bool)> {
        let us = instant.microseconds();
        let quarter = us.div_euclid(QUARTER);
        if quarter != self.quarter {
            let seconds = us.div_euclid(1_000_000);
            let (offset, fold) = match &self.timezone {
                Some(timezone) => timezone.offset(py, seconds)?,
                None => local_offset(py, seconds)?,
            };
            (self.offset, self.fold) = (offset * 1_000_000, fold);
            self.quarter = if self.timezone.is_none() || seconds > REGULAR { quarter } else { i64::MIN };
        }
        Ok((Timestamp::from_microseconds(us + self.offset), self.fold))
    }

    /// As a datetime: naive, in local time; or in the database's zone.
    pub fn datetime<'py>(&mut self, py: Python<'py>, instant: Timestamp) -> PyResult<Bound<'py, PyAny>> {
        let (local, fold) = self.local(py, instant)?;
        let (date, time) = local.parts();
        make(py, date, time, fold, self.timezone.as_ref().map(|timezone| timezone.0.bind(py)))
    }

    /// As an aware datetime: in UTC, unless the database has a zone.
    pub fn aware<'py>(&mut self, py: Python<'py>, instant: Timestamp) -> PyResult<Bound<'py, PyAny>> {
        if self.timezone.is_some() { self.datetime(py, instant) } else { aware(py, instant) }
    }
}

/// The local offset from UTC at an instant, in seconds, and whether its local time reads like an earlier one's (as
/// `datetime.fromtimestamp` tells it: it looks for a change of the clock in the day before).
fn local_offset(py: Python<'_>, seconds: i64) -> PyResult<(i64, bool)> {
    const DAY: i64 = 86_400;
    let Some(offset) = system_offset(seconds) else { return python_offset(py, seconds) };
    let fold = system_offset(seconds - DAY).is_some_and(|before| {
        let back = offset - before;
        back < 0 && system_offset(seconds + back).is_some_and(|then| then + back == offset)
    });
    Ok((offset, fold))
}

/// The offset by the C library, which is where Python has it from.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "`c_long` has 32 bits on some machines")]
pub fn system_offset(seconds: i64) -> Option<i64> {
    let time = libc::time_t::try_from(seconds).ok()?;
    // SAFETY: `tm` is a plain structure of numbers and a pointer that may be null; the function reads the one and
    // writes the other argument, both valid, and returns null when the year does not fit.
    let (tm, ok) = unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let ok = !libc::localtime_r(&raw const time, &raw mut tm).is_null();
        (tm, ok)
    };
    ok.then_some(i64::from(tm.tm_gmtoff))
}

#[cfg(not(unix))]
pub fn system_offset(_: i64) -> Option<i64> {
    None
}

/// The offset by Python.
fn python_offset(py: Python<'_>, seconds: i64) -> PyResult<(i64, bool)> {
    let local = py.get_type::<PyDateTime>().call_method1(pyo3::intern!(py, "fromtimestamp"), (seconds,))?;
    let local = local.cast_into::<PyDateTime>()?;
    Ok((fields(&local).microseconds() / 1_000_000 - seconds, local.get_fold()))
}

/// As an aware datetime in UTC.
pub fn aware<'py>(py: Python<'py>, instant: Timestamp) -> PyResult<Bound<'py, PyAny>> {
    let (d, t) = instant.parts();
    let utc = PyTzInfo::utc(py)?;
    let made = PyDateTime::new(
        py,
        i32::from(d.year),
        d.month,
        d.day,
        t.hour,
        t.minute,
        t.second,
        t.microsecond,
        Some(&*utc),
    )?;
    Ok(made.into_any())
}

fn make<'py>(
    py: Python<'py>,
    d: Date,
    t: Time,
    fold: bool,
    zone: Option<&Bound<'py, PyTzInfo>>,
) -> PyResult<Bound<'py, PyAny>> {
    let year = i32::from(d.year);
    let made = PyDateTime::new_with_fold(
        py,
        year,
        d.month,
        d.day,
        t.hour,
        t.minute,
        t.second,
        t.microsecond,
        zone,
        fold,
    )?;
    Ok(made.into_any())
}

/// The fields of a datetime, as if they were UTC.
fn fields(value: &Bound<'_, PyDateTime>) -> Timestamp {
    let date = Date { year: value.get_year() as u16, month: value.get_month(), day: value.get_day() };
    Timestamp::from_parts(date, time_fields(value))
}

/// The fields of a datetime in seconds, as if they were UTC.
pub fn civil_seconds(value: &Bound<'_, PyDateTime>) -> i64 {
    fields(value).microseconds().div_euclid(1_000_000)
}

pub fn time_fields(value: &impl PyTimeAccess) -> Time {
    Time {
        hour: value.get_hour(),
        minute: value.get_minute(),
        second: value.get_second(),
        microsecond: value.get_microsecond(),
    }
}

/// The instant of a datetime: an aware one by its offset, a naive one as local time or in the database's zone.
pub fn instant(value: &Bound<'_, PyDateTime>, timezone: Option<&Timezone>) -> PyResult<Timestamp> {
    let py = value.py();
    let value = match timezone {
        Some(timezone) => &timezone.aware(value)?,
        None => value.as_any(),
    };
    let utc = value.call_method1(pyo3::intern!(py, "astimezone"), (PyTzInfo::utc(py)?,))?;
    Ok(fields(&utc.cast_into::<PyDateTime>()?))
}
