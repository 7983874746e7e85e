use reprieve::Model;

#[derive(Debug, Clone, Model)]
struct Country {
    #[model(primary_key)]
    code: String,
}

#[derive(Debug, Clone, Model)]
struct City {
    #[model(primary_key)]
    id: i64,
    #[model(references = Country)]
    country_id: i64,
}

fn main() {}
