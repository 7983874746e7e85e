#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

fn main() {
    let _ = Post::filter(Post::TITLE.eq(1));
    let _ = Post::filter(Post::VIEWS.is_in(["1", "2"]));
}
