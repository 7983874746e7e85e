use reprieve::Model;

#[derive(Debug, Clone, Model)]
#[model(has_many(posts: Post, by = editor_id))]
struct User {
    #[model(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, Model)]
struct Post {
    #[model(primary_key)]
    id: i64,
    #[model(references = User)]
    author_id: i64,
    editor_id: i64,
}

fn main() {}
