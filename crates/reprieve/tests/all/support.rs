//! A blog to test on.

use reprieve::{Database, Model, Session};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "users", soft_delete, audit)]
pub(crate) struct User {
    #[model(primary_key)]
    pub(crate) id: i64,
    #[model(max_len = 40, unique)]
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "posts", soft_delete)]
pub(crate) struct Post {
    #[model(primary_key)]
    pub(crate) id: i64,
    #[model(max_len = 200)]
    pub(crate) title: String,
    #[model(default = false)]
    pub(crate) published: bool,
    #[model(references = User, on_delete = Cascade)]
    pub(crate) author_id: i64,
    pub(crate) editor: Option<String>,
}

/// A database in memory with the tables of the blog.
pub(crate) async fn blog() -> Database {
    let database = Database::builder("sqlite::memory:").model::<User>().model::<Post>().connect().unwrap();
    database.create_tables().await.unwrap();
    database
}

/// A user with posts of these titles.
pub(crate) async fn user(session: &mut Session, name: &str, titles: &[&str]) -> (User, Vec<Post>) {
    let user = User::create().name(name).insert(session).await.unwrap();
    let mut posts = Vec::new();
    for title in titles {
        posts.push(Post::create().title(*title).author(&user).insert(session).await.unwrap());
    }
    (user, posts)
}

/// The titles of the live posts, by key.
pub(crate) async fn titles(session: &mut Session) -> Vec<String> {
    let posts = Post::all().order_by(Post::ID.asc()).all(session).await.unwrap();
    posts.into_iter().map(|post| post.title).collect()
}
