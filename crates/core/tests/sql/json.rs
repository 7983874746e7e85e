//! JSON made by the database, the same as the engine makes of the same values.

use crate::database::{Database, text, with_binds};
use crate::fixture::{column, fixture, insert, position, posts, users};
use crate::postgres::{Both, Postgres, postgres};
use reprieve_core::query::{Expr, Predicate, Select, Source};
use reprieve_core::schema::{Column, ColumnType, Table};
use reprieve_core::sql::json_text;
use reprieve_core::value::{Date, Time, Timestamp, Value};

const UUID: [u8; 16] = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef";

fn object(names: &[&str]) -> Expr {
    Expr::JsonObject(names.iter().map(|name| ((*name).to_owned(), column(&posts(), name))).collect())
}

fn changes(list: &[(&str, Value)]) -> Expr {
    let changes =
        list.iter().map(|(name, value)| (position(&fixture().posts, name), Expr::Bind(value.clone())));
    Expr::JsonChanges { source: 0, changes: changes.collect() }
}

fn select(expr: Expr) -> Select {
    Select::columns(posts(), vec![expr])
}

fn expression(expr: Expr) -> String {
    let sql = text(select(expr));
    let sql = sql.strip_prefix("SELECT ").unwrap();
    sql.strip_suffix(r#" FROM "posts" WHERE "deleted_at" IS NULL"#).unwrap().to_owned()
}

fn one_post() -> Both {
    let db = Both::new();
    let (names, values) = ([&NAMES[..], &["any"]].concat(), values().into_iter().chain([UUID.into()]));
    db.run(insert(&fixture().posts, &names, vec![values.collect()]));
    db
}

const NAMES: [&str; 13] = [
    "id",
    "title",
    "published",
    "price",
    "rating",
    "meta",
    "token",
    "data",
    "at",
    "day",
    "time",
    "state",
    "tags",
];

fn values() -> [Value; 13] {
    [
        Value::Int(1),
        "say \"hi\" \u{1}\u{e9}".into(),
        Value::Bool(true),
        Value::Decimal("12.50".into()),
        Value::Float(0.5),
        Value::Json(r#"{"a":[1,true]}"#.into()),
        Value::Uuid(UUID),
        Value::Bytes(vec![0, 255]),
        Value::Timestamp(Timestamp::parse("2025-10-22 10:30:00").unwrap()),
        Value::Date(Date::parse("0987-01-31").unwrap()),
        Value::Time(Time::parse("10:30:00.5").unwrap()),
        "it's".into(),
        Value::Json(r#"["a","b"]"#.into()),
    ]
}

#[test]
fn each_type_has_its_rendering() {
    assert_eq!(expression(object(&["id", "title"])), r#"json_object('id', "id", 'title', "title")"#);
    assert_eq!(
        expression(object(&["published"])),
        r#"json_object('published', json(CASE "published" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END))"#
    );
    assert_eq!(expression(object(&["at"])), r#"json_object('at', replace("at", ' ', 'T') || '+00:00')"#);
    assert_eq!(expression(object(&["meta"])), r#"json_object('meta', json("meta"))"#);
    assert_eq!(
        expression(object(&["data"])),
        r#"json_object('data', CASE WHEN "data" IS NOT NULL THEN lower(hex("data")) END)"#
    );
    assert_eq!(
        expression(object(&["token"])),
        concat!(
            r#"json_object('token', CASE typeof("token") WHEN 'blob' THEN CASE length("token") WHEN 16 THEN "#,
            r#"lower(substr(hex("token"), 1, 8) || '-' || substr(hex("token"), 9, 4) || '-' || "#,
            r#"substr(hex("token"), 13, 4) || '-' || substr(hex("token"), 17, 4) || '-' || "#,
            r#"substr(hex("token"), 21)) ELSE lower(hex("token")) END ELSE "token" END)"#
        )
    );
}

#[test]
fn a_row_becomes_a_document() {
    let expected = concat!(
        r#"{"id":1,"title":"say \"hi\" \u0001é","published":true,"price":"12.50","rating":0.5,"#,
        r#""meta":{"a":[1,true]},"token":"01234567-89ab-cdef-0123-456789abcdef","data":"00ff","#,
        r#""at":"2025-10-22T10:30:00.000000+00:00","day":"0987-01-31","time":"10:30:00.500000","#,
        r#""state":"it's","tags":["a","b"]}"#
    );
    assert_eq!(one_post().run(select(object(&NAMES))), [expected]);
}

#[test]
fn bound_values_become_the_same_document() {
    let db = one_post();
    let members = NAMES.iter().zip(values()).map(|(name, v)| ((*name).to_owned(), Expr::Bind(v)));
    let bound = Expr::JsonObject(members.collect());
    assert_eq!(db.run(select(bound)), db.run(select(object(&NAMES))));
}

#[test]
fn null_is_null_in_every_type() {
    let db = Both::new();
    db.execute("INSERT INTO posts (id, title) VALUES (1, 'a')");
    let names = ["published", "price", "rating", "meta", "token", "data", "at", "any"];
    assert_eq!(
        db.run(select(object(&names))),
        [
            r#"{"published":null,"price":null,"rating":null,"meta":null,"token":null,"data":null,"at":null,"any":null}"#
        ]
    );
}

#[test]
fn a_quote_in_a_members_name_is_doubled() {
    let object = Expr::JsonObject(vec![("it's".into(), Expr::Bind(Value::Null))]);
    assert_eq!(expression(object.clone()), "json_object('it''s', json(?))");
    assert_eq!(one_post().run(select(object)), [r#"{"it's":null}"#]);
}

#[test]
fn documents_nest() {
    let count = Expr::Scalar(Box::new(Select::columns(users(), vec![Expr::Count])));
    let list = Expr::JsonList(Box::new(column(&users(), "email")));
    let emails = Expr::Scalar(Box::new(Select::columns(users(), vec![list])));
    let member = |name: &str, expr| (name.to_owned(), expr);
    let nested = Expr::JsonObject(vec![
        member("users", count),
        member("emails", emails),
        member("post", object(&["id"])),
        member("changes", changes(&[("title", "new".into())])),
        member("none", changes(&[])),
    ]);
    let db = one_post();
    db.execute("INSERT INTO users (email) VALUES ('a'), ('b')");
    let expected = concat!(
        r#"{"users":2,"emails":["a","b"],"post":{"id":1},"#,
        r#""changes":{"title":{"old":"say \"hi\" \u0001é","new":"new"}},"none":{}}"#
    );
    assert_eq!(db.run(select(nested)), [expected]);
}

#[test]
fn a_sub_query_that_is_rendered_is_computed_once() {
    let token = Expr::Scalar(Box::new(Select::columns(
        Source::any(1, &fixture().posts),
        vec![Source::any(1, &fixture().posts).column(position(&fixture().posts, "token"))],
    )));
    let sql = text(select(Expr::JsonList(Box::new(token.clone()))));
    assert!(sql.contains(r#"FROM (SELECT (SELECT t1."token" FROM "posts" AS t1) AS x))"#), "{sql}");
    assert_eq!(
        one_post().run(select(Expr::JsonList(Box::new(token)))),
        [r#"["01234567-89ab-cdef-0123-456789abcdef"]"#]
    );
}

#[test]
fn a_list_holds_all_rows_and_is_empty_without_any() {
    let list = || Expr::JsonList(Box::new(posts().key()));
    assert_eq!(expression(list()), r#"json_group_array("id")"#);
    let db = Both::new();
    assert_eq!(db.run(select(list())), ["[]"]);
    db.execute("INSERT INTO posts (id, title) VALUES (1, 'a'), (2, 'b')");
    assert_eq!(db.run(select(list())), ["[1,2]"]);
}

#[test]
fn changes_are_the_pairs_that_differ() {
    let (sql, binds) =
        with_binds(select(changes(&[("title", "new".into()), ("published", Value::Bool(false))])));
    assert_eq!(
        sql,
        concat!(
            r#"SELECT (SELECT json_group_object(column1, json(column2)) FROM (VALUES "#,
            r#"('title', CASE WHEN "title" IS NOT ? THEN json_object('old', "title", 'new', json(?)) END), "#,
            r#"('published', CASE WHEN "published" IS NOT ? THEN json_object('old', "#,
            r#"json(CASE "published" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END), 'new', json(?)) END)"#,
            r#") WHERE column2 IS NOT NULL) FROM "posts" WHERE "deleted_at" IS NULL"#
        )
    );
    assert_eq!(binds, ["new".into(), r#""new""#.into(), Value::Bool(false), "false".into()]);
}

#[test]
fn what_stays_is_left_out_and_null_is_a_value_like_others() {
    let db = one_post();
    let same: Vec<(&str, Value)> = NAMES.into_iter().zip(values()).filter(|(n, _)| *n != "meta").collect();
    assert_eq!(db.run(select(changes(&same))), ["{}"]);
    assert_eq!(db.run(select(changes(&[]))), ["{}"]);
    let some = [("body", "text".into()), ("token", Value::Null), ("price", Value::Decimal("12.5".into()))];
    assert_eq!(
        db.run(select(changes(&some))),
        [
            r#"{"body":{"old":null,"new":"text"},"token":{"old":"01234567-89ab-cdef-0123-456789abcdef","new":null}}"#
        ]
    );
    assert_eq!(
        db.run(select(changes(&[("published", Value::Bool(false)), ("body", Value::Null)]))),
        [r#"{"published":{"old":true,"new":false}}"#]
    );
}

#[test]
fn no_column_is_mistaken_for_a_part_of_the_rendering() {
    let table = Table::builder("Odd", "odd")
        .column(Column::new("x", ColumnType::Uuid).primary_key())
        .column(Column::new("column1", ColumnType::Text))
        .column(Column::new("column2", ColumnType::Text))
        .build()
        .unwrap();
    let db = Both::new();
    db.sqlite.execute("CREATE TABLE odd (x BLOB, column1 TEXT, column2 TEXT)");
    if let Some(postgres) = &db.postgres {
        postgres.execute("CREATE TABLE odd (x uuid, column1 text, column2 text)");
    }
    let row = vec![UUID.into(), "a".into(), "b".into()];
    db.run(insert(&table, &["x", "column1", "column2"], vec![row]));
    let new = [Value::Null, "c".into(), "b".into()].map(Expr::Bind).into_iter().enumerate().collect();
    let odd = Source::live(0, &table);
    assert_eq!(
        db.run(Select::columns(odd, vec![Expr::JsonChanges { source: 0, changes: new }])),
        [concat!(
            r#"{"x":{"old":"01234567-89ab-cdef-0123-456789abcdef","new":null},"#,
            r#""column1":{"old":"a","new":"c"}}"#
        )]
    );
}

#[test]
fn the_changes_of_a_correlated_row_are_found_from_inside() {
    let inner = Source::any(1, &fixture().posts);
    let same = Predicate::Compare(inner.key(), reprieve_core::query::Comparison::Equal, posts().key());
    let outer = Select::columns(inner, vec![changes(&[("rating", Value::Float(1.5))])]).filter(same);
    assert_eq!(
        one_post().run(select(Expr::Scalar(Box::new(outer)))),
        [r#"{"rating":{"old":0.5,"new":1.5}}"#]
    );
}

#[test]
fn the_engines_text_is_what_sqlite_reads_back() {
    let db = Database::empty();
    for (value, expected) in [
        (Value::Text("\u{0}\u{1f}\n\t\r\"\\/é\u{10ffff}".into()), "text"),
        (Value::Int(i64::MIN), "integer"),
        (Value::Float(1e300), "real"),
        (Value::Float(0.1 + 0.2), "real"),
        (Value::Float(f64::INFINITY), "real"),
        (Value::Bool(false), "false"),
        (Value::Null, "null"),
    ] {
        let text = json_text(&value);
        let kind: String = db.0.query_row("SELECT json_type(?1)", [&text], |row| row.get(0)).unwrap();
        assert_eq!(kind, expected, "{text}");
    }
    let float: f64 =
        db.0.query_row("SELECT ?1 ->> '$'", [json_text(&Value::Float(0.1 + 0.2))], |r| r.get(0)).unwrap();
    assert_eq!(float, 0.1 + 0.2);
}

/// A document on PostgreSQL.
fn on_postgres(expr: Expr) -> String {
    let sql = postgres(select(expr));
    let sql = sql.strip_prefix("SELECT ").unwrap();
    sql.strip_suffix(r#" FROM "posts" WHERE "deleted_at" IS NULL"#).unwrap().to_owned()
}

#[test]
fn each_type_has_its_rendering_on_postgres() {
    let member = |name: &str| {
        let text = on_postgres(object(&[name]));
        let text = text.strip_prefix(&format!("jsonb_build_object('{name}', ")).unwrap();
        text.strip_suffix(')').unwrap().to_owned()
    };
    for name in ["id", "title", "published", "meta", "tags"] {
        assert_eq!(member(name), format!("\"{name}\""));
    }
    for name in ["price", "token", "state"] {
        assert_eq!(member(name), format!("\"{name}\"::text"));
    }
    assert_eq!(member("at"), r#"to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"#);
    assert_eq!(member("day"), r#"to_char("day", 'YYYY-MM-DD')"#);
    assert_eq!(member("time"), r#"to_char("time", 'HH24:MI:SS.US')"#);
    assert_eq!(member("data"), r#"encode("data", 'hex')"#);
    assert_eq!(
        member("rating"),
        concat!(
            r#"CASE "rating" WHEN 'Infinity' THEN 9e400::numeric(402, 1) WHEN '-Infinity' THEN "#,
            r#"-9e400::numeric(402, 1) ELSE "rating"::text::numeric + 0.0 END"#
        )
    );
    let bound = Expr::JsonObject(vec![("it's".into(), Expr::Bind(Value::Null))]);
    assert_eq!(on_postgres(bound), "jsonb_build_object('it''s', $1::jsonb)");
    assert_eq!(
        on_postgres(Expr::JsonList(Box::new(posts().key()))),
        r#"coalesce(jsonb_agg("id"), '[]'::jsonb)"#
    );
}

#[test]
fn a_document_of_many_members_is_put_together_of_several_on_postgres() {
    let members = (0..120).map(|i| (format!("m{i}"), posts().key())).collect();
    let object = Expr::JsonObject(members);
    let sql = on_postgres(object.clone());
    assert_eq!(sql.matches("jsonb_build_object(").count(), 3);
    assert!(sql.starts_with("(jsonb_build_object('m0', ") && sql.contains(") || jsonb_build_object('m50', "));
    one_post().run(select(object));
}

#[test]
fn changes_are_the_pairs_that_differ_on_postgres() {
    assert_eq!(
        on_postgres(changes(&[("title", "new".into()), ("state", "draft".into())])),
        concat!(
            r#"(SELECT coalesce(jsonb_object_agg(column1, column2), '{}'::jsonb) FROM (VALUES "#,
            r#"('title', CASE WHEN "title" IS DISTINCT FROM $1 THEN jsonb_build_object('old', "title", "#,
            r#"'new', $2::jsonb) END), "#,
            r#"('state', CASE WHEN "state" IS DISTINCT FROM $3 THEN jsonb_build_object('old', "state"::text, "#,
            r#"'new', $4::jsonb) END)"#,
            r#") AS reprieve_changes(column1, column2) WHERE column2 IS NOT NULL)"#
        )
    );
    assert_eq!(on_postgres(changes(&[])), "'{}'::jsonb");
}

#[test]
fn doubles_are_the_same_numbers_in_a_document_of_either_database() {
    let db = Both::new();
    let doubles = [0.0, 1.0, -1.5, 0.1 + 0.2, 1e300, -1e-300, 1e308, f64::MIN_POSITIVE, 5e-324, 1e15, 1e22];
    for double in doubles {
        db.execute("DELETE FROM posts");
        let row = vec![1.into(), "a".into(), double.into()];
        db.run(insert(&fixture().posts, &["id", "title", "rating"], vec![row]));
        db.run(select(object(&["rating"])));
        db.run(select(changes(&[("rating", Value::Float(2.0 - double))])));
        db.run(select(Expr::JsonObject(vec![("a".to_owned(), Expr::Bind(double.into()))])));
    }
}

#[test]
fn an_infinity_is_a_number_too_large_for_a_double_on_postgres_too() {
    let Some(db) = Postgres::new() else { return };
    for double in [f64::INFINITY, f64::NEG_INFINITY] {
        db.execute("DELETE FROM posts");
        let row = vec![1.into(), "a".into(), double.into()];
        db.run(insert(&fixture().posts, &["id", "title", "rating"], vec![row]));
        let bound = Expr::JsonObject(vec![("rating".to_owned(), Expr::Bind(double.into()))]);
        for document in [object(&["rating"]), bound] {
            let text = db.run(select(document)).remove(0);
            let number = text.strip_prefix(r#"{"rating": "#).unwrap().strip_suffix('}').unwrap();
            assert!(number.ends_with(".0"), "{number}");
            assert_eq!(number.parse(), Ok(double));
        }
    }
}
