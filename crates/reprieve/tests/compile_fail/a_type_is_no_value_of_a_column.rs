use reprieve::Model;

#[derive(Debug, Clone)]
struct Address;

#[derive(Debug, Clone, Model)]
struct Person {
    #[model(primary_key)]
    id: i64,
    address: Address,
}

fn main() {}
