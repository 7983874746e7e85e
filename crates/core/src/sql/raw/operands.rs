//! Where a statement takes a single value only: within the parentheses of an IN, and beside a comparison.
//!
//! A list there is a mistake, which SQLite would take for a text that equals nothing. A list that is stored, or that a
//! function takes, is a JSON document and none. So is one that is cast to JSON, or that an operator of JSON stands beside.

use super::Dialect;
use super::pieces::Piece;
use super::tokens::{Token, tokens};

/// A pair of parentheses, or the statement itself.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// All that stands directly in it is compared.
    compares: bool,
    /// They hold what a function takes.
    calls: bool,
    /// What follows is the SET of an UPDATE.
    sets: bool,
    /// The next equals sign of that SET gives a column its value.
    assigns: bool,
}

/// Of each piece, whether it takes a single value only.
pub(super) fn operands(pieces: &[Piece<'_>], dialect: Dialect) -> Vec<bool> {
    let tokens = tokens(pieces, dialect);
    let mut found = vec![false; pieces.len()];
    let mut outer: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    let mut assignment = 0;
    for (at, token) in tokens.iter().enumerate() {
        let before = &tokens[..at];
        let assigned = |at: usize| assignment > 0 && assignment + 1 == at;
        match token {
            Token::Word(word) => match word.as_str() {
                "SET" => (frame.sets, frame.assigns) = (true, true),
                "FROM" if is_word(before.last(), "DISTINCT") => {}
                "WHERE" | "FROM" | "RETURNING" => frame.sets = false,
                _ => {}
            },
            Token::Comma => frame.assigns = frame.sets,
            Token::Operator(operator) if operator == "=" && frame.assigns => {
                frame.assigns = false;
                assignment = at;
            }
            Token::Open => {
                outer.push(frame);
                let calls = match before.last() {
                    Some(Token::Word(word)) => !leads(word),
                    Some(Token::Quoted) => true,
                    _ => false,
                };
                let compared = frame.compares
                    || is_word(before.last(), "IN")
                    || !assigned(at) && compared_behind(before);
                frame = Frame { compares: compared && !calls, calls, ..Frame::default() };
            }
            Token::Close => frame = outer.pop().unwrap_or_default(),
            Token::Name(piece) => {
                let after = &tokens[at + 1..];
                let alone = after.iter().zip(std::iter::once(&frame).chain(outer.iter().rev()));
                let closed =
                    alone.take_while(|(token, frame)| **token == Token::Close && !frame.calls).count();
                let compared = frame.compares
                    || !assigned(at) && compared_behind(before)
                    || compared_before(&after[closed..]);
                found[*piece] = compared && !is_document(before, after);
            }
            Token::Operator(_) | Token::Quoted => {}
        }
    }
    found
}

/// Of the question marks that take a single value only, which values they stand for, the first being 0.
pub(super) fn unnamed(pieces: &[Piece<'_>], single: &[bool]) -> Vec<usize> {
    let mut last = 0_usize;
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if *piece != Piece::Other("?") {
            continue;
        }
        let number = match pieces.get(at + 1) {
            Some(Piece::Word(number)) => number.parse().unwrap_or(last + 1),
            _ => last + 1,
        };
        last = last.max(number);
        if single[at] {
            found.push(number.saturating_sub(1));
        }
    }
    found
}

/// Whether a parenthesis behind this word is no call of a function.
fn leads(word: &str) -> bool {
    matches!(
        word,
        "IN" | "SELECT"
            | "DISTINCT"
            | "VALUES"
            | "ROW"
            | "CAST"
            | "AS"
            | "CASE"
            | "WHEN"
            | "THEN"
            | "ELSE"
            | "WHERE"
            | "ON"
            | "HAVING"
            | "AND"
            | "OR"
            | "NOT"
            | "EXISTS"
            | "UNION"
            | "EXCEPT"
            | "INTERSECT"
            | "FROM"
            | "JOIN"
            | "BY"
            | "LIKE"
            | "ILIKE"
            | "GLOB"
            | "IS"
            | "BETWEEN"
    )
}

/// Whether the last of these tokens compares what follows.
fn compared_behind(before: &[Token]) -> bool {
    match before {
        [.., Token::Operator(operator)] => is_comparison(operator),
        [.., Token::Word(last)] if is_comparing(last) || last == "IS" => true,
        [.., Token::Word(first), Token::Word(last)] => {
            matches!((first.as_str(), last.as_str()), ("IS", "NOT") | ("DISTINCT", "FROM"))
        }
        _ => false,
    }
}

/// Whether the first of these tokens compares what stands before it. Whether there is a document at all is a question
/// that any document may be asked.
fn compared_before(after: &[Token]) -> bool {
    let word = |at: usize| match after.get(at) {
        Some(Token::Word(word)) => word.as_str(),
        _ => "",
    };
    match after.first() {
        Some(Token::Operator(operator)) => is_comparison(operator),
        _ => match (word(0), word(1), word(2)) {
            ("IS", "NULL", _) | ("IS", "NOT", "NULL") => false,
            ("IS" | "IN", ..) | ("NOT", "IN", _) => true,
            ("NOT", second, _) => is_comparing(second),
            (first, ..) => is_comparing(first),
        },
    }
}

fn is_word(token: Option<&Token>, wanted: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word == wanted)
}

