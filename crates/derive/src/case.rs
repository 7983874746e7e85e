//! How the names of variants are written.

use crate::names;
use syn::LitStr;

/// A way to write words as one name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
}

const NAMES: [(&str, Case); 6] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
];

impl Case {
    pub(crate) fn parse(name: &LitStr) -> syn::Result<Self> {
        let text = name.value();
        if let Some((_, case)) = NAMES.iter().find(|(known, _)| *known == text) {
            return Ok(*case);
        }
        let known: Vec<String> = NAMES.iter().map(|(known, _)| format!("\"{known}\"")).collect();
        Err(syn::Error::new(name.span(), format!("unknown case \"{text}\": use {}", known.join(", "))))
    }

    /// The name of a variant, `ChiefEditor`, in this case.
    pub(crate) fn apply(self, variant: &str) -> String {
        let snake = names::snake(variant);
        match self {
            Self::Lower => variant.to_lowercase(),
            Self::Upper => variant.to_uppercase(),
            Self::Snake => snake,
            Self::ScreamingSnake => snake.to_uppercase(),
            Self::Kebab => snake.replace('_', "-"),
            Self::Camel => {
                let camel = names::camel(&snake);
                let mut letters = camel.chars();
                letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_writes_the_words_of_a_variant() {
        let written = NAMES.map(|(_, case)| case.apply("ChiefEditor"));
        let expected =
            ["chiefeditor", "CHIEFEDITOR", "chiefEditor", "chief_editor", "CHIEF_EDITOR", "chief-editor"];
        assert_eq!(written, expected);
    }
}
