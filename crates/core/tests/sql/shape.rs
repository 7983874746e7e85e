//! Random statements: one shape is one text.

use crate::database::Database;
use crate::fixture::fixture;
use reprieve_core::query::{
    Comparison, Delete, Expr, Given, Insert, Join, Order, Predicate, Rows, Select, Source, Statement,
    TextMatch, Update, UpdateEach, Visibility,
};
use reprieve_core::schema::ColumnType;
use reprieve_core::sql::{Compiler, Dialect, compile};
use reprieve_core::value::{Timestamp, Value};
use std::collections::HashMap;

/// Statements, from a seed. The choices come from one generator and the bound values from another, so that the
/// same statement can be made with other values.
struct Statements {
    choices: u64,
    values: u64,
    sources: Vec<Source>,
    given: Vec<(u8, usize)>,
    next: u8,
    depth: u32,
}

/// xorshift64*, by Vigna.
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
}

impl Statements {
    fn new(choices: u64, values: u64) -> Self {
        let spread = |seed: u64| seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self {
            choices: spread(choices),
            values: spread(values),
            sources: vec![],
            given: vec![],
            next: 0,
            depth: 0,
        }
    }

    fn below(&mut self, n: u64) -> u64 {
        random(&mut self.choices) % n
    }

    fn many<T>(&mut self, at_most: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = self.below(at_most + 1);
        (0..n).map(|_| make(self)).collect()
    }

    /// Any value but NULL, of any type.
    fn value(&mut self) -> Value {
        let n = random(&mut self.values);
        match n % 9 {
            0 => Value::Bool(n.is_multiple_of(2)),
            1 => Value::Float(n as f64 / 7.0),
            2 => Value::Text(format!("text {n}")),
            3 => Value::Bytes(n.to_le_bytes().to_vec()),
            4 => Value::Timestamp(Timestamp::from_microseconds(n as i64)),
            5 => Value::Uuid([n as u8; 16]),
            6 => Value::Json(format!("[{n}]")),
            7 => Value::Decimal(format!("{n}.5")),
            _ => Value::Int(n as i64),
        }
    }

    fn value_or_null(&mut self) -> Value {
        if self.below(5) == 0 { Value::Null } else { self.value() }
    }

    fn source(&mut self) -> Source {
        let fixture = fixture();
        let table = [&fixture.users, &fixture.posts, &fixture.countries][self.below(3) as usize];
        let visibility = [Visibility::Live, Visibility::Deleted, Visibility::Any][self.below(3) as usize];
        self.next += 1;
        Source::new(self.next - 1, table, visibility)
    }

    /// One of the references in scope.
    fn reference(&mut self) -> Source {
        let n = self.below(self.sources.len() as u64) as usize;
        self.sources[n].clone()
    }

    fn column(&mut self) -> (u8, usize) {
        let source = self.reference();
        (source.id, self.below(source.table.columns.len() as u64) as usize)
    }

    fn expr(&mut self) -> Expr {
        self.depth += 1;
        let expr = match self.below(if self.depth > 4 { 2 } else { 10 }) {
            0 => Expr::Bind(self.value_or_null()),
            2 => Expr::KeyText(Box::new(self.expr())),
            3 => Expr::JsonObject(self.many(2, |s| (["a", "b", "ab"][s.below(3) as usize].into(), s.expr()))),
            4 => {
                let source = self.reference();
                let columns = source.table.columns.len() as u64;
                let changes = self.many(3, |s| (s.below(columns) as usize, s.expr()));
                Expr::JsonChanges { source: source.id, changes }
            }
            5 => Expr::Scalar(Box::new(self.select(Some(1)))),
            6 => Expr::If(Box::new(self.predicate()), Box::new(self.expr()), Box::new(self.expr())),
            7 if !self.given.is_empty() => {
                let n = self.below(self.given.len() as u64) as usize;
                let (source, width) = self.given[n];
                Expr::Given { source, position: self.below(width as u64) as usize }
            }
            _ => {
                let (source, position) = self.column();
                Expr::Column { source, position }
            }
        };
        self.depth -= 1;
        expr
    }

