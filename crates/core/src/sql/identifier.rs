//! Names and literal texts inside SQL. Names of the schema only: values are bound.

use std::borrow::Cow;

/// `"name"`, with `"` doubled.
pub(super) fn quote(text: &mut String, name: &str) {
    delimited(text, name, '"');
}

/// `'text'`, with `'` doubled: the names of JSON members.
pub(super) fn literal(text: &mut String, content: &str) {
    delimited(text, content, '\'');
}

/// The longest name, in bytes. What is longer PostgreSQL cuts off without a word, and two names may become one.
const LONGEST: usize = 63;

/// A name that is put together of others, made to fit: its end becomes a number that stands for the whole.
pub(super) fn fitted(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    // FNV-1a, 32 bits: the same in every process, for the name stays in the database.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    let kept = (0..=LONGEST - 9).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
    Cow::Owned(format!("{}_{hash:08x}", &name[..kept]))
}

fn delimited(text: &mut String, content: &str, delimiter: char) {
    text.push(delimiter);
    for c in content.chars() {
        if c == delimiter {
            text.push(c);
        }
        text.push(c);
    }
    text.push(delimiter);
}
