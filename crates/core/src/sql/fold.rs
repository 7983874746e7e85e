//! The one rule for ignoring case.

use std::borrow::Cow;

/// A text as it is compared when case is ignored: each character's lower case, whatever stands around it, and the
/// final sigma as any other sigma. (`str::to_lowercase` looks at the neighbours of a sigma; then `ΟΔΟΣ` would not
/// contain `Σ`.)
///
/// Patterns are folded with this before they are bound, texts in the database by a function that the driver
/// registers, see [`super::FOLD_FUNCTION`].
///
/// ```
/// assert_eq!(reprieve_core::sql::fold("ΟΔΟΣ Ärger"), "οδοσ ärger");
/// ```
///
/// Source: The Unicode Standard, section 3.13, default case algorithms (R2, without the final-sigma context).
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let lower = text.chars().flat_map(char::to_lowercase);
    Cow::Owned(lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect())
}
