//! Instants in Python: naive means local time, as everywhere in `datetime`.
//!
//! The local time of an instant is asked of Python itself, once for each quarter of an hour that a statement's rows
//! fall into: no zone changes its offset within one.
#![allow(unsafe_code, reason = "makes instances of a subclass of datetime through the datetime C API")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateAccess, PyDateTime, PyTimeAccess, PyType, PyTzInfo};
use reprieve_core::value::{Date, Time, Timestamp};

const QUARTER: i64 = 900_000_000;

/// The local offset of the quarter of an hour asked last. Lives as long as one statement: the zone may change.
pub struct Zone {
    quarter: i64,
    offset: i64,
    fold: bool,
}

impl Default for Zone {
    fn default() -> Self {
        Self { quarter: i64::MIN, offset: 0, fold: false }
    }
}

impl Zone {
    /// The instant in local time, and whether it is the second of two that read alike.
    fn local(&mut self, py: Python<'_>, instant: Timestamp) -> PyResult<(Timestamp, bool)> {
        let us = instant.microseconds();
        let quarter = us.div_euclid(QUARTER);
        if quarter != self.quarter {
            let seconds = us.div_euclid(1_000_000);
            let local =
                py.get_type::<PyDateTime>().call_method1(pyo3::intern!(py, "fromtimestamp"), (seconds,))?;
            let local = local.cast_into::<PyDateTime>()?;
            self.offset = fields(&local).microseconds() - seconds * 1_000_000;
            self.fold = local.get_fold();
            self.quarter = quarter;
        }
        Ok((Timestamp::from_microseconds(us + self.offset), self.fold))
    }

    /// As a naive datetime in local time.
    pub fn naive<'py>(&mut self, py: Python<'py>, instant: Timestamp) -> PyResult<Bound<'py, PyAny>> {
        let (local, fold) = self.local(py, instant)?;
        let (date, time) = local.parts();
        make(py, date, time, fold, None)
    }
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

/// As a `DeletedAt`: naive, in local time, prints to the second.
pub fn deleted_at<'py>(py: Python<'py>, zone: &mut Zone, instant: Timestamp) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "fastapi_orm.mixins", "DeletedAt")?;
    let (local, fold) = zone.local(py, instant)?;
    let (date, time) = local.parts();
    make(py, date, time, fold, Some(class))
}

fn make<'py>(
    py: Python<'py>,
    d: Date,
    t: Time,
    fold: bool,
    class: Option<&Bound<'py, PyType>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (year, micro) = (i32::from(d.year), t.microsecond);
    let Some(class) = class else {
        let made = PyDateTime::new_with_fold(
            py, year, d.month, d.day, t.hour, t.minute, t.second, micro, None, fold,
        )?;
        return Ok(made.into_any());
    };
    // The API table is imported by the first use of a datetime type.
    let _ = py.get_type::<PyDateTime>();
    // SAFETY: the table is loaded; `class` is a subclass of datetime; the fields are in range by construction, and
    // the function checks them again. It returns a new reference or NULL with an exception set.
    unsafe {
        let api = &*ffi::PyDateTimeAPI();
        let made = (api.DateTime_FromDateAndTimeAndFold)(
            year,
            i32::from(d.month),
            i32::from(d.day),
            i32::from(t.hour),
            i32::from(t.minute),
            i32::from(t.second),
            micro as i32,
            ffi::Py_None(),
            i32::from(fold),
            class.as_ptr().cast(),
        );
        Bound::from_owned_ptr_or_err(py, made)
    }
}

/// The fields of a datetime, as if they were UTC.
fn fields(value: &Bound<'_, PyDateTime>) -> Timestamp {
    let date = Date { year: value.get_year() as u16, month: value.get_month(), day: value.get_day() };
    Timestamp::from_parts(date, time_fields(value))
}

pub fn time_fields(value: &impl PyTimeAccess) -> Time {
    Time {
        hour: value.get_hour(),
        minute: value.get_minute(),
        second: value.get_second(),
        microsecond: value.get_microsecond(),
    }
}

/// The instant of a datetime: an aware one by its offset, a naive one as local time.
pub fn instant(value: &Bound<'_, PyDateTime>) -> PyResult<Timestamp> {
    let py = value.py();
    let utc = value.call_method1(pyo3::intern!(py, "astimezone"), (PyTzInfo::utc(py)?,))?;
    Ok(fields(&utc.cast_into::<PyDateTime>()?))
}