    fn predicate(&mut self) -> Predicate {
        self.depth += 1;
        let predicate = match self.below(if self.depth > 4 { 3 } else { 11 }) {
            0 => Predicate::IsNull(self.expr(), self.below(2) == 0),
            1 => {
                let how =
                    [Comparison::Equal, Comparison::NotEqual, Comparison::Less, Comparison::GreaterOrEqual];
                let how = how[self.below(4) as usize];
                Predicate::Compare(self.expr(), how, self.expr())
            }
            2 => Predicate::In(self.expr(), self.many(3, Self::value_or_null)),
            3 => Predicate::Between(self.expr(), self.value_or_null(), self.value_or_null()),
            4 => Predicate::And(self.many(3, Self::predicate)),
            5 => Predicate::Or(self.many(3, Self::predicate)),
            6 => Predicate::Not(Box::new(self.predicate())),
            7 => Predicate::Exists(Box::new(self.select(None))),
            8 => Predicate::InSelect(self.expr(), Box::new(self.select(Some(1)))),
            9 => Predicate::True,
            _ => {
                let hows =
                    [TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith, TextMatch::Exactly];
                let (text, how) = (self.expr(), hows[self.below(4) as usize]);
                // Values of each kind, so that the way to write the match is a choice.
                let n = random(&mut self.values);
                let pattern = match self.below(3) {
                    0 => String::new(),
                    1 => "\u{10ffff}".to_owned(),
                    _ => format!("{n} Text"),
                };
                Predicate::Matches { text, how, pattern, ignore_case: self.below(2) == 0 }
            }
        };
        self.depth -= 1;
        predicate
    }

    fn select(&mut self, columns: Option<usize>) -> Select {
        let from = self.source();
        self.sources.push(from.clone());
        let joined = if self.below(4) == 0 { vec![self.source()] } else { Vec::new() };
        self.sources.extend(joined.iter().cloned());
        let outer = self.given.len();
        let given = if joined.is_empty() && self.below(4) == 0 { Some(self.given()) } else { None };
        let columns = match columns {
            Some(n) => (0..n).map(|_| self.expr()).collect(),
            None => self.many(3, Self::expr),
        };
        let joins: Vec<Join> =
            joined.into_iter().map(|source| Join { source, on: self.predicate() }).collect();
        let filter = self.predicate();
        let order = self.many(2, |s| Order { descending: s.below(2) == 0, by: s.expr() });
        let limit = (self.below(2) == 0).then(|| self.below(300));
        let offset = self.below(3) / 2 * 130;
        self.sources.truncate(self.sources.len() - 1 - joins.len());
        self.given.truncate(outer);
        Select { from, joins, given, columns, filter, order, limit, offset, lock: None }
    }

    /// Rows of values, in scope from here on.
    fn given(&mut self) -> Given {
        let (rows, width) = (1 + self.below(3), 1 + self.below(3) as usize);
        let rows = (0..rows).map(|_| (0..width).map(|_| self.value_or_null()).collect()).collect();
        let kinds = (0..width).map(|_| self.kind()).collect();
        self.next += 1;
        self.given.push((self.next - 1, width));
        Given { id: self.next - 1, rows, kinds }
    }

    fn kind(&mut self) -> ColumnType {
        match self.below(6) {
            0 => ColumnType::Text,
            1 => ColumnType::Boolean,
            2 => ColumnType::Array(Box::new(ColumnType::Integer)),
            3 => ColumnType::Array(Box::new(ColumnType::Text)),
            4 => ColumnType::Any,
            _ => ColumnType::Integer,
        }
    }

