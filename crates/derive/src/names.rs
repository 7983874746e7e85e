//! Names that follow from other names.

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
}
