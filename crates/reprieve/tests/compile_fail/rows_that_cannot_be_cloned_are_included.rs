use reprieve::Model;

#[derive(Debug, Model)]
struct User {
    #[model(primary_key)]
    id: i64,
}

#[derive(Debug, Model)]
struct Post {
    #[model(primary_key)]
    id: i64,
    #[model(references = User)]
    author_id: i64,
}

fn main() {
    let _ = Post::all().include(Post::AUTHOR);
}
