//! Matching of text.

use crate::database::{Database, with_binds};
use crate::fixture::{column, fixture, keys, posts, users};
use reprieve_core::query::{Expr, Predicate, Select, Source, TextMatch};
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
    assert_eq!((text.as_str(), binds), (r#"instr("body", ?) > 0"#, vec!["50%".into()]));
}

#[test]
fn starts_with_is_a_range_that_an_index_finds() {
    let (text, binds) = written(matches(TextMatch::StartsWith, "ab", false));
    assert_eq!((text.as_str(), binds), (r#"("body" >= ? AND "body" < ?)"#, vec!["ab".into(), "ac".into()]));
    let (_, binds) = written(matches(TextMatch::StartsWith, "a\u{d7ff}\u{10ffff}", false));
    assert_eq!(binds[1], "a\u{e000}".into());
    let (text, _) = written(matches(TextMatch::StartsWith, "\u{10ffff}", false));
    assert_eq!(text, r#"instr("body", ?) = 1"#);
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
    assert!(
        sql.ends_with(
            r#"instr((SELECT t1."email" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL), ?) = 1"#
        )
    );
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
        (TextMatch::Contains, r#"instr(reprieve_fold("body"), ?) > 0"#),
        (TextMatch::StartsWith, r#"instr(reprieve_fold("body"), ?) = 1"#),
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
    let db = Database::new();
    for (id, body) in texts.iter().enumerate() {
        let mut insert =
            db.0.prepare_cached("INSERT INTO posts (id, title, body) VALUES (?1, ?1, ?2)").unwrap();
        insert.execute(rusqlite::params![id as i64, body]).unwrap();
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
        let predicate = matches(how, pattern, ignore_case);
        assert_eq!(
            db.run(keys(posts(), predicate)),
            expected,
            "{how:?} {pattern:?} ignore_case={ignore_case}"
        );
    }
}
