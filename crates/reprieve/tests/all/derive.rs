//! What structs can be models: where they stand, what their fields are called, what their keys are.

use crate::support::blog;
use reprieve::{Database, Kind, Model, Session, Value};
use rust_decimal::Decimal;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Every public item has its documentation, those that the derive writes too.
#[deny(missing_docs, missing_debug_implementations, unused_qualifications)]
pub mod documented {
    use reprieve::{Links, Model, Projection, Value};

    /// A label.
    #[derive(Debug, Clone, Model)]
    #[model(table = "labels", soft_delete, many_to_many(others: Label, through = Similar, near = a_id, far = b_id))]
    pub struct Label {
        /// Its key.
        #[model(primary_key)]
        pub id: LabelId,
        /// What it says.
        pub text: String,
        /// The label above it.
        #[model(references = Label)]
        pub parent_id: Option<LabelId>,
    }

    /// The key of a label.
    #[derive(Debug, Clone, Copy, PartialEq, Value)]
    pub struct LabelId(pub i64);

    /// Which labels are alike.
    #[derive(Debug, Links)]
    #[links(a_id = Label, b_id = Label)]
    pub struct Similar;

    /// What a label says.
    #[derive(Debug, Projection)]
    #[projection(model = Label)]
    pub struct Text {
        /// The text.
        pub text: String,
    }
}

mod elsewhere {
    use super::documented::{Label, LabelId};
    use reprieve::Model;

    /// In another module than what it refers to, and visible to this test only.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "shelves")]
    pub(super) struct Shelf {
        #[model(primary_key)]
        pub(super) code: String,
        #[model(references = Label)]
        pub(super) label_id: LabelId,
        #[model(references = super::documented::Label, relation = spare, column = "spare label")]
        pub(super) spare_label: Option<LabelId>,
    }
}

async fn connect(builder: reprieve::Builder) -> Session {
    let database = builder.connect().unwrap();
    database.create_tables().await.unwrap();
    database.session().unwrap()
}

#[tokio::test]
async fn newtypes_and_texts_are_keys_and_references_across_modules() {
    use documented::{Label, LabelId, Text};
    use elsewhere::Shelf;
    let builder = Database::builder("sqlite::memory:").model::<Label>().model::<Shelf>();
    let mut session = connect(builder).await;
    let label = Label::create().text("science").insert(&mut session).await.unwrap();
    assert_eq!(label.id, LabelId(1), "a newtype over an integer is made by the database");
    let own = Label::create().id(LabelId(7)).text("art").parent(&label).insert(&mut session).await.unwrap();
    let shelf = Shelf::create().code("ä/1").label(&own).spare(&label).insert(&mut session).await.unwrap();
    let rows = Shelf::all().include(Shelf::LABEL.include(Label::PARENT)).include(Shelf::SPARE);
    let rows = rows.all(&mut session).await.unwrap();
    let [(read, Some((found, Some(parent))), Some(spare))] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((read, found.id, parent.id, spare.id), (&shelf, own.id, label.id, label.id));
    assert_eq!(Shelf::get(&mut session, "ä/1").await.unwrap(), Some(shelf));
    Label::OTHERS.link(&label, &own, &mut session).await.unwrap();
    assert_eq!(Label::OTHERS.load(&label, &mut session).await.unwrap().len(), 1);
    let texts = Label::all().order_by(Label::ID.asc()).select_as::<Text>().all(&mut session).await.unwrap();
    assert_eq!(texts.iter().map(|text| &text.text[..]).collect::<Vec<_>>(), ["science", "art"]);
    let gone = own.soft_delete(&mut session).await.unwrap();
    assert_eq!(gone.restore(&mut session).await.unwrap().id, LabelId(7));
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "order", index(r#type, when), unique(r#type, r#match))]
struct Keyword {
    #[model(primary_key, default = Uuid::now_v7())]
    id: Uuid,
    r#type: String,
    #[model(column = "Sélect \"from\"")]
    r#match: Option<String>,
    when: i64,
    #[model(references = Keyword)]
    impl_id: Option<Uuid>,
    #[model(references = Keyword)]
    self_id: Option<Uuid>,
}

#[tokio::test]
async fn names_that_are_keywords_of_rust_or_sql_are_names_like_others() {
    let mut session = connect(Database::builder("sqlite::memory:").model::<Keyword>()).await;
    let row = Keyword::create().r#type("a").r#match("b").when(1).insert(&mut session).await.unwrap();
    let mut other = Keyword::create().r#type("b").when(2).r#impl(&row).insert(&mut session).await.unwrap();
    let id = other.id;
    other.update().r#type("c").r#match("d").self_id(id).save(&mut session).await.unwrap();
    let found = Keyword::filter(Keyword::TYPE.eq("c").and(Keyword::MATCH.contains("d")));
    let found = found.include(Keyword::IMPL).order_by(Keyword::WHEN.asc()).all(&mut session).await.unwrap();
    assert_eq!(found, [(other, Some(row))]);
    let twice = Keyword::create().r#type("a").r#match("b").when(3).insert(&mut session).await.unwrap_err();
    assert!(twice.is_unique_violation(), "{twice}");
}

const LIMIT: i64 = 3;

fn next() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Value)]
enum State {
    #[default]
    Open,
    Closed,
}

