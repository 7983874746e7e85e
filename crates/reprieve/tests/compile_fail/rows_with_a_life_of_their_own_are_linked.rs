#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(post: Post, user: User, session: &mut Session) {
    let _ = Post::FANS.link(&post, &user, session).await;
}

fn main() {}
