//! The memory of statements already written.

use crate::fixture::{IntoStatement, keys, posts, users};
use reprieve_core::query::{Predicate, Reach, Select};
use reprieve_core::sql::{Compiled, Compiler, Dialect};
use reprieve_core::value::Value;
use std::sync::Arc;

fn compile(compiler: &Compiler, statement: impl IntoStatement) -> (Arc<Compiled>, Vec<Value>) {
    let mut binds = vec![Value::Null];
    let compiled = compiler.compile(&statement.statement(), &mut binds).unwrap();
    (compiled, binds)
}

fn get(id: i64) -> Select {
    keys(posts(), Predicate::equals(posts().key(), id))
}

#[test]
fn other_values_get_the_same_text_and_their_own_binds() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let (first, one) = compile(&compiler, get(1));
    let (second, two) = compile(&compiler, get(2));
    assert!(Arc::ptr_eq(&first, &second) && first.cached);
    assert_eq!((one, two), (vec![Value::Int(1)], vec![Value::Int(2)]));
}

#[test]
fn null_where_it_is_compared_is_another_statement() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let (one, _) = compile(&compiler, get(1));
    let (null, binds) = compile(&compiler, keys(posts(), Predicate::equals(posts().key(), Value::Null)));
    assert_ne!(one.id, null.id);
    assert!(binds.is_empty());
}

#[test]
fn each_text_has_its_own_number_and_its_reach() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let delete = |filter| reprieve_core::query::Delete { target: posts(), filter };
    let (one, _) = compile(&compiler, delete(Predicate::equals(posts().key(), 1)));
    let (all, _) = compile(&compiler, delete(Predicate::True));
    assert_ne!(one.id, all.id);
    assert_eq!((one.reach, all.reach), (Reach::Row, Reach::Set));
}

#[test]
fn what_is_used_stays_while_others_come_and_go() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let (kept, _) = compile(&compiler, get(1));
    let (left, _) = compile(&compiler, keys(users(), Predicate::True));
    for limit in 0..5_000 {
        compile(&compiler, get(1).limit(limit));
        assert_eq!(compile(&compiler, get(2)).0.id, kept.id);
    }
    assert_ne!(compile(&compiler, keys(users(), Predicate::True)).0.id, left.id);
}

#[test]
fn a_very_long_statement_is_not_kept() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let list = |n: i64| keys(posts(), Predicate::In(posts().key(), (0..n).map(Value::Int).collect()));
    assert!(compile(&compiler, list(1_000)).0.cached);
    assert!(!compile(&compiler, list(9_000)).0.cached);
}

#[test]
fn threads_agree_on_one_text() {
    let compiler = Compiler::new(Dialect::Sqlite);
    let ids: Vec<u64> = std::thread::scope(|scope| {
        let run = || compile(&compiler, get(1)).0.id;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
}
