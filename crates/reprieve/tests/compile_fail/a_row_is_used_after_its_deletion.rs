#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(post: Post, session: &mut Session) -> Result<String> {
    post.soft_delete(session).await?;
    Ok(post.title)
}

fn main() {}
