//! Types of expressions, where the database wants to be told of them.
//!
//! SQLite takes any value anywhere, and nothing here adds to its texts. PostgreSQL finds the type of a placeholder by
//! what stands beside it; where nothing does, a cast says it, and by the column that the value is for. A column of any
//! type ([`ColumnType::Any`]) holds texts there: what goes in becomes its canonical text, and what is compared with or
//! written to a column of a known type is read back.
//!
//! Source: <https://www.postgresql.org/docs/current/typeconv.html>.

use super::writer::{Writer, column_name};
use super::{Dialect, identifier, native};
use crate::error::Result;
use crate::query::{Expr, Select};
use crate::schema::{ColumnType, Table};
use std::borrow::Cow;

/// The type of an expression: what it is to Reprieve, and the database's name for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Type {
    pub(super) kind: ColumnType,
    native: Cow<'static, str>,
    /// The column, when it is an enum: somebody else may have made the table, and given its type another name.
    labels_of: Option<Place>,
}

/// A column, as texts of SQL.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    table: String,
    column: String,
    name: String,
}

impl Place {
    fn of(table: &Table, position: usize) -> Self {
        let name = &table.columns[position].name;
        let mut place = Self { table: String::new(), column: String::new(), name: String::new() };
        identifier::quote(&mut place.table, &table.name);
        identifier::quote(&mut place.column, name);
        identifier::literal(&mut place.name, name);
        place
    }
}

impl Type {
    pub(super) fn of_column(table: &Table, position: usize) -> Self {
        let labels_of = native::enum_of(table, position).map(|_| Place::of(table, position));
        let kind = table.columns[position].kind().clone();
        Self { kind, native: native::of_column(table, position), labels_of }
    }

    pub(super) fn of_kind(kind: ColumnType) -> Self {
        Self { native: kind.database_name(Dialect::Postgres), kind, labels_of: None }
    }

    /// Whether it is text to the database.
    pub(super) fn is_text(&self) -> bool {
        self.native == "text"
    }

    fn is_any(&self) -> bool {
        self.kind == ColumnType::Any
    }

    /// Whether it is an enum of its own.
    fn is_enum(&self) -> bool {
        self.labels_of.is_some()
    }
}

impl<'a> Writer<'a> {
    /// Whether placeholders have to be typed.
    pub(super) fn is_typed(&self) -> bool {
        match self.dialect {
            Dialect::Sqlite => false,
            Dialect::Postgres => true,
        }
    }

    /// `$1::bigint`: a value where nothing tells its type.
    pub(super) fn cast(&mut self, to: &Type) {
        self.push("::");
        self.push(&to.native);
    }

    /// The type of an expression; `None` when it is what its surroundings make of it.
    pub(super) fn type_of(&mut self, expr: &'a Expr) -> Result<Option<Type>> {
        Ok(Some(match expr {
            Expr::Bind(_) => return Ok(None),
            Expr::Column { source, position } => {
                let table = self.source(*source)?.table.as_ref();
                column_name(table, *position)?;
                Type::of_column(table, *position)
            }
            Expr::Given { source, position } => Type::of_kind(self.given_kind(*source, *position)?),
            Expr::If(_, then, otherwise) => match self.type_of(then)? {
                Some(known) => known,
                None => return self.type_of(otherwise),
            },
            Expr::Scalar(select) => return self.type_of_scalar(select),
            Expr::Count => Type::of_kind(ColumnType::Integer),
            Expr::KeyText(_) => Type::of_kind(ColumnType::Text),
            Expr::JsonList(_) | Expr::JsonObject(_) | Expr::JsonChanges { .. } => {
                Type::of_kind(ColumnType::Json)
            }
        }))
    }

    fn type_of_scalar(&mut self, select: &'a Select) -> Result<Option<Type>> {
        let column = super::expr::only_column(select)?;
        let mut found = None;
        self.within_select(select, &mut |w| {
            found = w.type_of(column)?;
            Ok(())
        })?;
        Ok(found)
    }

    /// An expression where nothing tells the type of a placeholder: it counts as text.
    pub(super) fn alone(&mut self, expr: &'a Expr) -> Result<()> {
        self.expr(expr)?;
        if matches!(expr, Expr::Bind(_)) && self.is_typed() {
            self.cast(&Type::of_kind(ColumnType::Text));
        }
        Ok(())
    }

    /// An expression as a value of this type, where the database sees by itself what a placeholder is for.
    pub(super) fn expr_for(&mut self, expr: &'a Expr, to: &Type) -> Result<()> {
        match expr {
            Expr::Bind(_) => self.expr(expr),
            _ => self.expr_as(expr, to),
        }
    }

    /// An expression as a value of this type, where it does not.
    pub(super) fn expr_as(&mut self, expr: &'a Expr, to: &Type) -> Result<()> {
        match expr {
            Expr::Bind(_) => match &to.labels_of {
                None => {
                    self.expr(expr)?;
                    self.cast(to);
                    Ok(())
                }
                // A placeholder becomes what stands beside it.
                Some(Place { table, column, .. }) => {
                    self.push(&format!("COALESCE((NULL::{table}).{column}, "));
                    self.expr(expr)?;
                    self.push(")");
                    Ok(())
                }
            },
            Expr::If(condition, then, otherwise) => {
                self.either(condition, |w| w.expr_as(then, to), |w| w.expr_as(otherwise, to))
            }
            Expr::Scalar(select) => {
                super::expr::only_column(select)?;
                self.subselect_as(select, std::slice::from_ref(to))
            }
            _ => match self.type_of(expr)? {
                Some(from) => self.converted(expr, &from, to),
                None => self.expr(expr),
            },
        }
    }

