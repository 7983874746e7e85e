#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(session: &mut Session) -> Result<Vec<Post>> {
    Post::only_deleted().all(session).await
}

fn main() {}
