#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(post: &mut Post, session: &mut Session) -> Result<()> {
    Post::create().title(1);
    post.update().views("many").save(session).await
}

fn main() {}
