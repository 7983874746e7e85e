//! The physical end of a row whose model has no soft delete.

use crate::Model;

/// Models whose rows are removed when they are deleted: those without `soft_delete`. Rows of the others are
/// [deleted softly](Model::soft_delete), and removed by [`Deleted::purge`](crate::Deleted::purge) only. The verb is
/// [`Model::delete`].
#[diagnostic::on_unimplemented(
    message = "a live row of `{Self}` cannot be removed at once",
    label = "its model has soft delete",
    note = "call `soft_delete`, and `purge` on the deleted row if it is to go for good"
)]
pub trait Delete: Model {}
