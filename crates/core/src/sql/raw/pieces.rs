//! A user's own SQL in pieces, as the database reads it: what is a word, what is the name of a value, and what is
//! neither, because it is quoted or commented.
//!
//! Sources: <https://www.sqlite.org/lang_expr.html#varparam>,
//! <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>.

use super::Dialect;

/// A piece of a statement. Put together, the pieces are the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A keyword, an identifier without quotes, a number.
    Word(&'a str),
    /// The name of a value, without its colon.
    Name(&'a str),
    /// Anything else.
    Other(&'a str),
}

impl<'a> Piece<'a> {
    /// Its text, of a name without the colon.
    pub(super) fn text(&self) -> &'a str {
        let (Self::Word(text) | Self::Name(text) | Self::Other(text)) = self;
        text
    }
}

pub(super) struct Pieces<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(sql: &'a str, dialect: Dialect) -> Self {
        Self { rest: sql, dialect }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (piece, rest) = self.rest.split_at(length);
        self.rest = rest;
        piece
    }

    /// How long the piece is that begins with this character, when it is neither a word nor a name.
    fn other(&self, first: char) -> usize {
        let rest = self.rest;
        match (first, self.dialect) {
            ('\'' | '"', _) | ('`', Dialect::Sqlite) => quoted(rest, first, false),
            ('[', Dialect::Sqlite) => rest.find(']').map_or(rest.len(), |end| end + 1),
            ('$', Dialect::Postgres) => dollars(rest),
            ('-', _) if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            ('/', _) if rest.starts_with("/*") => comment(rest, self.dialect),
            (':', _) if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        }
    }

    /// The name behind a colon. On PostgreSQL it is none when it begins with a digit: `list[1:2]` is a part of a list.
    fn name(&self) -> &'a str {
        let name = word(&self.rest[1..], self.dialect);
        match self.dialect {
            Dialect::Postgres if name.starts_with(|c: char| c.is_ascii_digit()) => "",
            Dialect::Sqlite | Dialect::Postgres => name,
        }
    }

    /// `E'…'`: a text of PostgreSQL's in which a backslash hides the quote behind it.
    fn is_escape(&self, word: &str) -> bool {
        let quote = self.rest[word.len()..].starts_with('\'');
        quote && word.eq_ignore_ascii_case("e") && self.dialect == Dialect::Postgres
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let first = self.rest.chars().next()?;
        if first == ':' && !self.rest.starts_with("::") {
            let name = self.name();
            if !name.is_empty() {
                self.take(1 + name.len());
                return Some(Piece::Name(name));
            }
        }
        if !is_part(first) {
            let length = self.other(first);
            return Some(Piece::Other(self.take(length)));
        }
        let word = word(self.rest, self.dialect);
        if self.is_escape(word) {
            let length = word.len() + quoted(&self.rest[word.len()..], '\'', true);
            return Some(Piece::Other(self.take(length)));
        }
        Some(Piece::Word(self.take(word.len())))
    }
}

/// How long a quoted part is; a quote in it is written twice, or behind a backslash.
fn quoted(text: &str, quote: char, backslashes: bool) -> usize {
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        if c == '\\' && backslashes {
            rest.next();
        } else if c == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// How long a comment is. PostgreSQL's comments can hold others.
fn comment(text: &str, dialect: Dialect) -> usize {
    let mut open = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") && (open == 0 || dialect == Dialect::Postgres) {
            open += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            open -= 1;
            at += 2;
            if open == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How long a text between `$tag$` and `$tag$` is; one character when it is none.
fn dollars(text: &str) -> usize {
    let tag = word(&text[1..], Dialect::Sqlite);
    if tag.starts_with(|c: char| c.is_ascii_digit()) || !text[1 + tag.len()..].starts_with('$') {
        return 1;
    }
    let (tag, rest) = text.split_at(tag.len() + 2);
    rest.find(tag).map_or(text.len(), |end| 2 * tag.len() + end)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word at the beginning. One of PostgreSQL's can hold a dollar.
fn word(text: &str, dialect: Dialect) -> &str {
    let dollar = |c: char| c == '$' && dialect == Dialect::Postgres;
    &text[..text.find(|c| !is_part(c) && !dollar(c)).unwrap_or(text.len())]
}
