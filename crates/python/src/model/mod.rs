//! Models: the base class of all, the shape of each, and its instances.

mod base;
mod instance;
mod layout;
mod shape;
mod slots;

pub use base::ModelBase;
pub use instance::{clear_changes, fields_changed, new_instance, seen, state_of};
pub use layout::{is_laid_out_as, makes_as, track, untrack};
pub use shape::{Dictionaries, Fields, PyColumn, Shape, shape_of, shape_of_object};
pub use slots::FieldSlots;
