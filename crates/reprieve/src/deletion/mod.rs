//! Deletion that can be taken back, in types: a live row is `M`, a deleted one is [`Deleted<M>`].

pub(crate) mod columns;
mod delete;
mod deleted;
mod many;
mod options;
mod record;
mod restore;
mod soft_delete;
mod undo;

pub use delete::Delete;
pub use deleted::{Deleted, Deletion};
pub use many::{RestoringAll, SoftDeletingAll};
pub use record::Record;
pub use reprieve_engine::deletion::{Deletion as Receipt, Restoration, TableRows};
pub use restore::Restore;
pub use soft_delete::{SoftDelete, SoftDeleting};
