use reprieve::{Model, Projection, Value};

#[derive(Debug, Clone, Model)]
#[model(tabel = "notes")]
struct Note {
    #[model(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, Model)]
struct Other {
    #[model(primary_key)]
    id: i64,
    #[model(max_length = 200)]
    text: String,
}

#[derive(Debug, Clone, Model)]
struct Third {
    #[model(primary_key)]
    id: i64,
    #[model(references = Note, on_delete = Vanish)]
    note_id: i64,
}

#[derive(Debug, Clone, Model)]
#[model(has_many(others: Other, through = Link), many_to_many(thirds: Third))]
struct Fourth {
    #[model(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, Copy, Value)]
#[value(rename_all = "Title Case")]
enum Mood {
    Good,
}

#[derive(Debug, Projection)]
struct Text {
    text: String,
}

fn main() {}
