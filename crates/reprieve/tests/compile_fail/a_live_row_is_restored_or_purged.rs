#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(post: Post, session: &mut Session) {
    let _ = post.clone().restore(session).await;
    let _ = post.purge(session).await;
}

fn main() {}
