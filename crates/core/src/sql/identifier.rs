//! Names and literal texts inside SQL. Names of the schema only: values are bound.

/// `"name"`, with `"` doubled.
pub(super) fn quote(text: &mut String, name: &str) {
    delimited(text, name, '"');
}

/// `'text'`, with `'` doubled: the names of JSON members.
pub(super) fn literal(text: &mut String, content: &str) {
    delimited(text, content, '\'');
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
