//! Keys as something that can be looked up.

use crate::value::Bound;
use std::hash::{Hash, Hasher};

/// A key of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key(pub(super) Bound);

/// A key equals itself: NaN is refused before it is stored.
impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Bound::Int(v) => v.hash(state),
            Bound::Uuid(v) => v.hash(state),
            Bound::Text(v) | Bound::Decimal(v) | Bound::Json(v) => v.hash(state),
            Bound::Bytes(v) => v.hash(state),
            Bound::Timestamp(v) => v.hash(state),
            Bound::Date(v) => v.hash(state),
            Bound::Time(v) => v.hash(state),
            // Few values have such keys, and equal ones have equal hashes.
            _ => {}
        }
    }
}
