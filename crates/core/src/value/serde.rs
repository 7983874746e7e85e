//! Instants, dates and times of day as JSON has them: ISO 8601, an instant with its offset. It is the text that the Python
//! face gives.

use super::{Date, Time, Timestamp};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A time of day without a fraction that is nought.
struct Short(Time);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Time { hour, minute, second, microsecond } = self.0;
        write!(f, "{hour:02}:{minute:02}:{second:02}")?;
        if microsecond > 0 { write!(f, ".{microsecond:06}") } else { Ok(()) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (date, time) = self.parts();
        serializer.collect_str(&format_args!("{date}T{}+00:00", Short(time)))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Short(*self))
    }
}

/// Reads a text without a copy of it.
struct Text<T> {
    read: fn(&str) -> Option<T>,
    form: &'static str,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.form)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

macro_rules! read {
    ($($of:ident: $form:literal, $read:expr;)*) => {$(
        impl<'de> Deserialize<'de> for $of {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text { read: $read, form: $form })
            }
        }
    )*};
}

read! {
    Timestamp: "an instant such as 2025-10-22T10:30:00+00:00", |text| Timestamp::parse(text).ok();
    Date: "a date such as 2025-10-22", Date::parse;
    Time: "a time of day such as 10:30:00", Time::parse;
}
