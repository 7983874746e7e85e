use reprieve::Model;

#[derive(Debug, Clone, Model)]
struct Note {
    text: String,
}

fn main() {}
