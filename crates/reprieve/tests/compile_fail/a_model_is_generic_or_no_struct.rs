use reprieve::{Links, Model, Value};

#[derive(Debug, Clone, Model)]
struct Box<T> {
    #[model(primary_key)]
    id: i64,
    content: T,
}

#[derive(Debug, Clone, Model)]
enum Either {
    Left,
}

#[derive(Debug, Clone, Value)]
struct Point {
    x: i64,
    y: i64,
}

#[derive(Debug, Links)]
#[links(table = "pairs", left_id = Box)]
struct Pairs;

fn main() {}
