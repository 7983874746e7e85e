//! Values of a statement taken out of what a database says about it.

use crate::value::Value;

/// Shorter texts are in too many words to say anything.
const SHORTEST: usize = 4;
const MASK: &str = "…";

/// The text with a mask in the place of each value that it repeats, whole or as a part in quotes. None when it repeats
/// none.
pub(crate) fn masked<'a>(text: &str, values: impl Iterator<Item = &'a Value>) -> Option<String> {
    let mut texts = Vec::new();
    values.for_each(|value| collect(value, &mut texts));
    let mut result = None;
    for value in texts {
        let now: &str = result.as_deref().unwrap_or(text);
        if now.contains(value) {
            result = Some(now.replace(value, MASK));
            continue;
        }
        let parts = quoted(now).filter(|part| part.len() >= SHORTEST && value.contains(part));
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        if !parts.is_empty() {
            result = Some(parts.iter().fold(now.to_owned(), |text, part| text.replace(part, MASK)));
        }
    }
    result
}

fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::Text(text) | Value::Decimal(text) | Value::Json(text) if text.len() >= SHORTEST => {
            texts.push(text)
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
        _ => {}
    }
}

/// What stands between double quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(text: &str, values: &[Value]) -> Option<String> {
        masked(text, values.iter())
    }

    #[test]
    fn what_a_statement_was_given_is_not_repeated() {
        let values = ["hunter22 OR x".into(), Value::List(vec!["canary".into()]), Value::Int(7), "a".into()];
        assert_eq!(mask("user hunter22 OR x is banned", &values).unwrap(), "user … is banned");
        assert_eq!(
            mask("fts5: syntax error near \"hunter22\"", &values).unwrap(),
            "fts5: syntax error near \"…\""
        );
        assert_eq!(mask("canary, canary", &values).unwrap(), "…, …");
        assert_eq!(mask("near \"FORM\": syntax error", &values), None);
    }
}
