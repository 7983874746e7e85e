#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

async fn run(tag: Tag, session: &mut Session) {
    let _ = tag.soft_delete(session).await;
    let _ = Tag::all().soft_delete(session).await;
    let _ = Tag::only_deleted();
    let _ = Post::TAGS.with_deleted();
}

fn main() {}
