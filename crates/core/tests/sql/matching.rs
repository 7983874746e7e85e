//! Matching of text.

use crate::database::with_binds;
use crate::fixture::{column, fixture, insert, keys, posts, users};
use crate::postgres::{Both, postgres, with_postgres_binds};
use reprieve_core::query::{Expr, Order, Predicate, Select, Source, TextMatch};
use reprieve_core::value::Value;

const ALL: [TextMatch; 4] =
    [TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith, TextMatch::Exactly];

fn matches(how: TextMatch, pattern: &str, ignore_case: bool) -> Predicate {
    Predicate::Matches { text: column(&posts(), "body"), how, pattern: pattern.into(), ignore_case }
}

fn written(predicate: Predicate) -> (String, Vec<Value>) {
    let (sql, binds) = with_binds(keys(Source::any(0, &fixture().posts), predicate));
    (sql.strip_prefix(r#"SELECT "id" FROM "posts" WHERE "#).unwrap().to_owned(), binds)
}

#[test]
fn contains_is_literal() {
    let (text, binds) = written(matches(TextMatch::Contains, "50%", false));
    assert_eq!((text.as_str(), binds), (r#"reprieve_contains("body", ?)"#, vec!["50%".into()]));
}

#[test]
fn starts_with_is_a_range_that_an_index_finds() {
    let (text, binds) = written(matches(TextMatch::StartsWith, "ab", false));
    assert_eq!((text.as_str(), binds), (r#"("body" >= ? AND "body" < ?)"#, vec!["ab".into(), "ac".into()]));
    let (_, binds) = written(matches(TextMatch::StartsWith, "a\u{d7ff}\u{10ffff}", false));
    assert_eq!(binds[1], "a\u{e000}".into());
    let (text, _) = written(matches(TextMatch::StartsWith, "\u{10ffff}", false));
    assert_eq!(text, r#"reprieve_starts("body", ?)"#);
}

#[test]
fn starts_with_of_anything_but_a_column_computes_it_once() {
    let body = Expr::Scalar(Box::new(Select::columns(users(), vec![column(&users(), "email")])));
    let starts = Predicate::Matches {
        text: body,
        how: TextMatch::StartsWith,
        pattern: "a".into(),
        ignore_case: false,
    };
    let (sql, binds) = with_binds(keys(posts(), starts));
    assert!(sql.ends_with(
        r#"reprieve_starts((SELECT t1."email" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL), ?)"#
    ));
    assert_eq!(binds.len(), 1);
}

#[test]
fn ends_with_compares_the_last_bytes() {
    let (text, binds) = written(matches(TextMatch::EndsWith, "é!", false));
    assert_eq!(text, r#"substr(CAST("body" AS BLOB), ?) = ?"#);
    assert_eq!(binds, [Value::Int(-3), Value::Bytes("é!".into())]);
}

#[test]
fn ignoring_case_folds_both_sides() {
    for (how, text) in [
        (TextMatch::Contains, r#"reprieve_contains(reprieve_fold("body"), ?)"#),
        (TextMatch::StartsWith, r#"reprieve_starts(reprieve_fold("body"), ?)"#),
        (TextMatch::EndsWith, r#"substr(CAST(reprieve_fold("body") AS BLOB), ?) = ?"#),
        (TextMatch::Exactly, r#"reprieve_fold("body") = ?"#),
    ] {
        let (sql, binds) = written(matches(how, "ÄB", true));
        assert_eq!(sql, text);
        let folded = if how == TextMatch::EndsWith { Value::Bytes("äb".into()) } else { "äb".into() };
        assert_eq!(binds.last(), Some(&folded));
    }
}

#[test]
fn every_text_matches_the_empty_pattern_and_null_does_not() {
    for how in [TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith] {
        assert_eq!(written(matches(how, "", true)), (r#""body" IS NOT NULL"#.into(), vec![]));
    }
    assert_eq!(written(matches(TextMatch::Exactly, "", false)).0, r#""body" = ?"#);
}

/// Against what Rust says of the same texts.
#[test]
fn the_rows_are_those_that_rust_would_select() {
    let texts = [
        "",
        "a",
        "A",
        "ab",
        "aB",
        "AB",
        "ba",
        "abab",
        "b",
        "%",
        "a%b",
        "_",
        "*",
        "[a]",
        "ä",
        "Ä",
        "äb",
        "bÄ",
        "é",
        "e\u{301}",
        "a\0b",
        "\0",
        "b\0",
        "ab\0ab",
        "\u{10ffff}",
        "a\u{10ffff}",
        "a\u{10ffff}b",
        "\u{d7ff}",
        "\u{e000}",
        "ΟΔΟΣ",
        "οδος",
        "Σ",
        "İ",
        "ß",
        "'",
        "\"",
        "\\",
        "日本",
        "本日",
    ];
    let db = Both::new();
    for (id, body) in texts.iter().enumerate() {
        let row = vec![vec![Value::Int(id as i64), id.to_string().into(), (*body).into()]];
        let row = insert(&fixture().posts, &["id", "title", "body"], row);
        match body.contains('\0') {
            true => drop(db.sqlite.run(row)),
            false => drop(db.run(row)),
        }
    }
    db.execute("INSERT INTO posts (id, title, body) VALUES (1000, 'null', NULL)");
    for (how, ignore_case, pattern) in ALL
        .into_iter()
        .flat_map(|how| [false, true].map(|i| (how, i)))
        .flat_map(|(h, i)| texts.map(|p| (h, i, p)))
    {
        let fold =
            |s: &str| if ignore_case { reprieve_core::sql::fold(s).into_owned() } else { s.to_owned() };
        let expected = texts.iter().enumerate().filter(|(_, body)| {
            let (body, pattern) = (fold(body), fold(pattern));
            match how {
                TextMatch::Contains => body.contains(&pattern),
                TextMatch::StartsWith => body.starts_with(&pattern),
                TextMatch::EndsWith => body.ends_with(&pattern),
                TextMatch::Exactly => body == pattern,
            }
        });
        let expected: Vec<String> = expected.map(|(id, _)| id.to_string()).collect();
        let select =
            keys(posts(), matches(how, pattern, ignore_case)).order_by(Order::ascending(posts().key()));
        let context = format!("{how:?} {pattern:?} ignore_case={ignore_case}");
        assert_eq!(db.sqlite.run(select.clone()), expected, "{context}");
        if let Some(postgres) = db.postgres.as_ref().filter(|_| !pattern.contains('\0')) {
            let no_nul = |id: &&String| !id.parse().is_ok_and(|id: usize| texts[id].contains('\0'));
            let expected: Vec<&String> = expected.iter().filter(no_nul).collect();
            assert_eq!(postgres.run(select).iter().collect::<Vec<_>>(), expected, "PostgreSQL: {context}");
        }
    }
}

#[test]
fn postgres_looks_for_texts_by_position_and_characters() {
    let written = |how, pattern: &str, ignore_case| {
        let (sql, binds) =
            with_postgres_binds(keys(Source::any(0, &fixture().posts), matches(how, pattern, ignore_case)));
        (sql.strip_prefix(r#"SELECT "id" FROM "posts" WHERE "#).unwrap().to_owned(), binds)
    };
    let (text, binds) = written(TextMatch::Contains, "50%", false);
    assert_eq!((text.as_str(), binds), (r#"strpos("body", $1) > 0"#, vec!["50%".into()]));
    let (text, _) = written(TextMatch::StartsWith, "ab", false);
    assert_eq!(text, r#"("body" COLLATE "C" >= $1 AND "body" COLLATE "C" < $2)"#);
    let (text, binds) = written(TextMatch::EndsWith, "é!", false);
    assert_eq!((text.as_str(), binds), (r#"right("body", $1) = $2"#, vec![Value::Int(2), "é!".into()]));
    let fold = r#"translate(lower("body" COLLATE "reprieve_fold"), 'ς', 'σ')"#;
    let (text, binds) = written(TextMatch::Contains, "ÄB", true);
    assert_eq!((text, binds), (format!("strpos({fold}, $1) > 0"), vec!["äb".into()]));
    assert_eq!(written(TextMatch::StartsWith, "ÄB", true).0, format!("starts_with({fold}, $1)"));
    assert_eq!(written(TextMatch::EndsWith, "ÄB", true).0, format!("right({fold}, $1) = $2"));
    assert_eq!(written(TextMatch::Exactly, "ÄB", true).0, format!("{fold} = $1"));
}

#[test]
fn what_is_no_text_is_matched_as_one_on_postgres() {
    for (name, column) in [("state", r#""state"::text"#), ("price", r#""price"::text"#), ("any", r#""any""#)]
    {
        let contains = Predicate::Matches {
            text: crate::fixture::column(&posts(), name),
            how: TextMatch::Contains,
            pattern: "a".into(),
            ignore_case: false,
        };
        assert!(postgres(keys(posts(), contains)).ends_with(&format!("strpos({column}, $1) > 0")));
    }
}
