//! The tables of the suite: one for each rule of deletion.
//!
//! ```text
//! users ── posts ── comments ─┐      cascade; comments refer to themselves by parent_id
//!   │        ├──── reactions ◄┤      cascade from both: a diamond
//!   │        └──── pins       │      SET NULL, below a table that a cascade takes
//!   ├── memberships           │      SET NULL
//!   ├── tickets                      SET DEFAULT
//!   ├── invoices                     RESTRICT
//!   └── logs                         cascade, without soft delete
//! chickens ◄─► eggs                  a cycle
//! shelves ── books                   nothing else refers to them: exact statements
//! articles ── notes, stickers        audited; cascade and SET NULL
//! devices ── readings                a UUID key
//! contacts, badges                   upserts revive, or reject, what is deleted
//! ```

use reprieve_core::error::Result;
use reprieve_core::schema::{
    Column, ColumnType, Fill, ForeignKey, OnDelete, OverDeleted, Schema, Table, TableBuilder,
};
use std::sync::Arc;

/// Declares every table.
///
/// # Errors
/// Never: the declarations are fixed and valid.
pub fn schema() -> Result<Arc<Schema>> {
    let schema = Schema::new();
    for table in social().into_iter().chain(special()) {
        schema.declare(table.build()?)?;
    }
    Ok(Arc::new(schema))
}

fn social() -> Vec<TableBuilder> {
    let posts = table("Post", "posts").column(refers("user_id", "users", OnDelete::Cascade));
    let mut assignee = refers("assignee_id", "users", OnDelete::SetDefault);
    assignee.default = Some(1.into());
    vec![
        table("User", "users").column(text("name").not_null().max_length(20)).column(text("email").unique()),
        posts.column(text("slug")).column(text("title")).unique_together(["user_id", "slug"]),
        table("Comment", "comments").column(refers("post_id", "posts", OnDelete::Cascade)).column(refers(
            "parent_id",
            "comments",
            OnDelete::Cascade,
        )),
        table("Reaction", "reactions").column(refers("post_id", "posts", OnDelete::Cascade)).column(refers(
            "comment_id",
            "comments",
            OnDelete::Cascade,
        )),
        table("Pin", "pins").column(refers("post_id", "posts", OnDelete::SetNull)),
        table("Membership", "memberships").column(refers("user_id", "users", OnDelete::SetNull)),
        table("Ticket", "tickets").column(assignee),
        table("Invoice", "invoices").column(refers("user_id", "users", OnDelete::Restrict)),
        Table::builder("Log", "logs").column(id()).column(refers("user_id", "users", OnDelete::Cascade)),
    ]
}

fn special() -> Vec<TableBuilder> {
    let article = |on_delete| refers("article_id", "articles", on_delete);
    vec![
        table("Chicken", "chickens").column(refers("egg_id", "eggs", OnDelete::Cascade)),
        table("Egg", "eggs").column(refers("chicken_id", "chickens", OnDelete::Cascade)),
        table("Shelf", "shelves").column(text("label")),
        table("Book", "books").column(refers("shelf_id", "shelves", OnDelete::Cascade)),
        table("Article", "articles")
            .column(text("title").not_null())
            .column(Column::new("hits", ColumnType::Integer))
            .column(Column::new("created_at", ColumnType::Timestamp).fill(Fill::Created))
            .column(Column::new("updated_at", ColumnType::Timestamp).fill(Fill::Updated))
            .audit(),
        table("Note", "notes").column(article(OnDelete::Cascade)).audit(),
        table("Sticker", "stickers").column(article(OnDelete::SetNull)),
        Table::builder("Device", "devices")
            .column(Column::new("id", ColumnType::Uuid).primary_key())
            .column(text("name"))
            .soft_delete()
            .audit(),
        table("Contact", "contacts")
            .column(text("phone").unique())
            .column(text("mail").unique())
            .column(refers("user_id", "users", OnDelete::Cascade))
            .over_deleted(OverDeleted::Revive)
            .audit(),
        table("Badge", "badges").column(text("code")).over_deleted(OverDeleted::Reject),
        table("Reading", "readings").column(refers("device_id", "devices", OnDelete::Cascade)),
    ]
}

fn table(model: &str, name: &str) -> TableBuilder {
    Table::builder(model, name).column(id()).soft_delete()
}

fn id() -> Column {
    Column::new("id", ColumnType::Integer).primary_key()
}

fn text(name: &str) -> Column {
    Column::new(name, ColumnType::Text)
}

fn refers(name: &str, table: &str, on_delete: OnDelete) -> Column {
    Column::new(name, ColumnType::Key).references(ForeignKey::to(table).on_delete(on_delete))
}
