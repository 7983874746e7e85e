#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(session: &mut Session) -> Result<Post> {
    Post::create().views(1).author_id(1).insert(session).await
}

fn main() {}