fn is_comparing(word: &str) -> bool {
    matches!(word, "LIKE" | "ILIKE" | "GLOB" | "BETWEEN")
}

fn is_comparison(operator: &str) -> bool {
    matches!(operator, "=" | "==" | "<>" | "!=" | "<" | ">" | "<=" | ">=")
}

/// Whether a name between these tokens is a JSON document by what stands beside it.
fn is_document(before: &[Token], after: &[Token]) -> bool {
    let of_json = |token: Option<&Token>| match token {
        Some(Token::Operator(operator)) => {
            operator.contains(['@', '#', '?', '|', ':']) || operator.contains("->")
        }
        _ => false,
    };
    let is = |at: usize, wanted: &str| is_word(after.get(at), wanted);
    let cast = is(0, "AS") && (is(1, "JSON") || is(1, "JSONB"));
    let asked = is(0, "IS") && (is(1, "NULL") || is(1, "NOT") && is(2, "NULL"));
    cast || asked || of_json(before.last()) || of_json(after.first())
}

#[cfg(test)]
mod tests {
    use super::super::pieces::Pieces;
    use super::*;

    /// The names that take a single value only.
    fn single(sql: &str, dialect: Dialect) -> Vec<&str> {
        let pieces: Vec<Piece<'_>> = Pieces::of(sql, dialect).collect();
        let found = operands(&pieces, dialect).into_iter().zip(&pieces);
        found.filter(|(single, _)| *single).map(|(_, piece)| piece.text()).collect()
    }

    #[test]
    fn what_is_compared_takes_a_single_value() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for sql in [
                "id IN (:a, 7)",
                "id NOT IN (7 , :a)",
                "id IN ((:a))",
                "id IN (SELECT :a)",
                "id IN (VALUES (:a))",
                "id IN (CAST(:a AS int))",
                "(id, b) IN ((:a, 1))",
                "id = :a",
                "id=:a",
                "id = (:a)",
                "(:a) = id",
                "id <>/* not */:a",
                "id != :a OR f(:b)",
                "name IS NOT :a",
                "name IS DISTINCT FROM :a",
                "name NOT LIKE :a",
                ":a <= id",
                ":a IN (1, 2)",
                "UPDATE t SET x = :b, y = CASE WHEN z = :a THEN 1 END",
                "UPDATE t SET x = :b WHERE y = :a RETURNING x",
                "UPDATE t SET x = (y = :a), z = :b",
                "UPDATE t SET x = y IS DISTINCT FROM z, z = :b WHERE y = :a",
            ] {
                assert_eq!(single(sql, dialect), ["a"], "{sql}");
            }
        }
        assert_eq!(single("id=? OR name = ?2 OR f(?)", Dialect::Sqlite), ["?", "?"]);
    }

    #[test]
    fn what_is_stored_or_taken_by_a_function_may_be_a_list() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for sql in [
                "INSERT INTO t (tags) VALUES (:a), (:b) ON CONFLICT (id) DO UPDATE SET tags = :a, b = :b WHERE id = 1",
                "UPDATE t SET tags = :a, (b, c) = (:b, :c) FROM s",
                "SELECT :a, f(:b) = 1, \"f\"(:c) = 1",
                "id IN (SELECT value FROM json_each(:a))",
                "id IN (SELECT id FROM t WHERE data @> :a AND :b ->> 0)",
                "id IN (SELECT id FROM t WHERE :a IS NULL)",
                ":a IS NOT NULL OR data = CAST(:a AS jsonb) OR f(a := :b, b => :c)",
                "' = ' :a /* = */ :b",
            ] {
                assert_eq!(single(sql, dialect), [""; 0], "{sql}");
            }
        }
        assert_eq!(
            single("d = :a::jsonb OR d IN (CAST(:a AS jsonb)) OR d = ANY (:b)", Dialect::Postgres),
            [""; 0]
        );
    }
}
