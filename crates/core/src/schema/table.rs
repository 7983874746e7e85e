//! One table: columns, primary key, life cycle and the indexes that follow from them.

use super::{Column, ColumnType, DELETED_AT, DELETION_ID, Index, Marker, OverDeleted, Scope};
use crate::error::{Error, Kind, Result};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A table, checked. Made by [`TableBuilder::build`]; never changes afterwards.
#[derive(Debug)]
pub struct Table {
    /// Tells tables apart in caches; unique in the process.
    pub id: u32,
    /// The model's name, for messages and the audit log.
    pub model: String,
    /// The table's name in the database.
    pub name: String,
    /// The columns; hidden ones last.
    pub columns: Vec<Column>,
    /// The index of the primary key in `columns`; the first of the pair in a table of links.
    pub primary_key: usize,
    /// The two references that together are the key of a row, in a table of links.
    pub link: Option<(usize, usize)>,
    /// How a row says that it is deleted, when rows can be deleted softly.
    pub marker: Option<Marker>,
    /// What an upsert does with a deleted row that fits.
    pub over_deleted: OverDeleted,
    /// Whether changes are written to the audit log.
    pub audit: bool,
    /// The indexes, those that the life cycle needs included.
    pub indexes: Vec<Index>,
}

impl Table {
    /// Starts a declaration.
    pub fn builder(model: impl Into<String>, name: impl Into<String>) -> TableBuilder {
        TableBuilder {
            model: model.into(),
            name: name.into(),
            columns: Vec::new(),
            soft_delete: false,
            over_deleted: OverDeleted::New,
            audit: false,
            together: Vec::new(),
            link: None,
        }
    }

    /// A table of links between the rows of two tables, or of one: each row is a pair of references, and the pair is
    /// its key. The rows go with either end when that is removed physically; a soft deletion leaves them, so that
    /// they are there again when the end is restored.
    ///
    /// # Errors
    /// As [`TableBuilder::build`].
    pub fn links(name: &str, left: (&str, &str), right: (&str, &str)) -> Result<Arc<Self>> {
        let end = |(column, table): (&str, &str)| {
            Column::new(column, ColumnType::Key).not_null().references(super::ForeignKey::to(table))
        };
        let mut builder = Self::builder(name, name).column(end(left)).column(end(right));
        builder.link = Some((0, 1));
        builder.build()
    }

    /// The position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// The primary key's column.
    pub fn key(&self) -> &Column {
        &self.columns[self.primary_key]
    }

    /// Whether it is one of these.
    pub fn is_among(&self, tables: &[Arc<Self>]) -> bool {
        tables.iter().any(|table| table.id == self.id)
    }

    /// Whether the database makes the key when an insert leaves it out.
    pub fn generates_key(&self) -> bool {
        self.key().references.is_none() && matches!(self.key().kind(), ColumnType::Integer)
    }

    /// The positions of the columns a model has attributes for.
    pub fn visible_columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().enumerate().filter(|(_, c)| !c.hidden).map(|(i, _)| i)
    }
}

/// An index that was asked for over columns together.
#[derive(Debug, Clone)]
struct Together {
    columns: Vec<String>,
    unique: bool,
    name: Option<String>,
}

/// A declaration of a table on its way to being checked.
#[derive(Debug, Clone)]
pub struct TableBuilder {
    model: String,
    name: String,
    columns: Vec<Column>,
    soft_delete: bool,
    over_deleted: OverDeleted,
    audit: bool,
    together: Vec<Together>,
    link: Option<(usize, usize)>,
}

impl TableBuilder {
    /// Adds a column.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Makes rows deletable softly: adds `deleted_at`, unless declared, and `deletion_id`.
    #[must_use]
    pub fn soft_delete(mut self) -> Self {
        self.soft_delete = true;
        self
    }

    /// Says what an upsert does with a deleted row that fits.
    #[must_use]
    pub fn over_deleted(mut self, policy: OverDeleted) -> Self {
        self.over_deleted = policy;
        self
    }

    /// Writes each change of a row to the audit log.
    #[must_use]
    pub fn audit(mut self) -> Self {
        self.audit = true;
        self
    }

    /// Demands that these columns together are unique (among live rows, when soft-deletable).
    #[must_use]
    pub fn unique_together(self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.together(columns, true, None)
    }

    /// Asks for an index over these columns, in this order.
    #[must_use]
    pub fn index(self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.together(columns, false, None)
    }

    /// Asks for an index over these columns, unique or not, of this name in the database. Without one it is named after
    /// the table and the columns.
    #[must_use]
    pub fn together(
        mut self,
        columns: impl IntoIterator<Item = impl Into<String>>,
        unique: bool,
        name: Option<String>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.together.push(Together { columns, unique, name });
        self
    }

