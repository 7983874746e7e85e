use reprieve::{Model, Value};

#[derive(Debug, Clone, Model)]
#[model(has_many(posts: User, by = user_id))]
struct User {
    #[model(primary_key)]
    id: i64,
    posts: i64,
    #[model(references = User)]
    user_id: i64,
}

#[derive(Debug, Clone, Model)]
struct Draft {
    #[model(primary_key)]
    id: i64,
    insert: String,
}

#[derive(Debug, Clone, Value)]
enum Mood {
    Good,
    #[value(rename = "Good")]
    Fine,
}

fn main() {}