    fn converted(&mut self, expr: &'a Expr, from: &Type, to: &Type) -> Result<()> {
        if from.native == to.native {
            return self.expr(expr);
        }
        if to.is_any() {
            return self.key_text(expr);
        }
        if let Some(place) = &to.labels_of {
            return self.label(expr, from, place);
        }
        if from.is_any() {
            // The canonical text of a value becomes the value.
            return match to.kind.storage(self.dialect).from_text {
                Some(template) => self.template(template, expr),
                None => self.template(&format!("{{x}}::{}", to.native), expr),
            };
        }
        self.expr(expr)?;
        // Numbers, texts and documents of different types meet by themselves; enums never do.
        if from.is_enum() {
            self.push("::text");
        }
        Ok(())
    }

    /// A text as a label of a column, by a row of its table: that needs no name of the type.
    fn label(&mut self, expr: &'a Expr, from: &Type, place: &Place) -> Result<()> {
        let Place { table, column, name } = place;
        self.push(&format!("(jsonb_populate_record(NULL::{table}, jsonb_build_object({name}, "));
        self.expr(expr)?;
        if from.is_enum() {
            self.push("::text");
        }
        self.push(&format!("))).{column}"));
        Ok(())
    }

    /// An expression that is put in order. The labels of an enum have the order of texts, as everywhere: the database's own
    /// is that in which they were declared.
    pub(super) fn ordered(&mut self, expr: &'a Expr) -> Result<()> {
        self.alone(expr)?;
        if self.is_typed() && self.type_of(expr)?.is_some_and(|known| known.is_enum()) {
            self.push("::text COLLATE \"C\"");
        }
        Ok(())
    }

    /// The two sides of a comparison that asks which comes first.
    pub(super) fn ordered_sides(&mut self, left: &'a Expr, between: &str, right: &'a Expr) -> Result<()> {
        let of = [self.type_of(left)?, self.type_of(right)?];
        if !of.iter().flatten().any(Type::is_enum) {
            return self.sides(left, between, right);
        }
        self.ordered(left)?;
        self.push(between);
        self.ordered(right)
    }

    /// The two sides of a comparison, with what stands between them.
    pub(super) fn sides(&mut self, left: &'a Expr, between: &str, right: &'a Expr) -> Result<()> {
        let (left_to, right_to) = match (self.type_of(left)?, self.type_of(right)?) {
            (Some(one), Some(other)) => {
                let meet = self.meet((left, &one), (right, &other));
                (meet.clone().unwrap_or(one), meet.unwrap_or(other))
            }
            (Some(one), None) => (one.clone(), one),
            (None, Some(other)) => (other.clone(), other),
            (None, None) => {
                self.alone(left)?;
                self.push(between);
                return self.expr(right);
            }
        };
        self.comparable(left, &left_to)?;
        self.push(between);
        self.comparable(right, &right_to)
    }

    fn comparable(&mut self, expr: &'a Expr, to: &Type) -> Result<()> {
        self.expr_for(expr, to)?;
        if matches!(expr, Expr::Column { .. }) {
            self.as_comparable(to);
        }
        Ok(())
    }

    /// Behind a column: one of documents may be `json` in a table that somebody else made, which nothing can be compared
    /// with. The cast of one that is `jsonb` does nothing.
    pub(super) fn as_comparable(&mut self, to: &Type) {
        if to.native == "jsonb" {
            self.cast(to);
        }
    }

    /// The type as which two known types are compared, when that is not as they are.
    ///
    /// A column of any type holds texts that are no numbers too. Where its rows are the ones that are looked through,
    /// the other side becomes text; where it stands for the row around, it is read, so that an index of the other side
    /// serves. By then the row around has passed the conditions on its own columns, which tell what the text is.
    fn meet(&self, one: (&Expr, &Type), other: (&Expr, &Type)) -> Option<Type> {
        let ((any, any_type), (known, known_type)) = match (one.1.is_any(), other.1.is_any()) {
            (true, false) => (one, other),
            (false, true) => (other, one),
            _ => {
                let enums = one.1.is_enum() || other.1.is_enum();
                return (enums && one.1.native != other.1.native).then(|| Type::of_kind(ColumnType::Text));
            }
        };
        let depth = |expr: &Expr| match expr {
            Expr::Column { source, .. } => self.depth(*source),
            _ => None,
        };
        let looked_through = depth(any).is_some() && depth(any) >= depth(known);
        Some(if looked_through { any_type.clone() } else { known_type.clone() })
    }

    /// `… IN (SELECT …)`.
    pub(super) fn in_select(&mut self, expr: &'a Expr, select: &'a Select) -> Result<()> {
        if !self.is_typed() {
            self.expr(expr)?;
            self.push(" IN ");
            return self.subselect(select);
        }
        let (left, column) = (self.type_of(expr)?, self.type_of_scalar(select)?);
        let to = match (left, column) {
            (Some(left), Some(column)) if left.is_any() => column,
            (Some(left), _) => left,
            (None, Some(column)) => column,
            (None, None) => Type::of_kind(ColumnType::Text),
        };
        self.expr_for(expr, &to)?;
        self.push(" IN ");
        self.subselect_as(select, std::slice::from_ref(&to))
    }
}
