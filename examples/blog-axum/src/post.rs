//! The one table of the blog.

use reprieve::{Model, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the blog.
#[derive(Debug, Model, Serialize, ToSchema)]
#[model(table = "posts", soft_delete)]
pub(crate) struct Post {
    #[model(primary_key)]
    pub(crate) id: i64,
    #[model(max_len = 200)]
    pub(crate) title: String,
    pub(crate) content: String,
    #[model(default = false)]
    pub(crate) published: bool,
    #[model(created)]
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it was thrown in the bin. Nothing needs this field to tell deleted posts from live ones; the API shows it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) deleted_at: Option<Timestamp>,
}
