//! Limits that a column can have: those that say nothing about its values would be ignored, and are refused.

use super::{Column, ColumnType};

/// The most digits that every database keeps.
const MOST_DIGITS: u32 = 1000;

impl Column {
    /// What is wrong with the column's limits, if anything is.
    pub(super) fn contradiction(&self) -> Option<String> {
        let kind = self.kind();
        // What a foreign key holds is known later.
        let (text, number) = match kind {
            _ if self.references.is_some() => (true, true),
            ColumnType::Text => (true, false),
            ColumnType::Integer | ColumnType::Float | ColumnType::Decimal { .. } => (false, true),
            _ => (false, false),
        };
        let rules = &self.rules;
        let lengths = rules.min_length.is_some() || rules.max_length.is_some();
        if lengths && !text {
            return Some(format!("a limit of length, and {} has none: use validators", kind.name()));
        }
        let values = rules.min_value.is_some() || rules.max_value.is_some();
        if values && !number {
            return Some(format!(
                "a limit of value, which is for numbers and not for {}: use validators",
                kind.name()
            ));
        }
        if matches!((rules.min_length, rules.max_length), (Some(min), Some(max)) if min > max) {
            return Some("a min_length above its max_length: no text fits".into());
        }
        if matches!((rules.min_value, rules.max_value), (Some(min), Some(max)) if min > max) {
            return Some("a min_value above its max_value: no number fits".into());
        }
        match *kind {
            ColumnType::Decimal { precision, scale }
                if precision == 0 || precision > MOST_DIGITS || scale > precision =>
            {
                Some(format!(
                    "precision={precision} and scale={scale}: precision counts all digits, 1 to {MOST_DIGITS}, and scale \
                     those of them that are behind the point"
                ))
            }
            _ => None,
        }
    }
}
