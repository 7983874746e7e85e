//! Deletion that can be taken back, in types: a live row is `M`, a deleted one is [`Deleted<M>`].

pub(crate) mod columns;
mod deleted;
mod record;
mod restore;
mod soft_delete;

pub use deleted::{Deleted, Deletion};
pub use record::Record;
pub use restore::Restore;
pub use soft_delete::{SoftDelete, SoftDeleting};
