//! Where a statement takes a list: a name that is all there is behind an IN, as in `IN (:ids)` or `NOT IN :ids`.

use super::pieces::Piece;

/// A name behind an IN, in the pieces of a statement.
pub(super) struct ListPlace<'a> {
    /// How many pieces it takes, the IN and a NOT before it included.
    pub(super) pieces: usize,
    pub(super) negated: bool,
    /// The text before the name and behind it, for a name that is given a single value.
    pub(super) before: String,
    pub(super) name: &'a str,
    pub(super) after: &'static str,
}

/// The place of a list that begins with the first of these pieces.
pub(super) fn list_place<'a>(pieces: &[Piece<'a>]) -> Option<ListPlace<'a>> {
    let mut at = 0;
    let negated = is_word(pieces.first()?, "NOT");
    if negated {
        at = next(pieces, 1)?;
    }
    if !is_word(pieces.get(at)?, "IN") {
        return None;
    }
    at = next(pieces, at + 1)?;
    let parenthesis = matches!(pieces[at], Piece::Other("("));
    if parenthesis {
        at = next(pieces, at + 1)?;
    }
    let Piece::Name(name) = pieces[at] else { return None };
    let mut end = at + 1;
    if parenthesis {
        end = next(pieces, end)?;
        if !matches!(pieces[end], Piece::Other(")")) {
            return None;
        }
        end += 1;
    }
    let before = pieces[..at].iter().map(Piece::text).collect();
    Some(ListPlace { pieces: end, negated, before, name, after: if parenthesis { ")" } else { "" } })
}

/// The next piece from here on that means something.
fn next(pieces: &[Piece<'_>], from: usize) -> Option<usize> {
    let more = pieces.get(from..)?;
    more.iter().position(|piece| !is_space(piece)).map(|skipped| from + skipped)
}

fn is_word(piece: &Piece<'_>, wanted: &str) -> bool {
    matches!(piece, Piece::Word(word) if word.eq_ignore_ascii_case(wanted))
}

pub(super) fn is_space(piece: &Piece<'_>) -> bool {
    match piece {
        Piece::Other(text) => {
            text.starts_with("--") || text.starts_with("/*") || text.chars().all(char::is_whitespace)
        }
        _ => false,
    }
}
