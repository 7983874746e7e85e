//! Which field refers to which model, as a bound: a relation by a field that does not refer to its model is a compile
//! error.

/// The field at this position refers to rows of `Parent`. `#[derive(Model)]` says so for each `references`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not refer to `{Parent}` by this field",
    label = "this field of `{Self}` does not refer to `{Parent}`",
    note = "name a field of `{Self}` that is marked `#[model(references = {Parent})]`"
)]
pub trait RefersTo<Parent, const FIELD: usize> {}