    fn returning(&mut self, columns: usize) -> Vec<usize> {
        self.many(2, |s| s.below(columns as u64) as usize)
    }

    fn statement(&mut self) -> Statement {
        match self.below(6) {
            kind @ (0 | 3) => {
                let target = self.source();
                let width = target.table.columns.len();
                self.sources.push(target.clone());
                let given = (kind == 3).then(|| self.given());
                let mut set = self.many(2, |s| (s.below(width as u64) as usize, s.expr()));
                set.push((0, self.expr()));
                let (filter, returning) = (self.predicate(), self.returning(width));
                let update = Update { target, set, filter, returning };
                match given {
                    Some(given) => Statement::UpdateEach(UpdateEach { given, update }),
                    None => Statement::Update(update),
                }
            }
            1 => {
                let target = self.source();
                self.sources.push(target.clone());
                Statement::Delete(Delete { target, filter: self.predicate() })
            }
            2 => {
                let table = self.source().table;
                let width = table.columns.len();
                // Whatever the table, not a row without columns.
                let columns: Vec<usize> = (0..=self.below(width as u64) as usize).take(width).collect();
                let n = columns.len();
                let rows = if self.below(2) == 0 {
                    let rows = 1 + self.below(3);
                    Rows::Values((0..rows).map(|_| (0..n).map(|_| self.value_or_null()).collect()).collect())
                } else {
                    Rows::Select(Box::new(self.select(Some(n))))
                };
                let returning = self.returning(width);
                Statement::Insert(Insert { table, columns, rows, returning })
            }
            _ => Statement::Select(self.select(None)),
        }
    }
}

fn statement(choices: u64, values: u64) -> Statement {
    Statements::new(choices, values).statement()
}

fn shapes_and_texts_agree(dialect: Dialect, blocks: u64) {
    // One compiler for few statements at a time: what it forgets would look like another shape.
    let mut texts = 0;
    for block in 0..blocks {
        let compiler = Compiler::new(dialect);
        let mut seen: HashMap<u64, String> = HashMap::new();
        for seed in block * 400..(block + 1) * 400 {
            let statement = statement(seed, seed);
            let (text, expected) = compile(&statement, dialect).unwrap();
            let mut binds = Vec::new();
            let compiled = compiler.compile(&statement, &mut binds).unwrap();
            assert_eq!(*compiled.sql, text, "the shape of {statement:?}");
            assert_eq!(binds, expected, "the binds of {statement:?}");
            assert_eq!(seen.entry(compiled.id).or_insert_with(|| text.clone()), &text);
        }
        texts += seen.len();
    }
    assert!(texts > blocks as usize * 170, "the statements are varied: {texts}");
}

#[test]
fn statements_of_one_shape_have_one_text() {
    shapes_and_texts_agree(Dialect::Sqlite, 60);
}

#[test]
fn statements_of_one_shape_have_one_text_on_postgres() {
    shapes_and_texts_agree(Dialect::Postgres, 25);
}

#[test]
fn other_values_make_no_other_shape() {
    for (seed, dialect) in (0..1_500).flat_map(|seed| [(seed, Dialect::Sqlite), (seed, Dialect::Postgres)]) {
        let compiler = Compiler::new(dialect);
        let compiled = |values| {
            let mut binds = Vec::new();
            compiler.compile(&statement(seed, values), &mut binds).unwrap()
        };
        let (one, other) = (compiled(1), compiled(2));
        // What is too long to be kept is the same text all the same.
        assert!(one.id == other.id || !one.cached && one.sql == other.sql, "{}\n{}", one.sql, other.sql);
    }
}

#[test]
fn every_text_is_one_that_sqlite_prepares() {
    let db = Database::new();
    for seed in 0..4_000 {
        let (text, binds) = compile(&statement(seed, seed), Dialect::Sqlite).unwrap();
        let prepared = db.0.prepare(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(prepared.parameter_count(), binds.len(), "{text}");
    }
}
