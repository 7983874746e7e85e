#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(gone: Deleted<User>, session: &mut Session) -> Result<Post> {
    Post::create().title("Notes").views(0).author(&gone).insert(session).await
}

async fn link(gone: Deleted<Post>, tag: Tag, session: &mut Session) -> Result<()> {
    Post::TAGS.link(&gone, &tag, session).await
}

fn main() {}
