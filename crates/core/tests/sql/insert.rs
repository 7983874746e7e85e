//! `INSERT`.

use crate::database::{text, with_binds};
use crate::fixture::{IntoStatement, column, fixture, insert, position, posts, users};
use crate::postgres::{Both, Postgres, postgres, with_postgres_binds};
use reprieve_core::error::Kind;
use reprieve_core::query::{Expr, Insert, Predicate, Rows, Select, Source};
use reprieve_core::sql::{Dialect, compile};
use reprieve_core::value::Value;

#[test]
fn one_row_hands_back_its_key() {
    let table = &fixture().users;
    let row = Insert { returning: vec![0], ..insert(table, &["email"], vec![vec!["a@b".into()]]) };
    let (sql, binds) = with_binds(row);
    assert_eq!(sql, r#"INSERT INTO "users" ("email") VALUES (?) RETURNING "id""#);
    assert_eq!(binds, ["a@b".into()]);
}

#[test]
fn several_rows_are_one_statement() {
    let rows = vec![vec![Value::Int(1), "a".into()], vec![Value::Null, "b".into()]];
    let (sql, binds) = with_binds(insert(&fixture().users, &["id", "email"], rows));
    assert_eq!(sql, r#"INSERT INTO "users" ("id", "email") VALUES (?, ?), (?, ?)"#);
    assert_eq!(binds, [Value::Int(1), "a".into(), Value::Null, "b".into()]);
}

#[test]
fn a_row_of_nothing_has_the_databases_defaults() {
    let table = &fixture().posts;
    assert_eq!(text(insert(table, &[], vec![vec![]])), r#"INSERT INTO "posts" DEFAULT VALUES"#);
    assert_eq!(
        text(insert(table, &[], vec![vec![]; 2])),
        r#"INSERT INTO "posts" ("id") VALUES (NULL), (NULL)"#
    );
}

#[test]
fn rows_come_from_a_query_of_the_same_table_or_another() {
    let table = &fixture().posts;
    let from = |select: Select| Insert {
        table: table.clone(),
        columns: vec![position(table, "title"), position(table, "author_id")],
        rows: Rows::Select(Box::new(select)),
        returning: vec![0],
    };
    let users = Source::live(0, &fixture().users);
    let welcome = Select::columns(users.clone(), vec![Expr::Bind("Welcome".into()), users.key()]);
    assert_eq!(
        text(from(welcome.filter(Predicate::equals(column(&users, "email"), "a@b")))),
        concat!(
            r#"INSERT INTO "posts" ("title", "author_id") SELECT ?, "id" FROM "users" "#,
            r#"WHERE "deleted_at" IS NULL AND "email" = ? RETURNING "id""#
        )
    );
    let everything = Select::columns(Source::any(0, table), vec![posts().column(1), posts().column(4)]);
    assert_eq!(
        text(from(everything)),
        r#"INSERT INTO "posts" ("title", "author_id") SELECT "title", "author_id" FROM "posts" RETURNING "id""#
    );
}

#[test]
fn a_sub_query_in_the_query_has_aliases() {
    let table = &fixture().posts;
    let someone = Predicate::InSelect(
        column(&posts(), "author_id"),
        Box::new(crate::fixture::keys(users(), Predicate::True)),
    );
    let copy = Insert {
        table: table.clone(),
        columns: vec![1],
        rows: Rows::Select(Box::new(Select::columns(posts(), vec![posts().column(1)]).filter(someone))),
        returning: vec![],
    };
    assert_eq!(
        text(copy),
        concat!(
            r#"INSERT INTO "posts" ("title") SELECT t0."title" FROM "posts" AS t0 WHERE t0."deleted_at" IS NULL "#,
            r#"AND t0."author_id" IN (SELECT t1."id" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL)"#
        )
    );
}

#[test]
fn rows_that_do_not_fit_the_columns_are_a_fault_of_reprieve() {
    let table = &fixture().users;
    let key_only = Select::columns(posts(), vec![posts().key()]);
    for wrong in [
        insert(table, &["email"], vec![]),
        insert(table, &[], vec![]),
        insert(table, &[], vec![vec![Value::Null]]),
        insert(table, &["id", "email"], vec![vec![Value::Null]]),
        insert(&fixture().countries, &[], vec![vec![], vec![]]),
        Insert { rows: Rows::Select(Box::new(key_only)), ..insert(table, &["id", "email"], vec![]) },
    ] {
        let statement = wrong.statement();
        assert_eq!(compile(&statement, Dialect::Sqlite).unwrap_err().kind(), Kind::Internal, "{statement:?}");
    }
}

#[test]
fn rows_arrive() {
    let db = Both::new();
    let table = &fixture().users;
    let rows = Insert {
        returning: vec![0, 1],
        ..insert(table, &["email"], vec![vec!["a".into()], vec!["b".into()]])
    };
    assert_eq!(db.run(rows), ["1|a", "2|b"]);
}

#[test]
fn postgres_hands_out_keys_for_rows_of_nothing() {
    let table = &fixture().posts;
    assert_eq!(postgres(insert(table, &[], vec![vec![]])), r#"INSERT INTO "posts" DEFAULT VALUES"#);
    assert_eq!(
        postgres(insert(table, &[], vec![vec![]; 2])),
        r#"INSERT INTO "posts" ("id") VALUES (DEFAULT), (DEFAULT)"#
    );
}

#[test]
fn postgres_is_told_which_rows_have_no_key() {
    let rows = vec![vec![Value::Int(1), "a".into()], vec![Value::Null, "b".into()]];
    let (sql, binds) = with_postgres_binds(insert(&fixture().users, &["id", "email"], rows));
    assert_eq!(sql, r#"INSERT INTO "users" ("id", "email") VALUES ($1, $2), (DEFAULT, $3)"#);
    assert_eq!(binds, [Value::Int(1), "a".into(), "b".into()]);
}

#[test]
fn values_given_to_columns_have_the_columns_types() {
    let table = &fixture().posts;
    let names = [
        "id",
        "title",
        "published",
        "price",
        "rating",
        "meta",
        "token",
        "data",
        "at",
        "any",
        "state",
        "tags",
    ];
    let types = [
        "int8",
        "text",
        "bool",
        "numeric",
        "float8",
        "jsonb",
        "uuid",
        "bytea",
        "timestamptz",
        "text",
        "posts_state_enum",
        "_text",
    ];
    let rows = insert(table, &names, vec![vec![Value::Bool(true); names.len()]; 2]);
    let values: Vec<Expr> = names.iter().map(|_| Expr::Bind(Value::Null)).collect();
    let copied = Insert {
        rows: Rows::Select(Box::new(Select::columns(posts(), values))),
        ..insert(table, &names, vec![])
    };
    let (rows, copied) = (postgres(rows), postgres(copied));
    assert!(
        copied.contains(r#"SELECT $1::bigint, $2::text, $3::boolean, $4::numeric, $5::double precision, "#)
    );
    let last = r#"$9::timestamptz, $10::text, COALESCE((NULL::"posts")."state", $11), $12::text[] FROM"#;
    assert!(copied.contains(last));
    let Some(db) = Postgres::new() else { return };
    assert_eq!(db.types(&rows), [types, types].concat());
    assert_eq!(db.types(&copied), types);
}

#[test]
fn what_goes_into_a_column_of_any_type_is_text_on_postgres() {
    let table = &fixture().posts;
    let copy = |name| {
        let rows = Rows::Select(Box::new(Select::columns(posts(), vec![column(&posts(), name)])));
        let sql = postgres(Insert { rows, ..insert(table, &["any"], vec![]) });
        let sql = sql.strip_prefix(r#"INSERT INTO "posts" ("any") SELECT "#).unwrap().to_owned();
        sql.strip_suffix(r#" FROM "posts" WHERE "deleted_at" IS NULL"#).unwrap().to_owned()
    };
    assert_eq!(copy("id"), r#""id"::text"#);
    assert_eq!(copy("title"), r#""title""#);
    assert_eq!(copy("token"), r#""token"::text"#);
    assert_eq!(copy("data"), r#"encode("data", 'hex')"#);
    assert_eq!(copy("at"), r#"to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"#);
    assert_eq!(copy("state"), r#""state"::text"#);
}
