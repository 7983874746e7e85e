#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(mut gone: Deleted<Post>, session: &mut Session) -> Result<()> {
    gone.update().title("New").save(session).await
}

fn main() {}
