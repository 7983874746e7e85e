#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

fn main() {
    let _ = User::all().select(Post::TITLE);
    let _ = Post::filter(User::NAME.eq("Ada"));
    let _ = Post::all().select_as::<Post>();
}