#[tokio::test]
async fn defaults_are_constants_or_made_for_each_row_in_a_function_too() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Ticket {
        #[model(primary_key)]
        id: i64,
        #[model(default = next())]
        number: i64,
        #[model(default = LIMIT)]
        limit: i64,
        #[model(default = -1)]
        offset: i32,
        #[model(default = "new")]
        title: String,
        #[model(default = State::Open)]
        state: State,
        #[model(default = State::default(), index)]
        before: State,
        #[model(default = format!("{}-{}", LIMIT, next()))]
        code: Option<String>,
        #[model(default = vec!["a".to_owned()])]
        tags: Vec<String>,
        #[model(default = Decimal::ONE, precision = 5, scale = 2, min = 0, max = 100)]
        price: Decimal,
    }
    let mut session = connect(Database::builder("sqlite::memory:").model::<Ticket>()).await;
    let first = Ticket::create().insert(&mut session).await.unwrap();
    let second = Ticket::create().number(9).state(State::Closed).insert(&mut session).await.unwrap();
    assert_eq!((first.limit, first.offset, &first.title[..]), (3, -1, "new"));
    assert_eq!((first.number, second.number), (1, 9));
    assert_eq!((first.code.as_deref(), second.code.as_deref()), (Some("3-2"), Some("3-3")));
    assert_eq!((first.state, first.before, second.state), (State::Open, State::Open, State::Closed));
    assert_eq!((first.tags, first.price), (vec!["a".to_owned()], Decimal::ONE));
    for (price, says) in
        [("0.001", "keeps 2 digits after"), ("1000", "keeps 3 digits before"), ("100.5", "<= 100")]
    {
        let price: Decimal = price.parse().unwrap();
        let error = Ticket::create().price(price).insert(&mut session).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidValue);
        assert!(error.to_string().contains(says), "{error}");
    }
}

/// Types of a program's own have the names that the derive uses inside.
#[tokio::test]
async fn types_of_the_same_names_as_those_of_the_library_do_not_get_in_the_way() {
    #[allow(dead_code, reason = "only their names matter")]
    mod names {
        pub(super) struct Result;
        pub(super) struct Column;
        pub(super) struct Arc;
        pub(super) struct Row;
    }
    #[allow(unused_imports, reason = "only their names matter")]
    use names::*;
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "tables", soft_delete)]
    struct Table {
        #[model(primary_key)]
        id: i64,
        #[model(references = Table)]
        next_id: Option<i64>,
        deleted_at: Option<reprieve::Timestamp>,
    }
    let mut session = connect(Database::builder("sqlite::memory:").model::<Table>()).await;
    let table = Table::create().insert(&mut session).await.unwrap();
    let gone = table.soft_delete(&mut session).await.unwrap();
    assert_eq!(gone.row().deleted_at, Some(gone.deletion().at));
}

#[tokio::test]
async fn a_model_that_was_told_twice_and_a_table_that_two_models_declare() {
    let twice = Database::builder("sqlite::memory:").model::<Keyword>().model::<Keyword>().connect();
    assert!(twice.is_ok());
    mod other {
        #[derive(Debug, Clone, reprieve::Model)]
        #[model(table = "order")]
        pub(super) struct Order {
            #[model(primary_key)]
            id: i64,
        }
    }
    let both = Database::builder("sqlite::memory:").model::<Keyword>().model::<other::Order>().connect();
    let error = both.unwrap_err();
    assert_eq!(error.kind(), Kind::Schema);
    assert!(error.to_string().contains("Order") && error.to_string().contains("Keyword"), "{error}");
    drop(blog().await);
}
