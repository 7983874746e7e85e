#[path = "support/blog.rs"]
mod blog;
use blog::*;
use reprieve::*;

#[derive(Debug, Projection)]
#[projection(model = Post)]
struct Headline {
    id: i64,
    titel: String,
}

fn main() {}
