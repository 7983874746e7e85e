//! Names that follow from other names.

use proc_macro2::{Ident, Span};

/// `BlogPost` is stored in `blog_posts`.
pub(crate) fn table(model: &str) -> String {
    let snake = snake(model);
    match snake.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| snake.ends_with(end)) => format!("{snake}es"),
        _ => format!("{snake}s"),
    }
}

/// `BlogPost` as `blog_post`, `HTMLPage` as `html_page`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i));
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || letters.get(i + 1).is_some_and(|next| next.is_lowercase())
            });
        if begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `author_id` as `AuthorId`.
pub(crate) fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

/// A name without the `r#` of a keyword.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// `title` as `TITLE`.
pub(crate) fn constant(ident: &Ident) -> Ident {
    Ident::new(&plain(ident).to_uppercase(), ident.span())
}

/// A name as an identifier, with `r#` where it is a keyword; none for the few words that are no name in any form.
pub(crate) fn ident(name: &str, span: Span) -> Option<Ident> {
    if syn::parse_str::<Ident>(name).is_ok() {
        return Some(Ident::new(name, span));
    }
    let never = ["self", "Self", "super", "crate", "_"];
    (!never.contains(&name) && syn::parse_str::<Ident>(&format!("r#{name}")).is_ok())
        .then(|| Ident::new_raw(name, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_named_by_the_plural() {
        for (model, name) in [
            ("Post", "posts"),
            ("BlogPost", "blog_posts"),
            ("Category", "categories"),
            ("Day", "days"),
            ("Box", "boxes"),
        ] {
            assert_eq!(table(model), name);
        }
    }

    #[test]
    fn words_begin_at_capitals() {
        assert_eq!(snake("HTMLPage"), "html_page");
        assert_eq!(camel("author_id"), "AuthorId");
    }

    #[test]
    fn names_that_are_keywords_are_raw() {
        let name = |name: &str| ident(name, Span::call_site()).map(|ident| ident.to_string());
        assert_eq!(name("author").as_deref(), Some("author"));
        assert_eq!(name("type").as_deref(), Some("r#type"));
        assert_eq!((name("self"), name(""), name("1")), (None, None, None));
    }
}
