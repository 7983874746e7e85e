#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

#[derive(Debug, Projection)]
#[projection(model = Post)]
struct Headline {
    title: i64,
    views: String,
}

fn main() {}
