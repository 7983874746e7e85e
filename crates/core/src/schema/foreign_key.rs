//! A reference from a column to the key of another table, and what happens to the row when that goes.

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The table referred to.
    pub table: String,
    /// What a deletion of the referred row, soft or physical, does to this one.
    pub on_delete: OnDelete,
    /// What a change of the referred key does.
    pub on_update: OnDelete,
}

impl ForeignKey {
    /// A reference to the primary key of a table, which cascades.
    pub fn to(table: impl Into<String>) -> Self {
        Self { table: table.into(), on_delete: OnDelete::Cascade, on_update: OnDelete::Cascade }
    }

    /// Sets what a deletion does.
    #[must_use]
    pub fn on_delete(mut self, action: OnDelete) -> Self {
        self.on_delete = action;
        self
    }
}

/// What happens to a child when its parent is deleted; the same for a soft delete as for a physical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDelete {
    /// The child is deleted too.
    Cascade,
    /// A (live) child forbids the deletion.
    Restrict,
    /// The reference becomes NULL.
    SetNull,
    /// The reference becomes the column's default.
    SetDefault,
    /// Nothing.
    NoAction,
}

impl OnDelete {
    /// The SQL keywords.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::Restrict => "RESTRICT",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::NoAction => "NO ACTION",
        }
    }

    /// Reads the SQL keywords, in any case; `PROTECT` is RESTRICT.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().replace('_', " ").trim() {
            "CASCADE" => Self::Cascade,
            "RESTRICT" | "PROTECT" => Self::Restrict,
            "SET NULL" => Self::SetNull,
            "SET DEFAULT" => Self::SetDefault,
            "NO ACTION" | "DO NOTHING" => Self::NoAction,
            _ => return None,
        })
    }
}
