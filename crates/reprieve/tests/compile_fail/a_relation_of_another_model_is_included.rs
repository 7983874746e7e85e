#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

fn main() {
    let _ = User::all().include(Post::AUTHOR);
    let _ = Post::all().include(Post::TITLE);
}
