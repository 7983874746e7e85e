#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

fn main() {
    let _ = Post::filter(Post::VIEWS.contains("1"));
}
