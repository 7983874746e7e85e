//! Limits that a column can have. A limit that says nothing about the column's values would be ignored, and is refused.

use super::Column;
use crate::types::Limits;

impl Column {
    /// What is wrong with the column's limits, if anything is.
    pub(super) fn contradiction(&self) -> Option<String> {
        let kind = self.kind();
        // The type of a foreign key is known later: it may take either.
        let takes = |limits| self.references.is_some() || kind.description().limits == limits;
        let rules = &self.rules;
        let lengths = rules.min_length.is_some() || rules.max_length.is_some();
        if lengths && !takes(Limits::Length) {
            return Some(format!("a limit of length, and {} has none: use validators", kind.name()));
        }
        let values = rules.min_value.is_some() || rules.max_value.is_some();
        if values && !takes(Limits::Value) {
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
        kind.contradiction()
    }
}
