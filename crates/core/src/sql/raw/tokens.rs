//! The pieces of a statement that mean something, with the characters of an operator put together.

use super::Dialect;
use super::lists::is_space;
use super::pieces::Piece;

/// What means something in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, an identifier without quotes or a number, in upper case.
    Word(String),
    /// The name of a value, or a question mark for one: which of the pieces it is.
    Name(usize),
    Operator(String),
    Open,
    Close,
    Comma,
    /// A text, a quoted identifier, and whatever else there is.
    Quoted,
}

/// The tokens of these pieces.
pub(super) fn tokens(pieces: &[Piece<'_>], dialect: Dialect) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut adjacent = false;
    for (at, piece) in pieces.iter().enumerate() {
        let was_adjacent = std::mem::replace(&mut adjacent, false);
        let token = match piece {
            Piece::Word(word) => Token::Word(word.to_ascii_uppercase()),
            Piece::Name(_) => Token::Name(at),
            Piece::Other("?") if dialect == Dialect::Sqlite => Token::Name(at),
            Piece::Other("(") => Token::Open,
            Piece::Other(")") => Token::Close,
            Piece::Other(",") => Token::Comma,
            Piece::Other(text) if is_operator(text) => {
                adjacent = true;
                if let (true, Some(Token::Operator(operator))) = (was_adjacent, tokens.last_mut()) {
                    operator.push_str(text);
                    continue;
                }
                Token::Operator((*text).to_owned())
            }
            Piece::Other(_) if is_space(piece) => continue,
            Piece::Other(_) => Token::Quoted,
        };
        // The number of a question mark.
        let numbers = matches!(token, Token::Word(_)) && at > 0 && pieces[at - 1] == Piece::Other("?");
        if !(numbers && dialect == Dialect::Sqlite) {
            tokens.push(token);
        }
    }
    tokens
}

fn is_operator(text: &str) -> bool {
    text == "::" || text.len() == 1 && text.contains(|c: char| "=<>!@#|&~+-*/%^?:".contains(c))
}