    /// Checks the declaration.
    ///
    /// # Errors
    /// [`Kind::Schema`] for an empty or overlong name, no column, a column twice, a name that Reprieve keeps for
    /// itself, none or two primary keys, SET NULL on a column that forbids NULL, a limit that does not apply to its
    /// column or that no value can keep.
    pub fn build(mut self) -> Result<Arc<Table>> {
        self.add_markers()?;
        self.check()?;
        let keys: Vec<usize> = (0..self.columns.len()).filter(|&i| self.columns[i].primary_key).collect();
        let primary_key = match (self.link, &keys[..]) {
            (Some((left, _)), []) => left,
            (None, [key]) => *key,
            (None, []) => {
                return Err(self.wrong("has no primary key: give one field primary_key=True"));
            }
            _ => return Err(self.wrong("has more than one primary key: one field is supported")),
        };
        let position = |name: &str| self.columns.iter().position(|c| c.name == name);
        let marker = match self.soft_delete {
            true => position(DELETED_AT).zip(position(DELETION_ID)).map(|(at, id)| Marker::new(at, id)),
            false => None,
        };
        let indexes = self.indexes(primary_key, marker)?;
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Ok(Arc::new(Table {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            model: self.model,
            name: self.name,
            columns: self.columns,
            primary_key,
            link: self.link,
            marker,
            over_deleted: self.over_deleted,
            audit: self.audit,
            indexes,
        }))
    }

    fn wrong(&self, what: impl AsRef<str>) -> Error {
        Error::new(Kind::Schema, format!("Model {} (table '{}') {}", self.model, self.name, what.as_ref()))
            .model(&self.model)
    }

    fn add_markers(&mut self) -> Result<()> {
        if !self.soft_delete {
            return Ok(());
        }
        if self.columns.iter().any(|c| c.name == DELETION_ID) {
            return Err(
                self.wrong("declares 'deletion_id', which soft delete keeps for itself: rename the field")
            );
        }
        match self.columns.iter().find(|c| c.name == DELETED_AT) {
            None => self.columns.push(Column::new(DELETED_AT, ColumnType::Timestamp)),
            Some(c) if *c.kind() == ColumnType::Timestamp && c.nullable => {}
            Some(_) => {
                return Err(
                    self.wrong("declares 'deleted_at' as something else than a nullable datetime: rename it")
                );
            }
        }
        self.columns.push(Column::new(DELETION_ID, ColumnType::Uuid).hidden());
        Ok(())
    }

    fn check(&self) -> Result<()> {
        for name in std::iter::once(&self.name).chain(self.columns.iter().map(|c| &c.name)) {
            if name.is_empty() || name.len() > 63 || name.contains('\0') {
                return Err(
                    self.wrong(format!("uses the name {name:?}: a name has 1 to 63 bytes and no NUL"))
                );
            }
        }
        let mut seen = HashSet::new();
        if let Some(twice) = self.columns.iter().find(|c| !seen.insert(c.name.to_lowercase())) {
            return Err(self.wrong(format!("declares the field '{}' twice", twice.name)));
        }
        for column in &self.columns {
            let set_null =
                column.references.as_ref().is_some_and(|key| key.on_delete == super::OnDelete::SetNull);
            if set_null && !column.nullable {
                return Err(self.wrong(format!(
                    "has on_delete=\"SET NULL\" on '{}', which is nullable=False: allow NULL or choose another action",
                    column.name
                )));
            }
            if let Some(what) = column.contradiction() {
                return Err(self.wrong(format!("has on '{}' {what}", column.name)));
            }
        }
        Ok(())
    }

    /// The indexes that keys, foreign keys, uniqueness and liveness ask for. A foreign key has a full index, which
    /// the database needs when a parent goes, and a live one, which keeps reads of live children flat.
    fn indexes(&self, primary_key: usize, marker: Option<Marker>) -> Result<Vec<Index>> {
        let live = if marker.is_some() { Scope::Live } else { Scope::All };
        let mut indexes = Vec::new();
        let mut add = |columns: Vec<usize>, unique: bool, scope: Scope, given: Option<&String>| {
            let names: Vec<&str> = columns.iter().map(|&c| self.columns[c].name.as_str()).collect();
            let (prefix, suffix) =
                (if unique { "uq" } else { "ix" }, if scope == Scope::Live { "_live" } else { "" });
            let derived = || format!("{prefix}_{}_{}{suffix}", self.name, names.join("_"));
            let name = given.cloned().unwrap_or_else(derived);
            indexes.push(Index { name, columns, unique, scope });
        };
        if let Some(marker) = marker {
            add(vec![primary_key], false, Scope::Live, None);
            add(marker.index_of_holder(), false, Scope::Deleted, None);
        }
        for (i, column) in self.columns.iter().enumerate().filter(|(i, _)| *i != primary_key) {
            if column.references.is_some() {
                add(vec![i], false, Scope::All, None);
            }
            if column.unique {
                add(vec![i], true, live, None);
            } else if column.index && !(column.references.is_some() && live == Scope::All)
                || column.references.is_some() && live == Scope::Live
            {
                add(vec![i], false, live, None);
            }
        }
        for group in &self.together {
            let columns: Option<Vec<usize>> =
                group.columns.iter().map(|name| self.columns.iter().position(|c| c.name == *name)).collect();
            let columns = columns.ok_or_else(|| {
                self.wrong(format!(
                    "asks for an index over ({}), which it does not all have",
                    group.columns.join(", ")
                ))
            })?;
            add(columns, group.unique, live, group.name.as_ref());
        }
        Ok(indexes)
    }
}
