//! Which rows a query sees, and so which type its rows have.

use crate::deletion::{self, Deleted, Record, SoftDelete};
use crate::{Model, Result};
use reprieve_core::driver::Row;
use reprieve_core::query::{Select, Source, Visibility};

/// Which rows of `M` a query sees: live ones ([`Live`]), deleted ones ([`OnlyDeleted`]), or both ([`WithDeleted`]).
/// The view decides the type of the rows: a live row is `M`, a deleted one [`Deleted<M>`](Deleted), and where both can
/// come, each is a [`Record<M>`](Record).
pub trait View<M: Model>: sealed::Sealed + Send + Sync + 'static {
    /// What a row is.
    type Row: Send;

    /// What the engine is asked for.
    #[doc(hidden)]
    const VISIBILITY: Visibility;

    /// The columns of a query for such rows.
    #[doc(hidden)]
    fn select(source: Source) -> Select;

    /// Reads one.
    #[doc(hidden)]
    fn read(row: &dyn Row) -> Result<Self::Row>;

    /// The row as it is stored.
    #[doc(hidden)]
    fn model(row: &Self::Row) -> &M;
}

/// Live rows.
#[derive(Debug, Clone, Copy)]
pub enum Live {}

/// Deleted rows.
#[derive(Debug, Clone, Copy)]
pub enum OnlyDeleted {}

/// Live rows and deleted ones.
#[derive(Debug, Clone, Copy)]
pub enum WithDeleted {}

impl<M: Model> View<M> for Live {
    type Row = M;
    const VISIBILITY: Visibility = Visibility::Live;

    fn select(source: Source) -> Select {
        let columns = (0..M::FIELDS).map(|position| source.column(position)).collect();
        Select::columns(source, columns)
    }

    fn read(row: &dyn Row) -> Result<M> {
        M::read(row)
    }

    fn model(row: &M) -> &M {
        row
    }
}

impl<M: SoftDelete> View<M> for OnlyDeleted {
    type Row = Deleted<M>;
    const VISIBILITY: Visibility = Visibility::Deleted;

    fn select(source: Source) -> Select {
        deletion::columns::select::<M>(source)
    }

    fn read(row: &dyn Row) -> Result<Deleted<M>> {
        let deletion = deletion::columns::read::<M>(row)?;
        let deletion = deletion.ok_or_else(deletion::columns::live_among_deleted::<M>)?;
        Ok(Deleted::new(M::read(row)?, deletion))
    }

    fn model(row: &Deleted<M>) -> &M {
        row.row()
    }
}

impl<M: SoftDelete> View<M> for WithDeleted {
    type Row = Record<M>;
    const VISIBILITY: Visibility = Visibility::Any;

    fn select(source: Source) -> Select {
        deletion::columns::select::<M>(source)
    }

    fn read(row: &dyn Row) -> Result<Record<M>> {
        let found = M::read(row)?;
        Ok(match deletion::columns::read::<M>(row)? {
            None => Record::Live(found),
            Some(deletion) => Record::Deleted(Deleted::new(found, deletion)),
        })
    }

    fn model(row: &Record<M>) -> &M {
        row.row()
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Live {}
    impl Sealed for super::OnlyDeleted {}
    impl Sealed for super::WithDeleted {}
}
