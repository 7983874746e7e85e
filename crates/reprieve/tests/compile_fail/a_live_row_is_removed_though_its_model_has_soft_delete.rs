#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(post: Post, session: &mut Session) {
    let _ = post.delete(session).await;
    let _ = Post::all().delete(session).await;
}

fn main() {}
