//! Instants, dates and times of day of `chrono`.

use super::{Bound, Cell, ColumnType, Date, Time, Timestamp, Value};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};

impl Value for DateTime<Utc> {
    fn column() -> ColumnType {
        ColumnType::Timestamp
    }

    /// To the microsecond, as it is stored.
    fn to_value(&self) -> Bound {
        Bound::Timestamp(Timestamp::from_microseconds(self.timestamp_micros()))
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Self::from_timestamp_micros(Timestamp::from_cell(cell)?.microseconds())
    }
}

impl Value for NaiveDate {
    fn column() -> ColumnType {
        ColumnType::Date
    }

    fn to_value(&self) -> Bound {
        // The check of the column refuses years that have no stored form; a comparison has them before or after all others.
        let year = self.year().clamp(0, i32::from(u16::MAX)) as u16;
        Bound::Date(Date { year, month: self.month() as u8, day: self.day() as u8 })
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        let date = Date::from_cell(cell)?;
        Self::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
    }
}

impl Value for NaiveTime {
    fn column() -> ColumnType {
        ColumnType::Time
    }

    fn to_value(&self) -> Bound {
        let (seconds, nanoseconds) = (self.num_seconds_from_midnight(), self.nanosecond().min(999_999_999));
        let microseconds = i64::from(seconds) * 1_000_000 + i64::from(nanoseconds / 1000);
        Bound::Time(Time::from_microseconds(microseconds))
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        let time = Time::from_cell(cell)?;
        Self::from_hms_micro_opt(time.hour.into(), time.minute.into(), time.second.into(), time.microsecond)
    }
}
