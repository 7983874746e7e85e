use reprieve::Model;

#[derive(Debug, Clone, Model)]
struct Counter {
    #[model(primary_key)]
    id: i64,
    count: u64,
}

fn main() {}
